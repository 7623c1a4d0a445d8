//! Storms and attacks: a handful of messages that say how many they stand for, and bounds that
//! hold and are told.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failure here is a failed test"
)]

#[path = "storms/at_once.rs"]
mod at_once;
#[path = "state/flaky.rs"]
#[expect(dead_code, reason = "its failures have an end elsewhere")]
mod flaky;
#[path = "storms/hooked.rs"]
mod hooked;
#[path = "storms/late.rs"]
mod late;
mod support;
#[path = "storms/together.rs"]
mod together;

use std::collections::BTreeSet;
use std::time::Instant;

use support::{Inbox, record, rule_set};
use trailwarden::alert::{Alert, Findings, GroupState, body};
use trailwarden::inspect::{Bounds, Recorder, Told};
use trailwarden::local::{MemoryState, wait};
use trailwarden::ports::{GroupKey, WindowStore as _};
use trailwarden::record::Record;
use trailwarden::rules::RuleSet;

const STOP: &str =
    "title: Stop\nseverity: high\npattern: '{ $.eventName = StopLogging }'\ncooldown: 1h\n";
const DENIED: &str = "title: Denied\nseverity: high\npattern: '{ $.eventName = StopLogging }'\ncooldown: 1h\n\
    threshold: { count: 5, within: 15m, group_by: [$.sourceIPAddress] }\n";
const NOW: i64 = 1_795_300_000;

/// A file's findings: `count` events, of as many users as `users`.
fn file(rules: &RuleSet, name: &str, count: usize, users: usize) -> Findings {
    let mut findings = Findings::default();
    for number in 0..count {
        let time = format!("2026-11-21T06:{:02}:{:02}Z", number / 60 % 30, number % 60);
        let text = record(&format!("{name}-{number}"), &time, "StopLogging", "")
            .replace("user/dana", &format!("user/u{}", number % users))
            .replace("203.0.113.9", &format!("2001:db8::{:x}", number % users));
        let name = format!("s3://trail/{name}");
        findings.add(
            rules.rules(),
            &name,
            &Record::parse(&text).unwrap(),
            number as u64,
            &[0],
        );
    }
    findings
}

/// One event of each of these users, who are known in this file only, a second apart.
fn users(rules: &RuleSet, name: &str, numbers: std::ops::Range<usize>) -> Findings {
    let mut findings = Findings::default();
    for number in numbers {
        let id = format!("{name}-{number}");
        let (hour, minute) = (number / 3_600, number / 60 % 60);
        let time = format!("2026-11-21T{hour:02}:{minute:02}:{:02}Z", number % 60);
        let text = record(&id, &time, "StopLogging", "");
        let text = text.replace("user/dana", &format!("user/{id}"));
        let (record, object) = (Record::parse(&text).unwrap(), format!("s3://trail/{name}"));
        findings.add(rules.rules(), &object, &record, number as u64, &[0]);
    }
    findings
}

struct World {
    rules: RuleSet,
    state: MemoryState,
    inbox: Inbox,
}

impl World {
    fn new(rule: &str) -> Self {
        let rules = rule_set(&[("rule", rule)]);
        Self {
            rules,
            state: MemoryState::default(),
            inbox: Inbox::default(),
        }
    }

    fn recorder(&self) -> Recorder<&MemoryState, &Inbox> {
        Recorder::new(&self.state, &self.inbox, Bounds::default())
    }

    fn settle(&self, findings: Findings) -> Told {
        let told = wait(self.recorder().settle(self.rules.rules(), findings, NOW));
        assert!(told.is_done());
        told
    }

    fn sweep(&self, now: i64) -> Vec<Alert> {
        assert!(wait(self.recorder().sweep(now, false)).is_done());
        self.inbox.take()
    }
}

#[test]
fn ten_thousand_matches_in_one_file_are_one_message() {
    let world = World::new(STOP);
    world.settle(file(&world.rules, "a", 10_000, 1));
    let [alert] = world.inbox.take().try_into().unwrap();
    assert_eq!((alert.count, alert.event_ids.len()), (10_000, 1_000));
    assert!(body(&alert).contains("10000 events"));
}

#[test]
fn five_hundred_files_at_once_are_one_message_and_its_summary() {
    let world = World::new(STOP);
    for number in 0..500 {
        world.settle(file(&world.rules, &format!("f{number}"), 20, 1));
    }
    let first = world.inbox.take();
    assert_eq!((first.len(), first[0].count), (1, 20));
    assert!(world.sweep(NOW + 3_599).is_empty());
    let [summary] = world.sweep(NOW + 3_600).try_into().unwrap();
    assert_eq!((summary.count, summary.follows), (499 * 20, true));
    assert!(body(&summary).contains("9980 more events, after an alert that was already sent"));
    // What was told is remembered: another copy of all of it changes nothing.
    world.settle(file(&world.rules, "f7", 20, 1));
    assert!(world.sweep(NOW + 100_000).is_empty());
}

