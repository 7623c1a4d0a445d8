//! What a pattern says, with the places where it says it.

use std::cmp::Ordering;
use std::ops::Range;

use super::number::Number;
use super::regex::Regex;
use super::selector::Selector;

/// A place in the source of a pattern, in bytes.
pub type Span = Range<usize>;

/// Something with the place where it is written. Two are equal when they say the same, wherever they
/// say it.
#[derive(Debug, Clone)]
pub struct Spanned<T> {
    /// What is written.
    pub node: T,
    /// Where.
    pub span: Span,
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Spanned<T>) -> bool {
        self.node == other.node
    }
}

/// A parsed pattern. `Display` prints a pattern that means the same and parses to an equal tree.
#[derive(Debug, Clone, PartialEq)]
pub enum Ast {
    /// `ERROR -timeout ?retry "exit code"`; without any term the pattern matches everything.
    Terms(Vec<Spanned<Term>>),
    /// `%5[0-9]{2}%`
    Regex(Spanned<Regex>),
    /// `{ $.eventName = ConsoleLogin && $.errorMessage NOT EXISTS }`
    Json(Expr<Condition>),
    /// `[ip, ..., status = 5*, bytes]`; without any column the pattern matches everything.
    Delimited(Vec<Column>),
}

/// A term of an unstructured pattern (filter pattern spec 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// What the sign before the term asks for.
    pub sign: Sign,
    /// The text to look for, unquoted.
    pub text: String,
}

/// The sign of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// `ERROR`: must occur.
    Required,
    /// `-ERROR`: must not occur.
    Excluded,
    /// `?ERROR`: one of these must occur, if the pattern holds no other kind (filter pattern spec
    /// 3.4).
    Optional,
}

/// Conditions joined by `&&`, `||` and parentheses.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr<T> {
    /// One condition.
    Test(Spanned<T>),
    /// `a && b`, at least two.
    All(Vec<Expr<T>>),
    /// `a || b`, at least two.
    Any(Vec<Expr<T>>),
}

impl<T> Expr<T> {
    /// Calls `visit` for every condition, from left to right.
    pub fn for_each<'e>(&'e self, visit: &mut impl FnMut(&'e Spanned<T>)) {
        match self {
            Expr::Test(test) => visit(test),
            Expr::All(parts) | Expr::Any(parts) => {
                for part in parts {
                    part.for_each(visit);
                }
            }
        }
    }

    /// The same tree with other conditions.
    pub(super) fn map<'e, U>(&'e self, map: &mut impl FnMut(&'e T) -> U) -> Expr<U> {
        let mut several = |parts: &'e [Expr<T>]| parts.iter().map(|part| part.map(map)).collect();
        match self {
            Expr::All(parts) => Expr::All(several(parts)),
            Expr::Any(parts) => Expr::Any(several(parts)),
            Expr::Test(Spanned { node, span }) => Expr::Test(Spanned {
                node: map(node),
                span: span.clone(),
            }),
        }
    }

    /// From the first condition to the last; parentheses around them are left out.
    pub fn span(&self) -> Span {
        match self {
            Expr::Test(test) => test.span.clone(),
            Expr::All(parts) | Expr::Any(parts) => match (parts.first(), parts.last()) {
                (Some(first), Some(last)) => first.span().start..last.span().end,
                _ => 0..0,
            },
        }
    }
}

/// A condition of a JSON pattern: a selector and what is asked of it (filter pattern spec 4).
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Where to look.
    pub selector: Spanned<Selector>,
    /// What to ask.
    pub test: Test,
}

/// What a condition asks of the node that a selector yields.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// `= "x"`, `!= 1`, `>= 500`
    Compare(Comparison),
    /// `IS NULL`, `IS TRUE`, `IS FALSE`
    Is(Literal),
    /// `NOT EXISTS`
    NotExists,
}

/// A condition of a space-delimited pattern; its column says which token it looks at.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The comparison.
    pub op: Op,
    /// What to compare with.
    pub operand: Spanned<Operand>,
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Op {
    /// The operator as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Op::Equal => "=",
            Op::NotEqual => "!=",
            Op::Less => "<",
            Op::LessOrEqual => "<=",
            Op::Greater => ">",
            Op::GreaterOrEqual => ">=",
        }
    }

    /// Whether the operator accepts how a value compares with the operand.
    pub(super) fn accepts(self, order: Ordering) -> bool {
        match self {
            Op::Equal => order.is_eq(),
            Op::NotEqual => order.is_ne(),
            Op::Less => order.is_lt(),
            Op::LessOrEqual => order.is_le(),
            Op::Greater => order.is_gt(),
            Op::GreaterOrEqual => order.is_ge(),
        }
    }

    /// The operator that accepts what this one does not.
    pub(super) fn opposite(self) -> Op {
        match self {
            Op::Equal => Op::NotEqual,
            Op::NotEqual => Op::Equal,
            Op::Less => Op::GreaterOrEqual,
            Op::LessOrEqual => Op::Greater,
            Op::Greater => Op::LessOrEqual,
            Op::GreaterOrEqual => Op::Less,
        }
    }

    /// Whether the operator asks for an order, and so for a number.
    pub fn is_ordering(self) -> bool {
        !matches!(self, Op::Equal | Op::NotEqual)
    }
}

/// The right-hand side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// `404`, `-1.5e3`: unquoted and numeric.
    Number(Number),
    /// `DeleteTrail`, `"Failed authentication"`, `"arn:*"`: quoted, or not numeric. Every `*` stands
    /// for any run of characters.
    Text(String),
    /// `%^10\.%`
    Regex(Regex),
}

/// A JSON literal that `IS` tests for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Literal {
    /// `IS NULL`
    Null,
    /// `IS TRUE`
    True,
    /// `IS FALSE`
    False,
}

/// A column of a space-delimited pattern (filter pattern spec 5).
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Nothing between two commas: a token that has no name.
    Blank,
    /// `...`: any number of tokens. One in a pattern.
    Ellipsis,
    /// `status`: a token with a name.
    Named(Spanned<String>),
    /// `status = 5* && status != 503`: a token with a name and conditions on it.
    Tested {
        /// The name, where it is first written.
        name: Spanned<String>,
        /// The conditions.
        tests: Expr<Comparison>,
    },
}
