//! What several test files need: gzip, the shared corpus, a rule set from text.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "test support: a failure here is a failed test"
)]
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test file uses some of it"
)]

use std::io::Write as _;
use std::path::PathBuf;

use std::sync::Mutex;
use trailwarden::alert::{Alert, Findings};
use trailwarden::inspect::{Bounds, Recorder};
use trailwarden::local::{MemoryState, wait};
use trailwarden::ports::{AlertSink, PublishError};
use trailwarden::rules::{Lists, RuleSet, RuleSource};

/// One gzip member, as CloudTrail writes it.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The folder of shared test data, when it is there: `TRAILWARDEN_SHARED`, else `../shared`.
pub fn shared() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = std::env::var_os("TRAILWARDEN_SHARED").map_or_else(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no shared test data in {}", folder.display());
    None
}

/// Keeps alerts; refuses as many as it is told to.
#[derive(Default)]
pub struct Inbox {
    pub alerts: Mutex<Vec<Alert>>,
    pub refuse: Mutex<usize>,
}

impl AlertSink for &Inbox {
    async fn publish(&self, alert: &Alert) -> Result<(), PublishError> {
        let mut refuse = self.refuse.lock().unwrap();
        if *refuse > 0 {
            *refuse -= 1;
            return Err(PublishError("the topic is down".into()));
        }
        self.alerts.lock().unwrap().push(alert.clone());
        Ok(())
    }
}

impl Inbox {
    /// What came since the last time.
    pub fn take(&self) -> Vec<Alert> {
        std::mem::take(&mut self.alerts.lock().unwrap())
    }
}

/// The alerts of one delivery, as a scan tells them.
pub fn settle(rules: &RuleSet, findings: Findings) -> Vec<Alert> {
    let inbox = Inbox::default();
    let recorder = Recorder::new(MemoryState::default(), &inbox, Bounds::NONE);
    let told = wait(recorder.settle(rules.rules(), findings, 0));
    assert!(told.is_done());
    inbox.take()
}

/// A rule set of one rule with this pattern.
pub fn one_rule(pattern: &str) -> RuleSet {
    rule_set(&[(
        "one",
        &format!("title: One\nseverity: high\npattern: '{pattern}'\n"),
    )])
}

/// A rule set from ids and YAML texts.
pub fn rule_set(rules: &[(&str, &str)]) -> RuleSet {
    let source = |(id, text): &(&str, &str)| RuleSource {
        file: format!("{id}.yaml"),
        text: (*text).to_owned(),
    };
    let sources: Vec<RuleSource> = rules.iter().map(source).collect();
    match RuleSet::load(&sources, &Lists::default()) {
        Ok(set) => set,
        Err(faults) => panic!("{faults}"),
    }
}

/// A record with the fields that every CloudTrail record has, and `more` members behind them.
pub fn record(id: &str, time: &str, name: &str, more: &str) -> String {
    let comma = if more.is_empty() { "" } else { "," };
    format!(
        r#"{{"eventVersion":"1.11","userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/dana","accountId":"111122223333","userName":"dana"}},"eventTime":"{time}","eventSource":"iam.amazonaws.com","eventName":"{name}","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.9","eventID":"{id}","eventType":"AwsApiCall","recipientAccountId":"111122223333"{comma}{more}}}"#
    )
}

/// A log file's text around records.
pub fn log_file(records: &[String]) -> String {
    format!(r#"{{"Records":[{}]}}"#, records.join(","))
}

/// How a command ended: its exit code, standard output and standard error.
pub fn texts(output: std::process::Output) -> (Option<i32>, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}
