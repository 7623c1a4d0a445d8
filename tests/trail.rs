//! The real trail in the shared corpus, where it is: thousands of denied calls of one service are
//! one alert and its summaries, and its duplicate files change nothing.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a failure here is a failed test"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Inbox, rule_set, shared};
use tempfile::TempDir;
use trailwarden::alert::{Alert, Findings};
use trailwarden::inspect::{Bounds, Object, Options, Recorder, inspect};
use trailwarden::local::{MemoryState, wait};
use trailwarden::rules::RuleSet;

/// Without the shipped rule's exceptions for services, whose storm this is.
const DENIED: &str = "title: Denied\nseverity: high\npattern: '{ $.errorCode = AccessDenied }'\ncooldown: 6h\n\
    threshold: { count: 15, within: 15m, group_by: [principal, account] }\n";

const NOW: i64 = 1_795_300_000;

fn files_in(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            files_in(&path, found);
        } else if path.to_string_lossy().ends_with(".json.gz") {
            found.push(path);
        }
    }
}

/// The trail's files as they were delivered: by the time in their names.
fn trail() -> Option<Vec<(String, Vec<u8>)>> {
    let tar = shared()?.join("corpus/trails/sans504.tar");
    let folder = TempDir::new().unwrap();
    let unpacked = Command::new("tar")
        .arg("-xf")
        .arg(tar)
        .arg("-C")
        .arg(folder.path())
        .status();
    assert!(unpacked.expect("tar runs").success());
    let mut paths = Vec::new();
    files_in(folder.path(), &mut paths);
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    let time = |path: &PathBuf| name(path).split('_').nth(3).map(str::to_owned);
    paths.retain(|path| !name(path).contains("Digest"));
    paths.sort_by_key(|path| (time(path), name(path)));
    Some(
        paths
            .iter()
            .map(|path| (name(path), std::fs::read(path).unwrap()))
            .collect(),
    )
}

fn findings(rules: &RuleSet, name: &str, stored: &[u8]) -> Findings {
    let mut findings = Findings::default();
    let object = Object { name, folder: None };
    inspect(object, stored, rules, &Options::default(), |found| {
        findings.add(
            rules.rules(),
            name,
            &found.record,
            found.number,
            found.rules,
        );
    });
    findings
}

/// Distinct events by principal, and the event times of each.
fn truth(rules: &RuleSet, files: &[(String, Vec<u8>)]) -> BTreeMap<String, BTreeMap<String, i64>> {
    let mut truth: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for (name, stored) in files {
        let object = Object { name, folder: None };
        inspect(object, stored, rules, &Options::default(), |found| {
            let record = &found.record;
            let events = truth.entry(record.principal().id).or_default();
            let id = record.event_id().unwrap().into_owned();
            events.insert(id, record.event_time().unwrap().seconds());
        });
    }
    truth
}

fn tell(
    recorder: &Recorder<&MemoryState, &Inbox>,
    rules: &RuleSet,
    files: &[(String, Vec<u8>)],
    copy: &str,
) {
    for (name, stored) in files {
        let found = findings(rules, &format!("{copy}{name}"), stored);
        assert!(wait(recorder.settle(rules.rules(), found, NOW)).is_done());
    }
}

#[test]
fn thousands_of_denials_are_one_alert_and_its_summaries() {
    let Some(files) = trail() else { return };
    // Over two days; then one message at once and one summary for each cooldown at most.
    for (cooldown, hours) in [("48h", 48), ("6h", 6)] {
        let rules = rule_set(&[("denied", &DENIED.replace("6h", cooldown))]);
        one_alert_and_its_summaries(&rules, &files, hours);
    }
}

fn one_alert_and_its_summaries(rules: &RuleSet, files: &[(String, Vec<u8>)], hours: i64) {
    let truth = truth(rules, files);
    let (service, events) = truth.iter().max_by_key(|(_, events)| events.len()).unwrap();
    assert!(events.len() > 1_000, "{service}: {}", events.len());
    let (state, inbox) = (MemoryState::default(), Inbox::default());
    let recorder = Recorder::new(&state, &inbox, Bounds::default());
    tell(&recorder, rules, files, "");
    let at_once = inbox.take();
    // The same files under other names, as trails deliver them.
    tell(&recorder, rules, files, "copy/");
    assert!(inbox.take().is_empty());
    wait(recorder.sweep(NOW + hours * 3_600, false));
    let summaries = inbox.take();
    wait(recorder.sweep(NOW + 1_000_000, true));
    assert!(inbox.take().is_empty());
    let of_service = |alerts: &[Alert]| -> Vec<(usize, String)> {
        let its = alerts
            .iter()
            .filter(|alert| alert.principals.contains(service));
        its.map(|alert| (alert.count, alert.fingerprint.clone()))
            .collect()
    };
    let (first, later) = (of_service(&at_once), of_service(&summaries));
    let groups: BTreeSet<&String> = first.iter().map(|(_, group)| group).collect();
    assert_eq!(groups.len(), 1);
    let span = events.values().max().unwrap() - events.values().min().unwrap();
    let bursts = usize::try_from(span / (hours * 3_600)).unwrap() + 1;
    assert!(
        first.len() <= bursts && later.len() <= first.len(),
        "{first:?} {later:?}"
    );
    let told: usize = first.iter().chain(&later).map(|(count, _)| count).sum();
    assert!(
        told <= events.len(),
        "each event at most once: {told} of {}",
        events.len()
    );
    assert!(told > events.len() * 9 / 10, "{told} of {}", events.len());
    eprintln!(
        "{service}: {} events over {} h, {} alerts, {} summaries, {told} told",
        events.len(),
        span / 3_600,
        first.len(),
        later.len()
    );
}

#[test]
fn each_duplicate_file_changes_nothing_as_it_comes() {
    let Some(files) = trail() else { return };
    let rules = rule_set(&[("denied", DENIED)]);
    let run = |twice: bool| {
        let (state, inbox) = (MemoryState::default(), Inbox::default());
        let recorder = Recorder::new(&state, &inbox, Bounds::default());
        for file in &files {
            tell(&recorder, &rules, std::slice::from_ref(file), "");
            if twice {
                tell(&recorder, &rules, std::slice::from_ref(file), "copy/");
            }
        }
        wait(recorder.sweep(NOW, true));
        let mut told: Vec<(String, usize)> = inbox
            .take()
            .into_iter()
            .map(|alert| (alert.id, alert.count))
            .collect();
        told.sort();
        told
    };
    assert_eq!(run(true), run(false));
}
