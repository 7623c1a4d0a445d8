//! Matches → alerts people can act on: what a match shows ([`facts`]), the matches of files by
//! rule and group ([`findings`]), which of them make an alert and which are held back to be told
//! in a summary ([`group`]), what is sent ([`Alert`], [`text`]).

mod breach;
mod evidence;
mod facts;
mod findings;
mod fingerprint;
mod gate;
mod group;
mod layout;
mod notice;
mod parameters;
mod plain;
mod row;
mod text;
mod texts;
mod told;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use breach::{Breach, BreachFound};
pub use evidence::Evidence;
pub use facts::{Facts, Outcome};
pub use findings::Findings;
pub use fingerprint::fingerprint;
pub use group::{GroupState, Step};
pub use notice::Notice;
pub use text::{attributes, body, subject};
pub use told::AlertLine;

use facts::{event_name, outcome_of};

use crate::record::EventTime;
use crate::rules::Severity;

/// The values of a rule's group fields; a record without such a field is in a group of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group(pub Vec<Option<String>>);

/// How many entries each list of an alert holds at most; `count` always tells the whole number.
pub const LIST_LIMIT: usize = 1_000;

/// How many events an alert describes one by one.
pub const SAMPLE_LIMIT: usize = 5;

/// One rule's finding about one group, ready to be told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    pub first_event_time: Option<EventTime>,
    /// Latest event time.
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
    /// Earlier events of the same burst were already told: this is a summary of what followed.
    pub follows: bool,
    /// How many alerts about as many groups it stands for; 1 unless a rule has too much to say.
    pub stands_for: usize,
    /// Why it matters.
    pub description: String,
    /// What to do next.
    pub runbook: String,
    /// What must have happened for the alert, in words, when the rule has a threshold.
    pub threshold: Option<String>,
    /// The first events, at most [`SAMPLE_LIMIT`].
    pub samples: Vec<Facts>,
    /// Outcomes in words with how often.
    pub outcomes: Vec<(String, usize)>,
}

/// How often an event occurs in an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventCount {
    /// Such as `iam:CreateUser`.
    pub name: String,
    /// How often.
    pub count: usize,
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
fn frequencies(values: impl Iterator<Item = (String, usize)>) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (value, count) in values {
        *counts.entry(value).or_default() += count;
    }
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    sorted.truncate(LIST_LIMIT);
    sorted
}
