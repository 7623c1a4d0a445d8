//! Real trails and records, when the shared data is there: nothing crashes, the counts balance,
//! and the same records match whatever the order of files.
#![cfg(feature = "cli")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure here is a failed test"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::shared;
use tempfile::TempDir;
use trailwarden::alert::{Alert, Findings};
use trailwarden::inspect::{Inspection, Object, Options, inspect};
use trailwarden::rules::{RuleSet, shipped_lists, shipped_rules};

fn rules() -> RuleSet {
    RuleSet::load(&shipped_rules(), &shipped_lists().expect("valid"))
        .unwrap_or_else(|faults| panic!("{faults}"))
}

fn files_in(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            found.extend(files_in(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A match as rule and record's text: where it was found does not matter.
type Found = BTreeMap<(String, String), usize>;

fn look(
    rules: &RuleSet,
    name: &str,
    stored: &[u8],
    found: &mut Found,
    findings: &mut Findings,
) -> Inspection {
    let inspection = inspect(
        Object { name, folder: None },
        stored,
        rules,
        &Options::default(),
        |hit| {
            for index in hit.rules {
                *found
                    .entry((
                        rules.rules()[*index].id.clone(),
                        hit.record.text().to_owned(),
                    ))
                    .or_default() += 1;
            }
            findings.add(rules.rules(), name, &hit.record, hit.number, hit.rules);
        },
    );
    assert!(
        inspection.tally.balances(),
        "{name}: {:?}",
        inspection.tally
    );
    inspection
}

#[test]
fn record_files_are_evaluated_whole() {
    let Some(shared) = shared() else { return };
    let rules = rules();
    for path in files_in(&shared.join("corpus/records"), ".jsonl.gz") {
        if path.to_string_lossy().contains(".meta.") {
            continue;
        }
        let stored = std::fs::read(&path).expect("readable");
        let name = path.display().to_string();
        let inspection = look(
            &rules,
            &name,
            &stored,
            &mut Found::new(),
            &mut Findings::default(),
        );
        assert!(
            inspection.is_complete(),
            "{name}: {:?} {:?}",
            inspection.fault,
            inspection.problems
        );
        let foreign: u64 = inspection.tally.records_skipped.values().sum();
        let lookalikes = name.contains("lookalikes");
        assert_eq!(
            foreign,
            if lookalikes {
                inspection.tally.records
            } else {
                0
            },
            "{name}: {:?}",
            inspection.tally
        );
    }
}

fn unpacked(tar: &Path) -> TempDir {
    let folder = TempDir::new().unwrap();
    let status = Command::new("tar")
        .arg("-xf")
        .arg(tar)
        .arg("-C")
        .arg(folder.path())
        .status()
        .expect("tar runs");
    assert!(status.success());
    folder
}

fn whole_trail(rules: &RuleSet, files: &[(String, Vec<u8>)]) -> (Found, Vec<Alert>) {
    let (mut found, mut findings) = (Found::new(), Findings::default());
    for (name, stored) in files {
        let inspection = look(rules, name, stored, &mut found, &mut findings);
        assert!(
            inspection.is_complete(),
            "{name}: {:?} {:?}",
            inspection.fault,
            inspection.problems
        );
    }
    (found, support::settle(rules, findings))
}

#[test]
fn real_trails_give_the_same_in_any_order() {
    let Some(shared) = shared() else { return };
    let rules = rules();
    for tar in files_in(&shared.join("corpus/trails"), ".tar") {
        let folder = unpacked(&tar);
        let paths = files_in(folder.path(), ".json.gz");
        let mut files: Vec<(String, Vec<u8>)> = paths
            .iter()
            .map(|path| {
                (
                    path.strip_prefix(folder.path())
                        .unwrap()
                        .display()
                        .to_string(),
                    std::fs::read(path).unwrap(),
                )
            })
            .collect();
        assert!(files.len() > 1_000);
        let (found, alerts) = whole_trail(&rules, &files);
        assert!(!found.is_empty() && !alerts.is_empty());
        files.reverse();
        assert_eq!(whole_trail(&rules, &files), (found.clone(), alerts.clone()));
        let middle = files.len() / 3;
        files.rotate_left(middle);
        assert_eq!(whole_trail(&rules, &files), (found, alerts));
    }
}

/// Calls that AWS services make all day: no rule may be noisy about them.
#[test]
fn benign_records_match_nothing() {
    let Some(shared) = shared() else { return };
    let rules = rules();
    let records = shared.join("corpus/records");
    let mut flagged = BTreeSet::new();
    let mut benign = 0;
    for path in files_in(&records, ".meta.jsonl.gz") {
        let lines = |path: &Path| {
            let mut text = String::new();
            let file = std::fs::File::open(path).expect("readable");
            std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut text)
                .expect("gzip");
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let texts = lines(Path::new(&path.to_string_lossy().replace(".meta.", ".")));
        for (meta, text) in lines(&path).iter().zip(&texts) {
            let meta: Value = serde_json::from_str(meta).expect("JSON");
            if meta["label"] != "benign" {
                continue;
            }
            benign += 1;
            if let Ok(trailwarden::rules::Verdict::Record { matches }) = rules.evaluate(text, None)
            {
                flagged.extend(
                    matches
                        .iter()
                        .map(|index| format!("{} {}", rules.rules()[*index].id, meta["id"])),
                );
            }
        }
    }
    assert!(benign > 10_000, "{benign}");
    assert!(flagged.is_empty(), "{flagged:?}");
}

/// Every envelope is evaluated, or said to be something else; nothing is silent.
#[test]
fn envelopes_are_handled_or_refused_with_a_reason() {
    let Some(shared) = shared() else { return };
    let rules = rules();
    for path in files_in(&shared.join("corpus/envelopes"), "") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let inspection = look(
            &rules,
            &name,
            &std::fs::read(&path).unwrap(),
            &mut Found::new(),
            &mut Findings::default(),
        );
        let records = inspection.tally.records - inspection.tally.records_malformed;
        let skipped: u64 = inspection.tally.records_skipped.values().sum();
        let said = inspection.foreign.is_some()
            || inspection.fault.is_some()
            || !inspection.problems.is_empty();
        let all_foreign = records > 0 && skipped == records;
        let evaluated = name.starts_with("lambda_example-cloudwatch-cloudtrail")
            && records == 1
            && skipped == 0;
        assert!(said || all_foreign || evaluated, "{name}: {inspection:?}");
    }
}
