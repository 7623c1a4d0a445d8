//! State on disk: the real binary, run again, killed anywhere, and beside the function's engine.
#![cfg(feature = "cli")]
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a failure here is a failed test"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{Inbox, gzip, log_file, record, rule_set};
use tempfile::TempDir;
use trailwarden::inspect::{Bounds, Inspector, Options};
use trailwarden::integrity::KeyRing;
use trailwarden::local::{Folders, MemoryState, wait};
use trailwarden::ports::ObjectRef;

const STOP: &str =
    "title: Stop\nseverity: high\npattern: '{ $.eventName = StopLogging }'\ncooldown: 10m\n";
const BURST: &str = "title: Burst\nseverity: medium\npattern: '{ $.errorCode = AccessDenied }'\ncooldown: 1h\n\
    threshold: { count: 5, within: 15m, group_by: [principal, account] }\n";

/// A folder with rules and `files` log files of a day: a few events of each rule here and there,
/// some of them in two files.
fn world(files: u32) -> TempDir {
    let world = TempDir::new().unwrap();
    let bucket = world.path().join("trail");
    for folder in [&bucket, &world.path().join("rules")] {
        std::fs::create_dir(folder).unwrap();
    }
    for (name, rule) in [("stop", STOP), ("burst", BURST)] {
        std::fs::write(world.path().join(format!("rules/{name}.yaml")), rule).unwrap();
    }
    for file in 0..files {
        std::fs::write(
            bucket.join(name(file)),
            gzip(log_file(&records(file)).as_bytes()),
        )
        .unwrap();
    }
    world
}

fn name(file: u32) -> String {
    format!(
        "111122223333_CloudTrail_us-east-1_20261121T{:02}{:02}Z_{file:016}.json.gz",
        file / 60 % 24,
        file % 60
    )
}

fn records(file: u32) -> Vec<String> {
    let time = |minute: u32| {
        format!(
            "2026-11-21T{:02}:{:02}:{:02}Z",
            minute / 60 % 24,
            minute % 60,
            file % 60
        )
    };
    let user = |text: String, user: u32| text.replace("user/dana", &format!("user/u{user}"));
    let mut records = vec![record(
        &format!("calm-{file}"),
        &time(file),
        "ListUsers",
        "",
    )];
    if file.is_multiple_of(7) {
        records.push(user(
            record(&format!("stop-{file}"), &time(file * 3), "StopLogging", ""),
            file % 3,
        ));
    }
    let denied = r#""errorCode":"AccessDenied""#;
    for event in 0..file % 3 {
        let id = format!("denied-{file}-{event}");
        records.push(user(
            record(&id, &time(file + event), "ListUsers", denied),
            file % 4,
        ));
    }
    // The last file's events come once more.
    if file % 5 == 4 {
        records.extend(self::records(file - 1).into_iter().skip(1));
    }
    records
}

fn command(world: &Path, state: bool) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailwarden"));
    command
        .current_dir(world)
        .args(["scan", "trail", "--rules", "rules", "--format", "json"]);
    if state {
        command.args(["--state", "state"]);
    }
    command
}

