//! Which matches make one alert: those of one rule about one group, close in event time.
//!
//! Matches are kept sorted by event time and named by event id, so neither the order of files nor
//! a second delivery changes what comes out.

use std::collections::btree_map::Entry;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

use super::{Alert, Facts};
use crate::record::Record;
use crate::rules::{GroupField, Rule};
use crate::windows::{Burst, Hit, Window, bursts};

/// The values of a rule's group fields; a record without such a field is in a group of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group(pub Vec<Option<String>>);

/// Matches seen so far, and which of them were already told.
#[derive(Debug, Default)]
pub struct Merger {
    groups: BTreeMap<Key, BTreeMap<EventKey, Event>>,
    /// Groups that got a match, a repeated one too, since [`begin`](Merger::begin).
    touched: BTreeSet<Key>,
}

/// Index of the rule, and the group.
type Key = (usize, Group);

/// Event time in seconds (before everything when unknown) and the event's identity.
type EventKey = (i64, String);

#[derive(Debug)]
struct Event {
    facts: Facts,
    /// What the rule's threshold counts.
    value: u64,
    told: bool,
}

/// An alert that is due, with what it takes to note that it was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    /// What to send.
    pub alert: Alert,
    key: Key,
    events: Vec<EventKey>,
}

impl Merger {
    /// Starts a new delivery: [`due`](Self::due) then looks only at the groups that it touches,
    /// so that an alert which cannot be sent fails the deliveries of its own events and no other.
    pub fn begin(&mut self) {
        self.touched.clear();
    }

    /// Takes in a match of `rule`, which stands at `index` of its rule set. The same event again
    /// changes nothing, but that of two copies the evidence is always the same one.
    pub fn add(&mut self, index: usize, rule: &Rule, record: &Record<'_>, facts: Facts) {
        let group = Group(
            rule.group_by()
                .iter()
                .map(|field| facts.group_value(record, field))
                .collect(),
        );
        let identity = facts.identity();
        let distinct = rule
            .threshold
            .as_ref()
            .and_then(|threshold| threshold.distinct.clone());
        let value = match distinct {
            Some(path) => hash(&facts.group_value(record, &GroupField::Field(path))),
            None => hash(&identity),
        };
        let time = facts
            .time
            .map_or(i64::MIN, crate::record::EventTime::seconds);
        let key = (index, group);
        self.touched.insert(key.clone());
        match self.groups.entry(key).or_default().entry((time, identity)) {
            Entry::Vacant(place) => {
                place.insert(Event {
                    facts,
                    value,
                    told: false,
                });
            }
            Entry::Occupied(mut known) => {
                let known = &mut known.get_mut().facts;
                if (&facts.object, facts.record) < (&known.object, known.record) {
                    *known = facts;
                }
            }
        }
    }

    /// The alerts to send now, in order of their first event: for each burst of each group, the
    /// events that were not yet told.
    pub fn due(&self, rules: &[Rule]) -> Vec<Pending> {
        let mut due = Vec::new();
        for key in &self.touched {
            let (Some(rule), Some(events)) = (rules.get(key.0), self.groups.get(key)) else {
                continue;
            };
            let events: Vec<(&EventKey, &Event)> = events.iter().collect();
            for burst in group_bursts(rule, &events) {
                due.extend(pending(
                    rule,
                    key,
                    events.get(burst.first..=burst.last).unwrap_or_default(),
                ));
            }
        }
        due.sort_by(|a, b| order(&a.alert).cmp(&order(&b.alert)));
        due
    }

    /// Notes that an alert reached its channel: its events are not told again.
    pub fn told(&mut self, pending: &Pending) {
        let Some(events) = self.groups.get_mut(&pending.key) else {
            return;
        };
        for key in &pending.events {
            if let Some(event) = events.get_mut(key) {
                event.told = true;
            }
        }
    }

    /// Keeps memory bounded in a process that lives long: lets go of events that can no longer
    /// join a burst of their group, and over `most` events of whole groups, the longest silent
    /// first. Returns how many events went that were not yet told because memory is full: their
    /// threshold may now be missed.
    pub fn bound(&mut self, rules: &[Rule], most: usize) -> usize {
        for ((index, _), events) in &mut self.groups {
            let oldest = newest(events).saturating_sub(rules.get(*index).map_or(0, reach));
            events.retain(|(time, _), _| *time >= oldest);
        }
        let mut left: usize = self.groups.values().map(BTreeMap::len).sum();
        if left <= most {
            return 0;
        }
        let mut silent: Vec<(i64, Key)> = self
            .groups
            .iter()
            .map(|(key, events)| (newest(events), key.clone()))
            .collect();
        silent.sort();
        let mut untold = 0;
        for (_, key) in silent {
            if left <= most / 2 {
                break;
            }
            let events = self.groups.remove(&key).unwrap_or_default();
            left -= events.len();
            untold += events.values().filter(|event| !event.told).count();
        }
        untold
    }
}

/// Event time of the newest event, in seconds.
fn newest(events: &BTreeMap<EventKey, Event>) -> i64 {
    events
        .last_key_value()
        .map_or(i64::MIN, |((time, _), _)| *time)
}

/// Seconds behind the newest event of a group in which a late one can still matter.
fn reach(rule: &Rule) -> i64 {
    let within = rule
        .threshold
        .as_ref()
        .map_or(0, |threshold| threshold.within.0);
    // CloudTrail delivers up to 15 minutes late, S3 retries for hours.
    i64::from(within) + i64::from(rule.cooldown.0) + 6 * 3_600
}

fn group_bursts(rule: &Rule, events: &[(&EventKey, &Event)]) -> Vec<Burst> {
    let hits: Vec<Hit> = events
        .iter()
        .map(|((time, _), event)| Hit {
            time: *time,
            value: event.value,
        })
        .collect();
    let (count, within) = rule
        .threshold
        .as_ref()
        .map_or((1, 0), |threshold| (threshold.count, threshold.within.0));
    bursts(
        &hits,
        Window {
            count,
            within,
            cooldown: rule.cooldown.0,
        },
    )
}

/// The alert of a burst's events, when some of them were not yet told.
fn pending(rule: &Rule, key: &Key, burst: &[(&EventKey, &Event)]) -> Option<Pending> {
    let untold = burst.iter().filter(|(_, event)| !event.told);
    let (events, facts): (Vec<EventKey>, Vec<&Facts>) = untold
        .map(|(key, event)| ((*key).clone(), &event.facts))
        .unzip();
    if events.is_empty() {
        return None;
    }
    Some(Pending {
        alert: Alert::new(rule, &key.1, &facts),
        key: key.clone(),
        events,
    })
}

fn order(alert: &Alert) -> (Option<crate::record::EventTime>, &str, &str) {
    (alert.first_event_time, &alert.rule, &alert.fingerprint)
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
