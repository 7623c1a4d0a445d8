//! How many messages one rule may send: of a rule that alerts about a thousand groups in an hour
//! the first alerts are sent as they are, the others wait and are told together.

use serde::{Deserialize, Serialize};

use super::row::stable_hash;
use super::{Alert, Group, GroupState, fingerprint};

/// Seconds in which messages of a rule are counted.
const SPAN: i64 = 3_600;

/// What one rule has sent in this span of the clock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Gate {
    span: i64,
    /// Hashes of ids of the alerts that passed, so that the same alert passes again.
    passed: Vec<u64>,
    /// Id of the message that is being told in place of quiet alerts, not all of which are noted
    /// as told yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stands_in: Option<String>,
}

impl Gate {
    /// Whether an alert passes, at `now` seconds of the clock, when `most` may in a span.
    pub(super) fn admit(&mut self, alert: &Alert, now: i64, most: usize) -> bool {
        let span = now.div_euclid(SPAN);
        // Of two workers around the full hour, the one whose clock is behind counts with the other.
        // A clock that was far ahead once must not hold the rule for long.
        if span != self.span && span.saturating_add(1) != self.span {
            self.span = span;
            self.passed.clear();
        }
        let name = stable_hash(&alert.id);
        if self.passed.contains(&name) {
            return true;
        }
        let free = self.passed.len() < most;
        if free {
            self.passed.push(name);
        }
        free
    }
}

impl GroupState {
    /// The fingerprint under which a rule's messages are counted.
    pub fn gate_key(rule: &str) -> String {
        key(rule)
    }

    /// In the state of the rule's [`gate_key`](Self::gate_key): whether each of the alerts may be
    /// sent at `now` seconds of the clock, when `most` may in an hour; and whether the state is
    /// another one than before.
    pub fn admit(&mut self, alerts: &[Alert], now: i64, most: usize) -> (Vec<bool>, bool) {
        let gate = self.gate.get_or_insert_default();
        let before = gate.clone();
        let pass = |alert| gate.admit(alert, now, most);
        let passed = alerts.iter().map(pass).collect();
        let changed = *gate != before;
        (passed, changed)
    }

    /// In the state of the rule's [`gate_key`](Self::gate_key): id of the message that is being told
    /// in place of quiet alerts. Until it ends no other takes in any of them.
    pub fn stands_in(&self) -> Option<&str> {
        self.gate.as_ref()?.stands_in.as_deref()
    }

    /// Begins the telling of a message in place of quiet alerts, or ends it with `None`.
    pub fn set_stands_in(&mut self, id: Option<&str>) {
        self.gate.get_or_insert_default().stands_in = id.map(str::to_owned);
    }
}

/// The group of all groups: no record is in it, since no rule has so many group fields.
pub(super) fn crowd() -> Group {
    Group(vec![None; 64])
}

/// The fingerprint under which a rule's messages are counted, and which the message has that
/// stands for others.
pub(super) fn key(rule: &str) -> String {
    fingerprint(rule, &crowd())
}
