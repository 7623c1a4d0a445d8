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

#[path = "verify/copies.rs"]
mod copies;
#[path = "verify/named.rs"]
mod named;
#[path = "verify/ranges.rs"]
mod ranges;
#[path = "verify/scenarios.rs"]
mod scenarios;
mod support;
#[path = "support/trail.rs"]
mod trail;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use snapbox::{Assert, Data};
use tempfile::TempDir;
use trail::{ACCOUNT, BUCKET, REGION, Trail, at};

fn read(path: &Path) -> Value {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
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

/// The key of a digest in another region, such as one of which only the old digests are left.
fn digest_elsewhere(region: &str, end: &str) -> String {
    let day = format!("{}/{}/{}", &end[..4], &end[4..6], &end[6..8]);
    format!(
        "AWSLogs/{ACCOUNT}/CloudTrail-Digest/{region}/{day}/{ACCOUNT}_CloudTrail-Digest_{region}_test_trail_{REGION}_{end}.json.gz"
    )
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

/// Folders like those of another trail, in the folder of a day.
#[test]
fn a_log_file_cannot_be_hidden_in_folders_like_a_trail_s() {
    for inner in [
        format!("x/{REGION}"),
        format!("CloudTrail/{REGION}/2026/11/19"),
        format!("CloudTrail-Digest/{REGION}"),
    ] {
        let key = log_filed(
            &format!("2026/11/20/AWSLogs/{ACCOUNT}/{inner}"),
            "20261120T0705Z",
        );
        let mut trail = Trail::new(4, 1);
        trail.put(&key, &trail::log_text(98));
        let copy = Copy::of(trail);
        for more in [vec![], vec!["--start", "2026-11-20T06:00:00Z"]] {
            let (code, verdicts) = copy.verify(&more);
            assert_eq!(
                findings(&verdicts),
                ["log unreferenced 20261120T0705Z"],
                "{inner}"
            );
            assert_eq!(code, Some(1));
        }
    }
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
