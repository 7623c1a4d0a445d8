//! Digests one by one: what arrives twice, late, changed, without keys, over state and a channel that
//! fail, and after days without notifications.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use serde_json::json;
use trailwarden::alert::Alert;
use trailwarden::inspect::{Bounds, Inspector, Options, Outcome};
use trailwarden::integrity::KeyRing;
use trailwarden::local::{MemoryState, wait};
use trailwarden::ports::{KeyError, KeySource, Ledger as _, ObjectRef};
use trailwarden::record::EventTime;

use crate::flaky::{Dice, Flaky, FlakyInbox};
use crate::signed_trail::{BUCKET, Trail, at, public_keys};
use crate::support::{Inbox, gzip, log_file, one_rule, record};
use crate::world::{Stored, World};

fn keys() -> KeyRing {
    KeyRing::from_json(&public_keys().to_string()).unwrap()
}

fn stored(bytes: &[u8], metadata: serde_json::Value, etag: &str) -> Stored {
    Stored {
        bytes: bytes.to_vec(),
        etag: etag.to_owned(),
        metadata,
        denied: false,
    }
}

/// The trail's bucket, and what names its objects, log files first.
fn world(trail: &Trail) -> (World, Vec<ObjectRef>) {
    let mut world = World::new(keys());
    let put = |(key, object): (&String, &crate::signed_trail::Object)| {
        let stored = stored(&object.bytes, json!(object.metadata), &format!("e-{key}"));
        world.put(BUCKET, key, stored)
    };
    let mut objects: Vec<ObjectRef> = trail.objects.iter().map(put).collect();
    // Digests come after what they list.
    objects.sort_by_key(|object| object.key.contains("CloudTrail-Digest"));
    (world, objects)
}

fn named(objects: &[ObjectRef], key: &str) -> ObjectRef {
    let found = objects.iter().find(|object| object.key == key);
    found.unwrap().clone()
}

/// `rule severity` of each alert, with how many objects it is about.
fn told(alerts: &[Alert]) -> Vec<(String, usize)> {
    let mut told: Vec<(String, usize)> = alerts
        .iter()
        .map(|alert| (format!("{} {}", alert.rule, alert.severity), alert.count))
        .collect();
    told.sort();
    told
}

fn one(rule: &str) -> Vec<(String, usize)> {
    vec![(rule.to_owned(), 1)]
}

#[test]
fn a_digest_that_is_written_again_is_told_once() {
    let trail = Trail::new(2, 2);
    let (mut world, objects) = world(&trail);
    let now = trail.end().seconds();
    let first = &trail.hours[0].digest;
    let digest = trail.objects[first].clone();
    let again = stored(&digest.bytes, json!(digest.metadata), "another");
    let state = MemoryState::default();
    let session = world.session_over(&state);
    assert!(session.run(objects.clone(), now).is_success());
    assert!(session.run(objects, now).is_success(), "a second delivery");
    assert_eq!(told(&session.alerts()), []);
    let again = world.put(BUCKET, first, again);
    let session = world.session_over(&state);
    for _ in 0..2 {
        assert!(session.run(vec![again.clone()], now).is_success());
    }
    assert_eq!(told(&session.alerts()), one("digest-put-again low"));
}

/// What the ledger may have forgotten is no news.
#[test]
fn a_digest_of_months_ago_is_told_and_nothing_of_it_is_evaluated() {
    let trail = Trail::new(1, 2);
    let (world, objects) = world(&trail);
    let session = world.session();
    let digest = named(&objects, &trail.hours[0].digest);
    for _ in 0..2 {
        let now = trail.end().seconds() + 100 * 86_400;
        let report = session.run(vec![digest.clone()], now);
        assert!(report.is_success());
        assert_eq!(report.objects.len(), 1);
    }
    assert_eq!(told(&session.alerts()), one("digest-put-again low"));
}

#[test]
fn a_log_file_that_changes_after_its_digest_is_tampered_with() {
    for (content, evaluated) in [
        (gzip(log_file(&[]).as_bytes()), true),
        (b"rubbish".to_vec(), false),
    ] {
        let trail = Trail::new(1, 2);
        let (mut world, objects) = world(&trail);
        let now = trail.end().seconds();
        let state = MemoryState::default();
        assert!(world.session_over(&state).run(objects, now).is_success());
        let key = &trail.hours[0].logs[0];
        let object = world.put(BUCKET, key, stored(&content, json!({}), "changed"));
        let session = world.session_over(&state);
        assert_eq!(
            session.run(vec![object.clone()], now).is_success(),
            evaluated
        );
        session.run(vec![object], now);
        assert_eq!(told(&session.alerts()), one("log-file-tampered critical"));
        session.sweep(now + 10_000);
        let alerts = told(&session.alerts());
        assert!(
            alerts
                .iter()
                .all(|(rule, _)| rule.starts_with("digest-overdue")),
            "{alerts:?}"
        );
    }
}

