//! The language a second time, as plainly as possible: trees, backtracking, no shortcuts. It shares
//! nothing with the library but the parsed pattern.

use trailwarden::pattern::{
    Ast, Column, Comparison, Condition, Expr, Literal, Op, Operand, Sign, Step, Test,
};

use super::regex;

/// A JSON value; objects keep repeated names.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    Null,
    Bool(bool),
    /// An index into [`NUMBERS`].
    Number(usize),
    String(String),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

/// JSON numbers: how they are written, Java's text of them, and their value in thousandths; none for
/// an overflow.
pub const NUMBERS: &[(&str, &str, Option<i64>)] = &[
    ("0", "0", Some(0)),
    ("-0", "-0", Some(0)),
    ("-0.0", "-0.0", Some(0)),
    ("1", "1", Some(1000)),
    ("1.0", "1.0", Some(1000)),
    ("1e0", "1.0", Some(1000)),
    ("10E-1", "1.0", Some(1000)),
    ("-1", "-1", Some(-1000)),
    ("0.5", "0.5", Some(500)),
    ("2", "2", Some(2000)),
    ("12", "12", Some(12_000)),
    ("1e3", "1000.0", Some(1_000_000)),
    ("1000", "1000", Some(1_000_000)),
    ("1e7", "1.0E7", Some(10_000_000_000)),
    ("12345678.5", "1.23456785E7", Some(12_345_678_500)),
    ("1e309", "Infinity", None),
    ("-1e309", "-Infinity", None),
];

/// Numbers in patterns: how they are written, and their value in thousandths.
pub const OPERANDS: &[(&str, i64)] = &[
    ("0", 0),
    ("-0", 0),
    ("1", 1000),
    ("+1", 1000),
    ("1.0", 1000),
    ("1.", 1000),
    (".5", 500),
    ("-1", -1000),
    ("2", 2000),
    ("12", 12_000),
    ("1e3", 1_000_000),
    ("1000", 1_000_000),
    ("1E+7", 10_000_000_000),
];

/// Whether a pattern matches. `json` is the message if it is a JSON object, `text` the message itself.
pub fn matches(ast: &Ast, text: &str, json: Option<&Tree>) -> bool {
    match ast {
        Ast::Regex(expr) => regex::find(expr.node.source(), text),
        Ast::Json(expr) => json.is_some_and(|root| holds(expr, &|test| condition(test, root))),
        Ast::Delimited(columns) => delimited(columns, text),
        Ast::Terms(terms) => {
            let found = |sign: Sign| {
                terms
                    .iter()
                    .filter(move |term| term.node.sign == sign)
                    .map(|term| text.contains(&term.node.text))
                    .collect::<Vec<_>>()
            };
            let required = found(Sign::Required);
            let excluded = found(Sign::Excluded);
            let optional = found(Sign::Optional);
            let only_optional = required.is_empty() && excluded.is_empty();
            !required.contains(&false)
                && !excluded.contains(&true)
                && (!only_optional || optional.is_empty() || optional.contains(&true))
        }
    }
}

fn holds<T>(expr: &Expr<T>, test: &dyn Fn(&T) -> bool) -> bool {
    match expr {
        Expr::Test(leaf) => test(&leaf.node),
        Expr::All(parts) => !parts.iter().any(|part| !holds(part, test)),
        Expr::Any(parts) => parts.iter().any(|part| holds(part, test)),
    }
}

fn condition(condition: &Condition, root: &Tree) -> bool {
    let steps = condition.selector.node.steps();
    let found = select(root, steps);
    let wildcard = steps.iter().position(|step| *step == Step::Wildcard);
    match (&condition.test, wildcard) {
        (Test::NotExists, _) => found.is_empty(),
        (Test::Is(Literal::Null), None) => found.iter().any(|node| match node {
            Tree::Array(items) => items.contains(&Tree::Null),
            node => **node == Tree::Null,
        }),
        (Test::Is(Literal::Null), _) => found.contains(&&Tree::Null),
        (Test::Is(Literal::True), _) => found.contains(&&Tree::Bool(true)),
        (Test::Is(Literal::False), _) => found.contains(&&Tree::Bool(false)),
        (Test::Compare(comparison), Some(at)) if comparison.op == Op::NotEqual => {
            let equal = Comparison {
                op: Op::Equal,
                operand: comparison.operand.clone(),
            };
            let parent_exists = !select(root, &steps[..at]).is_empty();
            parent_exists && !found.iter().any(|node| compare(&equal, node))
        }
        (Test::Compare(comparison), _) => found.iter().any(|node| compare(comparison, node)),
    }
}

