//! Why a condition is false, where that may surprise.

use super::super::ast::{Ast, Column, Comparison, Literal, Op, Operand, Test};
use super::super::json::Node;
use super::super::matcher::Seen;
use super::super::number::Decimal;

/// What a condition asks, in the order in which a matcher judges them.
#[derive(Clone, Copy)]
pub(super) enum Asked<'p> {
    Field(&'p Test),
    Column(&'p Comparison),
    /// A term, a regular expression, or that there are enough tokens.
    Other,
}

/// The conditions of a pattern; of patterns of terms none, for nothing about them surprises.
pub(super) fn asked(ast: &Ast) -> Vec<Asked<'_>> {
    let mut asked = Vec::new();
    match ast {
        Ast::Terms(_) | Ast::Regex(_) => {}
        Ast::Json(expr) => expr.for_each(&mut |test| asked.push(Asked::Field(&test.node.test))),
        Ast::Delimited(columns) => {
            asked.push(Asked::Other);
            for column in columns {
                if let Column::Tested { tests, .. } = column {
                    tests.for_each(&mut |test| asked.push(Asked::Column(&test.node)));
                }
            }
        }
    }
    asked
}

/// Why a false condition is false.
pub(super) fn why(asked: Asked<'_>, seen: &Seen<'_>) -> Option<&'static str> {
    match (asked, seen) {
        (Asked::Field(test), Seen::Node(node)) => match node {
            Some(node) => why_not_node(test, *node),
            None => why_not_missing(test),
        },
        (Asked::Field(Test::Compare(comparison)), Seen::Nodes(None))
            if comparison.op == Op::NotEqual =>
        {
            Some("there is nothing to apply the wildcard to")
        }
        (Asked::Column(_), Seen::Token(None)) => Some("the line has too few tokens"),
        (Asked::Column(comparison), Seen::Token(Some(token))) => {
            why_not_text(comparison, token, "no number")
        }
        _ => None,
    }
}

fn why_not_missing(test: &Test) -> Option<&'static str> {
    match test {
        Test::Compare(comparison) if comparison.op == Op::NotEqual => {
            Some("`!=` needs a text or a number")
        }
        Test::Is(Literal::Null) => Some("a missing field is not null"),
        _ => None,
    }
}

fn why_not_node(test: &Test, node: Node<'_>) -> Option<&'static str> {
    match (test, node) {
        (Test::Compare(_), Node::Bool(_)) => {
            Some("a boolean compares with nothing; `IS TRUE` and `IS FALSE` test for it")
        }
        (Test::Compare(_), Node::Null) => {
            Some("null compares with nothing; `IS NULL` tests for it")
        }
        (Test::Compare(_), Node::Array(_)) => {
            Some("an array compares with nothing; `[0]` or `[*]` looks inside")
        }
        (Test::Compare(_), Node::Object(_)) => {
            Some("an object compares with nothing; `.name` or `.*` looks inside")
        }
        (Test::Compare(comparison), Node::String(text)) => {
            why_not_text(comparison, &text.decode(), "a text has no order")
        }
        (Test::Compare(comparison), Node::Number(raw)) => {
            let with_number = matches!(comparison.operand.node, Operand::Number(_));
            let is_too_large = with_number && Decimal::of_json(raw).is_none();
            is_too_large.then_some("too large: it compares with no number")
        }
        (Test::Is(_), Node::String(_)) => Some("a text is not a JSON literal"),
        (Test::NotExists, Node::Null) => Some("null exists"),
        _ => None,
    }
}

fn why_not_text(
    comparison: &Comparison,
    text: &str,
    no_order: &'static str,
) -> Option<&'static str> {
    match &comparison.operand.node {
        Operand::Number(_) if comparison.op.is_ordering() => {
            let is_number = text.bytes().all(|b| b.is_ascii_digit());
            (!is_number || no_order != "no number").then_some(no_order)
        }
        Operand::Text(value) if comparison.op == Op::Equal => {
            let differs_in_case = value.to_lowercase() == text.to_lowercase();
            differs_in_case.then_some("upper and lower case differ")
        }
        _ => None,
    }
}
