//! Which matches make one alert: those of one rule about one group, close in event time.
//!
//! Matches are kept sorted by event time and named by event id, so neither the order of files nor
//! a second delivery changes what comes out.

use std::collections::btree_map::Entry;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

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
    /// Events in all groups.
    events: usize,
    /// Groups that got a match, a repeated one too, since [`begin`](Merger::begin).
    touched: BTreeSet<Key>,
}

/// Index of the rule, and the group.
type Key = (usize, Group);

/// Event time in seconds (before everything when unknown) and the event's identity.
type EventKey = (i64, String);

#[derive(Debug)]
struct Event {
    /// Until it is told; then only its time still counts.
    facts: Option<Arc<Facts>>,
    /// What the rule's threshold counts.
    value: u64,
}

impl Event {
    fn is_told(&self) -> bool {
        self.facts.is_none()
    }
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

    /// Events that are kept.
    pub fn len(&self) -> usize {
        self.events
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.events == 0
    }

    /// Takes in a match of `rule`, which stands at `index` of its rule set. The same event again
    /// changes nothing, but that of two copies the evidence is always the same one.
    pub fn add(&mut self, index: usize, rule: &Rule, record: &Record<'_>, facts: &Arc<Facts>) {
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
                    facts: Some(Arc::clone(facts)),
                    value,
                });
                self.events += 1;
            }
            // Of copies that differ, the one in the first place counts, whichever comes first.
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                let place = |facts: &Facts| (facts.object.clone(), facts.record);
                if known
                    .facts
                    .as_ref()
                    .is_some_and(|known| place(facts) < place(known))
                {
                    *known = Event {
                        facts: Some(Arc::clone(facts)),
                        value,
                    };
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
                event.facts = None;
            }
        }
    }

    /// Keeps memory bounded in a process that lives long: over `most` events, lets go of whole
    /// groups, those that were told first, then those whose newest event is oldest. Returns how
    /// many events went that were not yet told: their threshold may now be missed.
    ///
    /// Age alone lets nothing go: files come late, and one odd event time must not cost a group.
    pub fn bound(&mut self, most: usize) -> usize {
        if self.events <= most {
            return 0;
        }
        let order = |events: &BTreeMap<EventKey, Event>| {
            let newest = events.last_key_value().map(|((time, _), _)| *time);
            (!events.values().all(Event::is_told), newest)
        };
        let mut groups: Vec<_> = self
            .groups
            .iter()
            .map(|(key, events)| (order(events), key.clone()))
            .collect();
        groups.sort();
        let mut untold = 0;
        for (_, key) in groups {
            if self.events <= most / 2 {
                break;
            }
            let events = self.groups.remove(&key).unwrap_or_default();
            self.events -= events.len();
            untold += events.values().filter(|event| !event.is_told()).count();
        }
        untold
    }
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
    let untold = burst
        .iter()
        .filter_map(|(key, event)| Some(((*key).clone(), event.facts.as_deref()?)));
    let (events, facts): (Vec<EventKey>, Vec<&Facts>) = untold.unzip();
    if events.is_empty() {
        return None;
    }
    let mut alert = Alert::new(rule, &key.1, &facts);
    alert.follows = events.len() < burst.len();
    Some(Pending {
        alert,
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
