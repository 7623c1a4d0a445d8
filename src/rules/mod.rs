//! Rules: one YAML file each ([`file`]), with shared lists of values ([`lists`]), compiled
//! together into a [`RuleSet`] that a record meets in one pass. The format is described in
//! `docs/RULES.md`.

mod bits;
mod candidates;
mod check;
mod clause;
mod compiled;
mod duration;
mod fault;
mod file;
mod index;
mod judge;
mod lists;
mod reader;
mod rule;
mod set;
mod severity;
mod shipped;
mod sieve;
mod suggest;
mod values;

pub use check::{TestOutcome, run_tests};
pub use duration::Seconds;
pub use fault::{RuleFault, RuleFaults};
pub use file::parse_rule;
pub use judge::{Judge, Verdict};
pub use lists::Lists;
pub use rule::{Exception, FieldPath, GroupField, Rule, RuleTest, Threshold};
pub use set::{RuleSet, RuleSource};
pub use severity::Severity;
pub use shipped::{shipped_lists, shipped_rules, shipped_rules_without_tests};
pub use suggest::closest;