/// However far apart they are, what one digest shows of log files is one alert of each kind.
#[test]
fn what_one_digest_shows_is_one_alert() {
    let mut trail = Trail::new(1, 6);
    for log in trail.hours[0].logs.clone() {
        trail.put(&log, &log_file(&[]));
    }
    let (world, objects) = world(&trail);
    let session = world.session();
    assert!(session.run(objects, trail.end().seconds()).is_success());
    let expected = [("log-file-tampered critical".to_owned(), 6)];
    assert_eq!(told(&session.alerts()), expected);
}

/// The content that CloudTrail signed is evaluated once, also when its notification comes later.
#[test]
fn what_a_digest_found_is_known_when_its_notification_comes() {
    let trail = Trail::new(1, 3);
    let (world, objects) = world(&trail);
    let now = trail.end().seconds() + 1_800;
    let session = world.session();
    let digest = named(&objects, &trail.hours[0].digest);
    let report = session.run(vec![digest], now);
    assert!(report.is_success());
    let evaluated = |outcome: &Outcome| matches!(outcome, Outcome::Evaluated(_));
    let late = report
        .objects
        .iter()
        .filter(|object| evaluated(&object.outcome));
    assert_eq!(late.count(), 3);
    let alerts = session.alerts();
    assert_eq!(told(&alerts), [("log-file-late low".to_owned(), 3)]);
    let said = alerts[0].samples[0].parameters[0].1.clone();
    assert_eq!(said, "found through its digest, 76 minutes late");
    let report = session.run(objects, now + 60);
    assert!(
        report
            .objects
            .iter()
            .all(|object| matches!(object.outcome, Outcome::Skipped(_)))
    );
    assert_eq!(told(&session.alerts()), []);
}

/// What the rules find in a log file that was lost is told when its digest comes.
#[test]
fn what_is_in_a_lost_log_file_is_told() {
    let mut trail = Trail::new(0, 0);
    let stop = record("stop", "2026-11-20T05:50:00Z", "StopLogging", "");
    let text = log_file(&[stop]);
    trail.add_files(0, vec![(gzip(text.as_bytes()), text.as_bytes())], true);
    let (world, objects) = world(&trail);
    let (state, inbox) = (MemoryState::default(), Inbox::default());
    let inspector = Inspector::new(
        one_rule("{ $.eventName = StopLogging }"),
        &world.buckets,
        &state,
        &inbox,
        keys(),
        Options::default(),
        Bounds::default(),
    );
    let digest = named(&objects, &trail.hours[0].digest);
    for _ in 0..2 {
        assert!(wait(inspector.run(vec![digest.clone()], at(2, 0).seconds())).is_success());
    }
    let expected = [
        ("log-file-late low".to_owned(), 1),
        ("one high".to_owned(), 1),
    ];
    assert_eq!(told(&inbox.take()), expected);
}

/// Counts how often it is asked, and refuses as often as it is told to.
struct Asked<'a> {
    asked: &'a Mutex<Vec<String>>,
    refuse: &'a Mutex<usize>,
}

impl KeySource for Asked<'_> {
    async fn keys(&self, region: &str, _: EventTime, _: EventTime) -> Result<KeyRing, KeyError> {
        let mut refuse = self.refuse.lock().unwrap();
        if *refuse > 0 {
            *refuse -= 1;
            return Err(KeyError("no answer".into()));
        }
        self.asked.lock().unwrap().push(region.to_owned());
        Ok(keys())
    }
}

#[test]
fn keys_are_asked_for_once_and_nothing_is_decided_without_them() {
    let trail = Trail::new(3, 1);
    let (world, objects) = world(&trail);
    let (state, inbox) = (MemoryState::default(), Inbox::default());
    let (asked, refuse) = (Mutex::default(), Mutex::new(3));
    // Another instance of the function each time.
    let run = |objects: Vec<ObjectRef>| {
        let keys = Asked {
            asked: &asked,
            refuse: &refuse,
        };
        let inspector = Inspector::new(
            one_rule("{ $.eventName = Nothing }"),
            &world.buckets,
            &state,
            &inbox,
            keys,
            Options::default(),
            Bounds::default(),
        );
        wait(inspector.run(objects, trail.end().seconds()))
    };
    assert!(!run(objects.clone()).is_success());
    assert_eq!(
        (told(&inbox.take()), asked.lock().unwrap().len()),
        (vec![], 0)
    );
    for _ in 0..3 {
        assert!(run(objects.clone()).is_success());
    }
    assert_eq!(*asked.lock().unwrap(), [crate::signed_trail::REGION]);
    assert_eq!(told(&inbox.take()), []);
}

