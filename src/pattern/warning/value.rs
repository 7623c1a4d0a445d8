//! Values that may be meant as something else than a text.

use super::super::ast::{Comparison, Expr, Literal, Operand, Spanned};
use super::leaf::{Ask, Place, Tree};
use super::{Finder, WarningKind};

impl<'p> Finder<'p> {
    /// Reports bare `true` and `false`, unless the pattern also tests for the JSON values (filter
    /// pattern spec 4.5).
    pub(super) fn booleans(&mut self, tree: &Tree<'p>) {
        let mut tested = Vec::new();
        tree.for_each(&mut |leaf| {
            if let Ask::Is(Literal::True | Literal::False) = leaf.node.ask {
                tested.push(leaf.node.selector);
            }
        });
        tree.for_each(&mut |leaf| {
            // Once for a field.
            if !tested.contains(&leaf.node.selector) && self.boolean(leaf) {
                tested.push(leaf.node.selector);
            }
        });
    }

    fn boolean(&mut self, leaf: &Place<'p>) -> bool {
        let Ask::Compare(_, Operand::Text(value)) = leaf.node.ask else {
            return false;
        };
        // A quoted one is meant.
        let is_bare = !self.source.slice(&leaf.span).ends_with('"');
        let is_boolean = is_bare && matches!(value.as_str(), "true" | "false");
        if is_boolean {
            let kind = WarningKind::BooleanAsText {
                condition: self.source.quote(&leaf.span),
                value: super::source::quote(value),
                is_unequal: leaf.node.is_unequal(),
            };
            self.warn(kind, &leaf.span, None);
        }
        is_boolean
    }

    /// Reports a text that looks like a regular expression (filter pattern spec D-QUOTED).
    pub(super) fn quoted_regex(&mut self, operand: &Spanned<Operand>) {
        let Operand::Text(text) = &operand.node else {
            return;
        };
        if text.len() > 2 && text.starts_with('%') && text.ends_with('%') {
            let value = self.source.quote(&operand.span);
            self.warn(WarningKind::QuotedRegex { value }, &operand.span, None);
        }
    }

    pub(super) fn quoted_regexes<T>(
        &mut self,
        expr: &'p Expr<T>,
        comparison: fn(&T) -> Option<&Comparison>,
    ) {
        expr.for_each(&mut |test| {
            if let Some(comparison) = comparison(&test.node) {
                self.quoted_regex(&comparison.operand);
            }
        });
    }
}
