//! How two conditions relate, whatever the message.

use super::super::ast::Op;
use super::super::selector::{Selector, Step};
use super::extent::{Extent, Shape};
use super::leaf::{Ask, Leaf};

impl<'p> Leaf<'p> {
    fn shapes(&self) -> &'static [Shape] {
        match self.selector {
            Some(_) => Shape::NODES,
            None => Shape::TOKENS,
        }
    }

    fn extent(&self, shape: Shape) -> Extent<'p> {
        Extent::new(self.ask, shape, !self.has_wildcard())
    }

    /// Whether no message makes the condition true.
    pub fn is_never(&self) -> bool {
        let nothing = |shape: &Shape| self.extent(*shape).is_nothing();
        !self.has_wildcard() && self.shapes().iter().all(nothing)
    }

    /// Whether no message makes both true.
    pub fn excludes(&self, other: &Leaf<'p>) -> bool {
        if self.selector != other.selector {
            return self.excludes_within(other) || other.excludes_within(self);
        }
        if self.has_wildcard() {
            return self.excludes_some(other) || other.excludes_some(self);
        }
        self.shapes().iter().all(|shape| {
            let (one, other) = (self.extent(*shape), other.extent(*shape));
            one.is_within(other.complement(), *shape) || other.is_within(one.complement(), *shape)
        })
    }

    /// Whether every message that makes this one true makes the other true.
    pub fn implies(&self, other: &Leaf<'p>) -> bool {
        if self.selector != other.selector {
            return false;
        }
        if !self.has_wildcard() {
            return self.implies_for_one(other);
        }
        match (self.is_unequal(), other.is_unequal()) {
            (false, false) => {
                self.is_absence() == other.is_absence() && self.implies_for_one(other)
            }
            // None equals what is asked for there, for that would equal what is asked for here.
            (true, true) => other.equality().implies_for_one(&self.equality()),
            _ => false,
        }
    }

    fn implies_for_one(&self, other: &Leaf<'p>) -> bool {
        self.shapes()
            .iter()
            .all(|shape| self.extent(*shape).is_within(other.extent(*shape), *shape))
    }

    /// Whether every text and every finite number makes one of the two true, though neither is true
    /// of them all.
    pub fn covers_with(&self, other: &Leaf<'p>) -> bool {
        if self.selector != other.selector || self.has_wildcard() {
            return false;
        }
        let shapes = match self.selector {
            Some(_) => Shape::SCALARS,
            None => Shape::TOKENS,
        };
        let all = |leaf: &Leaf<'p>| {
            let every = |shape: &Shape| leaf.extent(*shape).complement().is_nothing();
            shapes.iter().all(every)
        };
        !all(self)
            && !all(other)
            && shapes.iter().all(|shape| {
                let (one, other) = (self.extent(*shape), other.extent(*shape));
                one.complement().is_within(other, *shape)
                    || other.complement().is_within(one, *shape)
            })
    }

    /// `excludes` for a selector with a wildcard, where `=` asks for some node and `!=` for none
    /// (filter pattern spec 4.9).
    fn excludes_some(&self, other: &Leaf<'p>) -> bool {
        if self.is_unequal() || self.is_absence() {
            return false;
        }
        match other.ask {
            Ask::NotExists => true,
            _ if other.is_unequal() => self.implies_for_one(&other.equality()),
            _ => false,
        }
    }

    /// Whether the other condition needs a container where this one needs something else: one looks
    /// inside what the other looks at.
    fn excludes_within(&self, other: &Leaf<'p>) -> bool {
        let (Some(outer), Some(inner)) = (self.selector, other.selector) else {
            return false;
        };
        if outer.has_wildcard() || other.is_absence() {
            return false;
        }
        let containers: &[Shape] = match inner_step(outer, inner) {
            // With a wildcard, `!=` needs no more than what the wildcard is applied to.
            Some(Step::Wildcard) if other.is_unequal() => return false,
            Some(Step::Name(_)) => &[Shape::Object],
            Some(Step::Index(_)) => &[Shape::ArrayWithNull, Shape::OtherArray],
            Some(Step::Wildcard) => &[Shape::Object, Shape::ArrayWithNull, Shape::OtherArray],
            None => return false,
        };
        let nothing = |shape: &Shape| self.extent(*shape).is_nothing();
        containers.iter().all(nothing)
    }

    /// `=` in place of `!=`.
    fn equality(self) -> Leaf<'p> {
        Leaf {
            ask: match self.ask {
                Ask::Compare(_, operand) => Ask::Compare(Op::Equal, operand),
                other => other,
            },
            ..self
        }
    }
}

/// The first step that the inner selector takes beyond the outer one.
fn inner_step<'s>(outer: &Selector, inner: &'s Selector) -> Option<&'s Step> {
    inner.steps().strip_prefix(outer.steps())?.first()
}
