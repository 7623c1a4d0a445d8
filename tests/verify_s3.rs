//! `trailwarden verify s3://…` against a small service of our own.
#![cfg(all(feature = "cli", feature = "aws"))]
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failure here is a failed test"
)]

#[path = "support/service.rs"]
mod service;
mod support;
#[path = "support/trail.rs"]
mod trail;

use std::collections::BTreeSet;

use serde_json::Value;
use service::{Service, World};
use trail::{BUCKET, REGION, Trail};

fn world(trail: Trail) -> World {
    World {
        trail,
        denied: BTreeSet::new(),
        keys_denied: false,
        unlisted: BTreeSet::new(),
    }
}

fn run(service: &Service, place: &str, more: &[&str]) -> (Option<i32>, String, String) {
    let output = assert_cmd::Command::cargo_bin("trailwarden")
        .unwrap()
        .args(["verify", place, "--as-of", "2026-11-20T10:20:00Z"])
        .args(more)
        .env_remove("AWS_PROFILE")
        .env_remove("AWS_REGION")
        .env("AWS_ENDPOINT_URL", &service.url)
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "testing")
        .env("AWS_MAX_ATTEMPTS", "1")
        .env("AWS_CONFIG_FILE", "none")
        .env("AWS_SHARED_CREDENTIALS_FILE", "none")
        .output()
        .unwrap();
    support::texts(output)
}

fn verify(service: &Service, more: &[&str]) -> (Option<i32>, Value, String) {
    let place = format!("s3://{BUCKET}");
    let (code, output, errors) = run(service, &place, &[more, &["--format", "json"]].concat());
    match serde_json::from_str(&output) {
        Ok(value) => (code, value, errors),
        Err(error) => panic!("{error}: {output}\n{errors}"),
    }
}

/// How many objects have this verdict.
fn count(report: &Value, verdict: &str) -> usize {
    let objects = report["objects"].as_array().unwrap();
    objects
        .iter()
        .filter(|object| object["verdict"] == verdict)
        .count()
}

#[test]
fn a_bucket_with_the_keys_of_its_region() {
    let service = Service::start(world(Trail::new(4, 3)));
    let (code, report, errors) = verify(&service, &[]);
    assert_eq!(
        (code, &report["overall"]),
        (Some(0), &"valid".into()),
        "{errors}"
    );
    assert_eq!(count(&report, "valid"), 16);
    assert_eq!(*service.asked.lock().unwrap(), [REGION]);
    for place in [
        "AWSLogs",
        "AWSLogs/111122223333/",
        "AWSLogs/111122223333/CloudTrail/eu-west-1",
    ] {
        let (code, output, errors) = run(&service, &format!("s3://{BUCKET}/{place}"), &[]);
        assert_eq!(code, Some(0), "{output} {errors}");
        assert!(
            output.contains("log files            12: 12 valid"),
            "{output}"
        );
    }
}

#[test]
fn what_may_not_be_read_is_said_and_the_rest_is_verified() {
    let trail = Trail::new(4, 2);
    let mut world = world(trail.clone());
    world.denied.insert(trail.hours[1].logs[0].clone());
    world.denied.insert(trail.hours[2].digest.clone());
    let service = Service::start(world);
    let (code, report, errors) = verify(&service, &[]);
    assert_eq!(
        (code, &report["overall"]),
        (Some(3), &"incomplete".into()),
        "{errors}"
    );
    // The digest's two log files cannot be proven, all others are looked at.
    let counts = ["unreadable", "unverifiable", "valid"].map(|verdict| count(&report, verdict));
    assert_eq!(counts, [2, 2, 8]);
    let objects = report["objects"].as_array().unwrap();
    let refused = objects
        .iter()
        .find(|object| object["verdict"] == "unreadable");
    let reason = refused.unwrap()["reason"].as_str().unwrap();
    assert_eq!(reason, "access denied: AccessDenied: refused");
}

#[test]
fn keys_that_may_not_be_listed_prove_nothing_and_disprove_nothing() {
    let mut refusing = world(Trail::new(2, 1));
    refusing.keys_denied = true;
    let service = Service::start(refusing);
    let (code, report, errors) = verify(&service, &[]);
    assert_eq!((code, &report["overall"]), (Some(3), &"incomplete".into()));
    assert_eq!(count(&report, "key_not_found"), 2);
    assert!(
        errors.contains("the public keys of eu-west-1 cannot be had"),
        "{errors}"
    );
}

