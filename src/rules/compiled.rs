//! One rule ready to meet records: its pattern, its lists and its exceptions as matchers.

use super::Lists;
use super::clause::Clause;
use super::fault::RuleFault;
use super::rule::Rule;
use crate::logfile::Folder;
use crate::pattern::{Asked, Matcher, Message, Need, Selectors, Slot};
use crate::record::EventTime;

/// One enabled rule, ready to meet records.
pub(super) struct Compiled {
    /// Index in [`RuleSet::rules`].
    pub(super) rule: usize,
    folders: Vec<Folder>,
    /// All must match: the rule's pattern, then a clause for each list.
    required: Vec<Matcher>,
    /// None may match, each until its second (UTC, since 1970).
    exceptions: Vec<(Matcher, Option<i64>)>,
}

impl Compiled {
    pub(super) fn new(
        index: usize,
        rule: &Rule,
        lists: &Lists,
        selectors: &mut Selectors,
    ) -> Result<Self, Vec<RuleFault>> {
        let mut required = vec![rule.pattern.compile(selectors)];
        let mut faults = Vec::new();
        let tests = [
            (&rule.where_not_in, Clause::NoneOf),
            (&rule.where_in, Clause::AnyOf),
        ];
        for (selector, list, clause) in tests.iter().flat_map(|(tests, clause)| {
            tests
                .iter()
                .map(move |(selector, list)| (selector, list, clause))
        }) {
            match clause.pattern(rule, selector, list, lists) {
                Ok(pattern) => required.push(pattern.compile(selectors)),
                Err(fault) => faults.push(fault),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let exceptions = rule
            .exceptions
            .iter()
            .map(|exception| (exception.pattern.compile(selectors), exception.expires))
            .collect();
        Ok(Self {
            rule: index,
            folders: rule.log_folders.clone(),
            required,
            exceptions,
        })
    }

    /// What must be so for the rule to match: what the most telling of its matchers needs.
    pub(super) fn needs(&self, cost: impl Fn(&Need) -> Option<u32>) -> Option<Vec<Need>> {
        let dearest = |needs: &Vec<Need>| needs.iter().map(&cost).max();
        let needs = self.required.iter().filter_map(|one| one.needs(&cost));
        needs.min_by_key(|needs| (dearest(needs), needs.len()))
    }

    /// What its matchers ask of a field.
    pub(super) fn asked(&self, slot: Slot) -> Vec<Asked<'_>> {
        let exceptions = self.exceptions.iter().map(|(matcher, _)| matcher);
        let all = self.required.iter().chain(exceptions);
        all.filter_map(|matcher| matcher.asked(slot)).collect()
    }

    /// Whether the rule cannot match, given what is known of its matchers' answers. An exception
    /// that expires rules nothing out: that depends on the record's time.
    pub(super) fn ruled_out(&self, decided: impl Fn(&Matcher) -> Option<bool>) -> bool {
        let mut required = self.required.iter();
        let mut exceptions = self.exceptions.iter();
        required.any(|matcher| decided(matcher) == Some(false))
            || exceptions
                .any(|(matcher, expires)| expires.is_none() && decided(matcher) == Some(true))
    }

    /// Whether any of its matchers looks at the text of a record, not only at its fields.
    pub(super) fn reads_text(&self) -> bool {
        let exceptions = self.exceptions.iter().map(|(matcher, _)| matcher);
        let mut all = self.required.iter().chain(exceptions);
        all.any(Matcher::reads_text)
    }

    /// Whether the rule matches a record of the given kind. The record's event time is asked for
    /// only where it matters.
    pub(super) fn matches(
        &self,
        message: &Message<'_>,
        folder: Option<Folder>,
        time: impl Fn() -> Option<EventTime>,
    ) -> bool {
        if folder.is_some_and(|folder| !self.folders.is_empty() && !self.folders.contains(&folder))
        {
            return false;
        }
        self.required.iter().all(|matcher| matcher.matches(message))
            && !self
                .exceptions
                .iter()
                .any(|(matcher, expires)| matcher.matches(message) && applies(*expires, &time))
    }
}

/// Whether an exception still holds for an event. Without a time of the event only one that never
/// expires does: rather an alert too many.
fn applies(expires: Option<i64>, time: &impl Fn() -> Option<EventTime>) -> bool {
    match expires {
        None => true,
        Some(end) => time().is_some_and(|time| time.seconds() < end),
    }
}
