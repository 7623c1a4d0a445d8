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

use contract::{change, holds, key, ready};
use support::{Inbox, record, rule_set};
use trailwarden::alert::Findings;
use trailwarden::inspect::{Bounds, Recorder};
use trailwarden::local::{FileState, MemoryState};
use trailwarden::ports::{AlertLog as _, StoreError, Stored, WindowStore as _};
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

/// Of three alerts that wait, the second is cut off in the file.
#[test]
fn an_alert_that_cannot_be_read_hides_no_other_and_is_named() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("state");
    let mut ids = Vec::new();
    let state = FileState::open(&path, 0).unwrap();
    for name in ["a", "b", "c"] {
        let change = change(&key(name), Stored::default(), name, 1_000);
        ids.push(change.alerts[0].alert.id.clone());
        ready(state.commit(&change)).unwrap();
    }
    drop(state);
    cut(&path, &ids[1]);

    let (state, inbox) = (FileState::open(&path, 0).unwrap(), Inbox::default());
    let recorder = Recorder::new(&state, &inbox, Bounds::default());
    for sent in [2, 0] {
        let told = ready(recorder.sweep(2_000, false));
        assert_eq!((inbox.take().len(), told.failed.len()), (sent, 1));
        let StoreError::Corrupt { what, .. } = &told.failed[0] else {
            panic!("{told:?}");
        };
        assert_eq!(what, &format!("alert {}", ids[1]));
    }
}

/// Alerts are remembered longer than groups: what is held back of a group that was forgotten must not
/// pass for what was told of it before.
#[test]
fn a_forgotten_group_tells_what_is_new() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("state");
    let rules = rule_set(&[(
        "x",
        "title: T\nseverity: low\npattern: '{ $.eventName = X }'\ncooldown: 1h\n",
    )]);
    let (inbox, days) = (Inbox::default(), 16 * 24 * 3_600);
    let mut told = Vec::new();
    for (at, id, minute, sweeps) in [
        (0, "first", 0, false),
        (60, "second", 10, true),
        (days, "first", 0, false),
        (days + 60, "third", 20, true),
    ] {
        let state = FileState::open(&path, at).unwrap();
        let recorder = Recorder::new(state, &inbox, Bounds::default());
        let text = record(id, &format!("2026-11-20T00:{minute:02}:00Z"), "X", "");
        let mut findings = Findings::default();
        findings.add(rules.rules(), "f", &Record::parse(&text).unwrap(), 0, &[0]);
        assert!(ready(recorder.settle(rules.rules(), findings, at)).is_done());
        if sweeps {
            assert!(ready(recorder.sweep(at + 3_700, false)).is_done());
        }
        told.extend(inbox.take().into_iter().flat_map(|alert| alert.event_ids));
    }
    assert_eq!(told, ["first", "second", "third"]);
}

/// A message that stands for it must not wait for ever.
#[test]
fn an_alert_that_cannot_be_read_can_be_noted_as_sent() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("state");
    let change = change(&key("a"), Stored::default(), "a", 1_000);
    let id = change.alerts[0].alert.id.clone();
    ready(FileState::open(&path, 0).unwrap().commit(&change)).unwrap();
    cut(&path, &id);
    let state = FileState::open(&path, 0).unwrap();
    assert_eq!(ready(state.pending(2_000, 10)).unwrap().len(), 1);
    ready(state.sent(&id, 2_000)).unwrap();
    assert!(ready(state.pending(2_000, 10)).unwrap().is_empty());
    assert_eq!(ready(state.are_pending(&[id])).unwrap(), [false]);
}

/// Cuts off a stored alert.
fn cut(path: &std::path::Path, id: &str) {
    let alerts = redb::TableDefinition::<&str, &[u8]>::new("alerts");
    let database = redb::Database::open(path).unwrap();
    let write = database.begin_write().unwrap();
    write
        .open_table(alerts)
        .unwrap()
        .insert(id, b"{".as_slice())
        .unwrap();
    write.commit().unwrap();
}
