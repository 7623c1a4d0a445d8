//! `trailwarden explain` as a user runs it.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod support;

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::{gzip, log_file, record, texts};
use tempfile::TempDir;

fn run(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(assert_cmd::cargo::cargo_bin!("trailwarden"))
        .current_dir(folder)
        .arg("explain")
        .args(args)
        .output()
        .unwrap();
    texts(output)
}

fn here(args: &[&str]) -> (Option<i32>, String, String) {
    run(Path::new("."), args)
}

#[test]
fn a_pattern_is_said_in_words_with_its_warnings() {
    let (code, out, _) = here(&["{ $.eventName = ConsoleLogin && $.x = true }"]);
    assert_eq!(code, Some(0));
    for part in [
        "eventName is `ConsoleLogin`",
        "  $.eventName = \"ConsoleLogin\"",
        "warning: `$.x = true`",
        "IS TRUE",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
}

#[test]
fn fields_that_every_record_has_need_no_warning() {
    let quiet = here(&["{ $.eventName != ConsoleLogin }"]).1;
    assert!(!quiet.contains("warning"), "{quiet}");
    let warned = here(&["{ $.errorCode != AccessDenied }"]).1;
    assert!(
        warned.contains("warning: ") && warned.contains("NOT EXISTS"),
        "{warned}"
    );
}

#[test]
fn a_record_is_explained_clause_by_clause() {
    let folder = TempDir::new().unwrap();
    let one = |id: &str, name: &str| record(id, "2026-11-21T06:00:00Z", name, "");
    let text = log_file(&[one("1", "ListUsers"), one("2", "StopLogging")]);
    std::fs::write(folder.path().join("a.json.gz"), gzip(text.as_bytes())).unwrap();
    let pattern = "{ $.eventName = Stop* && $.errorCode NOT EXISTS && $.awsRegion = eu-* }";
    let explain = |more: &[&str]| {
        run(
            folder.path(),
            &[&[pattern, "--record", "a.json.gz"], more].concat(),
        )
    };
    let (code, out, _) = explain(&["--number", "1"]);
    assert_eq!(code, Some(1));
    for part in [
        "yes   $.eventName = \"Stop*\"  (\"StopLogging\")",
        "yes   $.errorCode NOT EXISTS  (missing)",
        "no    $.awsRegion = \"eu-*\"  (\"us-east-1\")",
        "nearest miss: the match is stopped by this alone",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    let (_, out, _) = explain(&["--format", "json"]);
    let json: Value = serde_json::from_str(&out).expect("JSON");
    let near = json
        .pointer("/verdict/nearest_miss")
        .and_then(Value::as_array)
        .expect("a list");
    assert_eq!(near.len(), 2, "{out}");
    let (code, _, errors) = explain(&["--number", "2"]);
    assert_eq!(
        (code, errors.as_str()),
        (Some(2), "error: `a.json.gz` has no record 2; it has 2\n")
    );
}

#[test]
fn the_nearest_miss_is_the_smallest() {
    for (pattern, near) in [
        ("{ ($.a=1 || $.b=1) && ($.a=1 || $.c=1) }", &["$.a = 1"][..]),
        (
            "{ ($.b=1 || $.a=1) && ($.c=1 || $.a=1) && ($.d=1 || $.a=1) }",
            &["$.a = 1"],
        ),
        (
            "{ ($.a=1 && $.b=1) || ($.c=1 && $.d=1 && $.e=1) }",
            &["$.a = 1", "$.b = 1"],
        ),
        ("{ $.a = 1 && $.a = 1 }", &["$.a = 1"]),
    ] {
        let (code, out, _) = here(&[pattern, "--message", "{}", "--format", "json"]);
        let json: Value = serde_json::from_str(&out).expect("JSON");
        let found = json
            .pointer("/verdict/nearest_miss")
            .and_then(Value::as_array)
            .expect("a list");
        let found: Vec<&str> = found.iter().filter_map(Value::as_str).collect();
        assert_eq!((code, found.as_slice()), (Some(1), near), "{pattern}");
    }
}

#[test]
fn messages_of_every_kind_are_explained() {
    for (pattern, message, code, part) in [
        ("ERROR -timeout", "an ERROR", 0, "match"),
        ("ERROR -timeout", "ERROR timeout", 1, "no    -timeout"),
        ("%5[0-9]{2}%", "status 404", 1, "nearest miss"),
        ("[ip, ..., status = 5*]", "a b 404", 1, "`404`"),
        ("{ $.a = 1 }", "[1]", 1, "not a JSON object"),
        ("{ $.a = 1 }", r#"{"a":1.0}"#, 0, "match"),
    ] {
        let (actual, out, errors) = here(&[pattern, "--message", message]);
        assert_eq!(actual, Some(code), "{pattern}: {out}{errors}");
        assert!(out.contains(part), "{pattern}: {out}");
    }
}

#[test]
fn a_bad_pattern_or_record_is_an_error() {
    let (code, out, errors) = here(&["{ $.a == 1 }"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        errors.starts_with("error: expected a comparison, found `==`\n"),
        "{errors}"
    );
    assert_eq!(here(&["{ $.a = 1 }", "--record", "nowhere"]).0, Some(2));
    assert_eq!(
        here(&["{ $.a = 1 }", "--record", "x", "--message", "y"]).0,
        Some(2)
    );
}
