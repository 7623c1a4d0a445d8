//! The whole pipeline against a naive model: whatever the order, the duplicates, the splits, the
//! lateness and the failures, every event is told as a plain list says, and told once.
#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

#[path = "state/flaky.rs"]
mod flaky;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use flaky::{Dice, Flaky, FlakyInbox};
use proptest::prelude::*;
use support::{Inbox, gzip, log_file, record, rule_set};
use trailwarden::alert::Alert;
use trailwarden::inspect::{Bounds, Inspector, Options, TrailState};
use trailwarden::integrity::KeyRing;
use trailwarden::local::{MemoryState, wait};
use trailwarden::ports::{FetchError, Fetched, ObjectRef, ObjectStore};
use trailwarden::rules::RuleSet;

const EACH: &str =
    "title: Each\nseverity: high\npattern: '{ $.eventName = Stop* }'\ncooldown: 5m\n";
const BURST: &str = "title: Burst\nseverity: high\npattern: '{ $.errorCode = AccessDenied }'\ncooldown: 10m\n\
    threshold: { count: 3, within: 4m, group_by: [principal, account] }\n";
const SPRAY: &str = "title: Spray\nseverity: high\npattern: '{ $.errorCode = AccessDenied }'\ncooldown: 3m\n\
    threshold: { count: 3, within: 6m, group_by: [$.sourceIPAddress], distinct: $.userIdentity.arn }\n";

fn rules() -> RuleSet {
    rule_set(&[("burst", BURST), ("each", EACH), ("spray", SPRAY)])
}

/// One event: minute, user, and whether it is denied; its place in the list is its id.
#[derive(Debug, Clone, Copy)]
struct Event {
    id: usize,
    minute: u32,
    user: u32,
    denied: bool,
}

impl Event {
    fn text(self) -> String {
        let more = if self.denied {
            r#""errorCode":"AccessDenied""#
        } else {
            ""
        };
        let name = if self.denied {
            "ListUsers"
        } else {
            "StopLogging"
        };
        let time = format!(
            "2026-11-21T{:02}:{:02}:00Z",
            self.minute / 60,
            self.minute % 60
        );
        record(&format!("e{}", self.id), &time, name, more)
            .replace("user/dana", &format!("user/u{}", self.user))
    }
}

/// A bucket of files; each is a list of events.
struct Bucket(Mutex<BTreeMap<String, Vec<u8>>>);

impl ObjectStore for &Bucket {
    async fn fetch(&self, object: &ObjectRef, _: u64) -> Result<Fetched, FetchError> {
        self.0
            .lock()
            .unwrap()
            .get(&object.key)
            .cloned()
            .map(|bytes| Fetched {
                bytes,
                ..Fetched::default()
            })
            .ok_or(FetchError::NotFound)
    }

    async fn list(&self, _: &str, prefix: &str, after: &str) -> Result<Vec<String>, FetchError> {
        let keys = self.0.lock().unwrap();
        let keys = keys.keys();
        let found = keys.filter(|key| key.starts_with(prefix) && key.as_str() > after);
        Ok(found.cloned().collect())
    }
}

fn object(file: usize) -> ObjectRef {
    ObjectRef {
        bucket: "trail".to_owned(),
        key: format!(
            "AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/21/111122223333_CloudTrail_us-east-1_20261121T0635Z_{file:016}.json.gz"
        ),
        version: None,
        etag: Some("one".to_owned()),
    }
}

fn bucket(files: &[Vec<Event>]) -> Bucket {
    let file = |(at, events): (usize, &Vec<Event>)| {
        let records: Vec<String> = events.iter().map(|event| event.text()).collect();
        (object(at).key, gzip(log_file(&records).as_bytes()))
    };
    Bucket(Mutex::new(files.iter().enumerate().map(file).collect()))
}

