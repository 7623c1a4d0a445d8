//! The use case with ports that fail: what was not evaluated or not published is reported, is
//! done when it is delivered again, and is told once.
#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod support;

use std::collections::BTreeMap;
use std::sync::Mutex;

use support::{Inbox, gzip, log_file, one_rule, record, rule_set};
use trailwarden::inspect::{Bounds, Inspector, Options, Outcome, Report};
use trailwarden::integrity::KeyRing;
use trailwarden::local::{MemoryState, wait};
use trailwarden::ports::{FetchError, Fetched, ObjectRef, ObjectStore};
use trailwarden::rules::RuleSet;

/// A bucket in memory; what is not in it cannot be found.
#[derive(Default)]
struct Memory(Mutex<BTreeMap<String, Vec<u8>>>);

impl ObjectStore for &Memory {
    async fn fetch(&self, object: &ObjectRef, limit: u64) -> Result<Fetched, FetchError> {
        let bytes = self
            .0
            .lock()
            .unwrap()
            .get(&object.key)
            .cloned()
            .ok_or(FetchError::NotFound)?;
        match bytes.len() as u64 {
            bytes if bytes > limit => Err(FetchError::TooLarge { bytes, limit }),
            _ => Ok(Fetched {
                bytes,
                ..Fetched::default()
            }),
        }
    }

    async fn list(&self, _: &str, prefix: &str, after: &str) -> Result<Vec<String>, FetchError> {
        let keys = self.0.lock().unwrap();
        let keys = keys.keys();
        let found = keys.filter(|key| key.starts_with(prefix) && key.as_str() > after);
        Ok(found.cloned().collect())
    }
}

fn key(name: &str) -> String {
    format!(
        "AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/21/111122223333_CloudTrail_us-east-1_20261121T0635Z_{name}.json.gz"
    )
}

fn object(key: &str) -> ObjectRef {
    ObjectRef {
        bucket: "trail".to_owned(),
        key: key.to_owned(),
        version: None,
        etag: None,
    }
}

struct World {
    bucket: Memory,
    inbox: Inbox,
}

impl World {
    fn new() -> Self {
        Self {
            bucket: Memory::default(),
            inbox: Inbox::default(),
        }
    }

    fn put(&self, key: &str, bytes: Vec<u8>) {
        self.bucket.0.lock().unwrap().insert(key.to_owned(), bytes);
    }

    fn inspector(&self, rules: RuleSet) -> Inspector<&Memory, MemoryState, &Inbox, KeyRing> {
        Inspector::new(
            rules,
            &self.bucket,
            MemoryState::default(),
            &self.inbox,
            KeyRing::default(),
            Options::default(),
            Bounds::default(),
        )
    }
}

type Under<'w> = Inspector<&'w Memory, MemoryState, &'w Inbox, KeyRing>;

/// 2026-11-21T07:00:00Z
const NOW: i64 = 1_795_244_400;

fn run(inspector: &Under<'_>, keys: &[&str]) -> Report {
    wait(inspector.run(keys.iter().map(|key| object(key)).collect(), NOW))
}

const STOP: &str = "{ $.eventName = StopLogging }";

fn stop(id: &str) -> Vec<u8> {
    gzip(
        log_file(&[
            record("calm", "2026-11-21T06:30:00Z", "ListUsers", ""),
            record(id, "2026-11-21T06:35:00Z", "StopLogging", ""),
        ])
        .as_bytes(),
    )
}

#[test]
fn a_match_is_published_with_its_evidence() {
    let world = World::new();
    world.put(&key("a"), stop("1"));
    let report = run(&world.inspector(one_rule(STOP)), &[&key("a")]);
    assert!(report.is_success());
    let [alert] = world.inbox.take().try_into().expect("one alert");
    assert_eq!(
        (alert.rule.as_str(), alert.count, alert.event_ids),
        ("one", 1, vec!["1".to_owned()])
    );
    assert_eq!(alert.objects, [format!("s3://trail/{}", key("a"))]);
    assert_eq!(
        (
            alert.samples[0].record,
            report.tally.records,
            report.tally.records_matched
        ),
        (1, 2, 1)
    );
}

