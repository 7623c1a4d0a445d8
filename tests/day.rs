//! The demo's day: an organisation's ordinary traffic and one attack. The shipped rules find
//! exactly the attack's steps that they are for, in any order of files.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failure here is a failed test"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use trailwarden::alert::{Alert, Findings, body, subject};
use trailwarden::inspect::{Object, Options, Tally, inspect};
use trailwarden::logfile::{KeyKind, classify};
use trailwarden::rules::{RuleSet, shipped_lists, shipped_rules};

struct Day {
    /// Log files by key, in the order of their keys.
    files: Vec<(String, Vec<u8>)>,
    /// The attack's events: id and the rules that must match it.
    truth: BTreeMap<String, BTreeSet<String>>,
    /// Keys of what is no log file.
    others: Vec<String>,
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn day() -> Day {
    let folder = TempDir::new().expect("a folder");
    let (bucket, truth) = (
        folder.path().join("bucket"),
        folder.path().join("truth.jsonl"),
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("events/day.py");
    let made = Command::new("python3")
        .arg(script)
        .arg("--out")
        .arg(&bucket)
        .arg("--truth")
        .arg(&truth)
        .output();
    assert!(made.expect("python3 runs").status.success());
    let mut paths = Vec::new();
    walk(&bucket, &mut paths);
    paths.sort();
    let mut day = Day {
        files: Vec::new(),
        truth: BTreeMap::new(),
        others: Vec::new(),
    };
    for path in paths {
        let key = path
            .strip_prefix(&bucket)
            .expect("below")
            .display()
            .to_string();
        match classify(&key) {
            KeyKind::LogFile(_) => day
                .files
                .push((key, std::fs::read(&path).expect("readable"))),
            KeyKind::Digest | KeyKind::Foreign(_) => day.others.push(key),
        }
    }
    for line in std::fs::read_to_string(&truth).expect("readable").lines() {
        let row: Value = serde_json::from_str(line).expect("JSON");
        let rules = row["rules"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(Value::as_str);
        day.truth.insert(
            row["eventID"].as_str().expect("an id").to_owned(),
            rules.map(str::to_owned).collect(),
        );
    }
    day
}

type Found = BTreeMap<String, BTreeSet<String>>;

fn run(rules: &RuleSet, files: &[(String, Vec<u8>)]) -> (Found, Vec<Alert>, Tally) {
    let (mut found, mut findings, mut tally) =
        (Found::new(), Findings::default(), Tally::default());
    for (key, stored) in files {
        let inspection = inspect(
            Object {
                name: key,
                folder: None,
            },
            stored,
            rules,
            &Options::default(),
            |hit| {
                let id = hit
                    .record
                    .event_id()
                    .expect("every record has one")
                    .into_owned();
                found.entry(id).or_default().extend(
                    hit.rules
                        .iter()
                        .map(|index| rules.rules()[*index].id.clone()),
                );
                findings.add(rules.rules(), key, &hit.record, hit.number, hit.rules);
            },
        );
        assert!(inspection.is_complete(), "{key}: {inspection:?}");
        tally += &inspection.tally;
    }
    let alerts = support::settle(rules, findings);
    (found, alerts, tally)
}

fn shipped() -> RuleSet {
    RuleSet::load(&shipped_rules(), &shipped_lists().expect("valid"))
        .unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn the_attack_is_found_step_by_step() {
    let (day, rules) = (day(), shipped());
    let (found, alerts, tally) = run(&rules, &day.files);
    assert!(
        tally.balances() && tally.records_malformed == 0 && tally.records >= 1_500,
        "{tally:?}"
    );
    assert_eq!(
        day.others.len(),
        2,
        "a digest file and a foreign one: {:?}",
        day.others
    );
    // Rules with a threshold match single events and alert on many, so both sides name them.
    for (id, expected) in &day.truth {
        let actual = found.get(id).cloned().unwrap_or_default();
        assert_eq!(&actual, expected, "{id}");
    }
    let attacker = |alert: &&Alert| alert.principals.iter().any(|id| id.contains("m.keller"));
    let told: BTreeSet<&str> = alerts
        .iter()
        .filter(attacker)
        .map(|alert| alert.rule.as_str())
        .collect();
    for rule in [
        "console-signin-failures-repeated",
        "access-denied-burst",
        "iam-admin-policy-attached",
        "cloudtrail-logging-stopped",
        "region-unapproved-change",
        "s3-bucket-made-public",
    ] {
        assert!(told.contains(rule), "{rule}: {told:?}");
    }
    for alert in &alerts {
        let text = body(alert);
        for part in [
            "Who      ",
            "What     ",
            "Where    ",
            "When     ",
            "From     ",
            "Outcome  ",
            "Evidence",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(subject(alert).len() <= 100);
    }
}

#[test]
fn the_order_of_files_changes_nothing() {
    let (mut day, rules) = (day(), shipped());
    let (found, alerts, tally) = run(&rules, &day.files);
    for _ in 0..3 {
        let third = day.files.len() / 3;
        day.files.reverse();
        day.files.rotate_left(third);
        let again = run(&rules, &day.files);
        assert_eq!(again, (found.clone(), alerts.clone(), tally.clone()));
    }
}
