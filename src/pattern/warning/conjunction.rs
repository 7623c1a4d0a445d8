//! `&&`: conditions that cannot be true together.

use super::super::ast::Expr;
use super::leaf::{Place, Tree};
use super::{Finder, WarningKind};

impl<'p> Finder<'p> {
    /// Reports conditions that are never true, by themselves or together with what is asked for
    /// elsewhere in the same conjunctions. Returns whether the tree is never true.
    pub(super) fn contradictions<'t>(
        &mut self,
        tree: &'t Tree<'p>,
        facts: &mut Vec<&'t Place<'p>>,
    ) -> bool {
        match tree {
            Expr::Test(leaf) => self.contradicts(leaf, facts),
            Expr::Any(branches) => branches.iter().fold(true, |never, branch| {
                let branch = self.contradictions(branch, facts);
                never && branch
            }),
            Expr::All(_) => self.conjunction(tree, facts),
        }
    }

    fn conjunction<'t>(&mut self, tree: &'t Tree<'p>, facts: &mut Vec<&'t Place<'p>>) -> bool {
        let outer = facts.len();
        let mut parts = Vec::new();
        tree.conjuncts(&mut parts);
        // One contradiction explains the others.
        let mut never = false;
        for leaf in parts.iter().filter_map(|part| part.as_leaf()) {
            never = never || self.contradicts(leaf, facts);
            facts.push(leaf);
        }
        for part in parts.iter().filter(|part| part.as_leaf().is_none()) {
            never = never || self.contradictions(part, facts);
        }
        facts.truncate(outer);
        never
    }

    fn contradicts(&mut self, leaf: &Place<'p>, facts: &[&Place<'p>]) -> bool {
        let condition = self.source.quote(&leaf.span);
        if leaf.node.is_never() {
            let is_unequal = leaf.node.is_unequal();
            let kind = WarningKind::NeverTrue {
                condition,
                is_unequal,
            };
            self.warn(kind, &leaf.span, None);
            return true;
        }
        let other = facts
            .iter()
            .find(|fact| self.afford() && fact.node.excludes(&leaf.node));
        let Some(other) = other else { return false };
        let kind = WarningKind::Contradiction {
            condition,
            other: self.source.quote(&other.span),
            pattern: false,
        };
        self.warn(kind, &leaf.span, Some(&other.span));
        true
    }
}
