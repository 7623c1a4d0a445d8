//! Matches → alerts people can act on: what a match shows ([`facts`]), which matches belong
//! together ([`merge`]), what is sent ([`Alert`], [`text`]).

mod facts;
mod fingerprint;
mod layout;
mod merge;
mod parameters;
mod plain;
mod text;

use std::collections::BTreeMap;

use serde::Serialize;

pub use facts::{Facts, Outcome};
pub use merge::{Group, Merger, Pending};
pub use text::{attributes, body, subject};

use crate::record::EventTime;
use crate::rules::{Rule, Severity};

/// How many entries each list of an alert holds at most; `count` always tells the whole number.
pub const LIST_LIMIT: usize = 1_000;

/// How many events an alert describes one by one.
pub const SAMPLE_LIMIT: usize = 5;

/// One rule's finding about one group, ready to be told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alert {
    /// The rule's id.
    pub rule: String,
    /// Its severity.
    pub severity: Severity,
    /// Its title.
    pub title: String,
    /// Distinct events.
    pub count: usize,
    /// `eventID`s in order of event time, at most [`LIST_LIMIT`].
    pub event_ids: Vec<String>,
    /// Earliest event time.
    #[serde(serialize_with = "time_text")]
    pub first_event_time: Option<EventTime>,
    /// Latest event time.
    #[serde(serialize_with = "time_text")]
    pub last_event_time: Option<EventTime>,
    /// Account ids, sorted.
    pub accounts: Vec<String>,
    /// Regions, sorted.
    pub regions: Vec<String>,
    /// Who did it, sorted.
    pub principals: Vec<String>,
    /// Source addresses, sorted; services call from a name instead.
    pub source_ips: Vec<String>,
    /// `service:EventName` with how often, most frequent first.
    pub events: Vec<EventCount>,
    /// The log files, sorted.
    pub objects: Vec<String>,
    /// The same for every alert of this rule about this group.
    pub fingerprint: String,
    /// The same whenever this very alert is sent again: consumers drop a second one.
    pub id: String,
    /// Earlier events of the same burst were already told.
    #[serde(skip)]
    pub follows: bool,
    /// Why it matters.
    #[serde(skip)]
    pub description: String,
    /// What to do next.
    #[serde(skip)]
    pub runbook: String,
    /// What must have happened for the alert, in words, when the rule has a threshold.
    #[serde(skip)]
    pub threshold: Option<String>,
    /// The first events, at most [`SAMPLE_LIMIT`].
    #[serde(skip)]
    pub samples: Vec<Facts>,
    /// Outcomes in words with how often.
    #[serde(skip)]
    pub outcomes: Vec<(String, usize)>,
}

/// How often an event occurs in an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventCount {
    /// Such as `iam:CreateUser`.
    pub name: String,
    /// How often.
    pub count: usize,
}

impl Alert {
    /// Builds the alert of a rule about a group from the facts of its events, which are sorted by
    /// event time and not empty.
    pub fn new(rule: &Rule, group: &Group, facts: &[&Facts]) -> Self {
        let each =
            |of: fn(&Facts) -> Option<&str>| distinct(facts.iter().filter_map(|facts| of(facts)));
        let times = || facts.iter().filter_map(|facts| facts.time);
        let events = frequencies(facts.iter().map(|facts| facts.event()));
        let outcomes = frequencies(facts.iter().map(|facts| facts.outcome.to_string()));
        let fingerprint = fingerprint::of(&rule.id, group);
        let first = facts
            .first()
            .map(|facts| facts.identity())
            .unwrap_or_default();
        Self {
            rule: rule.id.clone(),
            severity: rule.severity,
            title: rule.title.clone(),
            count: facts.len(),
            event_ids: facts
                .iter()
                .filter_map(|facts| facts.event_id.clone())
                .take(LIST_LIMIT)
                .collect(),
            first_event_time: times().min(),
            last_event_time: times().max(),
            accounts: each(|facts| facts.account.as_deref()),
            regions: each(|facts| facts.region.as_deref()),
            principals: each(|facts| Some(&facts.principal.id)),
            source_ips: each(|facts| facts.source_ip.as_deref()),
            events: events
                .into_iter()
                .map(|(name, count)| EventCount { name, count })
                .collect(),
            objects: each(|facts| Some(&*facts.object)),
            id: fingerprint::alert_id(&fingerprint, &first),
            fingerprint,
            follows: false,
            description: rule.description.clone(),
            runbook: rule.runbook.clone(),
            threshold: rule.threshold.as_ref().map(threshold_text),
            samples: facts
                .iter()
                .take(SAMPLE_LIMIT)
                .map(|facts| (*facts).clone())
                .collect(),
            outcomes,
        }
    }
}

fn threshold_text(threshold: &crate::rules::Threshold) -> String {
    let what = match &threshold.distinct {
        Some(field) => format!("different values of {}", field.text),
        None if threshold.count == 1 => "event".to_owned(),
        None => "events".to_owned(),
    };
    format!("{} {what} within {}", threshold.count, threshold.within)
}

fn distinct<'a>(values: impl Iterator<Item = &'a str>) -> Vec<String> {
    let set: std::collections::BTreeSet<&str> = values.collect();
    set.into_iter()
        .take(LIST_LIMIT)
        .map(str::to_owned)
        .collect()
}

/// Values with how often they occur, most frequent first, then by name.
fn frequencies(values: impl Iterator<Item = String>) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    sorted.truncate(LIST_LIMIT);
    sorted
}

fn time_text<S: serde::Serializer>(
    time: &Option<EventTime>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    time.map(|time| time.to_string()).serialize(serializer)
}
