//! The shared scenarios, from disk and over S3, with exactly the expected verdicts.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{Verdicts, exit_code, found, ranges, read, support, text, verify};

fn scenarios() -> Vec<PathBuf> {
    let Some(shared) = support::shared() else {
        return Vec::new();
    };
    let entries = fs::read_dir(shared.join("digest/scenarios")).unwrap();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
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
            let differ = difference(&expected, &found);
            wrong.push(format!("{}: {code:?} {errors}\n{differ}", folder.display()));
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
            let differ = difference(&expected, &found);
            wrong.push(format!("{}: {code:?} {errors}\n{differ}", folder.display()));
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
