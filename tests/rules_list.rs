//! `trailwarden rules list` as a user runs it.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod support;

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use support::texts;
use tempfile::TempDir;

fn list(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(assert_cmd::cargo::cargo_bin!("trailwarden"))
        .current_dir(folder)
        .args(["rules", "list"])
        .args(args)
        .output()
        .unwrap();
    texts(output)
}

/// A folder with a rule of every sort.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let rules = [
        (
            "absent",
            "severity: high\npattern: '{ $.errorCode NOT EXISTS }'",
        ),
        (
            "either",
            "severity: low\npattern: '{ $.eventName = A || $.eventName = B* || $.errorCode = C }'",
        ),
        (
            "listed",
            "severity: medium\npattern: 'denied'\nwhere_in: {$.eventName: names}\nlists: {names: [A]}",
        ),
        ("off", "severity: low\npattern: 'x'\nenabled: false"),
        (
            "present",
            "severity: informational\npattern: '{ $.errorCode = *Denied }'",
        ),
        ("words", "severity: critical\npattern: 'denied'"),
    ];
    for (id, text) in rules {
        let path = folder.path().join(format!("{id}.yaml"));
        std::fs::write(path, format!("title: Rule {id}\n{text}\n")).unwrap();
    }
    folder
}

#[test]
fn every_rule_is_listed_with_what_finds_it() {
    let folder = folder();
    let (code, out, error) = list(folder.path(), &["--rules", "."]);
    assert_eq!((code, error.as_str()), (Some(0), ""));
    let expected = "\
absent   high           Rule absent
    asked about every record: it can match without any one value, beginning or optional field of a record
either   low            Rule either
    found by a beginning of $.eventName, a value of $.errorCode, a value of $.eventName
listed   medium         Rule listed
    found by a value of $.eventName
off      low            Rule off
    off
present  informational  Rule present
    found by the presence of $.errorCode
words    critical       Rule words
    asked about every record: its pattern looks at the text of a record, not at its fields
";
    assert_eq!(out, expected);
}

#[test]
fn unindexed_rules_are_listed_alone_and_for_programs() {
    let folder = folder();
    let (code, out, _) = list(
        folder.path(),
        &["--rules", ".", "--unindexed", "--format", "json"],
    );
    assert_eq!(code, Some(0));
    let lines: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let line = |id: &str, severity: &str, why: &str| json!({"id": id, "severity": severity, "title": format!("Rule {id}"), "enabled": true, "found_by": [], "unindexed": why});
    let expected = [
        line(
            "absent",
            "high",
            "it can match without any one value, beginning or optional field of a record",
        ),
        line(
            "words",
            "critical",
            "its pattern looks at the text of a record, not at its fields",
        ),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn shipped_rules_are_listed_with_lists_as_set() {
    let here = Path::new(".");
    let (code, out, _) = list(here, &["--list", "approved-regions=eu-west-1"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("root-account-used"), "{out}");
    let (code, out, error) = list(here, &["--list", "no-such-list=x"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(error.contains("no-such-list"), "{error}");
}
