//! A small trail of our own: log files, and digests that are signed with a key made for tests. Its
//! bytes are the same on every run.
#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "test support: a failure here is a failed test"
)]
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test file uses some of it"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use trailwarden::record::EventTime;

use crate::support::gzip;

const KEY: &str = include_str!("../trail/not-a-secret-test-key.pem");

/// The trail's account.
pub const ACCOUNT: &str = "111122223333";
/// Its region.
pub const REGION: &str = "eu-west-1";
/// Its bucket.
pub const BUCKET: &str = "test-trail-logs";
/// Its ARN.
pub const ARN: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/test_trail";
/// Start of the first digest.
pub const START: &str = "2026-11-20T05:41:17Z";

/// A stored object.
#[derive(Clone)]
pub struct Object {
    pub bytes: Vec<u8>,
    pub metadata: BTreeMap<String, String>,
}

/// One hour.
#[derive(Clone)]
pub struct Hour {
    pub digest: String,
    pub logs: Vec<String>,
    pub document: Value,
    pub signature: String,
    pub sha256: String,
}

/// Objects by key, and what is in which hour.
#[derive(Clone)]
pub struct Trail {
    pub objects: BTreeMap<String, Object>,
    pub hours: Vec<Hour>,
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn key_pair() -> RsaKeyPair {
    let text: String = KEY.lines().filter(|line| !line.starts_with('-')).collect();
    RsaKeyPair::from_pkcs8(&STANDARD.decode(text).unwrap()).unwrap()
}

/// The test key as `ListPublicKeys` would list it.
pub fn public_keys() -> Value {
    listed(key_pair().public().as_ref())
}

/// A list without the test key, and with another one of that time.
pub fn other_keys() -> Value {
    let mut value = key_pair().public().as_ref().to_vec();
    value[20] ^= 1;
    listed(&value)
}

fn listed(value: &[u8]) -> Value {
    json!({"PublicKeyList": [{
        "Fingerprint": hex(&Md5::digest(value)),
        "Value": STANDARD.encode(value),
        "ValidityStartTime": "2026-11-10T00:00:00Z",
        "ValidityEndTime": 1_796_774_400.0, // 2026-12-09
    }]})
}

/// As digests give it.
pub fn sha256(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

/// Signs as CloudTrail does.
pub fn sign(text: &str) -> String {
    let key = key_pair();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        text.as_bytes(),
        &mut signature,
    )
    .unwrap();
    hex(&signature)
}

pub fn at(hours: i64, seconds: i64) -> EventTime {
    let start: EventTime = START.parse().unwrap();
    EventTime::from_seconds(start.seconds() + hours * 3600 + seconds)
}

fn compact(time: EventTime) -> String {
    time.to_string().replace(['-', ':'], "")
}

fn day(time: EventTime) -> String {
    time.to_string()[..10].replace('-', "/")
}

/// The key of a log file that is delivered at this time.
pub fn log_key(time: EventTime, unique: &str) -> String {
    let mark = EventTime::from_seconds(time.seconds() - time.seconds().rem_euclid(300));
    let name = compact(mark);
    let name = format!("{}Z", &name[..13]);
    format!(
        "AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/{}/{ACCOUNT}_CloudTrail_{REGION}_{name}_{unique}.json.gz",
        day(mark)
    )
}

/// The key of the digest that ends at this time.
pub fn digest_key(end: EventTime) -> String {
    format!(
        "AWSLogs/{ACCOUNT}/CloudTrail-Digest/{REGION}/{}/{ACCOUNT}_CloudTrail-Digest_{REGION}_test_trail_{REGION}_{}.json.gz",
        day(end),
        compact(end)
    )
}

/// A log file's text.
pub fn log_text(number: usize) -> String {
    crate::support::log_file(&[crate::support::record(
        &format!("event-{number}"),
        "2026-11-20T05:40:00Z",
        "DescribeTrails",
        "",
    )])
}

impl Trail {
    /// So many hours with so many log files each, all intact.
    pub fn new(hours: usize, logs: usize) -> Self {
        let mut trail = Self {
            objects: BTreeMap::new(),
            hours: Vec::new(),
        };
        for hour in 0..hours {
            trail.add(i64::try_from(hour).unwrap(), logs, hour == 0);
        }
        trail
    }