#[test]
fn a_folder_that_may_not_be_listed_is_an_error_that_the_rest_survives() {
    let mut refusing = world(Trail::new(2, 1));
    let folder = "AWSLogs/111122223333/CloudTrail/eu-west-1/";
    refusing.unlisted.insert(folder.to_owned());
    let service = Service::start(refusing);
    let (code, report, errors) = verify(&service, &[]);
    assert_eq!((code, &report["overall"]), (Some(3), &"incomplete".into()));
    assert_eq!(count(&report, "valid"), 4);
    let told = format!("s3://{BUCKET}/{folder} cannot be listed: AccessDenied: refused");
    assert_eq!(errors, format!("error: {told}\n"));
    assert_eq!(report["troubles"], serde_json::json!([told]));
    let place = format!("s3://{BUCKET}");
    let (_, output, _) = run(&service, &place, &[]);
    let line = format!("not looked at        {told}\n");
    assert!(output.contains(&line), "{output}");
    let (code, output, _) = run(&service, &place, &["--format", "junit"]);
    let case = format!(
        "<testcase classname=\"trouble\" name=\"{told}\">\
         <error type=\"not_looked_at\" message=\"{told}\"/></testcase>"
    );
    assert_eq!(code, Some(3));
    assert!(output.contains(&case), "{output}");
}

#[test]
fn a_bucket_that_is_not_there_is_an_error() {
    let service = Service::start(world(Trail::new(1, 1)));
    let (code, output, errors) = run(&service, "s3://nonesuch", &[]);
    assert_eq!((code, output.as_str()), (Some(2), ""));
    assert_eq!(
        errors,
        "error: s3://nonesuch/ cannot be listed: NoSuchBucket: refused\n\
         error: nothing in s3://nonesuch can be looked at\n"
    );
}

#[test]
fn saved_keys_verify_a_copy_later() {
    let folder = tempfile::TempDir::new().unwrap();
    let keys = folder.path().join("kept.json");
    let kept = keys.display().to_string();
    let trail = Trail::new(4, 1);
    trail.write(folder.path());
    let service = Service::start(world(trail));
    let (code, _, errors) = verify(&service, &["--save-keys", &kept]);
    assert_eq!(code, Some(0), "{errors}");
    let copy = folder.path().join(BUCKET).display().to_string();
    let manifest = folder.path().join("manifest.json").display().to_string();
    let (code, output, errors) = run(
        &service,
        &copy,
        &["--public-keys", &kept, "--object-metadata", &manifest],
    );
    assert_eq!(code, Some(0), "{output} {errors}");
    assert_eq!(service.asked.lock().unwrap().len(), 1);
}

#[test]
fn saving_keys_never_loses_one() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("keys.json");
    let file = path.display().to_string();
    let service = Service::start(world(Trail::new(4, 1)));
    // Nothing was asked for, so no key was fetched.
    let nothing = ["--region", "us-west-2", "--save-keys", file.as_str()];
    let (code, _, errors) = verify(&service, &nothing);
    assert_eq!(code, Some(3));
    assert!(errors.contains("no public key was fetched"), "{errors}");
    assert!(!path.exists());
    let (code, _, _) = verify(&service, &["--save-keys", &file]);
    assert_eq!(code, Some(0));
    let saved = std::fs::read_to_string(&path).unwrap();
    assert!(saved.contains("\"Fingerprint\""), "{saved}");
    verify(&service, &nothing);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), saved);

    // A key of another time, as an earlier run saved it.
    std::fs::write(&path, trail::other_keys().to_string()).unwrap();
    let (code, _, errors) = verify(&service, &["--save-keys", &file]);
    assert_eq!(code, Some(0), "{errors}");
    let saved: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(saved["PublicKeyList"].as_array().unwrap().len(), 2);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn keys_are_not_saved_over_another_file() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "notes").unwrap();
    let service = Service::start(world(Trail::new(1, 1)));
    let place = format!("s3://{BUCKET}");
    let (code, output, errors) = run(
        &service,
        &place,
        &["--save-keys", &path.display().to_string()],
    );
    assert_eq!((code, output.as_str()), (Some(2), ""), "{errors}");
    assert!(
        errors.contains("has other content than public keys"),
        "{errors}"
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "notes");
    assert!(service.asked.lock().unwrap().is_empty());
}

#[test]
fn cloudtrail_is_asked_for_keys_that_a_file_lacks() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(file("old.json"), trail::other_keys().to_string()).unwrap();
    let service = Service::start(world(Trail::new(4, 1)));
    let options = [
        "--public-keys",
        &file("old.json"),
        "--save-keys",
        &file("new.json"),
    ];
    let (code, _, errors) = verify(&service, &options);
    assert_eq!(code, Some(0), "{errors}");
    let saved = std::fs::read_to_string(file("new.json")).unwrap();
    assert_eq!(saved.matches("\"Fingerprint\"").count(), 2, "{saved}");
    assert_eq!(service.asked.lock().unwrap().len(), 1);
    // With all keys in the file nobody is asked.
    let (code, _, errors) = verify(&service, &["--public-keys", &file("new.json")]);
    assert_eq!(code, Some(0), "{errors}");
    assert_eq!(service.asked.lock().unwrap().len(), 1);

    let mut refusing = world(Trail::new(4, 1));
    refusing.keys_denied = true;
    let service = Service::start(refusing);
    let (code, report, _) = verify(&service, &options[..2]);
    assert_eq!((code, &report["overall"]), (Some(3), &"incomplete".into()));
    let reason = report["objects"][0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("old.json, and CloudTrail cannot be asked"),
        "{reason}"
    );
}
