//! Publishing: what is due now, what was held back, and what is still pending.

use std::collections::{BTreeMap, BTreeSet};

use super::quiet::Claims;
use super::{BATCH, CLAIM, QUIET, Recorder, State, TOGETHER, Told};
use crate::alert::{Alert, GroupState};
use crate::ports::{AlertSink, GroupKey, StoreError};

impl<T: State, A: AlertSink> Recorder<T, A> {
    /// Publishes alerts that were recorded for this worker, in order of their events. When it
    /// cannot be noted that one was, the others stay pending, for a sweep.
    ///
    /// # Errors
    /// When it cannot be noted.
    pub(super) async fn publish(
        &self,
        mut due: Vec<Alert>,
        now: i64,
        told: &mut Told,
    ) -> Result<(), StoreError> {
        due.sort_by(|a, b| order(a).cmp(&order(b)));
        for alert in due {
            match self.sink.publish(&alert).await {
                Ok(()) => {
                    told.published += 1;
                    // What is published after a failure would come again, as this one does.
                    self.state.sent(&alert.id, now).await?;
                }
                Err(error) => {
                    told.unpublished.push((alert.objects, error));
                    if let Err(error) = self.state.release(&alert.id, now).await {
                        told.failed.push(error);
                    }
                }
            }
        }
        Ok(())
    }

    /// Tells what was held back until `now`, and what was recorded and could not be told. With
    /// `all`, whatever is held back: the end of a run that has no later sweep.
    pub async fn sweep(&self, now: i64, all: bool) -> Told {
        let mut told = Told::default();
        if let Err(error) = Box::pin(self.held_back(now, all, &mut told)).await {
            told.failed.push(error);
        }
        if let Err(error) = Box::pin(self.pending(now, all, &mut told)).await {
            told.failed.push(error);
        }
        told
    }

    async fn held_back(&self, now: i64, all: bool, told: &mut Told) -> Result<(), StoreError> {
        let until = if all { i64::MAX } else { now };
        let mut seen = BTreeSet::new();
        loop {
            let keys = self.state.due(until, BATCH + seen.len()).await?;
            let fresh: Vec<GroupKey> = keys
                .into_iter()
                .filter(|key| seen.insert(key.clone()))
                .collect();
            if fresh.is_empty() {
                return Ok(());
            }
            for keys in fresh.chunks(BATCH) {
                self.tell_held_back(keys, now, all, told).await?;
            }
        }
    }

    async fn tell_held_back(
        &self,
        keys: &[GroupKey],
        now: i64,
        all: bool,
        told: &mut Told,
    ) -> Result<(), StoreError> {
        let mut due = Vec::new();
        for (key, stored) in keys.iter().zip(self.load_all(keys).await?) {
            let sweep = |state: &mut GroupState| state.sweep(now, all);
            let step = match stored {
                Ok(stored) => self.step(key, stored, now, sweep).await,
                Err(error) => Err(error),
            };
            match step {
                Ok(step) => due.extend(step.alerts),
                Err(error) => told.failed.push(error),
            }
        }
        self.publish(due, now, told).await
    }

    /// Publishes what is pending: first single alerts, then quiet ones together, rule by rule.
    async fn pending(&self, now: i64, all: bool, told: &mut Told) -> Result<(), StoreError> {
        let free = if all { now.saturating_add(QUIET) } else { now };
        let until = free.saturating_add(CLAIM);
        let claims = Claims { free, until };
        while self.some_pending(claims, now, told).await? && all && told.unpublished.is_empty() {}
        Ok(())
    }

    /// Publishes some of what is pending. False when that was all.
    async fn some_pending(
        &self,
        claims: Claims,
        now: i64,
        told: &mut Told,
    ) -> Result<bool, StoreError> {
        let Claims { free, until } = claims;
        let mut quiet: BTreeMap<String, Alert> = BTreeMap::new();
        let mut covered = BTreeSet::new();
        let mut unreadable = Vec::new();
        let more = loop {
            let (mut fresh, before) = (false, unreadable.len());
            unreadable.clear();
            // Those that cannot be read stay the first ones.
            for message in self.state.pending(free, BATCH + before).await? {
                let message = match message {
                    Ok(message) => message,
                    Err(error) => {
                        unreadable.push(error);
                        continue;
                    }
                };
                let claimed = self.state.claim(&message.alert.id, free, until).await?;
                let Some(message) = claimed else {
                    continue;
                };
                fresh = true;
                if message.quiet {
                    quiet.insert(message.alert.id.clone(), message.alert);
                    continue;
                }
                covered.extend(message.in_place_of.iter().cloned());
                match self.tell(message, now, told).await {
                    Err(error @ StoreError::Corrupt { .. }) => told.failed.push(error),
                    // Nothing can be noted now: whatever is published would come again.
                    ended => ended?,
                }
            }
            fresh |= unreadable.len() > before;
            if !fresh || !told.unpublished.is_empty() || quiet.len() >= TOGETHER {
                break fresh;
            }
        };
        told.failed.append(&mut unreadable);
        quiet.retain(|id, _| !covered.contains(id));
        self.tell_quiet(quiet.into_values(), claims, now, told)
            .await?;
        Ok(more)
    }
}

fn order(alert: &Alert) -> (Option<crate::record::EventTime>, &str, &str) {
    (alert.first_event_time, &alert.rule, &alert.fingerprint)
}
