//! Stores of state: one contract for all of them.
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
use trailwarden::local::MemoryState;

#[test]
fn memory_keeps_the_contract() {
    ready(holds(&MemoryState::default(), "memory"));
}
