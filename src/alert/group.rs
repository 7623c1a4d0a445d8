//! What is remembered of one rule about one group, and the pure steps that move it: take in the
//! evidence of a delivery, and let go of what was held back long enough.
//!
//! The first alert of a burst is due at once. What follows within the cooldown is held back, merged
//! into one summary, and due when the cooldown ends.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Alert;
use super::evidence::Evidence;
use super::fingerprint::alert_id;
use super::gate::Gate;
use super::told::ALERT_BYTES;
use crate::rules::Rule;
use crate::windows::{EPISODES, Move, Timeline, Window};

/// Bytes of a group's state that what is held back takes at most.
const HELD_BYTES: usize = 100_000;

/// Seconds for which a group is remembered beyond its cooldown, after it last changed: files that
/// come later than this are evaluated, but may repeat what was told.
const REMEMBERED: i64 = 14 * 24 * 3_600;

/// The state of one rule about one group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct GroupState {
    timeline: Timeline,
    /// Matches that are in no burst yet.
    loose: Evidence,
    told: Vec<Told>,
    /// Only in the state of a rule's own key, [`GroupState::gate_key`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) gate: Option<Gate>,
}

/// What people were told of an episode.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Told {
    episode: u64,
    /// Id of the alert that opened it.
    alert: String,
    /// Whether that alert was left to the sweep to tell.
    quiet: bool,
    /// When it was last told of: seconds of the clock, not of events.
    at: i64,
    cooldown: u32,
    summaries: u32,
    /// What is to be told when the cooldown ends.
    held: Option<Alert>,
}

/// What a step came to.
#[derive(Debug, Default)]
pub struct Step {
    /// Due now, in order of event time. Each must be recorded together with the new state.
    pub alerts: Vec<Alert>,
    /// Whether the state is another one than before.
    pub changed: bool,
    /// Matches below their threshold that there was no room for.
    pub forgotten: usize,
    /// Ids of alerts that told of events which came again: if whoever recorded them died before
    /// publishing, they are still pending.
    pub again: Vec<String>,
    /// What was not taken in: it is for another step from the new state.
    pub rest: Option<Evidence>,
}

impl GroupState {
    /// Takes in evidence of the group of this fingerprint, at `now` seconds of the clock. Events
    /// that are known change nothing, so a second delivery has no effect.
    pub fn take(
        &mut self,
        rule: &Rule,
        fingerprint: &str,
        mut evidence: Evidence,
        now: i64,
    ) -> Step {
        evidence.tidy();
        let before = self.timeline.loose().len();
        let taken = self.timeline.take(&evidence.hits(), window(rule));
        let mut step = Step {
            changed: !taken.moves.is_empty() || self.timeline.loose().len() != before,
            forgotten: taken.forgotten.len(),
            again: self.again(&taken.again),
            ..Step::default()
        };
        if !step.changed && taken.forgotten.is_empty() {
            return step;
        }
        let alone = self.loose.is_empty();
        self.loose.append(evidence);
        if !alone {
            self.loose.tidy();
        }
        let parts = self.parts(&taken.moves);
        for (moved, part) in taken.moves.iter().zip(parts) {
            if part.is_empty() {
                continue;
            }
            let alert = Alert::of(rule, fingerprint, &part);
            match moved {
                Move::Opened(episode, _) => {
                    self.opened(*episode, &alert, rule, now);
                    step.alerts.push(alert);
                }
                Move::Joined(episode, _) => self.hold(*episode, alert, rule, now),
            }
        }
        step.alerts.extend(self.bound());
        step.alerts
            .iter_mut()
            .for_each(|alert| alert.fit(ALERT_BYTES));
        step.changed = true;
        step
    }

    /// As [`take`](Self::take), but takes in no more than leads to `most` alerts, which is at least
    /// 2: of what lies far apart only the earlier part.
    pub fn take_some(
        &mut self,
        rule: &Rule,
        fingerprint: &str,
        evidence: &Evidence,
        now: i64,
        most: usize,
    ) -> Step {
        let (mut part, mut rest) = (evidence.clone(), Evidence::default());
        loop {
            // A match opens one alert at most, and makes another one due that was held back.
            if 2 * part.len() <= most {
                return self.take(rule, fingerprint, part, now).before(rest);
            }
            let mut next = self.clone();
            let step = next.take(rule, fingerprint, part.clone(), now);
            let later = match step.alerts.len() <= most {
                true => Evidence::default(),
                false => part.later_half(),
            };
            if later.is_empty() {
                *self = next;
                return step.before(rest);
            }
            rest.append(later);
        }
    }

    fn again(&self, episodes: &BTreeSet<u64>) -> Vec<String> {
        let again = self
            .told
            .iter()
            .filter(|told| !told.quiet && episodes.contains(&told.episode));
        again.map(|told| told.alert.clone()).collect()
    }

