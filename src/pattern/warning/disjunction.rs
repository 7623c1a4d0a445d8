//! `||`: branches that are always true, or make no difference, or let nearly everything through.

use super::super::ast::{Expr, Span};
use super::leaf::{Place, Tree};
use super::{Finder, WarningKind};

impl<'p> Finder<'p> {
    /// Reports branches that make no difference and pairs that are always true.
    pub(super) fn disjunctions(&mut self, tree: &Tree<'p>) {
        match tree {
            Expr::Test(_) => {}
            Expr::All(parts) => parts.iter().for_each(|part| self.disjunctions(part)),
            Expr::Any(_) => {
                let mut branches = Vec::new();
                tree.disjuncts(&mut branches);
                if !self.always_true(&branches) {
                    self.redundant(&branches);
                }
                for branch in branches {
                    self.disjunctions(branch);
                }
            }
        }
    }

    fn always_true(&mut self, branches: &[&Tree<'p>]) -> bool {
        let leaves: Vec<&Place<'p>> = branches.iter().filter_map(|tree| tree.as_leaf()).collect();
        for (index, leaf) in leaves.iter().enumerate() {
            let mut earlier = leaves.iter().take(index);
            // Two that say `=` leave most values out.
            let may_cover = |other: &Place<'p>| !(leaf.node.is_equal() && other.node.is_equal());
            let other = earlier.find(|other| {
                may_cover(other) && self.afford() && other.node.covers_with(&leaf.node)
            });
            if let Some(other) = other {
                let kind = WarningKind::AlwaysTrue {
                    condition: self.source.quote(&leaf.span),
                    other: self.source.quote(&other.span),
                };
                self.warn(kind, &leaf.span, Some(&other.span));
                return true;
            }
        }
        false
    }

    /// Each branch that is true only where another one is. Of two that are true alike, the later.
    fn redundant(&mut self, branches: &[&Tree<'p>]) {
        for (index, branch) in branches.iter().enumerate() {
            if self.is_spent() {
                return;
            }
            let (earlier, rest) = branches.split_at_checked(index).unwrap_or_default();
            let covered = |other: &&&Tree<'p>| self.implies(branch, other);
            let other = earlier.iter().find(covered).or_else(|| {
                let later = rest.get(1..).unwrap_or_default();
                later
                    .iter()
                    .find(|other| self.implies(branch, other) && !self.implies(other, branch))
            });
            if let Some(other) = other {
                let (span, other) = (self.place(branch), self.place(other));
                let kind = WarningKind::Redundant {
                    branch: self.source.quote(&span),
                    other: self.source.quote(&other),
                };
                self.warn(kind, &span, Some(&other));
            }
        }
    }

    fn place(&self, tree: &Tree<'p>) -> Span {
        self.source.balanced(&tree.span())
    }

    /// Whether every message that makes one tree true makes the other true, as far as can be told
    /// condition by condition.
    fn implies(&self, tree: &Tree<'p>, other: &Tree<'p>) -> bool {
        if !self.afford() {
            return false;
        }
        match (tree, other) {
            (Expr::Test(leaf), Expr::Test(other)) => leaf.node.implies(&other.node),
            (Expr::Any(branches), _) => branches.iter().all(|branch| self.implies(branch, other)),
            (_, Expr::All(parts)) => parts.iter().all(|part| self.implies(tree, part)),
            (Expr::All(parts), Expr::Any(branches)) => {
                branches.iter().any(|branch| self.implies(tree, branch))
                    || parts.iter().any(|part| self.implies(part, other))
            }
            (_, Expr::Any(branches)) => branches.iter().any(|branch| self.implies(tree, branch)),
            (Expr::All(parts), _) => parts.iter().any(|part| self.implies(part, other)),
        }
    }

    /// Reports a pattern with `||` between conditions of which several say `!=` about different
    /// fields: any of these lets nearly every message through (CIS AWS Foundations Benchmark 1.3,
    /// 4.1).
    pub(super) fn loose_branches(&mut self, tree: &Tree<'p>) {
        let mut branches = Vec::new();
        tree.disjuncts(&mut branches);
        let leaves: Vec<&Place<'p>> = branches.iter().filter_map(|tree| tree.as_leaf()).collect();
        let absent = |selector| {
            leaves
                .iter()
                .any(|leaf| leaf.node.is_absence() && leaf.node.selector == selector)
        };
        let loose: Vec<_> = leaves
            .iter()
            .filter(|leaf| leaf.node.is_unequal() && !absent(leaf.node.selector))
            .collect();
        let differ = |first: &Place<'p>| {
            loose
                .iter()
                .any(|leaf| leaf.node.selector != first.node.selector)
        };
        if let Some(first) = loose.first()
            && leaves.iter().any(|leaf| leaf.node.is_equal())
            && differ(first)
        {
            let condition = self.source.quote(&first.span);
            self.warn(WarningKind::LooseBranch { condition }, &first.span, None);
        }
    }
}