/// Bytes of the state of the group with this fingerprint.
fn state_bytes(world: &World, fingerprint: String) -> usize {
    let key = GroupKey {
        rule: "rule".to_owned(),
        fingerprint,
    };
    let state = wait(world.state.load(&[key])).unwrap();
    state[0].state.to_bytes().len()
}

#[test]
fn the_state_of_a_storm_stays_far_below_an_item_s_limit() {
    let world = World::new(STOP);
    for number in 0..300 {
        world.settle(file(&world.rules, &format!("f{number}"), 100, 1));
    }
    let bytes = state_bytes(&world, world.inbox.take()[0].fingerprint.clone());
    eprintln!("{bytes} bytes after 30,000 events");
    assert!(bytes < 200_000, "{bytes}");
}

/// A record with long texts wherever the caller may choose them; spread over a day, or in minutes.
fn hostile(number: usize, spread: bool) -> String {
    let long = format!("{number}{}", "\u{1}x\u{e9}".repeat(500));
    let quoted = serde_json::to_string(&long).unwrap();
    let (hour, minute) = match spread {
        true => (number / 60 % 24, number % 60),
        false => (number % 15, number % 60),
    };
    let more = format!(
        r#""errorCode":"X","errorMessage":{quoted},"userAgent":{quoted},"requestParameters":{{"a":{quoted},"b":{quoted},"c":{quoted}}}"#
    );
    record(
        &format!("{number}"),
        &format!("2026-11-01T{hour:02}:{minute:02}:00Z"),
        "StopLogging",
        &more,
    )
    .replace("\"arn:aws:iam::111122223333:user/dana\"", &quoted)
    .replace("\"us-east-1\"", &quoted)
    .replace("\"203.0.113.9\"", &quoted)
}

/// One group with everything an attacker can choose as long as it may be, over weeks of bursts and
/// just below the largest threshold.
#[test]
fn no_state_outgrows_an_item() {
    let denied = "title: D\nseverity: high\npattern: '{ $.errorCode = X }'\ncooldown: 1h\n\
        threshold: { count: 1000, within: 24h, group_by: [] }\n";
    for rule in [
        STOP.replace(
            "cooldown: 1h",
            "cooldown: 1h\nthreshold: { count: 1, within: 1h, group_by: [] }",
        ),
        denied.to_owned(),
    ] {
        let world = World::new(&rule);
        let (mut fingerprint, mut findings) = (String::new(), Findings::default());
        for number in 0..980_usize {
            let text = hostile(number, rule == denied);
            let name = format!("s3://trail/{}{number}", "k".repeat(900));
            findings.add(
                world.rules.rules(),
                &name,
                &Record::parse(&text).unwrap(),
                0,
                &[0],
            );
            let group = trailwarden::alert::Group(Vec::new());
            fingerprint = trailwarden::alert::fingerprint("rule", &group);
            if number % 20 == 19 {
                world.settle(std::mem::take(&mut findings));
            }
        }
        let bytes = state_bytes(&world, fingerprint);
        eprintln!("{bytes} bytes");
        assert!(bytes > 10_000 && bytes < 400_000, "{bytes}");
        for alert in world.inbox.take() {
            assert!(serde_json::to_vec(&alert).unwrap().len() <= 200_000);
        }
    }
}

#[test]
fn a_thousand_groups_in_an_hour_are_fifty_messages_and_one_for_the_rest() {
    let world = World::new(STOP);
    for number in 0..8 {
        world.settle(file(&world.rules, &format!("f{number}"), 1_000, 1_000));
    }
    let first = world.inbox.take();
    assert_eq!(first.len(), 50);
    assert!(world.sweep(NOW + 299).is_empty());
    let rest = world.sweep(NOW + 300);
    let [rest] = rest.try_into().unwrap();
    assert_eq!((rest.stands_for, rest.count), (950, 950));
    assert!(
        body(&rest).contains("in place of 950 alerts"),
        "{}",
        body(&rest)
    );
    // The groups' further events, when their cooldown ends: again a share, and one for the rest.
    let (mut later, mut events) = (Vec::new(), 0);
    for at in 0..10 {
        later.extend(world.sweep(NOW + 3_600 + at * 300));
    }
    events += later.iter().map(|alert| alert.count).sum::<usize>();
    assert_eq!(events, 7 * 1_000);
    assert!(later.len() <= 52, "{}", later.len());
}

