//! What tests of single situations share: trails that are delivered hour by hour, digests of other
//! chains, and what was told.

use serde_json::{Value, json};
use trailwarden::integrity::KeyRing;
use trailwarden::local::{MemoryState, wait};
use trailwarden::ports::{Ledger as _, ObjectRef};

use crate::signed_trail::{ACCOUNT, BUCKET, Trail, at, digest_key, hex, public_keys};
use crate::world::{Session, Stored, World};

pub fn world(trail: &Trail) -> World {
    let mut world = World::new(KeyRing::from_json(&public_keys().to_string()).unwrap());
    for (key, object) in &trail.objects {
        let stored = Stored {
            bytes: object.bytes.clone(),
            etag: hex(ring::digest::digest(&ring::digest::SHA256, &object.bytes).as_ref()),
            metadata: serde_json::to_value(&object.metadata).unwrap(),
            denied: false,
        };
        world.put(BUCKET, key, stored);
    }
    world
}

pub fn named(trail: &Trail, key: &str) -> ObjectRef {
    let bytes = &trail.objects[key].bytes;
    ObjectRef {
        bucket: BUCKET.into(),
        key: key.into(),
        version: None,
        etag: Some(hex(
            ring::digest::digest(&ring::digest::SHA256, bytes).as_ref()
        )),
    }
}

pub fn deliver(session: &Session<'_, MemoryState>, trail: &Trail, from: usize, to: usize) {
    for hour in &trail.hours[from..to] {
        let end: trailwarden::record::EventTime = hour.document["digestEndTime"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        for log in &hour.logs {
            assert!(
                session
                    .run(vec![named(trail, log)], end.seconds() - 600)
                    .is_success()
            );
        }
        let report = session.run(vec![named(trail, &hour.digest)], end.seconds() + 1_800);
        assert!(report.is_success(), "{report:?}");
    }
}

pub fn told(session: &Session<'_, MemoryState>) -> Vec<String> {
    session
        .alerts()
        .into_iter()
        .flat_map(|a| {
            let rule = a.rule.clone();
            if a.event_ids.is_empty() {
                vec![rule]
            } else {
                a.event_ids
            }
        })
        .collect()
}

pub fn sweeps(session: &Session<'_, MemoryState>, from: i64, hours: i64) {
    for half in 1..=hours * 2 {
        let report = session.sweep(from + half * 1_800);
        assert!(report.is_success(), "{report:?}");
    }
}

pub fn secs(hours: i64, s: i64) -> i64 {
    at(hours, s).seconds()
}

pub fn entry(key: &str, text: &str) -> Value {
    json!({"s3Bucket": BUCKET, "s3Object": key, "hashAlgorithm": "SHA-256",
        "hashValue": hex(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref()),
        "newestEventTime": "2026-11-20T05:40:00Z", "oldestEventTime": "2026-11-20T05:40:00Z"})
}

pub fn other(
    trail: &mut Trail,
    chain: &mut Option<usize>,
    key: String,
    start: i64,
    end: i64,
    entries: Vec<Value>,
    logs: Vec<String>,
) {
    let before = chain.map(|at| trail.hours[at].clone());
    let document = json!({
        "awsAccountId": ACCOUNT,
        "digestStartTime": trailwarden::record::EventTime::from_seconds(start).to_string(),
        "digestEndTime": trailwarden::record::EventTime::from_seconds(end).to_string(),
        "digestS3Bucket": BUCKET, "digestS3Object": key,
        "digestPublicKeyFingerprint": public_keys()["PublicKeyList"][0]["Fingerprint"],
        "digestSignatureAlgorithm": "SHA256withRSA",
        "newestEventTime": null, "oldestEventTime": null,
        "previousDigestS3Bucket": before.as_ref().map(|_| BUCKET),
        "previousDigestS3Object": before.as_ref().map(|h| &h.digest),
        "previousDigestHashValue": before.as_ref().map(|h| &h.sha256),
        "previousDigestHashAlgorithm": before.as_ref().map(|_| "SHA-256"),
        "previousDigestSignature": before.as_ref().map(|h| &h.signature),
        "logFiles": entries,
    });
    trail.sign_and_put(document, logs);
    *chain = Some(trail.hours.len() - 1);
}

pub fn copies(trail: &mut Trail, count: i64, step: i64) -> Vec<String> {
    let old = trail.objects[&trail.hours[1].digest].clone();
    (1..=count)
        .map(|n| {
            let key = digest_key(at(6, n * step));
            trail.put(&key, "");
            *trail.object(&key) = old.clone();
            key
        })
        .collect()
}

/// Hours of which the log file is not in the ledger, but for the one whose digest was lost.
pub fn never_evaluated(
    session: &Session<'_, MemoryState>,
    full: &Trail,
    hours: std::ops::Range<usize>,
) -> Vec<usize> {
    let is_known = |hour: &usize| {
        let log = named(full, &full.hours[*hour].logs[0]);
        wait(session.state.entry(&log)).unwrap().is_some()
    };
    let lost = hours.filter(|hour| *hour != 45);
    lost.filter(|hour| !is_known(hour)).collect()
}
