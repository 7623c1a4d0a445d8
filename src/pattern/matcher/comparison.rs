//! Comparisons, of a JSON node or of a space-delimited token with a number or a text.

use std::cmp::Ordering;

use super::super::ast::{self, Op, Operand};
use super::super::json::Node;
use super::super::number::{Decimal, Number, json_number_text};
use super::super::text::TextTest;

/// A compiled comparison.
#[derive(Debug, Clone)]
pub(super) struct Comparison {
    op: Op,
    operand: Compiled,
}

#[derive(Debug, Clone)]
enum Compiled {
    Number(Number),
    Text(TextTest),
}

impl Comparison {
    pub fn new(comparison: &ast::Comparison) -> Comparison {
        Comparison {
            op: comparison.op,
            operand: match &comparison.operand.node {
                Operand::Number(number) => Compiled::Number(number.clone()),
                other => Compiled::Text(TextTest::from(other)),
            },
        }
    }

    pub fn op(&self) -> Op {
        self.op
    }

    /// What the text of a node has to begin with to be equal, and whether that is all of it; none
    /// for numbers, which are equal in many spellings.
    pub fn text(&self) -> Option<(&str, bool)> {
        match &self.operand {
            Compiled::Number(_) => None,
            Compiled::Text(test) => test.head(),
        }
    }

    /// Whether the comparison is `!=`, which a wildcard reads as "none equals".
    pub fn is_negative(&self) -> bool {
        self.op == Op::NotEqual
    }

    /// Whether a JSON node satisfies the comparison. Nothing but strings and numbers does, `!=`
    /// included (filter pattern spec 4.4).
    pub fn holds(&self, node: Node<'_>) -> bool {
        self.relation(node)
            .is_some_and(|relation| relation.satisfies(self.op))
    }

    /// Whether a JSON node equals the operand, whatever the operator.
    pub fn equals(&self, node: Node<'_>) -> bool {
        self.relation(node)
            .is_some_and(|relation| relation.satisfies(Op::Equal))
    }

    /// How a node relates to the operand (the table of filter pattern spec 4.6); none for nodes that
    /// compare with nothing.
    fn relation(&self, node: Node<'_>) -> Option<Relation> {
        match (&self.operand, node) {
            (Compiled::Number(number), Node::Number(raw)) => {
                let value = Decimal::of_json(raw)?;
                Some(Relation::Number(value.compare(number.value())))
            }
            (Compiled::Number(number), Node::String(string)) => {
                Some(Relation::Text(string.is(number.spelling())))
            }
            (Compiled::Text(test), Node::String(string)) => {
                let holds = match test {
                    TextTest::Equals(text) => string.is(text),
                    test => test.matches(&string.decode()),
                };
                Some(Relation::Text(holds))
            }
            (Compiled::Text(test), Node::Number(raw)) => {
                Some(Relation::Text(test.matches(&json_number_text(raw))))
            }
            _ => None,
        }
    }

    /// Whether a token satisfies the comparison: as a number where it reads as one and the operand is
    /// one, else as text (filter pattern spec 5.6).
    pub fn holds_for_token(&self, token: &str) -> bool {
        let relation = match &self.operand {
            Compiled::Number(number) => match Decimal::parse(token) {
                Ok(value) => Relation::Number(value.compare(number.value())),
                Err(_) => Relation::Text(token == number.spelling()),
            },
            Compiled::Text(test) => Relation::Text(test.matches(token)),
        };
        relation.satisfies(self.op)
    }
}

/// How a value relates to an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    /// As a number.
    Number(Ordering),
    /// As a text, which matches or does not, and has no order.
    Text(bool),
}

impl Relation {
    fn satisfies(self, op: Op) -> bool {
        match (op, self) {
            (op, Relation::Number(order)) => op.accepts(order),
            (Op::Equal, Relation::Text(matches)) => matches,
            (Op::NotEqual, Relation::Text(matches)) => !matches,
            (_, Relation::Text(_)) => false,
        }
    }
}