/// Every node that the steps lead to.
pub fn select<'t>(root: &'t Tree, steps: &[Step]) -> Vec<&'t Tree> {
    let Some((step, rest)) = steps.split_first() else {
        return vec![root];
    };
    let last = |members: &'t [(String, Tree)], name: &str| {
        members
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    };
    let next: Vec<&Tree> = match (step, root) {
        (Step::Name(name), Tree::Object(members)) => last(members, name).into_iter().collect(),
        (Step::Index(at), Tree::Array(items)) => items.get(*at).into_iter().collect(),
        (Step::Wildcard, Tree::Array(items)) => items.iter().collect(),
        (Step::Wildcard, Tree::Object(members)) => members
            .iter()
            .filter(|(key, value)| std::ptr::eq(last(members, key).unwrap(), value))
            .map(|(_, value)| value)
            .collect(),
        _ => Vec::new(),
    };
    next.into_iter()
        .flat_map(|node| select(node, rest))
        .collect()
}

fn compare(comparison: &Comparison, node: &Tree) -> bool {
    let op = comparison.op;
    match (&comparison.operand.node, node) {
        (Operand::Number(number), Tree::Number(index)) => {
            let Some(value) = NUMBERS[*index].2 else {
                return false;
            };
            in_order(op, value, thousandths(number.spelling()).unwrap())
        }
        (Operand::Number(number), Tree::String(text)) => match op {
            Op::Equal => text == number.spelling(),
            Op::NotEqual => text != number.spelling(),
            _ => false,
        },
        (operand, Tree::Number(index)) => compare_text(op, operand, NUMBERS[*index].1),
        (operand, Tree::String(text)) => compare_text(op, operand, text),
        _ => false,
    }
}

fn compare_text(op: Op, operand: &Operand, text: &str) -> bool {
    let equal = match operand {
        Operand::Text(pattern) => glob(pattern.as_bytes(), text.as_bytes()),
        Operand::Regex(expr) => regex::find(expr.source(), text),
        Operand::Number(number) => text == number.spelling(),
    };
    equal == (op == Op::Equal)
}

fn in_order<N: PartialOrd>(op: Op, left: N, right: N) -> bool {
    match op {
        Op::Equal => left == right,
        Op::NotEqual => left != right,
        Op::Less => left < right,
        Op::LessOrEqual => left <= right,
        Op::Greater => left > right,
        Op::GreaterOrEqual => left >= right,
    }
}

fn thousandths(spelling: &str) -> Option<i64> {
    let known = OPERANDS.iter().find(|(text, _)| *text == spelling);
    known.map(|(_, value)| *value)
}

pub fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, _) => text.is_empty(),
        (Some((b'*', rest)), None) => glob(rest, text),
        (Some((b'*', rest)), Some((_, tail))) => glob(rest, text) || glob(pattern, tail),
        (Some(_), None) => false,
        (Some((one, rest)), Some((other, tail))) => one == other && glob(rest, tail),
    }
}

fn delimited(columns: &[Column], line: &str) -> bool {
    let tokens = tokens(line);
    let Some(ellipsis) = columns.iter().position(|c| *c == Column::Ellipsis) else {
        let Some(last) = columns.len().checked_sub(1) else {
            return true;
        };
        if tokens.len() < columns.len() {
            return false;
        }
        let rest = match tokens.len() == columns.len() {
            true => tokens[last].1.clone(),
            false => line[tokens[last].0..].to_owned(),
        };
        let firsts = columns[..last].iter().zip(&tokens);
        return firsts.into_iter().all(|(c, token)| column(c, &token.1))
            && column(&columns[last], &rest);
    };
    let (before, after) = (&columns[..ellipsis], &columns[ellipsis + 1..]);
    let Some(from) = tokens.len().checked_sub(after.len()) else {
        return false;
    };
    from >= before.len()
        && before
            .iter()
            .zip(&tokens)
            .all(|(c, token)| column(c, &token.1))
        && after
            .iter()
            .zip(&tokens[from..])
            .all(|(c, token)| column(c, &token.1))
}

fn column(column: &Column, value: &str) -> bool {
    let Column::Tested { tests, .. } = column else {
        return true;
    };
    holds(tests, &|test: &Comparison| match &test.operand.node {
        Operand::Number(number) => match (value.parse::<f64>(), number.spelling().parse()) {
            (Ok(field), Ok(operand)) => in_order(test.op, field, operand),
            _ => test.op == Op::NotEqual,
        },
        operand => compare_text(test.op, operand, value),
    })
}

/// The start and the value of every token.
fn tokens(line: &str) -> Vec<(usize, String)> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = line[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let closer = match first {
            '"' => Some('"'),
            '[' => Some(']'),
            _ => None,
        };
        let closed = closer.and_then(|closer| line[at + 1..].find(closer));
        let (length, value) = match closed {
            Some(length) => (length + 2, &line[at + 1..at + 1 + length]),
            None => {
                let length = line[at..].find(char::is_whitespace);
                let length = length.unwrap_or(line.len() - at);
                (length, &line[at..at + length])
            }
        };
        tokens.push((at, value.to_owned()));
        at += length;
    }
    tokens
}
