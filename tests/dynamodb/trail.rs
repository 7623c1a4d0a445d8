//! A bucket of log files in memory, and a worker that inspects them over a table.

use std::collections::BTreeMap;

use trailwarden::inspect::{Bounds, Inspector, Options, TrailState};
use trailwarden::integrity::KeyRing;
use trailwarden::ports::{FetchError, Fetched, ObjectRef, ObjectStore};
use trailwarden::rules::RuleSet;

use crate::support::{Inbox, gzip, log_file, rule_set};

/// 2026-11-22T07:06:40Z
pub const NOW: i64 = 1_795_331_200;

/// The stored bytes of log files by their keys.
#[derive(Default)]
pub struct Bucket(BTreeMap<String, Vec<u8>>);

impl Bucket {
    /// Puts a log file of these records.
    pub fn put(&mut self, name: &str, records: &[String]) -> ObjectRef {
        let object = object(name);
        let bytes = gzip(log_file(records).as_bytes());
        self.0.insert(object.key.clone(), bytes);
        object
    }

    /// What names the log file.
    pub fn object(&self, name: &str) -> ObjectRef {
        object(name)
    }
}

impl ObjectStore for &Bucket {
    async fn fetch(&self, object: &ObjectRef, _: u64) -> Result<Fetched, FetchError> {
        let found = self.0.get(&object.key).map(|bytes| Fetched {
            bytes: bytes.clone(),
            ..Fetched::default()
        });
        found.ok_or(FetchError::NotFound)
    }

    async fn list(&self, _: &str, prefix: &str, after: &str) -> Result<Vec<String>, FetchError> {
        let keys = self.0.keys();
        let found = keys.filter(|key| key.starts_with(prefix) && key.as_str() > after);
        Ok(found.cloned().collect())
    }
}

fn object(name: &str) -> ObjectRef {
    ObjectRef {
        bucket: "trail".to_owned(),
        key: format!(
            "AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/21/111122223333_CloudTrail_us-east-1_20261121T0635Z_{name}.json.gz"
        ),
        version: None,
        etag: Some("one".to_owned()),
    }
}

/// Alerts with and without a threshold, by user and by address.
pub fn rules() -> RuleSet {
    rule_set(&[
        (
            "burst",
            "title: Burst\nseverity: high\npattern: '{ $.errorCode = AccessDenied }'\ncooldown: 1h\n\
             threshold: { count: 5, within: 10m, group_by: [principal, account] }\n",
        ),
        (
            "each",
            "title: Each\nseverity: high\npattern: '{ $.eventName = Stop* }'\ncooldown: 1h\n",
        ),
        (
            "spray",
            "title: Spray\nseverity: high\npattern: '{ $.errorCode = AccessDenied }'\ncooldown: 1h\n\
             threshold: { count: 4, within: 10m, group_by: [$.sourceIPAddress], distinct: $.userIdentity.arn }\n",
        ),
    ])
}

/// What one worker is.
pub type Worker<'w, T> = Inspector<&'w Bucket, T, &'w Inbox, KeyRing>;

/// A worker of the function's.
pub fn inspector<'w, T: TrailState>(
    bucket: &'w Bucket,
    state: T,
    inbox: &'w Inbox,
) -> Worker<'w, T> {
    let (options, bounds) = (Options::default(), Bounds::default());
    Inspector::new(
        rules(),
        bucket,
        state,
        inbox,
        KeyRing::default(),
        options,
        bounds,
    )
}
