//! A rule: what to look for, how often, and what to tell people.

use super::{Seconds, Severity};
use crate::logfile::Folder;
use crate::pattern::{Pattern, Selector};

/// One rule, read and checked.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Name of its file without the ending; unique in a rule set.
    pub id: String,
    /// The file, as it was named by whoever read it; for messages.
    pub file: String,
    /// A short line for a mail's subject.
    pub title: String,
    /// How bad a match is.
    pub severity: Severity,
    /// Why it matters.
    pub description: String,
    /// What to do next.
    pub runbook: String,
    /// Such as `attack.t1110`, `cis.v5.4.6`.
    pub tags: Vec<String>,
    /// The filter pattern, as CloudWatch takes it.
    pub pattern: Pattern,
    /// Kinds of log files to look at; all of them when empty.
    pub log_folders: Vec<Folder>,
    /// Each selector must differ from every value of the list.
    pub where_not_in: Vec<(Selector, String)>,
    /// Each selector must equal some value of the list.
    pub where_in: Vec<(Selector, String)>,
    /// Lists of this rule alone; they win over shared ones.
    pub lists: super::Lists,
    /// How many events make an alert; each one when absent.
    pub threshold: Option<Threshold>,
    /// How long repeats of the same rule and group merge into one alert.
    pub cooldown: Seconds,
    /// Records that match and are no finding.
    pub exceptions: Vec<Exception>,
    /// Off rules are read and checked, not evaluated.
    pub enabled: bool,
    /// Records that must and must not match.
    pub tests: Vec<RuleTest>,
}

impl Rule {
    /// By what matches are grouped into alerts.
    pub fn group_by(&self) -> &[GroupField] {
        self.threshold
            .as_ref()
            .map_or(&GroupField::DEFAULT, |threshold| &threshold.group_by)
    }

    /// Exceptions that apply to no event from `now` on (seconds, UTC, since 1970): to be renewed
    /// or taken out. None of a rule that is switched off.
    pub fn stale_exceptions(&self, now: i64) -> impl Iterator<Item = &Exception> {
        let stale = move |exception: &&Exception| exception.expires.is_some_and(|end| end <= now);
        self.exceptions
            .iter()
            .filter(stale)
            .filter(|_| self.enabled)
    }
}

/// `threshold: {count, within, group_by, distinct}`.
#[derive(Debug, Clone)]
pub struct Threshold {
    /// Events (or distinct values) that make an alert; 1 to [`MOST`](Self::MOST).
    pub count: u32,
    /// The longest time between the first and the last of them, at most
    /// [`LONGEST`](Self::LONGEST).
    pub within: Seconds,
    /// Events are counted apart for each combination of these; all together when empty.
    pub group_by: Vec<GroupField>,
    /// Count different values of this field instead of events.
    pub distinct: Option<FieldPath>,
}

impl Threshold {
    /// The largest count: what is below it is kept for each group, and a store's items are small.
    pub const MOST: u32 = 1_000;

    /// The longest `within`: what is below a threshold is remembered for 14 days, and files may be
    /// a day late.
    pub const LONGEST: Seconds = Seconds(13 * 86_400);
}

/// A field that tells groups apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupField {
    /// Who did it; all sessions of a role are one.
    Principal,
    /// The account that the event belongs to.
    Account,
    /// Any field, by a selector of plain names.
    Field(FieldPath),
}

impl GroupField {
    /// How matches are grouped when a rule does not say: who, and where.
    pub const DEFAULT: [Self; 2] = [Self::Principal, Self::Account];
}

/// A selector of plain names: `$.userIdentity.type`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPath {
    /// As written.
    pub text: String,
    /// The member names.
    pub names: Vec<String>,
}

/// A pattern beside the rule's own: what matches it is no finding.
#[derive(Debug, Clone)]
pub struct Exception {
    /// Which records are excepted.
    pub pattern: Pattern,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Second (UTC, since 1970) from which on it no longer applies to events.
    pub expires: Option<i64>,
}

/// A record with the answer the rule must give.
#[derive(Debug, Clone)]
pub struct RuleTest {
    /// What the record shows.
    pub name: String,
    /// Whether pattern, lists and exceptions together must match it.
    pub matches: bool,
    /// The record as JSON text.
    pub record: String,
}
