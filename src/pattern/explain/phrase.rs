//! One condition in English.

use std::fmt::Display;

use super::super::ast::{Comparison, Condition, Literal, Op, Operand, Sign, Term, Test};
use super::super::error::on_one_line;
use super::super::regex::Regex;
use super::super::text::TextTest;

/// Characters of a value that are shown.
const LONGEST: usize = 120;

/// What is said first of a field that differs from a value; once is enough.
pub(super) const SCALAR: &str = "is a text or number and ";

/// A subject and what is said of it. Those of one subject can be strung together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Phrase {
    words: String,
    /// Where the predicate starts.
    predicate: usize,
    /// Where a phrase about some of several values starts once it follows one of the same subject.
    /// Such phrases are about values of their own, so their predicates cannot be strung together.
    again: Option<usize>,
}

impl Phrase {
    fn new(subject: &str, predicate: &str) -> Phrase {
        Phrase {
            words: format!("{subject} {predicate}"),
            predicate: subject.len() + 1,
            again: None,
        }
    }

    fn several(setting: &str, subject: &str, predicate: &str) -> Phrase {
        Phrase {
            again: Some(setting.len()),
            ..Phrase::new(&format!("{setting}{subject}"), predicate)
        }
    }

    pub fn words(&self) -> &str {
        &self.words
    }

    pub fn subject(&self) -> &str {
        self.words.get(..self.predicate).unwrap_or_default()
    }

    /// The words after a phrase of the same subject; none where predicates can be strung together.
    pub fn again(&self) -> Option<&str> {
        self.words.get(self.again?..)
    }

    pub fn predicate(&self) -> &str {
        self.words.get(self.predicate..).unwrap_or_default()
    }
}

/// Where a column takes its token from, counted from one.
pub(super) enum Place {
    Token(usize),
    /// The last column without an ellipsis: all that is left (filter pattern spec 5.3).
    Rest(usize),
    FromEnd(usize),
}

/// What is printed, on one line.
pub(super) fn printed(what: &impl Display) -> String {
    on_one_line(&what.to_string(), usize::MAX)
}

fn quoted(text: &str) -> String {
    format!("`{}`", on_one_line(text, LONGEST))
}

pub(super) fn found(regex: &Regex) -> Phrase {
    Phrase::new(&quoted(&regex.to_string()), "is found")
}

pub(super) fn term(term: &Term) -> Phrase {
    let occurs = match term.sign {
        Sign::Excluded => "does not occur",
        _ => "occurs",
    };
    Phrase::new(&quoted(&term.text), occurs)
}

pub(super) fn tokens(needed: usize) -> Phrase {
    match needed {
        1 => Phrase::new("there", "is at least 1 token"),
        _ => Phrase::new("there", &format!("are at least {needed} tokens")),
    }
}

pub(super) fn condition(condition: &Condition) -> Phrase {
    let selector = condition.selector.to_string();
    let field = selector.trim_start_matches("$.");
    if condition.selector.node.has_wildcard() {
        return about_several(field, &condition.test);
    }
    let predicate = match &condition.test {
        Test::Compare(comparison) if comparison.op == Op::NotEqual => {
            differs(&comparison.operand.node)
        }
        Test::Compare(comparison) => compares(comparison),
        Test::Is(Literal::Null) => "is null (or an array that holds a null)".to_owned(),
        Test::Is(Literal::True) => "is the JSON value true".to_owned(),
        Test::Is(Literal::False) => "is the JSON value false".to_owned(),
        Test::NotExists => "is missing".to_owned(),
    };
    Phrase::new(field, &predicate)
}

/// A wildcard asks for some node, `!=` for none that equals (filter pattern spec 4.9).
fn about_several(field: &str, test: &Test) -> Phrase {
    let some = |predicate: &str| Phrase::several("", &format!("some {field}"), predicate);
    match test {
        Test::Compare(comparison) if comparison.op == Op::NotEqual => {
            let parent = match field.find("[*]").or_else(|| field.find(".*")) {
                Some(at) => field.get(..at).unwrap_or_default(),
                None => "the message",
            };
            let equals = equals(&comparison.operand.node);
            Phrase::several(
                &format!("{parent} exists and "),
                &format!("no {field}"),
                &equals,
            )
        }
        Test::Compare(comparison) => some(&compares(comparison)),
        Test::Is(Literal::Null) => some("is null"),
        Test::Is(Literal::True) => some("is the JSON value true"),
        Test::Is(Literal::False) => some("is the JSON value false"),
        Test::NotExists => Phrase::several("", "there", &format!("is no {field}")),
    }
}

pub(super) fn column(name: &str, place: &Place, comparison: &Comparison) -> Phrase {
    let place = match place {
        Place::Token(at) => format!("token {at}"),
        Place::Rest(at) => format!("token {at} and what follows"),
        Place::FromEnd(1) => "last token".to_owned(),
        Place::FromEnd(at) => format!("token {at} from the end"),
    };
    let predicate = match comparison.op {
        Op::NotEqual => equals_not(&comparison.operand.node),
        _ => compares(comparison),
    };
    Phrase::new(&format!("{name} ({place})"), &predicate)
}

fn compares(comparison: &Comparison) -> String {
    let operand = &comparison.operand.node;
    let relation = match comparison.op {
        Op::Equal => return equals(operand),
        Op::NotEqual => return equals_not(operand),
        Op::Less => "below",
        Op::LessOrEqual => "of at most",
        Op::Greater => "above",
        Op::GreaterOrEqual => "of at least",
    };
    format!("is a number {relation} {operand}")
}

/// `!=` on a field also asks that it is a text or a number (filter pattern spec 4.4).
fn differs(operand: &Operand) -> String {
    format!("{SCALAR}{}", equals_not(operand))
}

fn equals(operand: &Operand) -> String {
    match operand {
        Operand::Number(number) => format!("is {number}"),
        Operand::Regex(regex) => format!("matches {}", quoted(&regex.to_string())),
        Operand::Text(text) => {
            let stars = text.trim_matches('*');
            match TextTest::glob(text) {
                TextTest::Anything => "is any text or number".to_owned(),
                TextTest::Equals(_) if text.is_empty() => "is the empty text".to_owned(),
                TextTest::Equals(_) => format!("is {}", quoted(text)),
                TextTest::Prefix(_) => format!("starts with {}", quoted(stars)),
                TextTest::Suffix(_) => format!("ends with {}", quoted(stars)),
                TextTest::Contains(_) => format!("contains {}", quoted(stars)),
                TextTest::Glob(_) | TextTest::Regex(_) => {
                    format!("has the form {}", quoted(text))
                }
            }
        }
    }
}

fn equals_not(operand: &Operand) -> String {
    let equals = equals(operand);
    let negations = [
        ("is ", "is not "),
        ("matches ", "does not match "),
        ("starts ", "does not start "),
        ("ends ", "does not end "),
        ("contains ", "does not contain "),
        ("has ", "does not have "),
    ];
    let negated = negations.iter().find_map(|(verb, negated)| {
        let rest = equals.strip_prefix(verb)?;
        Some(format!("{negated}{rest}"))
    });
    negated.unwrap_or(equals)
}