/// What a person may expect, by rule and group, from the plain list of all events.
struct Model {
    /// Events of count-1 rules, and for the others all that could be told.
    groups: BTreeMap<(&'static str, String), Vec<Event>>,
}

impl Model {
    fn new(files: &[Vec<Event>]) -> Self {
        let all: BTreeMap<usize, Event> = files
            .iter()
            .flatten()
            .map(|event| (event.id, *event))
            .collect();
        let mut groups: BTreeMap<(&'static str, String), Vec<Event>> = BTreeMap::new();
        for event in all.values() {
            if event.denied {
                groups
                    .entry(("burst", format!("u{}", event.user)))
                    .or_default()
                    .push(*event);
                groups
                    .entry(("spray", String::new()))
                    .or_default()
                    .push(*event);
            } else {
                groups
                    .entry(("each", format!("u{}", event.user)))
                    .or_default()
                    .push(*event);
            }
        }
        Self { groups }
    }

    /// Whether some window of these events is full.
    fn is_full(rule: &str, events: &[Event]) -> bool {
        let (count, within) = match rule {
            "each" => (1, 0),
            "burst" => (3, 4),
            _ => (3, 6),
        };
        events.iter().any(|start| {
            let inside = events
                .iter()
                .filter(|event| (start.minute..=start.minute + within).contains(&event.minute));
            let values: BTreeSet<usize> = inside
                .map(|event| {
                    if rule == "spray" {
                        event.user as usize
                    } else {
                        event.id
                    }
                })
                .collect();
            values.len() >= count
        })
    }

    /// Checks what was told, message by message; the same message again is one.
    fn check(&self, alerts: &[Alert]) -> Result<(), TestCaseError> {
        let mut once: BTreeMap<&str, &Alert> = BTreeMap::new();
        for alert in alerts {
            let known = once.entry(&alert.id).or_insert(alert);
            prop_assert_eq!(known.count, alert.count, "the same id is the same message");
        }
        let mut told: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for alert in once.values() {
            prop_assert_eq!(alert.count, alert.event_ids.len());
            for id in &alert.event_ids {
                *told.entry((alert.rule.as_str(), id.as_str())).or_default() += 1;
            }
        }
        let twice: Vec<_> = told.iter().filter(|(_, times)| **times > 1).collect();
        prop_assert!(twice.is_empty(), "told twice: {:?}", twice);
        for ((rule, group), events) in &self.groups {
            let name = |event: &Event| format!("e{}", event.id);
            let untold: Vec<Event> = events
                .iter()
                .filter(|event| !told.contains_key(&(*rule, name(event).as_str())))
                .copied()
                .collect();
            prop_assert!(
                !Self::is_full(rule, &untold),
                "{} {}: {:?} are untold",
                rule,
                group,
                untold
            );
            for alert in once
                .values()
                .filter(|alert| alert.rule == *rule && !alert.follows && alert.stands_for == 1)
            {
                let of_alert: Vec<Event> = events
                    .iter()
                    .filter(|event| alert.event_ids.contains(&name(event)))
                    .copied()
                    .collect();
                prop_assert!(
                    of_alert.is_empty() || Self::is_full(rule, &of_alert),
                    "fired without a full window"
                );
            }
        }
        Ok(())
    }
}

/// Events in files: some in two files, deliveries in any order, some twice.
fn deliveries() -> impl Strategy<Value = (Vec<Vec<Event>>, Vec<Vec<usize>>)> {
    let event = (0_u32..60, 0_u32..4, prop::bool::weighted(0.7));
    let files = prop::collection::vec(
        prop::collection::vec((event, prop::bool::weighted(0.2)), 0..8),
        1..8,
    );
    let order = prop::collection::vec(
        prop::collection::vec(any::<prop::sample::Index>(), 1..3),
        0..12,
    );
    (files, order).prop_map(|(files, order)| {
        let (mut next, mut all): (usize, Vec<Vec<Event>>) = (0, Vec::new());
        for file in files {
            let mut events: Vec<Event> = Vec::new();
            for ((minute, user, denied), copy) in file {
                let earlier: Option<Event> = all.iter().flatten().nth(next / 2).copied();
                match earlier.filter(|_| copy) {
                    Some(event) => events.push(event),
                    None => {
                        events.push(Event {
                            id: next,
                            minute,
                            user,
                            denied,
                        });
                        next += 1;
                    }
                }
            }
            all.push(events);
        }
        let mut orders: Vec<Vec<usize>> = order
            .iter()
            .map(|batch| batch.iter().map(|index| index.index(all.len())).collect())
            .collect();
        // Every file is delivered at last.
        orders.extend((0..all.len()).map(|file| vec![file]));
        (all, orders)
    })
}

const NOW: i64 = 1_795_300_000;

/// Delivers, with a sweep now and then; each delivery comes again until it succeeds.
fn run<T: TrailState, A: trailwarden::ports::AlertSink>(
    bucket: &Bucket,
    state: T,
    sink: A,
    orders: &[Vec<usize>],
    bounds: Bounds,
) {
    let inspector = Inspector::new(
        rules(),
        bucket,
        state,
        sink,
        KeyRing::default(),
        Options::default(),
        bounds,
    );
    let mut now = NOW;
    for (at, batch) in orders.iter().enumerate() {
        for _ in 0..60 {
            let objects = batch.iter().map(|file| object(*file)).collect();
            now += 30;
            if wait(inspector.run(objects, now)).is_success() {
                break;
            }
        }
        if at % 3 == 2 {
            now += 150;
            wait(inspector.sweep(now));
        }
    }
    for _ in 0..60 {
        now += 1_000;
        wait(inspector.sweep(now));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn random_deliveries_agree_with_a_plain_list((files, orders) in deliveries()) {
        let inbox = Inbox::default();
        run(&bucket(&files), MemoryState::default(), &inbox, &orders, Bounds::default());
        let alerts = inbox.take();
        let ids: BTreeSet<&str> = alerts.iter().map(|alert| alert.id.as_str()).collect();
        prop_assert_eq!(ids.len(), alerts.len(), "no message comes twice");
        Model::new(&files).check(&alerts)?;
    }

    /// Every call to the state and the channel may fail, before it did anything or after it did
    /// everything.
    #[test]
    fn failures_lose_nothing_and_double_nothing((files, orders) in deliveries(), seed in any::<u64>()) {
        let inbox = Inbox::default();
        let whole = bucket(&files);
        let dice = Dice::new(seed, 12);
        let sink = FlakyInbox { inbox: &inbox, dice: &dice };
        let state = MemoryState::default();
        run(&bucket(&files), Flaky { inner: &state, dice: &dice }, sink, &orders, Bounds::default());
        dice.rest();
        let inspector = Inspector::new(rules(), &whole, &state, &inbox, KeyRing::default(), Options::default(), Bounds::default());
        let all = (0..files.len()).map(object).collect();
        prop_assert!(wait(inspector.run(all, NOW + 1_000_000)).is_success());
        wait(inspector.sweep(NOW + 2_000_000));
        Model::new(&files).check(&inbox.take())?;
    }

    /// With hardly any message allowed, the rest is told together, and nothing is lost.
    #[test]
    fn a_rule_with_too_much_to_say_says_it_together((files, orders) in deliveries(), seed in any::<u64>()) {
        let inbox = Inbox::default();
        let whole = bucket(&files);
        let dice = Dice::new(seed, 40);
        let state = MemoryState::default();
        let bounds = Bounds { messages: 1, groups: 1_000 };
        run(&bucket(&files), Flaky { inner: &state, dice: &dice }, &inbox, &orders, bounds);
        dice.rest();
        let inspector = Inspector::new(rules(), &whole, &state, &inbox, KeyRing::default(), Options::default(), bounds);
        let all = (0..files.len()).map(object).collect();
        prop_assert!(wait(inspector.run(all, NOW + 1_000_000)).is_success());
        wait(inspector.sweep(NOW + 2_000_000));
        wait(inspector.sweep(NOW + 3_000_000));
        Model::new(&files).check(&inbox.take())?;
    }
}
