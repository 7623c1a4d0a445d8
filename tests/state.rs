//! Stores of state: one contract for all of them.
#![cfg(feature = "cli")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failure here is a failed test"
)]

#[path = "state/contract.rs"]
mod contract;
mod support;

use contract::{holds, ready};
use trailwarden::local::{FileState, MemoryState};

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
