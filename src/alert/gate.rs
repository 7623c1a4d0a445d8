//! How many messages one rule may send: a rule that alerts about a thousand groups in an hour
//! sends the first ones, then one that stands for the rest.

use serde::{Deserialize, Serialize};

use super::evidence::stable_hash;
use super::{Alert, Group, fingerprint};

/// Seconds in which messages of a rule are counted.
const SPAN: i64 = 3_600;

/// Seconds after which the first message that stands for others is due.
const SOON: i64 = 300;

/// Alerts of one span that are remembered as told by a message that stands for others.
const REMEMBERED: usize = 10_000;

/// Bytes of state that the held message takes at most.
const BYTES: usize = 100_000;

/// What one rule has sent in this span of the clock.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Gate {
    span: i64,
    /// Hashes of ids of the alerts that passed.
    passed: Vec<u64>,
    /// Of those that did not.
    merged: Vec<u64>,
    held: Option<Alert>,
    /// When the last message that stands for others left.
    at: Option<i64>,
}

impl Gate {
    /// Lets an alert pass, or merges it into the one that stands for the rest. The same alert again
    /// gets the same answer, within the span.
    pub(super) fn admit(&mut self, alert: Alert, now: i64, most: usize) -> Option<Alert> {
        let span = now.div_euclid(SPAN);
        if span != self.span {
            self.span = span;
            self.passed.clear();
            self.merged.clear();
        }
        let name = stable_hash(&alert.id);
        if self.passed.contains(&name) {
            return Some(alert);
        }
        if self.merged.contains(&name) {
            return None;
        }
        if self.passed.len() < most {
            self.passed.push(name);
            return Some(alert);
        }
        if self.merged.len() < REMEMBERED {
            self.merged.push(name);
        }
        self.hold(alert, now);
        None
    }

    fn hold(&mut self, alert: Alert, now: i64) {
        let held = match self.held.take() {
            Some(mut held) => {
                held.stands_for += alert.stands_for;
                held.merge(alert);
                held
            }
            None => {
                let crowd = fingerprint(&alert.rule, &crowd());
                let id = fingerprint::alert_id(&crowd, &alert.id);
                Alert {
                    id,
                    fingerprint: crowd,
                    follows: false,
                    ..alert
                }
                .shortened()
            }
        };
        let mut held = held;
        held.fit(BYTES);
        self.held = Some(held);
        self.at.get_or_insert(now.saturating_sub(SPAN - SOON));
    }

    pub(super) fn due(&self) -> Option<i64> {
        let at = self.at.unwrap_or_default();
        self.held.as_ref().map(|_| at.saturating_add(SPAN))
    }

    pub(super) fn sweep(&mut self, now: i64, all: bool) -> Option<Alert> {
        let due = self.due()?;
        if !all && due > now {
            return None;
        }
        self.at = Some(now);
        self.held.take()
    }
}

/// The group of all groups: no record is in it, since no rule has so many group fields.
pub(super) fn crowd() -> Group {
    Group(vec![None; 64])
}
