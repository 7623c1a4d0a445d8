//! Conditions on a JSON field and on a column, as the warnings see both.

use super::super::ast::{Comparison, Condition, Expr, Literal, Op, Operand, Spanned, Test};
use super::super::selector::Selector;

/// A condition. Two leaves of one tree ask about the same thing when their selectors are equal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaf<'p> {
    /// None for a condition on a column.
    pub selector: Option<&'p Selector>,
    pub ask: Ask<'p>,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ask<'p> {
    Compare(Op, &'p Operand),
    Is(Literal),
    NotExists,
}

impl<'p> Ask<'p> {
    fn of(comparison: &'p Comparison) -> Ask<'p> {
        Ask::Compare(comparison.op, &comparison.operand.node)
    }
}

pub(super) type Tree<'p> = Expr<Leaf<'p>>;
pub(super) type Place<'p> = Spanned<Leaf<'p>>;

impl<'p> Leaf<'p> {
    pub fn of_condition(condition: &'p Condition) -> Leaf<'p> {
        Leaf {
            selector: Some(&condition.selector.node),
            ask: match &condition.test {
                Test::Compare(comparison) => Ask::of(comparison),
                Test::Is(literal) => Ask::Is(*literal),
                Test::NotExists => Ask::NotExists,
            },
        }
    }

    pub fn of_column(comparison: &'p Comparison) -> Leaf<'p> {
        Leaf {
            selector: None,
            ask: Ask::of(comparison),
        }
    }

    pub fn has_wildcard(&self) -> bool {
        self.selector.is_some_and(Selector::has_wildcard)
    }

    /// `!=`
    pub fn is_unequal(&self) -> bool {
        matches!(self.ask, Ask::Compare(Op::NotEqual, _))
    }

    /// `=`
    pub fn is_equal(&self) -> bool {
        matches!(self.ask, Ask::Compare(Op::Equal, _))
    }

    pub fn is_absence(&self) -> bool {
        matches!(self.ask, Ask::NotExists)
    }
}

impl<'p> Tree<'p> {
    /// The parts of a conjunction, and of conjunctions inside it; else the tree itself.
    pub fn conjuncts<'t>(&'t self, parts: &mut Vec<&'t Tree<'p>>) {
        match self {
            Expr::All(inner) => inner.iter().for_each(|part| part.conjuncts(parts)),
            other => parts.push(other),
        }
    }

    /// The branches of a disjunction, and of disjunctions inside it; else the tree itself.
    pub fn disjuncts<'t>(&'t self, branches: &mut Vec<&'t Tree<'p>>) {
        match self {
            Expr::Any(inner) => inner.iter().for_each(|part| part.disjuncts(branches)),
            other => branches.push(other),
        }
    }

    /// The condition, if the tree is a single one.
    pub fn as_leaf(&self) -> Option<&Place<'p>> {
        match self {
            Expr::Test(leaf) => Some(leaf),
            _ => None,
        }
    }
}
