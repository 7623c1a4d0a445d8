//! `!=` on a field that may be missing: false there, against what one expects (filter pattern spec
//! 4.4).

use super::super::ast::Expr;
use super::super::selector::Selector;
use super::leaf::{Place, Tree};
use super::{Finder, WarningKind};

/// What the tree around a condition says about missing fields.
#[derive(Default)]
pub(super) struct Surroundings<'p> {
    /// Fields that are there, or the conjunction is false anyway.
    present: Vec<&'p Selector>,
    /// Fields whose absence another branch provides for.
    absent: Vec<&'p Selector>,
    /// Fields that a branch beside asks to differ. `type != AssumedRole || role != deploy` provides
    /// for a missing role: it is about the same object.
    beside: Vec<&'p Selector>,
    /// Conjunctions and disjunctions around.
    conjunctions: usize,
    disjunctions: usize,
}

impl<'p> Finder<'p> {
    pub(super) fn needed_fields(&mut self, tree: &Tree<'p>, around: &mut Surroundings<'p>) {
        match tree {
            Expr::Test(leaf) => self.needed_field(leaf, around),
            Expr::All(_) => {
                let known = around.present.len();
                let mut parts = Vec::new();
                tree.conjuncts(&mut parts);
                let leaves = parts.iter().filter_map(|part| part.as_leaf());
                let present =
                    leaves.filter(|leaf| !leaf.node.is_unequal() && !leaf.node.is_absence());
                around
                    .present
                    .extend(present.filter_map(|leaf| leaf.node.selector));
                around.conjunctions += 1;
                for part in parts {
                    self.needed_fields(part, around);
                }
                around.conjunctions -= 1;
                around.present.truncate(known);
            }
            Expr::Any(_) => {
                let (absent, beside) = (around.absent.len(), around.beside.len());
                let mut branches = Vec::new();
                tree.disjuncts(&mut branches);
                for branch in &branches {
                    around.note_branch(branch);
                }
                around.disjunctions += 1;
                for branch in branches {
                    self.needed_fields(branch, around);
                }
                around.disjunctions -= 1;
                around.absent.truncate(absent);
                around.beside.truncate(beside);
            }
        }
    }

    fn needed_field(&mut self, leaf: &Place<'p>, around: &Surroundings<'p>) {
        let Some(selector) = leaf.node.selector else {
            return;
        };
        let is_known = self.always_present.contains(selector)
            || around.provide_for(selector)
            || self.needed.contains(&selector);
        // `status = failed || exitCode != 0` hardly means a missing exit code.
        let is_branch = around.disjunctions > 0 && around.conjunctions == 0;
        let is_explained = self.warnings.iter().any(|warning| warning.is_about(leaf));
        if !leaf.node.is_unequal() || selector.has_wildcard() {
            return;
        }
        if is_known || is_branch || is_explained {
            return;
        }
        self.needed.push(selector);
        let kind = WarningKind::NeedsField {
            condition: self.source.quote(&leaf.span),
            selector: super::source::quote(&selector.to_string()),
        };
        self.warn(kind, &leaf.span, None);
    }
}

impl<'p> Surroundings<'p> {
    /// Notes what a branch says about missing fields, for the branches beside it.
    fn note_branch(&mut self, branch: &Tree<'p>) {
        let mut parts = Vec::new();
        branch.conjuncts(&mut parts);
        let is_alone = parts.len() == 1;
        for leaf in parts.iter().filter_map(|part| part.as_leaf()) {
            match leaf.node.selector {
                Some(selector) if leaf.node.is_absence() && is_alone => self.absent.push(selector),
                Some(selector) if leaf.node.is_unequal() => self.beside.push(selector),
                _ => {}
            }
        }
    }

    fn provide_for(&self, selector: &Selector) -> bool {
        let steps = selector.steps();
        let same_object = |other: &&Selector| {
            *other != selector && steps.len() > 1 && other.steps().first() == steps.first()
        };
        self.present.contains(&selector)
            || self
                .absent
                .iter()
                .any(|other| steps.starts_with(other.steps()))
            || self.beside.iter().any(same_object)
    }
}