    /// Adds the hour that begins so many hours after the start.
    pub fn add(&mut self, hour: i64, logs: usize, first: bool) {
        let number = self.objects.len();
        let texts: Vec<String> = (number..number + logs).map(log_text).collect();
        let files = texts
            .iter()
            .map(|text| (gzip(text.as_bytes()), text.as_bytes()));
        self.add_files(hour, files.collect(), first);
    }

    /// The same with these log files, stored and inflated.
    pub fn add_files(&mut self, hour: i64, files: Vec<(Vec<u8>, &[u8])>, first: bool) {
        let (mut keys, mut entries) = (Vec::new(), Vec::new());
        let count = files.len();
        for (log, (stored, inflated)) in files.into_iter().enumerate() {
            let number = self.objects.len();
            let minutes = 60 * (log + 1) / (count + 1);
            let delivered = at(hour, i64::try_from(minutes * 60).unwrap());
            let key = log_key(delivered, &format!("{number:016}"));
            entries.push(json!({
                "s3Bucket": BUCKET, "s3Object": key, "hashAlgorithm": "SHA-256",
                "hashValue": hex(digest(&SHA256, inflated).as_ref()),
                "newestEventTime": "2026-11-20T05:40:00Z", "oldestEventTime": "2026-11-20T05:40:00Z",
            }));
            self.put_bytes(&key, stored);
            keys.push(key);
        }
        let before = self.hours.last().filter(|_| !first);
        let listed = &public_keys()["PublicKeyList"][0];
        let document = json!({
            "awsAccountId": ACCOUNT,
            "digestStartTime": at(hour, 0).to_string(),
            "digestEndTime": at(hour + 1, 0).to_string(),
            "digestS3Bucket": BUCKET,
            "digestS3Object": digest_key(at(hour + 1, 0)),
            "digestPublicKeyFingerprint": listed["Fingerprint"],
            "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": null, "oldestEventTime": null,
            "previousDigestS3Bucket": before.map(|_| BUCKET),
            "previousDigestS3Object": before.map(|hour| &hour.digest),
            "previousDigestHashValue": before.map(|hour| &hour.sha256),
            "previousDigestHashAlgorithm": before.map(|_| "SHA-256"),
            "previousDigestSignature": before.map(|hour| &hour.signature),
            "logFiles": entries,
        });
        self.sign_and_put(document, keys);
    }

    /// Stores a digest with this content, signed.
    pub fn sign_and_put(&mut self, document: Value, logs: Vec<String>) {
        let text = document.to_string();
        let sha256 = hex(digest(&SHA256, text.as_bytes()).as_ref());
        let said = |member: &str| document[member].as_str().map(str::to_owned);
        let key = said("digestS3Object").unwrap();
        let signature = sign(&format!(
            "{}\n{}/{key}\n{sha256}\n{}",
            said("digestEndTime").unwrap(),
            said("digestS3Bucket").unwrap(),
            said("previousDigestSignature").unwrap_or("null".to_owned()),
        ));
        let metadata = [
            ("signature", signature.as_str()),
            ("signature-algorithm", "SHA256withRSA"),
        ];
        self.put(&key, &text);
        self.object(&key).metadata = metadata
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        self.hours.push(Hour {
            digest: key,
            logs,
            document,
            signature,
            sha256,
        });
    }

    /// Stores text as CloudTrail would.
    pub fn put(&mut self, key: &str, text: &str) {
        self.put_bytes(key, gzip(text.as_bytes()));
    }

    fn put_bytes(&mut self, key: &str, bytes: Vec<u8>) {
        let object = Object {
            bytes,
            metadata: BTreeMap::new(),
        };
        self.objects.insert(key.to_owned(), object);
    }

    pub fn object(&mut self, key: &str) -> &mut Object {
        self.objects.get_mut(key).unwrap()
    }

    pub fn end(&self) -> EventTime {
        at(i64::try_from(self.hours.len()).unwrap(), 0)
    }

    /// Writes the bucket as a folder of its name, `manifest.json` and `keys.json`.
    pub fn write(&self, folder: &Path) {
        let mut objects = serde_json::Map::new();
        for (key, object) in &self.objects {
            let path = folder.join(BUCKET).join(key);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &object.bytes).unwrap();
            objects.insert(key.clone(), json!({"metadata": object.metadata}));
        }
        let manifest = json!({"buckets": {BUCKET: {"objects": objects}}});
        fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
        fs::write(folder.join("keys.json"), public_keys().to_string()).unwrap();
    }
}