#[test]
fn more_groups_than_fit_are_told_as_one_and_nothing_is_lost() {
    let world = World::new(STOP);
    world.settle(file(&world.rules, "a", 5_000, 5_000));
    let mut alerts = world.inbox.take();
    alerts.extend(world.sweep(NOW + 300));
    alerts.extend(world.sweep(NOW + 600));
    assert!(alerts.len() <= 53, "{}", alerts.len());
    assert_eq!(alerts.iter().map(|alert| alert.count).sum::<usize>(), 5_000);
    assert_eq!(
        alerts.iter().map(|alert| alert.stands_for).sum::<usize>(),
        5_000
    );
}

/// The same object, as far as it could be read, and then whole: what is beyond the bound on groups is
/// another crowd then, even if it begins with the same event.
#[test]
fn a_crowd_that_has_grown_is_told_again() {
    for seed in 0..2 {
        let world = World::new(STOP);
        let name = format!("c{seed}");
        world.settle(users(&world.rules, &name, 0..1_900));
        let mut told: usize = world.inbox.take().iter().map(|alert| alert.count).sum();
        let sweeps = |from: i64| -> usize {
            let alerts = (1..8).flat_map(|more| world.sweep(from + 300 * more));
            alerts.map(|alert| alert.count).sum()
        };
        told += sweeps(NOW);
        assert_eq!(told, 1_900);
        world.settle(users(&world.rules, &name, 0..1_900));
        assert!(world.inbox.take().is_empty(), "the same again");
        world.settle(users(&world.rules, &name, 0..2_500));
        told += world
            .inbox
            .take()
            .iter()
            .map(|alert| alert.count)
            .sum::<usize>();
        told += sweeps(NOW + 2_400);
        assert!(told >= 2_500, "{told}, seed {seed}");
    }
}

#[test]
fn a_million_groups_below_a_threshold_are_bounded_counted_and_told_once() {
    let world = World::new(DENIED);
    let start = Instant::now();
    let mut forgotten = 0;
    for number in 0..6 {
        forgotten += world
            .settle(file(&world.rules, &format!("f{number}"), 5_000, 5_000))
            .forgotten;
    }
    assert!(forgotten >= 6 * 3_000, "{forgotten}");
    let alerts = world.inbox.take();
    let kinds: BTreeSet<&str> = alerts.iter().map(|alert| alert.rule.as_str()).collect();
    // Those groups that are kept reach their threshold in the fifth file.
    assert!(kinds.contains("too-many-groups"));
    let crowded = alerts
        .iter()
        .filter(|alert| alert.rule == "too-many-groups");
    assert_eq!(crowded.count(), 1, "once a day");
    eprintln!("30,000 groups in {:?}", start.elapsed());
}

#[test]
fn a_gate_never_forgets_what_passed() {
    let world = World::new(STOP);
    let mut state = GroupState::default();
    world.settle(file(&world.rules, "a", 3, 3));
    let alerts = world.inbox.take();
    assert_eq!(
        state.admit(&alerts, NOW, 2),
        (vec![true, true, false], true)
    );
    assert_eq!(
        state.admit(&alerts, NOW, 2),
        (vec![true, true, false], false)
    );
    assert_eq!(state.admit(&alerts[2..], NOW + 3_600, 2).0, [true]);
}

#[test]
fn a_gate_counts_on_when_a_clock_is_behind() {
    let world = World::new(STOP);
    let findings = users(&world.rules, "a", 0..400);
    let recorder = Recorder::new(&world.state, &world.inbox, Bounds::NONE);
    assert!(wait(recorder.settle(world.rules.rules(), findings, NOW)).is_done());
    let (mut state, mut loud) = (GroupState::default(), 0);
    let hour = NOW.div_euclid(3_600) * 3_600;
    for (turn, alerts) in (0..).zip(world.inbox.take().chunks(50)) {
        let (passed, _) = state.admit(alerts, hour - turn % 2, 50);
        loud += passed.iter().filter(|loud| **loud).count();
    }
    assert_eq!(loud, 50);
    // Somebody's clock was a year ahead.
    let (alerts, year) = (&world.inbox, hour + 365 * 24 * 3_600);
    let more = users(&world.rules, "b", 0..100);
    assert!(wait(recorder.settle(world.rules.rules(), more, NOW)).is_done());
    let alerts = alerts.take();
    let passed = |passed: &[bool]| passed.iter().filter(|loud| **loud).count();
    assert_eq!(passed(&state.admit(&alerts[..50], year, 50).0), 50);
    assert_eq!(passed(&state.admit(&alerts[50..], hour, 50).0), 50);
}