    /// Notes that an alert of this group is left to the sweep, which tells it with others.
    pub fn hush(&mut self, id: &str) {
        for told in self.told.iter_mut().filter(|told| told.alert == id) {
            told.quiet = true;
        }
    }

    /// The evidence of each move; what is loose stays.
    fn parts(&mut self, moves: &[Move]) -> Vec<Evidence> {
        let mut target = BTreeMap::new();
        for (at, moved) in moves.iter().enumerate() {
            let (Move::Opened(_, keys) | Move::Joined(_, keys)) = moved;
            target.extend(keys.iter().map(|key| (*key, at)));
        }
        let parts = self.loose.split(&target, moves.len());
        let loose: BTreeSet<u64> = self.timeline.loose().iter().map(|hit| hit.key).collect();
        self.loose.retain(&loose);
        self.loose.thin();
        parts
    }

    fn opened(&mut self, episode: u64, alert: &Alert, rule: &Rule, now: i64) {
        self.told.push(Told {
            episode,
            alert: alert.id.clone(),
            quiet: false,
            at: now,
            cooldown: rule.cooldown.0,
            summaries: 0,
            held: None,
        });
    }

    fn hold(&mut self, episode: u64, mut alert: Alert, rule: &Rule, now: i64) {
        if !self.told.iter().any(|told| told.episode == episode) {
            self.opened(episode, &alert, rule, now);
        }
        let Some(told) = self.told.iter_mut().find(|told| told.episode == episode) else {
            return;
        };
        match &mut told.held {
            Some(held) => held.merge(alert),
            None => {
                alert.follows = true;
                // By its own events: a group that was forgotten counts its summaries anew.
                alert.id = alert_id(&alert.id, &format!("summary {}", told.summaries));
                told.held = Some(alert.shortened());
            }
        }
    }

    /// Keeps the state small: of episodes beyond the last ones nothing is remembered, and what was
    /// held back of them is due now.
    fn bound(&mut self) -> Vec<Alert> {
        let known: BTreeSet<u64> = self
            .timeline
            .episodes()
            .iter()
            .map(|episode| episode.number)
            .collect();
        self.told
            .retain(|told| told.held.is_some() || known.contains(&told.episode));
        let more = self.told.len().saturating_sub(EPISODES);
        let gone = self.told.drain(..more);
        let due = gone.filter_map(|told| told.held).collect();
        let held = self.told.iter_mut().filter_map(|told| told.held.as_mut());
        let mut held: Vec<&mut Alert> = held.collect();
        let share = HELD_BYTES / held.len().max(1);
        held.iter_mut().for_each(|held| held.fit(share));
        due
    }

    /// What was held back until `now` seconds of the clock; with `all`, whatever is held back.
    pub fn sweep(&mut self, now: i64, all: bool) -> Step {
        let mut step = Step::default();
        for told in &mut self.told {
            if all || told.due() <= now {
                let Some(alert) = told.held.take() else {
                    continue;
                };
                told.at = now;
                told.summaries += 1;
                step.alerts.push(alert);
            }
        }
        step.changed = !step.alerts.is_empty();
        step
    }

    /// Seconds of the clock at which something that is held back is due.
    pub fn due(&self) -> Option<i64> {
        let held = self.told.iter().filter(|told| told.held.is_some());
        held.map(Told::due).min()
    }

    /// Seconds of the clock from which on the state is no longer needed, when it last changed at
    /// `now`. Never while a message is being told in place of others.
    pub fn expires(&self, now: i64) -> i64 {
        if self.stands_in().is_some() {
            return i64::MAX;
        }
        let cooldown = self.told.iter().map(|told| i64::from(told.cooldown)).max();
        now.saturating_add(cooldown.unwrap_or_default())
            .saturating_add(REMEMBERED)
    }

    /// The state as bytes, for a store.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Maps with keys that are no texts would fail; there are none.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// When it is something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let mut state: Self = serde_json::from_slice(bytes)?;
        state.timeline.restore(state.loose.hits());
        Ok(state)
    }
}

impl Step {
    fn before(self, rest: Evidence) -> Self {
        Self {
            rest: (!rest.is_empty()).then_some(rest),
            ..self
        }
    }
}

impl Told {
    fn due(&self) -> i64 {
        self.at.saturating_add(i64::from(self.cooldown))
    }
}

fn window(rule: &Rule) -> Window {
    let (count, within) = rule
        .threshold
        .as_ref()
        .map_or((1, 0), |threshold| (threshold.count, threshold.within.0));
    Window {
        count,
        within,
        cooldown: rule.cooldown.0,
    }
}
