//! Event-time thresholds, as arithmetic on sorted hits: no clock, no storage.
//!
//! A rule without a threshold is a threshold of one. [`bursts`] reads a list of hits that is whole;
//! [`Timeline`] takes in hits as they come, late ones and repeated ones too.

mod loose;
mod packed;
mod timeline;

use serde::{Deserialize, Serialize};

pub use packed::KEY_BITS;
pub use timeline::{EPISODES, Episode, Keyed, Move, SEEN, Taken, Timeline};

/// When hits of one group make an alert, and how long further ones belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Hits (or distinct values) that fire; at least 1.
    pub count: u32,
    /// Seconds that may lie between the first and the last of them, both included.
    pub within: u32,
    /// Seconds after firing in which further hits join the same burst.
    pub cooldown: u32,
}

/// One event that counts towards a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Event time in seconds (UTC, since 1970).
    pub time: i64,
    /// What is counted: equal for hits that count as one.
    pub value: u64,
}

/// A run of hits that fired: indices into the hits, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Burst {
    /// The first hit of the window that fired.
    pub first: usize,
    /// The hit that filled the window.
    pub fired: usize,
    /// The last hit within the cooldown.
    pub last: usize,
}

/// The bursts in `hits`, which are sorted by time. A burst starts with the earliest hit of the
/// first full window, and takes in what follows until `cooldown` seconds after it fired; then
/// counting starts anew.
pub fn bursts(hits: &[Hit], window: Window) -> Vec<Burst> {
    let mut found = Vec::new();
    let mut counts = Counts::default();
    let mut first = 0;
    let mut at = 0;
    while let Some(hit) = hits.get(at) {
        counts.add(hit.value);
        while let Some(oldest) = hits.get(first)
            && hit.time.saturating_sub(oldest.time) > i64::from(window.within)
        {
            counts.remove(oldest.value);
            first += 1;
        }
        if counts.distinct() < window.count as usize {
            at += 1;
            continue;
        }
        let end = hit.time.saturating_add(i64::from(window.cooldown));
        let more = hits
            .get(at + 1..)
            .unwrap_or_default()
            .iter()
            .take_while(|later| later.time <= end)
            .count();
        found.push(Burst {
            first,
            fired: at,
            last: at + more,
        });
        at += more + 1;
        first = at;
        counts = Counts::default();
    }
    found
}

/// How often each value lies in the window.
#[derive(Default)]
struct Counts(std::collections::HashMap<u64, u32>);

impl Counts {
    fn add(&mut self, value: u64) {
        *self.0.entry(value).or_default() += 1;
    }

    fn remove(&mut self, value: u64) {
        if let Some(count) = self.0.get_mut(&value) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(&value);
            }
        }
    }

    fn distinct(&self) -> usize {
        self.0.len()
    }
}
