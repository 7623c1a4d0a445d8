//! Warnings: legal patterns that cannot do what they seem to.

mod conjunction;
mod disjunction;
mod extent;
mod kind;
mod language;
mod leaf;
mod missing;
mod precedence;
mod relation;
mod source;
mod terms;
mod value;

use std::cell::Cell;
use std::fmt;

use super::Pattern;
use super::ast::{Ast, Column, Span, Spanned, Test};
use super::error::{Report, render};
use super::selector::Selector;
use leaf::{Leaf, Tree};
use missing::Surroundings;
use source::Source;

pub use kind::WarningKind;

/// Comparisons of two conditions before the search for related ones stops: what takes longer than
/// parsing is not worth it. Patterns that CloudWatch accepts need a few thousand at most.
const BUDGET: usize = 200_000;

/// Warnings about one pattern.
const MOST: usize = 20;

/// Everything that may be wrong with a legal pattern, in the order of its text; often nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Warnings {
    warnings: Vec<Warning>,
    never_matches: bool,
}

/// One thing that may be wrong with a legal pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What may be wrong.
    pub kind: WarningKind,
    /// The bytes of the pattern that it is about.
    pub span: Span,
    /// The other condition, of a warning about two.
    pub other: Option<Span>,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.kind, self.span.start)
    }
}

impl Warning {
    /// Whether it says that a condition is never or always true.
    fn is_about<T>(&self, condition: &Spanned<T>) -> bool {
        let is_claim = matches!(
            self.kind,
            WarningKind::NeverTrue { .. }
                | WarningKind::Contradiction { .. }
                | WarningKind::AlwaysTrue { .. }
        );
        is_claim && (self.span == condition.span || self.other.as_ref() == Some(&condition.span))
    }
}

impl Pattern {
    /// What may be wrong with the pattern. `always_present` are the selectors that every message
    /// holds: for them `!=` needs no warning (filter pattern spec 4.4).
    pub fn warnings(&self, always_present: &[Selector]) -> Warnings {
        let mut finder = Finder::new(&self.source, always_present);
        finder.pattern(&self.ast);
        finder.finish()
    }
}

impl Warnings {
    /// The warnings, in the order of the text.
    pub fn iter(&self) -> std::slice::Iter<'_, Warning> {
        self.warnings.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.warnings.len()
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.warnings.is_empty()
    }

    /// Whether it is proved that the pattern matches nothing at all.
    pub fn never_matches(&self) -> bool {
        self.never_matches
    }

    /// Every warning with its line and carets, as
    /// [`ParseErrors::render`](super::ParseErrors::render) shows errors, after `warning:`.
    pub fn render(&self, source: &str, label: &str) -> String {
        let reports = self.iter().map(|warning| Report {
            title: format!("warning: {}", warning.kind),
            help: warning.kind.help(),
            span: &warning.span,
        });
        render(reports, source, label)
    }
}

impl<'w> IntoIterator for &'w Warnings {
    type Item = &'w Warning;
    type IntoIter = std::slice::Iter<'w, Warning>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// What has been found so far.
struct Finder<'p> {
    source: Source<'p>,
    always_present: &'p [Selector],
    /// Fields that have been reported as needed.
    needed: Vec<&'p Selector>,
    warnings: Vec<Warning>,
    never_matches: bool,
    budget: Cell<usize>,
}

impl<'p> Finder<'p> {
    fn new(source: &'p str, always_present: &'p [Selector]) -> Finder<'p> {
        Finder {
            source: Source::new(source),
            always_present,
            needed: Vec::new(),
            warnings: Vec::new(),
            never_matches: false,
            budget: Cell::new(BUDGET),
        }
    }

    fn pattern(&mut self, ast: &'p Ast) {
        match ast {
            Ast::Terms(terms) => self.terms(terms),
            Ast::Regex(regex) if regex.node.is_found_nowhere() => {
                let condition = self.source.quote(&regex.span);
                let is_unequal = false;
                let kind = WarningKind::NeverTrue {
                    condition,
                    is_unequal,
                };
                self.warn(kind, &regex.span, None);
                self.never_matches = true;
            }
            Ast::Regex(_) => {}
            Ast::Json(expr) => {
                let tree = expr.map(&mut Leaf::of_condition);
                self.tree(&tree);
                self.precedence(&tree);
                self.needed_fields(&tree, &mut Surroundings::default());
                self.loose_branches(&tree);
                self.booleans(&tree);
                self.quoted_regexes(expr, |condition| match &condition.test {
                    Test::Compare(comparison) => Some(comparison),
                    _ => None,
                });
            }
            Ast::Delimited(columns) => {
                for column in columns {
                    if let Column::Tested { tests, .. } = column {
                        self.tree(&tests.map(&mut Leaf::of_column));
                        self.quoted_regexes(tests, |comparison| Some(comparison));
                    }
                }
            }
        }
    }

    /// What is said of JSON fields and columns alike.
    fn tree(&mut self, tree: &Tree<'p>) {
        let known = self.warnings.len();
        if self.contradictions(tree, &mut Vec::new()) {
            self.never_matches = true;
            let found = self.warnings.iter_mut().skip(known);
            for warning in found {
                warning.kind.is_fatal();
            }
        }
        self.disjunctions(tree);
    }

    fn warn(&mut self, kind: WarningKind, span: &Span, other: Option<&Span>) {
        if self.warnings.len() == MOST {
            return;
        }
        self.warnings.push(Warning {
            kind,
            span: span.clone(),
            other: other.cloned(),
        });
    }

    /// Whether another comparison of conditions may be made; counts it.
    fn afford(&self) -> bool {
        let left = self.budget.get().checked_sub(1);
        self.budget.set(left.unwrap_or(0));
        left.is_some()
    }

    /// Whether no comparison can be made any more.
    fn is_spent(&self) -> bool {
        self.budget.get() == 0
    }

    fn finish(mut self) -> Warnings {
        self.warnings.sort_by_key(|warning| warning.span.start);
        Warnings {
            warnings: self.warnings,
            never_matches: self.never_matches,
        }
    }
}
