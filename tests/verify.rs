//! `trailwarden verify` as a user runs it: the real binary over a small trail of our own, and over
//! the shared scenarios, where they are, with exactly the expected verdicts per object and range
//! and for the whole.
#![cfg(feature = "cli")]
#![expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failure here is a failed test"
)]

mod support;
#[path = "support/trail.rs"]
mod trail;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use snapbox::{Assert, Data};
use tempfile::TempDir;
use trail::{ACCOUNT, ARN, BUCKET, REGION, Trail, at};

fn read(path: &Path) -> Value {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn scenarios() -> Vec<PathBuf> {
    let Some(shared) = support::shared() else {
        return Vec::new();
    };
    let entries = fs::read_dir(shared.join("digest/scenarios")).unwrap();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

/// Objects by verdict and ranges by state, in the words of `expected.json`.
#[derive(Debug, PartialEq, Eq)]
struct Verdicts {
    overall: String,
    objects: BTreeMap<String, (String, String)>,
    ranges: Vec<[String; 5]>,
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value}"))
        .to_owned()
}

fn ranges(value: &Value) -> Vec<[String; 5]> {
    let fields = ["account", "region", "from", "to", "state"];
    let mut found: Vec<[String; 5]> = value
        .as_array()
        .unwrap()
        .iter()
        .map(|range| fields.map(|field| text(&range[field])))
        .collect();
    found.sort();
    found
}

fn expected(folder: &Path) -> Verdicts {
    let expected = read(&folder.join("expected.json"));
    let object = |(key, object): (&String, &Value)| {
        (
            key.clone(),
            (text(&object["kind"]), text(&object["verdict"])),
        )
    };
    Verdicts {
        overall: text(&expected["overall"]),
        objects: expected["objects"]
            .as_object()
            .unwrap()
            .iter()
            .map(object)
            .collect(),
        ranges: ranges(&expected["ranges"]),
    }
}

fn found(output: &str) -> Verdicts {
    let found: Value =
        serde_json::from_str(output).unwrap_or_else(|error| panic!("{output}: {error}"));
    let mut objects = BTreeMap::new();
    for object in found["objects"].as_array().unwrap() {
        let verdict = (text(&object["kind"]), text(&object["verdict"]));
        let before = objects.insert(text(&object["object"]), verdict);
        assert_eq!(before, None, "{object} is there twice");
    }
    Verdicts {
        overall: text(&found["overall"]),
        objects,
        ranges: ranges(&found["ranges"]),
    }
}

/// The arguments that say what a scenario asks.
fn asked(folder: &Path) -> Vec<String> {
    let scope = &read(&folder.join("scenario.json"))["scope"];
    [
        ("--trail-arn", "trail_arn"),
        ("--start", "start"),
        ("--end", "end"),
        ("--as-of", "as_of"),
    ]
    .iter()
    .flat_map(|(option, field)| [(*option).to_owned(), text(&scope[*field])])
    .collect()
}

fn verify(arguments: &[String]) -> (Option<i32>, String, String) {
    let output = assert_cmd::Command::cargo_bin("trailwarden")
        .unwrap()
        .arg("verify")
        .args(arguments)
        .args(["--format", "json"])
        .output()
        .unwrap();
    support::texts(output)
}

fn exit_code(overall: &str) -> i32 {
    match overall {
        "valid" | "warning" => 0,
        "invalid" => 1,
        _ => 3,
    }
}

#[test]
fn the_shared_scenarios_from_disk() {
    // The answer must not depend on how much is held at a time.
    for piece in ["1", "2", "3", "96"] {
        scenarios_from_disk(piece);
    }
}

fn scenarios_from_disk(piece: &str) {
    let mut wrong = Vec::new();
    for folder in scenarios() {
        let scope = &read(&folder.join("scenario.json"))["scope"];
        let bucket = text(&scope["bucket"]);
        let manifest = read(&folder.join("manifest.json"));
        let mut arguments = vec![folder.join("tree").join(&bucket).display().to_string()];
        arguments.extend(["--copy-of".to_owned(), format!("s3://{bucket}")]);
        for (option, file) in [
            ("--public-keys", "public_keys.json"),
            ("--object-metadata", "manifest.json"),
        ] {
            arguments.extend([option.to_owned(), folder.join(file).display().to_string()]);
        }
        arguments.extend(asked(&folder));
        arguments.extend(["--piece".to_owned(), piece.to_owned()]);
        let (code, output, errors) = verify(&arguments);
        let mut expected = expected(&folder);
        // A file on disk can always be read: what the service refuses is tried over the stub.
        let refused = manifest.to_string().contains("stub_error");
        if refused {
            expected.overall = "valid".to_owned();
            for object in expected.objects.values_mut() {
                if object.1 == "unreadable" {
                    object.1 = "valid".to_owned();
                }
            }
        }
        let found = found(&output);
        if found != expected || code != Some(exit_code(&expected.overall)) {
            wrong.push(format!(
                "{}: {code:?} {errors}\n{}",
                folder.display(),
                difference(&expected, &found)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The shared look-alike of S3 and CloudTrail, over one scenario, until it is dropped.
#[cfg(feature = "aws")]
struct Stub {
    process: std::process::Child,
    url: String,
}

#[cfg(feature = "aws")]
impl Stub {
    fn start(folder: &Path) -> Self {
        use std::io::{BufRead as _, BufReader};
        let mut process = std::process::Command::new("python3")
            .arg(folder.join("../../stub_aws.py"))
            .arg(folder)
            // Listings of two keys a page, so that pages are turned.
            .args(["--page", "2"])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let output = process.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        let url = line.trim().rsplit(' ').next().unwrap().to_owned();
        Self { process, url }
    }
}

#[cfg(feature = "aws")]
impl Drop for Stub {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[cfg(feature = "aws")]
#[test]
fn the_shared_scenarios_over_s3() {
    let mut wrong = Vec::new();
    for folder in scenarios() {
        let scope = &read(&folder.join("scenario.json"))["scope"];
        let place = format!("s3://{}/{}", text(&scope["bucket"]), text(&scope["prefix"]));
        let stub = Stub::start(&folder);
        let output = assert_cmd::Command::cargo_bin("trailwarden")
            .unwrap()
            .args(["verify", &place, "--format", "json"])
            .args(asked(&folder))
            .env_remove("AWS_PROFILE")
            .env("AWS_ENDPOINT_URL", &stub.url)
            .env("AWS_ACCESS_KEY_ID", "testing")
            .env("AWS_SECRET_ACCESS_KEY", "testing")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .output()
            .unwrap();
        let (code, output, errors) = support::texts(output);
        let (expected, found) = (expected(&folder), found(&output));
        if found != expected || code != Some(exit_code(&expected.overall)) {
            wrong.push(format!(
                "{}: {code:?} {errors}\n{}",
                folder.display(),
                difference(&expected, &found)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What differs, for people.
fn difference(expected: &Verdicts, found: &Verdicts) -> String {
    let mut lines = Vec::new();
    if expected.overall != found.overall {
        lines.push(format!(
            "overall {} not {}",
            found.overall, expected.overall
        ));
    }
    for (object, verdict) in &expected.objects {
        match found.objects.get(object) {
            Some(other) if other == verdict => {}
            other => lines.push(format!("{object}: {other:?} not {verdict:?}")),
        }
    }
    for (object, verdict) in &found.objects {
        if !expected.objects.contains_key(object) {
            lines.push(format!("{object}: {verdict:?} not expected"));
        }
    }
    for range in &expected.ranges {
        if !found.ranges.contains(range) {
            lines.push(format!("not found {range:?}"));
        }
    }
    for range in &found.ranges {
        if !expected.ranges.contains(range) {
            lines.push(format!("not expected {range:?}"));
        }
    }
    lines.join("\n")
}

/// A copy of a trail on disk.
struct Copy {
    folder: TempDir,
    trail: Trail,
}

impl Copy {
    fn of(trail: Trail) -> Self {
        let folder = TempDir::new().unwrap();
        trail.write(folder.path());
        Self { folder, trail }
    }

    /// Verifies it a little after its end, with its keys and metadata.
    fn verify(&self, more: &[&str]) -> (Option<i32>, Verdicts) {
        let as_of = at(i64::try_from(self.trail.hours.len()).unwrap(), 2400).to_string();
        self.verify_with(
            &[
                &["--object-metadata", "manifest.json", "--as-of", &as_of][..],
                more,
            ]
            .concat(),
        )
    }

    fn verify_with(&self, more: &[&str]) -> (Option<i32>, Verdicts) {
        let (code, output, errors) = self.run(&[more, &["--format", "json"]].concat());
        assert!(output.starts_with('{'), "{errors}");
        (code, found(&output))
    }

    fn run(&self, more: &[&str]) -> (Option<i32>, String, String) {
        let output = assert_cmd::Command::cargo_bin("trailwarden")
            .unwrap()
            .current_dir(self.folder.path())
            .args(["verify", BUCKET, "--public-keys", "keys.json"])
            .args(more)
            .output()
            .unwrap();
        support::texts(output)
    }
}

/// Everything that is not `valid` or `attested`, in short.
fn findings(verdicts: &Verdicts) -> Vec<String> {
    let objects = verdicts.objects.iter();
    let objects = objects.filter(|(_, (_, verdict))| verdict != "valid");
    let ranges = verdicts
        .ranges
        .iter()
        .filter(|range| range[4] != "attested");
    objects
        .map(|(object, (kind, verdict))| {
            format!(
                "{kind} {verdict} {}",
                object.rsplit('_').nth(usize::from(kind == "log")).unwrap()
            )
        })
        .chain(ranges.map(|range| format!("{} {} {}", range[4], range[2], range[3])))
        .collect()
}

#[track_caller]
fn assert_findings(change: impl FnOnce(&mut Trail), overall: &str, expected: &[&str]) {
    let mut trail = Trail::new(4, 2);
    change(&mut trail);
    let (code, verdicts) = Copy::of(trail).verify(&[]);
    assert_eq!(
        (verdicts.overall.as_str(), findings(&verdicts)),
        (
            overall,
            expected.iter().map(|text| (*text).to_owned()).collect()
        )
    );
    assert_eq!(code, Some(exit_code(overall)));
}

#[test]
fn a_trail_that_is_as_cloudtrail_signed_it() {
    let (code, verdicts) = Copy::of(Trail::new(4, 2)).verify(&[]);
    assert_eq!((code, verdicts.overall.as_str()), (Some(0), "valid"));
    assert_eq!((verdicts.objects.len(), verdicts.ranges.len()), (12, 4));
    assert_findings(|_| (), "valid", &[]);
}

#[test]
fn what_happens_to_log_files() {
    let log = |trail: &Trail| trail.hours[1].logs[0].clone();
    assert_findings(
        |trail| trail.put(&log(trail), &trail::log_text(99)),
        "invalid",
        &["log hash_mismatch 20261120T0700Z"],
    );
    assert_findings(
        |trail| drop(trail.objects.remove(&log(trail))),
        "invalid",
        &["log missing 20261120T0700Z"],
    );
    assert_findings(
        |trail| trail.object(&log(trail)).bytes.extend_from_slice(b"more"),
        "invalid",
        &["log trailing_data 20261120T0700Z"],
    );
    assert_findings(
        |trail| {
            let stored = &mut trail.object(&log(trail)).bytes;
            stored.truncate(stored.len() - 1);
        },
        "invalid",
        &["log format 20261120T0700Z"],
    );
    let injected = trail::log_key(at(1, 1500), "injected00000000");
    assert_findings(
        |trail| trail.put(&injected, &trail::log_text(98)),
        "invalid",
        &["log unreferenced 20261120T0705Z"],
    );
    let fresh = trail::log_key(at(4, 900), "fresh00000000000");
    assert_findings(
        |trail| trail.put(&fresh, &trail::log_text(97)),
        "valid",
        &["log pending 20261120T0955Z"],
    );
}

/// A log file's key with a folder's day and a name's time of its own.
fn log_filed(day: &str, time: &str) -> String {
    format!(
        "AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/{day}/{ACCOUNT}_CloudTrail_{REGION}_{time}_injected00000000.json.gz"
    )
}

#[test]
fn a_log_file_of_another_day_or_of_the_future_is_judged_by_its_name() {
    // Until 2026-11-22T17:41:17Z, and looked at 40 minutes later.
    let trail = Trail::new(60, 1);
    for (day, time, verdict) in [
        ("2026/11/20", "20290310T0840Z", "unreferenced"),
        ("2029/03/10", "20290310T0840Z", "unreferenced"),
        ("2026/11/22", "20261122T1840Z", "unreferenced"),
        ("2026/11/22", "20261122T1825Z", "pending"),
        ("2029/03/10", "20261120T0840Z", "unreferenced"),
        ("2026/11/22", "20261120T0840Z", "unreferenced"),
        ("2026/09/20", "20261120T0840Z", "unreferenced"),
        ("2026/11/19", "20261120T0840Z", "unreferenced"),
        ("2026/11/21", "20200310T0840Z", "unreferenced"),
        ("2026/10/01", "20200310T0840Z", "uncovered"),
    ] {
        let mut trail = trail.clone();
        trail.put(&log_filed(day, time), "{}");
        let copy = Copy::of(trail);
        let expected = [format!("log {verdict} {time}")];
        for piece in ["1", "96"] {
            let (_, verdicts) = copy.verify(&["--piece", piece]);
            assert_eq!(findings(&verdicts), expected, "{day}");
        }
        if day == "2026/11/21" || time.starts_with("2029") {
            let (_, verdicts) = copy.verify(&["--start", "2026-11-20T12:00:00Z"]);
            assert_eq!(findings(&verdicts), expected, "{day}");
        }
    }
    // Of a time that is over in the bucket, whatever is said of the time.
    let mut trail = trail;
    trail.put(&log_filed("2026/11/22", "20261122T1840Z"), "{}");
    let as_of = [
        "--object-metadata",
        "manifest.json",
        "--as-of",
        "2026-11-22T17:00:00Z",
    ];
    let (_, verdicts) = Copy::of(trail).verify_with(&as_of);
    assert_eq!(findings(&verdicts), ["log pending 20261122T1840Z"]);
}

#[test]
fn what_happens_to_digests() {
    let lost = [
        "log unverifiable 20261120T0700Z",
        "log unverifiable 20261120T0720Z",
    ];
    let digest = |trail: &Trail| trail.hours[1].digest.clone();
    assert_findings(
        |trail| {
            let mut document = trail.hours[1].document.clone();
            document["logFiles"].as_array_mut().unwrap().pop();
            let metadata = trail.object(&digest(trail)).metadata.clone();
            trail.put(&digest(trail), &document.to_string());
            trail.object(&digest(trail)).metadata = metadata;
        },
        "invalid",
        &[
            "digest sig_invalid 20261120T074117Z.json.gz",
            lost[0],
            lost[1],
            "digest_invalid 2026-11-20T06:41:17Z 2026-11-20T07:41:17Z",
        ],
    );
    assert_findings(
        |trail| drop(trail.objects.remove(&digest(trail))),
        "invalid",
        &[
            "digest missing 20261120T074117Z.json.gz",
            lost[0],
            lost[1],
            "digest_missing 2026-11-20T06:41:17Z 2026-11-20T07:41:17Z",
        ],
    );
    assert_findings(
        |trail| trail.object(&digest(trail)).metadata.clear(),
        "warning",
        &["digest recovered 20261120T074117Z.json.gz"],
    );
    assert_findings(
        |trail| {
            let last = trail.hours[3].digest.clone();
            trail.object(&last).metadata.clear();
        },
        "invalid",
        &[
            "digest sig_missing 20261120T094117Z.json.gz",
            "log unverifiable 20261120T0900Z",
            "log unverifiable 20261120T0920Z",
            "digest_invalid 2026-11-20T08:41:17Z 2026-11-20T09:41:17Z",
        ],
    );
}

#[test]
fn gaps_and_silence() {
    let mut trail = Trail::new(2, 1);
    trail.add(5, 1, true);
    let copy = Copy::of(trail);
    let (code, verdicts) = copy.verify_with(&[
        "--object-metadata",
        "manifest.json",
        "--as-of",
        "2026-11-20T12:30:00Z",
    ]);
    assert_eq!((code, verdicts.overall.as_str()), (Some(3), "incomplete"));
    assert_eq!(
        findings(&verdicts),
        ["gap 2026-11-20T07:41:17Z 2026-11-20T10:41:17Z"]
    );
    let (code, verdicts) = copy.verify_with(&[
        "--object-metadata",
        "manifest.json",
        "--as-of",
        "2026-11-20T14:00:00Z",
    ]);
    assert_eq!(code, Some(3));
    assert_eq!(
        findings(&verdicts)[1],
        "stale 2026-11-20T11:41:17Z 2026-11-20T14:00:00Z"
    );
    let (code, verdicts) = copy.verify_with(&[
        "--object-metadata",
        "manifest.json",
        "--as-of",
        "2026-11-20T14:00:00Z",
        "--overdue",
        "3h",
        "--start",
        "2026-11-20T10:45:00Z",
    ]);
    assert_eq!((code, findings(&verdicts)), (Some(0), Vec::new()));
}

/// The key of a digest in another region, such as one of which only the old digests are left.
fn digest_elsewhere(region: &str, end: &str) -> String {
    let day = format!("{}/{}/{}", &end[..4], &end[4..6], &end[6..8]);
    format!(
        "AWSLogs/{ACCOUNT}/CloudTrail-Digest/{region}/{day}/{ACCOUNT}_CloudTrail-Digest_{region}_test_trail_{REGION}_{end}.json.gz"
    )
}

#[test]
fn what_went_silent_before_the_range_is_stale_in_it() {
    let mut trail = Trail::new(4, 1);
    trail.put(&digest_elsewhere("us-east-1", "20261110T031500Z"), "{}");
    let copy = Copy::of(trail);
    let verify = |more: &[&str]| {
        let options = ["--object-metadata", "manifest.json"];
        copy.verify_with(&[&options[..], more].concat())
    };
    let range = |of: &str, from: &str, to: &str| format!("{of} {from} {to}");
    // Only the other region is silent.
    let start = "2026-11-20T07:00:00Z";
    let as_of = "2026-11-20T10:20:00Z";
    let (code, verdicts) = verify(&["--start", start, "--as-of", as_of]);
    assert_eq!((code, verdicts.overall.as_str()), (Some(3), "incomplete"));
    assert_eq!(findings(&verdicts), [range("stale", start, as_of)]);
    // With an end before now.
    let end = "2026-11-20T08:00:00Z";
    let (code, verdicts) = verify(&["--start", start, "--end", end, "--as-of", as_of]);
    assert_eq!(code, Some(3));
    assert_eq!(findings(&verdicts), [range("stale", start, end)]);
    // A forged digest after the end does not make the chain go on.
    let mut forged = copy.trail.clone();
    forged.put(&digest_elsewhere(REGION, "20261121T050000Z"), "{}");
    let (_, verdicts) = Copy::of(forged).verify_with(&[
        "--object-metadata",
        "manifest.json",
        "--region",
        REGION,
        "--start",
        "2026-11-20T12:00:00Z",
        "--end",
        "2026-11-20T14:00:00Z",
        "--as-of",
        "2026-11-21T06:30:00Z",
    ]);
    let silent = range("stale", "2026-11-20T12:00:00Z", "2026-11-20T14:00:00Z");
    assert_eq!(findings(&verdicts), [silent]);
    // Both are.
    let (start, as_of) = ("2026-11-21T00:00:00Z", "2026-11-21T06:30:00Z");
    let (code, verdicts) = verify(&["--start", start, "--as-of", as_of]);
    assert_eq!(code, Some(3));
    assert_eq!(
        findings(&verdicts),
        [range("stale", start, as_of), range("stale", start, as_of)]
    );
    let (code, _, errors) = copy.run(&["--start", start, "--as-of", as_of]);
    assert_eq!(code, Some(3));
    assert!(!errors.contains("nothing found"), "{errors}");
    // Not yet overdue, and what lies there waits for its digest.
    let options = ["--start", "2026-11-20T10:00:00Z"];
    let mut trail = Trail::new(4, 1);
    trail.put(&trail::log_key(at(4, 1200), "fresh00000000000"), "{}");
    let (_, verdicts) = Copy::of(trail).verify(&options);
    assert_eq!(findings(&verdicts), ["log pending 20261120T1000Z"]);
}

#[test]
fn a_gap_that_began_before_the_range_is_a_gap_in_it() {
    let mut trail = Trail::new(2, 1);
    trail.add(5, 1, true);
    let start = "2026-11-20T07:41:18Z";
    // The same name, at the very beginning of the range.
    trail.put(&trail::log_key(at(2, 1), "early00000000000"), "{}");
    trail.put(&trail::log_key(at(2, 600), "lost000000000000"), "{}");
    let (code, verdicts) = Copy::of(trail.clone()).verify_with(&[
        "--object-metadata",
        "manifest.json",
        "--as-of",
        "2026-11-20T12:30:00Z",
        "--start",
        start,
    ]);
    assert_eq!(code, Some(3));
    assert_eq!(
        findings(&verdicts),
        [
            "log uncovered 20261120T0750Z".to_owned(),
            format!("gap {start} 2026-11-20T10:41:17Z")
        ]
    );
    // The other end: nothing in the range, and the chain starts anew after it.
    let (code, verdicts) = Copy::of(trail).verify_with(&[
        "--object-metadata",
        "manifest.json",
        "--as-of",
        "2026-11-20T12:30:00Z",
        "--start",
        start,
        "--end",
        "2026-11-20T09:00:00Z",
    ]);
    assert_eq!(code, Some(3));
    assert_eq!(
        findings(&verdicts),
        [
            "log uncovered 20261120T0750Z".to_owned(),
            format!("gap {start} 2026-11-20T10:41:17Z")
        ]
    );
}

#[test]
fn a_gap_is_explained_by_the_call_that_made_it() {
    let stop = r#"{"Records":[{"eventTime":"2026-11-20T07:40:00Z","eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","requestParameters":{"name":"test_trail"}}]}"#;
    for (text, expected) in [
        (
            stop,
            "StopLogging at 2026-11-20T07:40:00Z is in the log files before it",
        ),
        (
            "{}",
            "no StopLogging, UpdateTrail or DeleteTrail is in the log files before it",
        ),
    ] {
        let mut trail = Trail::new(1, 1);
        trail.add_files(
            1,
            vec![(support::gzip(text.as_bytes()), text.as_bytes())],
            false,
        );
        trail.add(5, 1, true);
        let copy = Copy::of(trail);
        let options = [
            "--object-metadata",
            "manifest.json",
            "--as-of",
            "2026-11-20T12:30:00Z",
        ];
        for (format, more) in [("text", "gap "), ("json", "\"gap\""), ("junit", "\"gap\"")] {
            // Also when the gap began before the range.
            for start in [&[][..], &["--start", "2026-11-20T08:00:00Z"]] {
                let (code, output, _) =
                    copy.run(&[&options[..], start, &["--format", format]].concat());
                assert_eq!(code, Some(3));
                let line = output.lines().find(|line| line.contains(more)).unwrap();
                assert!(line.contains(expected), "{line}");
            }
        }
    }
}

#[test]
fn a_copy_without_metadata_is_proven_by_successors_but_for_the_newest() {
    let copy = Copy::of(Trail::new(4, 1));
    let (code, verdicts) = copy.verify_with(&["--as-of", "2026-11-20T10:00:00Z"]);
    assert_eq!((code, verdicts.overall.as_str()), (Some(3), "incomplete"));
    assert_eq!(
        findings(&verdicts),
        [
            "digest recovered 20261120T064117Z.json.gz",
            "digest recovered 20261120T074117Z.json.gz",
            "digest recovered 20261120T084117Z.json.gz",
            "digest sig_missing 20261120T094117Z.json.gz",
            "log unverifiable 20261120T0910Z",
            "digest_invalid 2026-11-20T08:41:17Z 2026-11-20T09:41:17Z",
        ]
    );
}

#[test]
fn metadata_of_another_time_do_not_make_the_newest_digest_wrong() {
    let trail = Trail::new(4, 1);
    let (first, last) = (trail.hours[0].digest.clone(), trail.hours[3].digest.clone());
    let copy = Copy::of(trail);
    let path = copy.folder.path().join("manifest.json");
    let mut manifest = read(&path);
    let objects = manifest["buckets"][BUCKET]["objects"].as_object_mut();
    let objects = objects.unwrap();
    objects.remove(&first).unwrap();
    let mentioned = objects.remove(&last).unwrap();
    fs::write(&path, manifest.to_string()).unwrap();
    let (code, verdicts) = copy.verify(&[]);
    assert_eq!((code, verdicts.overall.as_str()), (Some(3), "incomplete"));
    assert_eq!(
        findings(&verdicts)[..2],
        [
            "digest recovered 20261120T064117Z.json.gz",
            "digest sig_missing 20261120T094117Z.json.gz",
        ]
    );
    // One that is mentioned and has no signature had none when the file was made.
    assert!(mentioned["metadata"]["signature"].is_string());
    manifest["buckets"][BUCKET]["objects"][&last] = serde_json::json!({"metadata": {}});
    fs::write(&path, manifest.to_string()).unwrap();
    let (code, verdicts) = copy.verify(&[]);
    assert_eq!((code, verdicts.overall.as_str()), (Some(1), "invalid"));
}

/// Puts something in the place of a folder that nobody can look into, whoever runs the tests.
#[cfg(unix)]
fn close(folder: &Path) {
    fs::remove_dir_all(folder).unwrap();
    std::os::unix::fs::symlink(folder.file_name().unwrap(), folder).unwrap();
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_read_is_told_and_the_rest_is_verified() {
    for (folder, kinds) in [
        (
            "CloudTrail",
            ["unreadable", "digests              26: 26 valid"],
        ),
        (
            "CloudTrail-Digest",
            ["uncovered", "log files            26: 18 valid"],
        ),
    ] {
        let copy = Copy::of(Trail::new(26, 1));
        let day = format!(
            "AWSLogs/{}/{folder}/{}/2026/11/21",
            trail::ACCOUNT,
            trail::REGION
        );
        close(&copy.folder.path().join(BUCKET).join(&day));
        let options = [
            "--object-metadata",
            "manifest.json",
            "--as-of",
            "2026-11-21T08:00:00Z",
        ];
        let (code, output, errors) = copy.run(&options);
        assert_eq!(code, Some(3), "{output} {errors}");
        let told = format!("s3://{BUCKET}/{day} cannot be listed: {BUCKET}/{day}: ");
        assert_eq!(errors.matches(&told).count(), 1, "{errors}");
        for text in kinds {
            assert!(output.contains(text), "{text}: {output}");
        }
        let (code, output, _) = copy.run(&[&options[..], &["--account", "444455556666"]].concat());
        assert_eq!(code, Some(3), "{output}");
    }
}

#[cfg(unix)]
#[test]
fn digests_in_a_folder_that_cannot_be_read_are_not_missing() {
    let copy = Copy::of(Trail::new(26, 1));
    let day = "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/11/20";
    close(&copy.folder.path().join(BUCKET).join(day));
    let as_of = ["--as-of", "2026-11-21T08:00:00Z"];
    let (code, verdicts) =
        copy.verify_with(&[&as_of[..], &["--object-metadata", "manifest.json"]].concat());
    assert_eq!((code, verdicts.overall.as_str()), (Some(3), "incomplete"));
    let lost: Vec<_> = verdicts
        .objects
        .values()
        .filter(|(kind, _)| kind == "digest")
        .collect();
    assert_eq!(
        lost.iter()
            .filter(|(_, verdict)| verdict == "unreadable")
            .count(),
        1
    );
}

#[cfg(unix)]
#[test]
fn links_to_folders_in_a_copy_are_followed() {
    let copy = Copy::of(Trail::new(4, 2));
    for folder in ["CloudTrail", "CloudTrail-Digest"] {
        let day = format!("{BUCKET}/AWSLogs/111122223333/{folder}/eu-west-1/2026/11/20");
        let (day, moved) = (
            copy.folder.path().join(day),
            copy.folder.path().join(folder),
        );
        fs::rename(&day, &moved).unwrap();
        std::os::unix::fs::symlink(&moved, &day).unwrap();
    }
    let (code, verdicts) = copy.verify(&[]);
    assert_eq!((code, verdicts.overall.as_str()), (Some(0), "valid"));
    assert_eq!(verdicts.objects.len(), 12);
}

/// A trail whose third hour has a log file that only a backfill digest lists, whose key is returned.
fn with_backfill() -> (Trail, String) {
    let mut trail = Trail::new(4, 1);
    let mut backfill = Trail::new(3, 0);
    let late = trail::log_key(at(2, 1200), "late000000000000");
    let text = trail::log_text(77);
    trail.put(&late, &text);
    let mut document = backfill.hours[2].document.clone();
    let key = backfill.hours[2]
        .digest
        .replace(".json.gz", "_backfill.json.gz");
    document["digestS3Object"] = key.as_str().into();
    for member in [
        "S3Bucket",
        "S3Object",
        "HashValue",
        "HashAlgorithm",
        "Signature",
    ] {
        document[format!("previousDigest{member}")] = Value::Null;
    }
    let mut entry = trail.hours[2].document["logFiles"][0].clone();
    entry["s3Object"] = late.into();
    entry["hashValue"] = trail::sha256(text.as_bytes()).into();
    document["logFiles"] = serde_json::json!([entry]);
    backfill.sign_and_put(document, Vec::new());
    let stored = backfill.object(&key);
    let made = ("backfill-generation-timestamp", "2026-11-20T09:45:00Z");
    stored.metadata.insert(made.0.to_owned(), made.1.to_owned());
    let stored = stored.clone();
    trail.objects.insert(key.clone(), stored);
    (trail, key)
}

#[test]
fn what_an_unproven_backfill_digest_lists_is_not_called_unlisted() {
    let (trail, key) = with_backfill();
    let (code, verdicts) = Copy::of(trail.clone()).verify(&[]);
    assert_eq!((code, findings(&verdicts)), (Some(0), Vec::new()));
    let unproven = [
        "backfill_digest sig_missing backfill.json.gz",
        "log unverifiable 20261120T0800Z",
    ];
    // Metadata from before the backfill digest came.
    let copy = Copy::of(trail.clone());
    let path = copy.folder.path().join("manifest.json");
    let mut manifest = read(&path);
    let objects = manifest["buckets"][BUCKET]["objects"].as_object_mut();
    objects.unwrap().remove(&key).unwrap();
    fs::write(&path, manifest.to_string()).unwrap();
    let (code, verdicts) = copy.verify(&[]);
    assert_eq!(
        (code, findings(&verdicts)),
        (Some(3), unproven.map(str::to_owned).to_vec())
    );
    // One that is there and proves nothing does not excuse the log file.
    let mut forged = trail;
    forged.object(&key).metadata.clear();
    let (code, verdicts) = Copy::of(forged).verify(&[]);
    assert_eq!(code, Some(1));
    assert!(findings(&verdicts).contains(&"log unreferenced 20261120T0800Z".to_owned()));
}

#[test]
fn keys_that_are_not_cloudtrails() {
    let copy = Copy::of(Trail::new(2, 1));
    let keys = copy.folder.path().join("keys.json");
    fs::write(&keys, r#"{"PublicKeyList": []}"#).unwrap();
    let (code, _, errors) = copy.run(&["--as-of", "2026-11-20T08:00:00Z"]);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("no public key in"), "{errors}");
    let listed = trail::public_keys()
        .to_string()
        .replace("\"Fingerprint\":\"", "\"Fingerprint\":\"0");
    fs::write(&keys, listed).unwrap();
    let (code, _, errors) = copy.run(&[]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("has the fingerprint"), "{errors}");
}

#[test]
fn a_file_that_lacks_a_key_does_not_make_its_digests_wrong() {
    let copy = Copy::of(Trail::new(2, 1));
    let keys = copy.folder.path().join("keys.json");
    fs::write(&keys, trail::other_keys().to_string()).unwrap();
    let (code, verdicts) = copy.verify(&[]);
    assert_eq!((code, verdicts.overall.as_str()), (Some(3), "incomplete"));
    let (_, output, _) = copy.run(&["--as-of", "2026-11-20T08:00:00Z"]);
    let line = output.lines().find(|line| line.contains("key_not_found"));
    let line = line.unwrap();
    assert!(line.contains("it is not in keys.json"), "{line}");
}

#[test]
fn nothing_found_is_not_valid() {
    let copy = Copy::of(Trail::new(1, 1));
    let late = [
        "--start",
        "2026-11-20T07:00:00Z",
        "--as-of",
        "2026-11-20T08:00:00Z",
    ];
    let early = ["--end", "2026-01-01", "--as-of", "2026-11-20T08:00:00Z"];
    let typo = ARN.replace("test_trail", "test-trail");
    let abroad = ARN.replace("eu-west-1", "us-east-1");
    let theirs = ARN.replace(ACCOUNT, "444455556666");
    for (options, expected) in [
        (
            &["--account", "444455556666", "--region", "us-west-2"][..],
            "no digest and no log file in account 444455556666, region us-west-2 of test-trail-logs".to_owned(),
        ),
        (&late, "no digest and no log file in test-trail-logs from 2026-11-20T07:00:00Z on".to_owned()),
        (&early, "no digest and no log file in test-trail-logs up to 2026-01-01T00:00:00Z".to_owned()),
        (&["--trail-arn", &typo], format!("no digest of trail {typo} in test-trail-logs")),
        (&["--trail-arn", &abroad], format!("no digest of trail {abroad} in test-trail-logs")),
        (&["--trail-arn", &theirs], format!("no digest of trail {theirs} in test-trail-logs")),
    ] {
        let (code, output, errors) = copy.run(options);
        assert_eq!(code, Some(3), "{options:?} {output} {errors}");
        assert!(errors.ends_with(&format!("nothing found: {expected}\n")), "{errors}");
        assert!(output.contains("incomplete"), "{output}");
        let (_, output, _) = copy.run(&[options, &["--format", "junit"]].concat());
        assert!(output.contains(&format!("nothing found: {expected}\"/>")), "{output}");
    }
}

#[test]
fn what_was_named_and_is_not_there_is_told_beside_what_is() {
    let copy = Copy::of(Trail::new(1, 1));
    let as_of = "2026-11-20T07:00:00Z";
    let metadata = ["--object-metadata", "manifest.json", "--as-of", as_of];
    let region = ["--region", REGION, "--region", "us-west-2"];
    let account = ["--account", "444455556666", "--account", ACCOUNT];
    for (named, expected) in [
        (
            region,
            "nothing found: no digest and no log file in region us-west-2 of test-trail-logs\n",
        ),
        (
            account,
            "nothing found: no digest and no log file in account 444455556666 of test-trail-logs\n",
        ),
    ] {
        let (code, output, errors) = copy.run(&[metadata, named].concat());
        assert_eq!(code, Some(3), "{output} {errors}");
        assert!(errors.ends_with(expected), "{errors}");
        assert!(
            output.contains("digests              1: 1 valid"),
            "{output}"
        );
    }
}

#[test]
fn what_was_named_may_wait_for_its_first_digest_in_the_range() {
    let mut trail = Trail::new(2, 1);
    trail.put(&digest_elsewhere("us-east-1", "20261120T072000Z"), "{}");
    let copy = Copy::of(trail);
    let region = ["--region", REGION, "--region", "us-east-1"];
    let start = ["--start", "2026-11-20T07:30:00Z"];
    let (code, output, errors) = copy.run(
        &[
            &["--object-metadata", "manifest.json"][..],
            &["--as-of", "2026-11-20T08:00:00Z"],
            &region,
            &start,
        ]
        .concat(),
    );
    assert_eq!(code, Some(0), "{output} {errors}");
    // But when that is all, nothing is proven.
    let (code, _, errors) = copy.run(
        &[
            &["--as-of", "2026-11-20T08:00:00Z"][..],
            &region[2..],
            &start,
        ]
        .concat(),
    );
    assert_eq!(code, Some(3));
    assert!(errors.contains("nothing found"), "{errors}");
}

#[test]
fn options_that_can_mean_nothing_are_refused() {
    let copy = Copy::of(Trail::new(1, 1));
    for (options, expected) in [
        (
            &["--start", "2026-11-21", "--end", "2026-11-20"][..],
            "`--start` is not before `--end`",
        ),
        (&["--trail-arn", "test_trail"], "is not a trail's ARN"),
        (&["--account", "1"], "is not an account's 12 digits"),
        (
            &["--region", "EU-WEST-1"],
            "is not a region such as eu-west-1",
        ),
        (
            &["--region", "eu-west-1,us-east-1"],
            "is not a region such as eu-west-1",
        ),
        (
            &["--region", "ireland"],
            "is not a region such as eu-west-1",
        ),
    ] {
        let (code, _, errors) = copy.run(options);
        assert_eq!(code, Some(2), "{errors}");
        assert!(errors.contains(expected), "{errors}");
    }
}

#[test]
fn a_copy_is_recognised_wherever_it_begins() {
    let copy = Copy::of(Trail::new(2, 1));
    let mut cases = vec![(".".to_owned(), format!("s3://{BUCKET}/"))];
    for below in [
        "",
        "AWSLogs/",
        "AWSLogs/111122223333/",
        "AWSLogs/111122223333/CloudTrail-Digest/",
        "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/",
        "AWSLogs/111122223333/CloudTrail/",
        "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/20/",
    ] {
        cases.push((
            format!("{BUCKET}/{below}"),
            format!("s3://{BUCKET}/{below}"),
        ));
    }
    for (folder, place) in &cases {
        let output = assert_cmd::Command::cargo_bin("trailwarden")
            .unwrap()
            .current_dir(copy.folder.path())
            .args([
                "verify",
                folder,
                "--public-keys",
                "keys.json",
                "--trail-arn",
                ARN,
            ])
            .args([
                "--object-metadata",
                "manifest.json",
                "--as-of",
                "2026-11-20T08:00:00Z",
            ])
            .output()
            .unwrap();
        let (code, output, errors) = support::texts(output);
        assert_eq!(code, Some(0), "{folder}: {output} {errors}");
        assert!(errors.contains(&format!("copy of {place} ")), "{errors}");
        let counted = "log files            2: 2 valid";
        assert!(output.contains(counted), "{folder}: {output}");
    }
}

fn verify_in(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = assert_cmd::Command::cargo_bin("trailwarden")
        .unwrap()
        .current_dir(folder)
        .arg("verify")
        .args(arguments)
        .args(["--as-of", "2026-11-20T08:00:00Z"])
        .output()
        .unwrap();
    support::texts(output)
}

#[test]
fn a_copy_that_is_not_recognised_is_not_guessed_at() {
    let copy = Copy::of(Trail::new(2, 1));
    let folder = copy.folder.path();
    let keys = ["--public-keys", "keys.json"];
    fs::create_dir(folder.join("empty")).unwrap();
    let keys_above = ["--public-keys", "../keys.json"];
    let (code, _, errors) = verify_in(&folder.join("empty"), &[&["."], &keys_above[..]].concat());
    assert_eq!(code, Some(3), "{errors}");
    assert_eq!(
        errors,
        "no digest in . says of which bucket it is a copy\n\
         nothing found: no digest and no log file in .\n"
    );
    // A folder of buckets is not a copy of one.
    let uri = format!("s3://{BUCKET}");
    let (code, output, errors) =
        verify_in(folder, &[&[".", "--copy-of", &uri], &keys[..]].concat());
    assert_eq!((code, output.as_str()), (Some(2), ""));
    assert!(errors.contains(&format!("verify ./{BUCKET}")), "{errors}");
    // Without its path nobody knows where the log files are.
    let digests = format!("{BUCKET}/AWSLogs/111122223333/CloudTrail-Digest");
    fs::rename(folder.join(digests), folder.join("digests")).unwrap();
    let (code, _, errors) = verify_in(folder, &[&["digests"], &keys[..]].concat());
    assert_eq!(code, Some(2));
    assert!(
        errors.contains("should be named CloudTrail-Digest and lie beside"),
        "{errors}"
    );
}

#[test]
fn a_trail_whose_prefix_is_awslogs_is_found_alone_and_beside_another() {
    for (prefix, beside) in [
        ("AWSLogs/", false),
        ("AWSLogs/", true),
        ("a/AWSLogs/", true),
    ] {
        let mut trail = Trail::new(2, 1);
        let there = trail.objects.clone();
        if !beside {
            trail.objects.clear();
        }
        let moved = |(key, object)| (format!("{prefix}{key}"), object);
        trail.objects.extend(there.into_iter().map(moved));
        let place = format!("s3://{BUCKET}");
        let (code, verdicts) = Copy::of(trail).verify(&["--copy-of", &place]);
        assert_eq!((code, verdicts.overall.as_str()), (Some(1), "invalid"));
        // That they were made for another place shows that they were found.
        let found = findings(&verdicts);
        let moved = found
            .iter()
            .filter(|found| found.starts_with("digest moved"));
        assert_eq!(moved.count(), 2, "{found:?}");
    }
}

#[test]
fn reports_look_as_they_did() {
    let mut trail = Trail::new(4, 2);
    let (changed, lost) = (
        trail.hours[0].logs[0].clone(),
        trail.hours[2].digest.clone(),
    );
    trail.put(&changed, &trail::log_text(99));
    trail.objects.remove(&lost);
    trail.put(&trail::log_key(at(1, 1500), "a<b>&\"c"), "x");
    let copy = Copy::of(trail);
    for (format, ending) in [("text", "txt"), ("json", "json"), ("junit", "xml")] {
        let (code, output, _) = copy.run(&[
            "--object-metadata",
            "manifest.json",
            "--as-of",
            "2026-11-20T10:30:00Z",
            "--format",
            format,
        ]);
        assert_eq!(code, Some(1));
        let golden = format!("{}/tests/trail/report.{ending}", env!("CARGO_MANIFEST_DIR"));
        let assert = Assert::new().action_env("SNAPSHOTS");
        assert.eq(output, Data::read_from(Path::new(&golden), None).raw());
    }
}