/// Two days without any notification: one digest brings back all that was lost, with the sweeps.
#[test]
fn days_without_notifications_are_caught_up() {
    let trail = Trail::new(60, 2);
    let (world, objects) = world(&trail);
    let session = world.session();
    let first = named(&objects, &trail.hours[0].digest);
    let last = named(&objects, &trail.hours[59].digest);
    let mut evaluated = BTreeSet::new();
    let now = trail.end().seconds();
    let mut reports = vec![session.run(vec![first], now), session.run(vec![last], now)];
    reports.extend((1..4).map(|minute| session.sweep(now + 60 * minute)));
    for object in reports.iter().flat_map(|report| &report.objects) {
        if matches!(object.outcome, Outcome::Evaluated(_)) {
            assert!(
                evaluated.insert(object.object.key.clone()),
                "{}",
                object.object
            );
        }
    }
    assert!(reports.iter().all(|report| report.is_success()));
    let logs = trail.hours.iter().flat_map(|hour| &hour.logs).cloned();
    assert_eq!(evaluated, logs.collect());
    session.sweep(now + 7 * 3_600);
    let late: usize = session
        .alerts()
        .iter()
        .filter(|alert| alert.rule == "log-file-late")
        .map(|alert| alert.count)
        .sum();
    assert_eq!(late, 120, "in few messages");
}

/// A trail with one fault of each kind.
struct Faulty {
    trail: Trail,
    changed: String,
    gone: String,
    forged: String,
}

fn faulty() -> Faulty {
    let mut trail = Trail::new(5, 3);
    let changed = trail.hours[2].logs[0].clone();
    trail.put(&changed, &log_file(&[]));
    let gone = trail.hours[3].logs[1].clone();
    trail.objects.remove(&gone);
    let forged = trail.hours[1].digest.clone();
    let text = format!("{} ", trail.hours[1].document);
    trail.object(&forged).bytes = gzip(text.as_bytes());
    Faulty {
        trail,
        changed,
        gone,
        forged,
    }
}

/// Some notifications never come.
fn is_lost(key: &str) -> bool {
    key.ends_with("2.json.gz")
}

/// Delivers everything over state and a channel that fail at random, each object until it succeeds,
/// and sweeps; what was told.
fn over_failures(faulty: &Faulty, state: &MemoryState, seed: u64) -> Vec<Alert> {
    let (world, objects) = world(&faulty.trail);
    let dice = Dice::new(seed, 12);
    let inbox = Inbox::default();
    let flaky = Flaky {
        inner: state,
        dice: &dice,
    };
    let sink = FlakyInbox {
        inbox: &inbox,
        dice: &dice,
    };
    let inspector = Inspector::new(
        one_rule("{ $.eventName = Nothing }"),
        &world.buckets,
        flaky,
        sink,
        keys(),
        Options::default(),
        Bounds::default(),
    );
    let mut now = faulty.trail.end().seconds();
    for object in objects.iter().filter(|object| !is_lost(&object.key)) {
        for _ in 0..60 {
            now += 1;
            if wait(inspector.run(vec![object.clone()], now)).is_success() {
                break;
            }
        }
    }
    dice.rest();
    for minute in 0..400 {
        let report = wait(inspector.sweep(now + 60 * minute));
        assert!(report.is_success(), "{report:?}");
    }
    inbox.take()
}

/// Every breach is told, none twice but what was on its way, and every log file is attested.
#[test]
fn failures_lose_no_breach() {
    for seed in 1..40 {
        let (faulty, state) = (faulty(), MemoryState::default());
        let trail = &faulty.trail;
        let alerts = over_failures(&faulty, &state, seed);
        let told = alerts.iter().flat_map(|alert| &alert.event_ids);
        let told: BTreeSet<&String> = told.collect();
        let has = |breach: &str, key: &str| {
            let start = format!("{breach} s3://{BUCKET}/{key}");
            let found = told.iter().any(|event| event.starts_with(&start));
            assert!(found, "seed {seed}: {start} is not in {told:?}");
        };
        has("log-file-tampered", &faulty.changed);
        has("log-file-missing", &faulty.gone);
        has("digest-not-genuine", &faulty.forged);
        for log in trail.hours[1].logs.iter().filter(|log| !is_lost(log)) {
            has("log-file-undigested", log);
        }
        for log in [0, 2, 3, 4]
            .iter()
            .flat_map(|hour| &trail.hours[*hour].logs)
        {
            let entry = wait(state.entry(&plain(log))).unwrap();
            let attested = entry.is_some_and(|entry| entry.attested().is_some());
            let intact = *log != faulty.changed && *log != faulty.gone;
            assert_eq!(attested, intact, "seed {seed}: {log}");
        }
        // A message whose answer was lost comes again under its id.
        let messages: BTreeMap<&String, usize> = alerts
            .iter()
            .map(|alert| (&alert.id, alert.count))
            .collect();
        let count: usize = messages.values().sum();
        assert_eq!(
            count,
            told.len(),
            "seed {seed}: something is in two messages"
        );
    }
}

fn plain(key: &str) -> ObjectRef {
    ObjectRef {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        version: None,
        etag: None,
    }
}
