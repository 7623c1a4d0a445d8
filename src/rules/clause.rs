//! A test of a field against a list, written as the pattern that it stands for.

use super::Lists;
use super::fault::RuleFault;
use super::rule::Rule;
use super::suggest::closest;
use crate::pattern::{Limits, Pattern, Selector};

/// How a list is tested, as a pattern: the same engine, and the same answer as the metric filter
/// that the rule expands to.
#[derive(Clone, Copy)]
pub(super) enum Clause {
    AnyOf,
    NoneOf,
}

impl Clause {
    pub(super) fn pattern(
        self,
        rule: &Rule,
        selector: &Selector,
        name: &str,
        shared: &Lists,
    ) -> Result<Pattern, RuleFault> {
        let Some(values) = rule.lists.get(name).or_else(|| shared.get(name)) else {
            let known = rule.lists.names().chain(shared.names());
            let hint = closest(name, known)
                .map(|near| format!(", did you mean `{near}`?"))
                .unwrap_or_default();
            return Err(RuleFault::new(
                &rule.file,
                format!("there is no list `{name}`{hint}"),
            ));
        };
        if values.is_empty() {
            return Err(RuleFault::new(
                &rule.file,
                format!("the list `{name}` is empty"),
            ));
        }
        let (operator, joint) = match self {
            Self::AnyOf => ("=", " || "),
            Self::NoneOf => ("!=", " && "),
        };
        let tests: Vec<String> = values
            .iter()
            .map(|value| format!("({selector} {operator} {})", quoted(value)))
            .collect();
        let source = format!("{{ {} }}", tests.join(joint));
        // A list may be longer than CloudWatch lets a pattern be; only its export is bound by that.
        let limits = Limits {
            max_chars: usize::MAX,
            max_wildcard_selectors: usize::MAX,
            ..Limits::default()
        };
        Pattern::parse_with(&source, &limits).map_err(|errors| {
            RuleFault::new(
                &rule.file,
                format!(
                    "the list `{name}` cannot be tested\n{}",
                    errors.render(&source, name)
                ),
            )
        })
    }
}

/// A pattern's quoted value (filter pattern spec 4.5).
fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', r"\\").replace('"', r#"\""#))
}