fn lines(stdout: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(stdout).expect("UTF-8");
    let whole = text
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'));
    whole
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

/// Events by rule and group that alerts tell of, and how often each is told.
fn told(alerts: &[Value]) -> BTreeMap<(String, String, String), usize> {
    let mut told = BTreeMap::new();
    for alert in alerts {
        let ids = alert["event_ids"].as_array().unwrap();
        assert_eq!(
            alert["count"],
            ids.len(),
            "these alerts are short enough to name each event"
        );
        for id in ids {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            *told
                .entry((text(&alert["rule"]), text(&alert["fingerprint"]), text(id)))
                .or_default() += 1;
        }
    }
    told
}

#[test]
fn a_second_run_tells_nothing_and_new_files_continue() {
    let world = world(60);
    let first = command(world.path(), true).output().unwrap();
    assert!(!lines(&first.stdout).is_empty());
    let again = command(world.path(), true).output().unwrap();
    assert_eq!(String::from_utf8(again.stdout).unwrap(), "");
    let errors = String::from_utf8(again.stderr).unwrap();
    let summary: Value = serde_json::from_str(errors.lines().last().unwrap()).unwrap();
    assert_eq!(summary["summary"]["files_skipped"]["evaluated before"], 60);
    let copy = world.path().join("trail").join(name(999));
    std::fs::copy(world.path().join("trail").join(name(14)), copy).unwrap();
    let copied = command(world.path(), true).output().unwrap();
    assert_eq!(
        String::from_utf8(copied.stdout).unwrap(),
        "",
        "another file with the same events"
    );
}

#[test]
fn another_content_under_the_same_name_is_an_alert() {
    let world = world(3);
    command(world.path(), true).output().unwrap();
    let stop = [record("evil", "2026-11-21T20:00:00Z", "StopLogging", "")];
    std::fs::write(
        world.path().join("trail").join(name(1)),
        gzip(log_file(&stop).as_bytes()),
    )
    .unwrap();
    let alerts = lines(&command(world.path(), true).output().unwrap().stdout);
    let rules: BTreeSet<&str> = alerts
        .iter()
        .map(|alert| alert["rule"].as_str().unwrap())
        .collect();
    assert_eq!(
        rules,
        BTreeSet::from(["log-file-replaced", "stop"]),
        "it is told, and evaluated"
    );
    assert!(lines(&command(world.path(), true).output().unwrap().stdout).is_empty());
}

#[test]
fn what_is_no_state_is_refused_by_name() {
    let world = world(1);
    for bytes in [&b"hello"[..], &[0; 4096], &[0xff; 70_000]] {
        std::fs::write(world.path().join("state"), bytes).unwrap();
        let output = command(world.path(), true).output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert!(
            errors.contains("error: cannot use the state in `state`: "),
            "{errors}"
        );
        assert_eq!(
            std::fs::read(world.path().join("state")).unwrap(),
            bytes,
            "it is left as it is"
        );
    }
}

/// Killed at random points over 200 files until one run comes to its end.
#[test]
fn killed_anywhere_nothing_is_lost_and_at_most_one_message_a_kill_is_repeated() {
    let world = world(200);
    let whole = command(world.path(), true).output().unwrap();
    let expected = told(&lines(&whole.stdout));
    assert!(expected.len() > 100 && expected.values().all(|times| *times == 1));
    std::fs::remove_file(world.path().join("state")).unwrap();
    let start = Instant::now();
    command(world.path(), true).output().unwrap();
    let usual = start.elapsed();
    std::fs::remove_file(world.path().join("state")).unwrap();

    let (alerts, kills) = killed_until_done(world.path(), usual);
    assert!(kills >= 5, "{kills} kills, a run takes {usual:?}");
    let got = told(&alerts);
    assert_eq!(
        got.keys().collect::<Vec<_>>(),
        expected.keys().collect::<Vec<_>>()
    );
    let mut ids: BTreeMap<&str, u32> = BTreeMap::new();
    for alert in &alerts {
        *ids.entry(alert["id"].as_str().unwrap()).or_default() += 1;
    }
    let repeated: u32 = ids.values().map(|times| times - 1).sum();
    assert!(
        repeated <= kills,
        "{repeated} messages again after {kills} kills"
    );
    // An event is told twice only by a message that came twice.
    let once: Vec<Value> = {
        let mut seen = BTreeSet::new();
        alerts
            .iter()
            .filter(|alert| seen.insert(alert["id"].as_str().unwrap()))
            .cloned()
            .collect()
    };
    assert!(told(&once).values().all(|times| *times == 1));
    eprintln!(
        "{kills} kills, {repeated} messages repeated, {} alerts",
        alerts.len()
    );
}

/// All that came out until one run ended by itself, and how many were killed before.
fn killed_until_done(world: &Path, usual: Duration) -> (Vec<Value>, u32) {
    let (mut alerts, mut kills, mut seed) = (Vec::new(), 0, 0x2545_f491_4f6c_dd1d_u64);
    loop {
        let mut child = command(world, true)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let part = u32::try_from(seed >> 40).unwrap() % 1_000;
        // Later ones get more time, so that it ends.
        let ended = ends_within(&mut child, usual / 10 * (1 + kills / 8) * part / 1_000);
        if !ended {
            child.kill().unwrap();
            kills += 1;
        }
        let output = child.wait_with_output().unwrap();
        alerts.extend(lines(&output.stdout));
        if ended {
            // 0 when all was told before the last kill.
            assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
            return (alerts, kills);
        }
    }
}

fn ends_within(child: &mut std::process::Child, patience: Duration) -> bool {
    let start = Instant::now();
    while start.elapsed() < patience {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child.try_wait().unwrap().is_some()
}

/// One engine: the command line with state gives what the function's use case gives for the same
/// files in the same order of arrival.
#[test]
fn the_command_line_with_state_tells_what_the_function_tells() {
    let world = world(120);
    let shown = lines(&command(world.path(), true).output().unwrap().stdout);
    let inbox = Inbox::default();
    let rules = rule_set(&[("burst", BURST), ("stop", STOP)]);
    let inspector = Inspector::new(
        rules,
        Folders::new(world.path()),
        MemoryState::default(),
        &inbox,
        KeyRing::default(),
        Options::default(),
        Bounds::default(),
    );
    let now = 1_795_300_000;
    let mut names: Vec<String> = (0..120).map(name).collect();
    names.sort();
    for name in names {
        let object = ObjectRef {
            bucket: "trail".to_owned(),
            key: name,
            version: None,
            etag: None,
        };
        assert!(wait(inspector.run(vec![object], now)).is_success());
    }
    // The last cooldown has ended; nobody asks for digests yet.
    wait(inspector.sweep(now + 7_000));
    let sent: Vec<Value> = inbox
        .take()
        .iter()
        .map(|alert| serde_json::to_value(alert.line()).unwrap())
        .collect();
    let plain = |mut alert: Value| {
        let objects = alert["objects"].as_array().unwrap().iter();
        alert["objects"] = objects
            .map(|object| object.as_str().unwrap().replace("s3://", ""))
            .collect();
        alert
    };
    let sorted = |alerts: Vec<Value>| {
        let mut texts: Vec<String> = alerts
            .into_iter()
            .map(|alert| plain(alert).to_string())
            .collect();
        texts.sort();
        texts
    };
    assert!(sent.iter().any(|alert| alert["follows"] == true));
    assert_eq!(sorted(shown), sorted(sent));
}
