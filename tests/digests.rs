//! Digests as they arrive at the watcher: verified, placed in their chain, reconciled with what was
//! evaluated, and asked for when they stay away.
#![cfg(feature = "cli")]
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a failure here is a failed test"
)]

#[path = "digests/arrival.rs"]
mod arrival;
#[path = "state/flaky.rs"]
mod flaky;
#[path = "digests/hostile.rs"]
mod hostile;
#[path = "digests/ordinary.rs"]
mod ordinary;
#[path = "digests/outages.rs"]
mod outages;
#[path = "digests/own.rs"]
mod own;
#[path = "digests/rubbish.rs"]
mod rubbish;
#[path = "digests/scenario.rs"]
mod scenario;
#[path = "support/trail.rs"]
mod signed_trail;
#[path = "digests/stream.rs"]
mod stream;
mod support;
#[path = "digests/trails.rs"]
mod trails;
#[path = "digests/unlistable.rs"]
mod unlistable;
#[path = "digests/world.rs"]
mod world;
