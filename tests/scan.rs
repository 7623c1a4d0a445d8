//! `trailwarden scan` as a user runs it: the real binary, files on disk, its output and exit code.
#![cfg(feature = "cli")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failure here is a failed test"
)]

mod support;

use std::path::Path;
use std::process::Output;

use serde_json::Value;
use support::{gzip, log_file, record};
use tempfile::TempDir;

const NAME: &str = "111122223333_CloudTrail_us-east-1_20261121T0635Z_Ab1Cd2Ef3Gh4Ij5K.json.gz";

fn scan(folder: &Path, args: &[&str]) -> Output {
    assert_cmd::Command::cargo_bin("trailwarden")
        .unwrap()
        .current_dir(folder)
        .arg("scan")
        .args(args)
        .output()
        .unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}")))
        .collect()
}

fn summary(output: &Output) -> Value {
    let text = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    let last = text.lines().last().expect("a summary");
    serde_json::from_str::<Value>(last).unwrap_or_else(|error| panic!("{text}: {error}"))["summary"]
        .clone()
}

fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

fn day(id: &str, day: u32, name: &str) -> String {
    record(id, &format!("2026-11-{day:02}T06:00:00Z"), name, "")
        .replace("iam.amazonaws.com", "cloudtrail.amazonaws.com")
}

/// A folder with one log file of three days, the second of which has something to tell.
fn world() -> TempDir {
    let world = TempDir::new().unwrap();
    let text = log_file(&[
        day("1", 20, "DescribeTrails"),
        day("2", 21, "StopLogging"),
        day("3", 22, "DescribeTrails"),
    ]);
    std::fs::create_dir(world.path().join("logs")).unwrap();
    std::fs::write(world.path().join("logs").join(NAME), gzip(text.as_bytes())).unwrap();
    world
}

