//! Stores of state: one contract for all of them.
#![cfg(feature = "cli")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failure here is a failed test"
)]

#[path = "state/chains.rs"]
mod chains;
#[path = "state/contract.rs"]
mod contract;
#[path = "support/trail.rs"]
mod signed_trail;
mod support;

use contract::{holds, ready};
use support::{Inbox, record, rule_set};
use trailwarden::alert::Findings;
use trailwarden::inspect::{Bounds, Recorder};
use trailwarden::local::{FileState, MemoryState};
use trailwarden::record::Record;

#[test]
fn memory_keeps_the_contract() {
    ready(holds(&MemoryState::default(), "memory"));
}

#[test]
fn a_file_keeps_the_contract() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("state");
    ready(holds(&FileState::open(&path, 0).unwrap(), "file"));
    // What one process wrote, the next one finds.
    ready(holds(&FileState::open(&path, 0).unwrap(), "again"));
}

/// A state that went through a store counts as the one that did not.
#[test]
fn values_that_are_missing_count_as_one_in_a_file_too() {
    let folder = tempfile::TempDir::new().unwrap();
    let state = FileState::open(&folder.path().join("state"), 0).unwrap();
    let rule = "title: T\nseverity: low\npattern: '{ $.eventName = X }'\n\
                threshold: { count: 2, within: 1h, group_by: [], distinct: $.requestParameters.userName }\n";
    let (rules, inbox) = (rule_set(&[("x", rule)]), Inbox::default());
    let recorder = Recorder::new(&state, &inbox, Bounds::default());
    let name = r#""requestParameters":{"userName":"eve"}"#;
    for (id, more, alerts) in [("1", "", 0), ("2", "", 0), ("3", name, 1), ("4", "", 0)] {
        let text = record(id, "2026-11-21T06:35:00Z", "X", more);
        let mut findings = Findings::default();
        findings.add(rules.rules(), "f", &Record::parse(&text).unwrap(), 0, &[0]);
        assert!(ready(recorder.settle(rules.rules(), findings, 1_000)).is_done());
        assert_eq!(inbox.take().len(), alerts, "event {id}");
    }
}
