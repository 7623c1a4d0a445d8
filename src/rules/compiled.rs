//! One rule ready to meet records: its pattern, its lists and its exceptions as matchers.

use super::Lists;
use super::clause::Clause;
use super::fault::RuleFault;
use super::rule::Rule;
use crate::logfile::Folder;
use crate::pattern::{Matcher, Message, Selectors};
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

    /// Whether the rule matches a record of the given kind and event time.
    pub(super) fn matches(
        &self,
        message: &Message<'_>,
        folder: Option<Folder>,
        time: Option<EventTime>,
    ) -> bool {
        if folder.is_some_and(|folder| !self.folders.is_empty() && !self.folders.contains(&folder))
        {
            return false;
        }
        self.required.iter().all(|matcher| matcher.matches(message))
            && !self
                .exceptions
                .iter()
                .any(|(matcher, expires)| applies(*expires, time) && matcher.matches(message))
    }
}

/// Whether an exception still holds for an event. Without a time of the event only one that never
/// expires does: rather an alert too many.
fn applies(expires: Option<i64>, time: Option<EventTime>) -> bool {
    match (expires, time) {
        (None, _) => true,
        (Some(end), Some(time)) => time.seconds() < end,
        (Some(_), None) => false,
    }
}
