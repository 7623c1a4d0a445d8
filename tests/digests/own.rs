//! Scenarios of our own, in the form of the shared ones, so that a fresh clone tests as much: a
//! trail that is signed with the test key, faulty in one way each.

use std::fs;
use std::path::Path;

use serde_json::{Map, json};

use crate::signed_trail::{BUCKET, Trail, at, digest_key, log_key, public_keys};
use crate::support::{gzip, log_file, record};

type Fault = fn(&mut Trail);

/// By name. Each trail has six hours of two log files.
const SCENARIOS: [(&str, Fault); 14] = [
    ("clean", |_| {}),
    ("log_changed", |trail| {
        let key = log(trail, 2, 0);
        let text = log_file(&[record("x", "2026-11-20T08:00:00Z", "Nothing", "")]);
        trail.put(&key, &text);
    }),
    ("log_deleted", |trail| {
        let key = log(trail, 3, 1);
        trail.objects.remove(&key);
    }),
    ("log_appended", |trail| {
        let key = log(trail, 3, 1);
        let member = gzip(b"more");
        trail.object(&key).bytes.extend(member);
    }),
    ("log_cut", |trail| {
        let key = log(trail, 3, 1);
        let bytes = &mut trail.object(&key).bytes;
        bytes.truncate(bytes.len() - 4);
    }),
    ("log_put_there", |trail| {
        trail.put(&log_key(at(2, 900), "putTherePutThere"), &log_file(&[]));
        trail.put(
            &log_key(at(2, 900), "x").replace("_x.json.gz", ".txt"),
            "a note",
        );
    }),
    ("digest_changed", |trail| {
        let key = trail.hours[2].digest.clone();
        let text = trail.hours[2].document.to_string();
        trail.object(&key).bytes = gzip(format!("{text} ").as_bytes());
    }),
    ("digest_cut", |trail| {
        let key = trail.hours[2].digest.clone();
        trail.object(&key).bytes.truncate(100);
    }),
    ("digest_without_signature", |trail| {
        let key = trail.hours[2].digest.clone();
        trail.object(&key).metadata.clear();
    }),
    ("newest_digest_without_signature", |trail| {
        let key = trail.hours[5].digest.clone();
        trail.object(&key).metadata.clear();
    }),
    ("digests_deleted", |trail| {
        for hour in [2, 3] {
            let key = trail.hours[hour].digest.clone();
            trail.objects.remove(&key);
        }
    }),
    ("old_digest_put_again_as_a_new_one", |trail| {
        let old = trail.objects[&trail.hours[1].digest].clone();
        let key = trail.hours[3].digest.clone();
        *trail.object(&key) = old;
    }),
    ("stopped_and_started", |trail| {
        let stop = r#""requestParameters":{"name":"test_trail"}"#;
        let stop = record("stop", "2026-11-20T11:50:00Z", "StopLogging", stop);
        let stop = stop.replace("iam.amazonaws.com", "cloudtrail.amazonaws.com");
        let text = log_file(&[stop]);
        trail.add_files(6, vec![(gzip(text.as_bytes()), text.as_bytes())], false);
        trail.add(10, 2, true);
    }),
    ("started_anew_for_no_reason", |trail| {
        trail.add(9, 2, true);
        trail.add(10, 2, false);
    }),
];

fn log(trail: &Trail, hour: usize, number: usize) -> String {
    trail.hours[hour].logs[number].clone()
}

/// Writes all of them below a folder.
pub fn write(folder: &Path) {
    for (name, fault) in SCENARIOS {
        let mut trail = Trail::new(6, 2);
        fault(&mut trail);
        write_one(&trail, &folder.join(name));
    }
}

fn write_one(trail: &Trail, folder: &Path) {
    let mut objects = Map::new();
    for (number, (key, object)) in trail.objects.iter().enumerate() {
        let path = format!("tree/{BUCKET}/{key}");
        let file = folder.join(&path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, &object.bytes).unwrap();
        // Digests come half an hour after their hour, log files in it.
        let hour = (0..20).find(|hour| *key == digest_key(at(hour + 1, 0)));
        let listed = trail.hours.iter().find(|hour| hour.logs.contains(key));
        let end = listed.map(|hour| hour.document["digestEndTime"].as_str().unwrap());
        let came = match (hour, end) {
            (Some(hour), _) => at(hour + 1, 1_800),
            (None, Some(end)) => end.parse().unwrap(),
            (None, None) => at(2, 1_000),
        };
        let object = json!({
            "path": path,
            "etag": format!("etag-{number}"),
            "metadata": object.metadata,
            "last_modified": came.to_string(),
        });
        objects.insert(key.clone(), object);
    }
    let manifest = json!({"buckets": {BUCKET: {"objects": objects}}});
    let last = trail.hours.last().unwrap().document["digestEndTime"].clone();
    let last: trailwarden::record::EventTime = last.as_str().unwrap().parse().unwrap();
    let as_of = trailwarden::record::EventTime::from_seconds(last.seconds() + 2_400);
    let scenario = json!({"scope": {"as_of": as_of.to_string(), "bucket": BUCKET}});
    for (name, text) in [
        ("manifest.json", manifest),
        ("scenario.json", scenario),
        ("public_keys.json", public_keys()),
    ] {
        fs::write(folder.join(name), text.to_string()).unwrap();
    }
}