/// Whoever replaces what was evaluated by rubbish is told of, once, and the object fails.
#[test]
fn a_damaged_replacement_is_told() {
    let world = World::new();
    let inspector = world.inspector(one_rule(STOP));
    world.put(&key("a"), stop("1"));
    assert!(run(&inspector, &[&key("a")]).is_success());
    assert_eq!(world.inbox.take().len(), 1);
    world.put(&key("a"), gzip(br#"{"Records":[{"eventName":tru}]}"#));
    for told in [1, 0, 0] {
        let report = run(&inspector, &[&key("a")]);
        assert!(!report.is_success());
        let alerts = world.inbox.take();
        assert_eq!(alerts.len(), told);
        assert!(alerts.iter().all(|alert| alert.rule == "log-file-replaced"));
    }
}

#[test]
fn a_failed_object_never_stops_its_neighbours() {
    let world = World::new();
    let [good, cut, empty, gone, bad] = ["good", "cut", "empty", "gone", "bad"].map(key);
    world.put(&good, stop("1"));
    let whole = stop("2");
    world.put(&cut, whole[..whole.len() - 20].to_vec());
    world.put(&empty, Vec::new());
    world.put(&bad, gzip(br#"{"Records":[{"eventName":tru}]}"#));
    let keys = [
        gone.as_str(),
        &cut,
        &empty,
        &bad,
        "AWSLogs/x/readme.txt",
        "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/11/21/d.json.gz",
        &good,
    ];
    let report = run(&world.inspector(one_rule(STOP)), &keys);
    assert!(!report.is_success());
    let ends: Vec<&str> = report
        .objects
        .iter()
        .map(|object| match &object.outcome {
            Outcome::Evaluated(_) => "evaluated",
            Outcome::Verified(_) => "verified",
            Outcome::Skipped(_) => "skipped",
            Outcome::Failed(_) => "failed",
        })
        .collect();
    assert_eq!(
        ends,
        [
            "failed",
            "failed",
            "failed",
            "failed",
            "skipped",
            "skipped",
            "evaluated"
        ]
    );
    assert!(report.tally.balances());
    assert!(
        world
            .inbox
            .take()
            .iter()
            .any(|alert| alert.event_ids.contains(&"1".to_owned()))
    );
}

#[test]
fn what_could_not_be_published_is_published_on_redelivery_and_nothing_twice() {
    let world = World::new();
    world.put(&key("a"), stop("1"));
    let inspector = world.inspector(rule_set(&[
        (
            "stop",
            "title: Stop\nseverity: high\npattern: '{ $.eventName = StopLogging }'\n",
        ),
        (
            "list",
            "title: List\nseverity: low\npattern: '{ $.eventName = ListUsers }'\n",
        ),
    ]));
    *world.inbox.refuse.lock().unwrap() = 1;
    let report = run(&inspector, &[&key("a")]);
    assert_eq!(
        (
            report.published,
            report.unpublished.len(),
            report.is_success()
        ),
        (1, 1, false)
    );
    assert_eq!(
        report.unpublished[0].0,
        [format!("s3://trail/{}", key("a"))],
        "the error names the object"
    );
    let first = world.inbox.take();
    let report = run(&inspector, &[&key("a")]);
    assert!(report.is_success());
    let second = world.inbox.take();
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first[0].rule, second[0].rule);
    run(&inspector, &[&key("a")]);
    assert!(
        world.inbox.take().is_empty(),
        "a third delivery tells nothing"
    );
}

const BURST: &str = "title: Burst\nseverity: high\npattern: '{ $.errorCode = AccessDenied }'\ncooldown: 1h\n\
                     threshold: { count: 3, within: 10m, group_by: [principal, account] }\n";

fn denied(id: &str, minute: u32) -> String {
    record(
        id,
        &format!("2026-11-21T06:{minute:02}:00Z"),
        "ListUsers",
        r#""errorCode":"AccessDenied""#,
    )
}

#[test]
fn a_burst_is_counted_across_files_once_for_each_event() {
    let world = World::new();
    let file = |records: &[String]| gzip(log_file(records).as_bytes());
    world.put(&key("a"), file(&[denied("1", 1), denied("2", 2)]));
    world.put(&key("b"), file(&[denied("2", 2), denied("1", 1)]));
    world.put(&key("c"), file(&[denied("3", 3), denied("far", 40)]));
    let inspector = world.inspector(rule_set(&[("burst", BURST)]));
    for name in ["a", "b", "a"] {
        assert!(run(&inspector, &[&key(name)]).is_success());
        assert!(
            world.inbox.take().is_empty(),
            "two events, however often they come, are no burst"
        );
    }
    run(&inspector, &[&key("c")]);
    let [alert] = world.inbox.take().try_into().expect("one alert");
    assert_eq!(
        alert.event_ids,
        ["1", "2", "3", "far"],
        "what follows within the cooldown belongs to it"
    );
    run(&inspector, &[&key("c"), &key("a")]);
    assert!(world.inbox.take().is_empty());
}

#[test]
fn sessions_of_a_role_are_one_group_and_accounts_are_two() {
    let session = |id: &str, name: &str, account: &str| {
        denied(id, 1)
            .replace(r#""type":"IAMUser","arn":"arn:aws:iam::111122223333:user/dana""#, &format!(r#""type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/App/{name}""#))
            .replace(r#""recipientAccountId":"111122223333""#, &format!(r#""recipientAccountId":"{account}""#))
    };
    let records = |accounts: [&str; 3]| {
        let each = ["x", "y", "z"]
            .iter()
            .zip(accounts)
            .map(|(name, account)| session(name, name, account));
        gzip(log_file(&each.collect::<Vec<_>>()).as_bytes())
    };
    for (accounts, alerts) in [(["1", "1", "1"], 1), (["1", "1", "2"], 0)] {
        let world = World::new();
        world.put(&key("a"), records(accounts));
        run(
            &world.inspector(rule_set(&[("burst", BURST)])),
            &[&key("a")],
        );
        assert_eq!(world.inbox.take().len(), alerts, "{accounts:?}");
    }
}

#[test]
fn what_a_log_file_holds_cannot_turn_it_off() {
    let world = World::new();
    let stop = record("1", "2026-11-21T06:35:00Z", "StopLogging", "");
    for text in [
        r#"{"detail-type":"AWS API Call via CloudTrail","detail":{}}"#.to_owned(),
        format!(r#"{{"records":[{stop}]}}"#),
        format!(r#"{{"Records":{{"0":{stop}}}}}"#),
        r#"{"Records":null}"#.to_owned(),
        "{}".to_owned(),
    ] {
        world.put(&key("a"), gzip(text.as_bytes()));
        let report = run(&world.inspector(one_rule(STOP)), &[&key("a")]);
        assert!(
            matches!(report.objects[0].outcome, Outcome::Failed(_)),
            "{text}: {:?}",
            report.objects
        );
    }
    world.put(
        &key("a"),
        gzip(format!(r#"{{"Rec\u006frds":[{stop}]}}"#).as_bytes()),
    );
    assert!(run(&world.inspector(one_rule(STOP)), &[&key("a")]).is_success());
    assert_eq!(world.inbox.take().len(), 1);
}

#[test]
fn an_alert_that_cannot_be_sent_fails_its_own_deliveries_only() {
    let world = World::new();
    world.put(&key("a"), stop("1"));
    world.put(
        &key("b"),
        gzip(log_file(&[record("2", "2026-11-21T06:35:00Z", "ListUsers", "")]).as_bytes()),
    );
    let inspector = world.inspector(one_rule(STOP));
    *world.inbox.refuse.lock().unwrap() = 1;
    assert!(!run(&inspector, &[&key("a")]).is_success());
    assert!(run(&inspector, &[&key("b")]).is_success());
    assert!(world.inbox.take().is_empty());
    assert!(run(&inspector, &[&key("a")]).is_success());
    assert_eq!(world.inbox.take().len(), 1);
}

#[test]
fn late_files_and_odd_times_cost_no_burst() {
    let file = |ids: std::ops::Range<u32>, day: &str| {
        let one = |id: u32| denied(&format!("{day}-{id}"), id).replace("2026-11-21", day);
        gzip(log_file(&ids.map(one).collect::<Vec<_>>()).as_bytes())
    };
    for between in ["2026-11-21", "9999-01-01"] {
        let world = World::new();
        world.put(&key("a"), file(0..2, "2026-11-01"));
        world.put(&key("b"), file(0..1, between));
        world.put(&key("c"), file(2..4, "2026-11-01"));
        let inspector = world.inspector(rule_set(&[("burst", BURST)]));
        for name in ["a", "b", "c"] {
            assert!(run(&inspector, &[&key(name)]).is_success());
        }
        let [alert] = world.inbox.take().try_into().expect("one alert");
        assert_eq!(alert.count, 4);
    }
}

#[test]
fn what_follows_a_burst_is_one_summary_when_the_cooldown_ends() {
    let world = World::new();
    let file = |ids: std::ops::Range<u32>| {
        let records: Vec<String> = ids.map(|id| denied(&id.to_string(), id)).collect();
        gzip(log_file(&records).as_bytes())
    };
    world.put(&key("a"), file(0..3));
    world.put(&key("b"), file(3..5));
    world.put(&key("c"), file(4..9));
    let inspector = world.inspector(rule_set(&[("burst", BURST)]));
    let told = || -> Vec<(usize, bool)> {
        let alerts = world.inbox.take();
        alerts
            .iter()
            .map(|alert| (alert.count, alert.follows))
            .collect()
    };
    run(&inspector, &[&key("a")]);
    assert_eq!(told(), [(3, false)]);
    run(&inspector, &[&key("b")]);
    run(&inspector, &[&key("c")]);
    assert_eq!(told(), []);
    wait(inspector.sweep(NOW + 3_599));
    assert_eq!(told(), []);
    wait(inspector.sweep(NOW + 3_600));
    assert_eq!(told(), [(6, true)]);
    wait(inspector.sweep(NOW + 7_199));
    assert_eq!(told(), []);
}