#[test]
fn an_alert_is_a_json_line_with_every_field() {
    let world = world();
    let output = scan(world.path(), &["logs", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let [alert] = lines(&output).try_into().expect("one alert");
    let object = format!("logs/{NAME}");
    for (field, value) in [
        ("rule", Value::from("cloudtrail-logging-stopped")),
        ("severity", "critical".into()),
        ("count", 1.into()),
        ("event_ids", vec!["2"].into()),
        ("first_event_time", "2026-11-21T06:00:00Z".into()),
        ("last_event_time", "2026-11-21T06:00:00Z".into()),
        ("accounts", vec!["111122223333"].into()),
        ("regions", vec!["us-east-1"].into()),
        (
            "principals",
            vec!["arn:aws:iam::111122223333:user/dana"].into(),
        ),
        ("source_ips", vec!["203.0.113.9"].into()),
        ("objects", vec![object].into()),
    ] {
        assert_eq!(alert[field], value, "{field}: {alert}");
    }
    assert!(
        alert["title"].is_string()
            && alert["fingerprint"]
                .as_str()
                .is_some_and(|text| text.len() == 32)
    );
    let summary = summary(&output);
    assert_eq!(
        (
            &summary["records"],
            &summary["records_matched"],
            &summary["alerts"]
        ),
        (&3.into(), &1.into(), &1.into())
    );
}

#[test]
fn a_match_is_a_json_line_with_its_place() {
    let world = world();
    let output = scan(
        world.path(),
        &["logs", "--format", "json", "--emit", "matches"],
    );
    let [found] = lines(&output).try_into().expect("one match");
    let expected = serde_json::json!({
        "rule": "cloudtrail-logging-stopped", "severity": "critical", "event_id": "2", "event_time": "2026-11-21T06:00:00Z",
        "event_source": "cloudtrail.amazonaws.com", "event_name": "StopLogging",
        "object": format!("logs/{NAME}"), "record": 1,
    });
    assert_eq!((found, output.status.code()), (expected, Some(1)));
}

#[test]
fn text_is_what_a_person_would_receive() {
    let output = scan(world().path(), &["logs"]);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    for part in [
        "Subject: [CRITICAL] ",
        "Who      arn:aws:iam::111122223333:user/dana",
        "What     cloudtrail:StopLogging",
        "Where    account 111122223333, region us-east-1",
        "When     2026-11-21T06:00:00Z",
        "From     203.0.113.9",
        "Outcome  succeeded",
        "Rule cloudtrail-logging-stopped",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn times_bound_what_is_looked_at() {
    let world = world();
    for (args, code, skipped) in [
        (vec!["--since", "2026-11-21"], 1, 1),
        (
            vec![
                "--since",
                "2026-11-21T06:00:00Z",
                "--until",
                "2026-11-21T06:00:01Z",
            ],
            1,
            2,
        ),
        (vec!["--until", "2026-11-21T06:00:00Z"], 0, 2),
        (vec!["--since", "2026-11-22"], 0, 2),
    ] {
        let args: Vec<&str> = ["logs", "--format", "json"]
            .into_iter()
            .chain(args)
            .collect();
        let output = scan(world.path(), &args);
        let summary = summary(&output);
        assert_eq!(output.status.code(), Some(code), "{args:?}");
        assert_eq!(
            summary["records_skipped"]["outside --since and --until"], skipped,
            "{args:?}: {summary}"
        );
    }
}

#[test]
fn severities_decide_the_exit_code() {
    let world = world();
    std::fs::create_dir(world.path().join("rules")).unwrap();
    let rule = "title: T\nseverity: low\npattern: '{ $.eventName = StopLogging }'\n";
    std::fs::write(world.path().join("rules/own.yaml"), rule).unwrap();
    for (severity, code) in [
        ("informational", 1),
        ("low", 1),
        ("medium", 0),
        ("critical", 0),
        ("worst", 2),
    ] {
        let output = scan(
            world.path(),
            &["logs", "--rules", "rules", "--fail-on", severity],
        );
        assert_eq!(
            output.status.code(),
            Some(code),
            "{severity}: {}",
            errors(&output)
        );
    }
}

#[test]
fn exceptions_that_have_ended_are_reported() {
    let world = world();
    std::fs::create_dir(world.path().join("rules")).unwrap();
    let rule = "title: T\nseverity: low\npattern: '{ $.eventName = StopLogging }'\nexceptions:\n\
                - { pattern: '{ $.eventName = X }', reason: moved away, owner: dana, expires: 2020-02-29 }\n\
                - { pattern: '{ $.eventName = Y }', reason: for long, expires: 2999-01-01 }\n";
    std::fs::write(world.path().join("rules/own.yaml"), rule).unwrap();
    let said = errors(&scan(world.path(), &["logs", "--rules", "rules"]));
    assert!(
        said.contains("warning: rules/own.yaml: the exception `moved away` (dana) ended at 2020-03-01T00:00:00Z"),
        "{said}"
    );
    assert!(!said.contains("for long"), "{said}");
}

#[test]
fn every_kind_of_file_is_read() {
    let world = TempDir::new().unwrap();
    let stop = day("2", 21, "StopLogging");
    let pretty =
        serde_json::to_string_pretty(&serde_json::from_str::<Value>(&stop).unwrap()).unwrap();
    for (name, bytes) in [
        (
            "a.json.gz",
            gzip(log_file(std::slice::from_ref(&stop)).as_bytes()),
        ),
        ("b.json", log_file(std::slice::from_ref(&stop)).into_bytes()),
        (
            "c.jsonl",
            format!("{stop}\n{}\n", day("1", 20, "DescribeTrails")).into_bytes(),
        ),
        ("d.json", pretty.into_bytes()),
        ("e.ndjson.gz", gzip(stop.as_bytes())),
        ("f.json", format!("[{stop}]").into_bytes()),
    ] {
        std::fs::write(world.path().join(name), bytes).unwrap();
        let output = scan(
            world.path(),
            &[name, "--emit", "matches", "--format", "json"],
        );
        assert_eq!(
            (lines(&output).len(), output.status.code()),
            (1, Some(1)),
            "{name}: {}",
            errors(&output)
        );
    }
    let output = scan(world.path(), &[".", "--format", "json"]);
    let [alert] = lines(&output)
        .try_into()
        .expect("the same event in six files is one");
    assert_eq!(
        (
            &alert["count"],
            summary(&output)["files_evaluated"].as_u64()
        ),
        (&1.into(), Some(6))
    );
}

#[test]
fn what_is_not_evaluated_is_counted_with_a_reason() {
    let world = world();
    let put = |name: &str, bytes: &[u8]| {
        std::fs::write(world.path().join("logs").join(name), bytes).unwrap()
    };
    put("readme.txt", b"hello");
    put(
        "111122223333_CloudTrail-Digest_us-east-1_t_us-east-1_20261121T063500Z.json.gz",
        &gzip(b"{}"),
    );
    put("event.json", br#"{"detail-type":"x","detail":{}}"#);
    put("s3.json", br#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put"}]}"#);
    let output = scan(world.path(), &["logs", "--format", "json"]);
    let summary = summary(&output);
    assert_eq!(output.status.code(), Some(1), "{summary}");
    assert_eq!(
        summary["files_skipped"],
        serde_json::json!({ "a digest file": 1, "an EventBridge event": 1, "not a JSON file by its name": 1 })
    );
    assert_eq!(
        summary["records_skipped"],
        serde_json::json!({ "an S3 event notification": 1 })
    );
    assert_eq!(
        (&summary["files"], &summary["files_evaluated"]),
        (&5.into(), &2.into())
    );
}

#[test]
fn what_cannot_be_evaluated_is_an_error_with_its_place_and_the_rest_is_done() {
    let world = world();
    let put = |name: &str, bytes: &[u8]| {
        std::fs::write(world.path().join("logs").join(name), bytes).unwrap()
    };
    put(
        "bad.json",
        br#"{"Records":[{"eventVersion":"1","eventName":tru},{"eventVersion":"1"}]}"#,
    );
    put("cut.json.gz", &gzip(b"{\"Records\":[]}")[..20]);
    let output = scan(world.path(), &["logs", "--format", "json"]);
    let (errors, summary) = (errors(&output), summary(&output));
    assert_eq!(
        (output.status.code(), lines(&output).len()),
        (Some(2), 1),
        "{errors}"
    );
    assert!(
        errors.contains("error: logs/bad.json: record 0 at byte 12 is malformed: "),
        "{errors}"
    );
    assert!(
        errors.contains("error: logs/cut.json.gz: the gzip data ends early"),
        "{errors}"
    );
    // The stump of the cut file is where a record should be, too.
    assert_eq!(
        (&summary["records_malformed"], &summary["files_failed"]),
        (&2.into(), &1.into())
    );
}

#[test]
fn wrong_calls_are_errors() {
    let world = world();
    std::fs::create_dir(world.path().join("empty")).unwrap();
    std::fs::create_dir(world.path().join("rules")).unwrap();
    std::fs::write(world.path().join("rules/own.yaml"), "title: T\n").unwrap();
    for (args, message) in [
        (vec!["nowhere"], "error: nowhere: No such file"),
        (
            vec!["logs", "--since", "2026-11-22", "--until", "2026-11-21"],
            "nothing lies between",
        ),
        (vec!["empty"], "there is no file"),
        (
            vec!["logs", "--rules", "nowhere"],
            "nowhere: cannot be read",
        ),
        (vec!["logs", "--rules", "empty"], "there is no rule file"),
        (
            vec!["logs", "--rules", "rules"],
            "the key `severity` is missing",
        ),
        (vec!["logs", "--since", "yesterday"], "neither a time"),
        (
            vec!["logs", "--list", "approved-region=eu-west-1"],
            "did you mean `approved-regions`?",
        ),
        (vec!["logs", "--list", "approved-regions"], "NAME=VALUE"),
        (vec!["logs", "--list", "approved-regions="], "is empty"),
        (vec!["logs", "--format", "xml"], "invalid value"),
        (vec![], "required"),
    ] {
        let output = scan(world.path(), &args);
        let errors = errors(&output);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {errors}");
        assert!(errors.contains(message), "{args:?}: {errors}");
    }
}

#[test]
fn files_are_counted_once_and_links_are_named() {
    let world = world();
    let logs = world.path().join("logs");
    std::os::unix::fs::symlink(logs.join(NAME), logs.join("alias.json.gz")).unwrap();
    std::os::unix::fs::symlink(&logs, logs.join("loop")).unwrap();
    std::os::unix::fs::symlink("nowhere", logs.join("broken.json")).unwrap();
    let named = format!("logs/{NAME}");
    let output = scan(
        world.path(),
        &[
            "logs", &named, "nowhere", "--format", "json", "--emit", "matches",
        ],
    );
    let summary = summary(&output);
    assert_eq!(
        (lines(&output).len(), output.status.code()),
        (1, Some(2)),
        "{summary}"
    );
    assert_eq!(
        (&summary["files_evaluated"], &summary["files_failed"]),
        (&1.into(), &2.into()),
        "{summary}"
    );
    let skipped = serde_json::json!({ "a link to a folder, which is not followed": 1, "the same file as another": 2 });
    assert_eq!(summary["files_skipped"], skipped);
}

#[test]
fn approved_regions_are_configurable() {
    let world = TempDir::new().unwrap();
    let run = record(
        "1",
        "2026-11-21T06:00:00Z",
        "RunInstances",
        r#""readOnly":false"#,
    )
    .replace("iam.amazonaws.com", "ec2.amazonaws.com")
    .replace("us-east-1", "eu-west-1");
    std::fs::write(world.path().join("a.json"), log_file(&[run])).unwrap();
    let unapproved = |list: &str| {
        let output = scan(
            world.path(),
            &["a.json", "--format", "json", "--list", list],
        );
        lines(&output)
            .iter()
            .any(|alert| alert["rule"] == "region-unapproved-change")
    };
    assert!(unapproved("approved-regions=eu-central-1,us-east-1"));
    assert!(!unapproved("approved-regions=eu-central-1, eu-west-1"));
}
