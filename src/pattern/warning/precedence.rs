//! `a && b || c`: the list of events of which only the first is bound to its source (filter pattern
//! spec 7.6).

use super::super::ast::Expr;
use super::leaf::{Place, Tree};
use super::{Finder, WarningKind};

impl<'p> Finder<'p> {
    pub(super) fn precedence(&mut self, tree: &Tree<'p>) {
        let (Expr::All(parts) | Expr::Any(parts)) = tree else {
            return;
        };
        if let Expr::Any(branches) = tree {
            self.bound_branch(branches);
        }
        for part in parts {
            self.precedence(part);
        }
    }

    /// One branch is a conjunction without parentheses of its own, and all others ask for other
    /// values of a field that it asks about too.
    fn bound_branch(&mut self, branches: &[Tree<'p>]) -> Option<()> {
        let mut bound = branches.iter().enumerate();
        let bound = bound.find_map(|(index, branch)| match branch {
            Expr::All(parts) => Some((index, parts)),
            _ => None,
        });
        let (index, parts) = bound?;
        let others = branches.iter().enumerate().filter(|(at, _)| *at != index);
        let others: Vec<&Place<'p>> = others
            .map(|(_, branch)| branch.as_leaf().filter(|leaf| leaf.node.is_equal()))
            .collect::<Option<_>>()?;
        let selector = others.first()?.node.selector;
        let alike = |leaf: &&Place<'p>| leaf.node.is_equal() && leaf.node.selector == selector;
        let leaves: Vec<&Place<'p>> = parts.iter().map(Tree::as_leaf).collect::<Option<_>>()?;
        let listed = leaves.iter().copied().find(alike)?;
        let meant = leaves.iter().find(|leaf| leaf.node.selector != selector)?;
        if !others.iter().all(alike) || self.has_parentheses(parts, branches, index)? {
            return None;
        }
        let kind = WarningKind::BoundByPrecedence {
            condition: self.source.quote(&meant.span),
            other: self.source.quote(&listed.span),
        };
        self.warn(kind, &meant.span, Some(&listed.span));
        Some(())
    }

    /// Whether the conjunction stands in parentheses of its own among the branches.
    fn has_parentheses(
        &self,
        parts: &[Tree<'p>],
        branches: &[Tree<'p>],
        index: usize,
    ) -> Option<bool> {
        let gap = |before: &Tree<'p>, after: &Tree<'p>| before.span().end..after.span().start;
        let inside = gap(parts.first()?, parts.get(1)?);
        let outside = match branches.get(index + 1) {
            Some(next) => gap(branches.get(index)?, next),
            None => gap(branches.get(index.checked_sub(1)?)?, branches.get(index)?),
        };
        let inside = self.source.depth_of_connective(inside)?;
        Some(inside > self.source.depth_of_connective(outside)?)
    }
}
