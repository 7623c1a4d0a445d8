//! Copies on disk: what they lack, how they are recognised, folders that cannot be read.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::trail::{ACCOUNT, ARN, BUCKET, REGION, Trail, at, log_key, log_text, sha256};
use crate::{Copy, findings, read, support};

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
        let day = format!("AWSLogs/{}/{folder}/{}/2026/11/21", ACCOUNT, REGION);
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
    let late = log_key(at(2, 1200), "late000000000000");
    let text = log_text(77);
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
    entry["hashValue"] = sha256(text.as_bytes()).into();
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
