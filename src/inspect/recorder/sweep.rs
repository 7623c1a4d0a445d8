//! Publishing: what is due now, what was held back, what is still pending, and many as one.

use std::collections::{BTreeMap, BTreeSet};

use super::{BATCH, CLAIM, QUIET, Recorder, State, TOGETHER, Told};
use crate::alert::{Alert, GroupState};
use crate::ports::{AlertSink, GroupKey, Message, StoreError};

impl<T: State, A: AlertSink> Recorder<T, A> {
    /// Publishes alerts that were recorded for this worker, in order of their events.
    pub(super) async fn publish(&self, mut due: Vec<Alert>, now: i64, told: &mut Told) {
        due.sort_by(|a, b| order(a).cmp(&order(b)));
        for alert in due {
            match self.sink.publish(&alert).await {
                Ok(()) => {
                    told.published += 1;
                    if let Err(error) = self.state.sent(&alert.id, now).await {
                        told.failed.push(error);
                    }
                }
                Err(error) => {
                    told.unpublished.push((alert.objects, error));
                    if let Err(error) = self.state.release(&alert.id, now).await {
                        told.failed.push(error);
                    }
                }
            }
        }
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
        self.publish(due, now, told).await;
        Ok(())
    }

    /// Publishes what is pending: first single alerts, then quiet ones together, rule by rule.
    async fn pending(&self, now: i64, all: bool, told: &mut Told) -> Result<(), StoreError> {
        let free = if all { now.saturating_add(QUIET) } else { now };
        let until = free.saturating_add(CLAIM);
        let mut quiet: BTreeMap<String, Alert> = BTreeMap::new();
        let mut covered = BTreeSet::new();
        loop {
            let mut fresh = false;
            for message in self.state.pending(free, BATCH).await? {
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
                self.tell(message, now, told).await;
            }
            if !fresh || !told.unpublished.is_empty() || quiet.len() >= TOGETHER {
                break;
            }
        }
        let mut rules: BTreeMap<String, Vec<Alert>> = BTreeMap::new();
        quiet.retain(|id, _| !covered.contains(id));
        for alert in quiet.into_values() {
            rules.entry(alert.rule.clone()).or_default().push(alert);
        }
        for alerts in rules.into_values() {
            // What cannot be told of one rule does not silence the next one.
            if let Err(error) = self.together(alerts, until, now, told).await {
                told.failed.push(error);
            }
        }
        Ok(())
    }

    /// Publishes quiet alerts of one rule as one message, which is recorded first: so that after a
    /// death in between it is this message that comes again, and not another mixture.
    async fn together(
        &self,
        alerts: Vec<Alert>,
        claimed_until: i64,
        now: i64,
        told: &mut Told,
    ) -> Result<(), StoreError> {
        let ids: Vec<String> = alerts.iter().map(|alert| alert.id.clone()).collect();
        let mut alerts = alerts.into_iter();
        let Some(first) = alerts.next() else {
            return Ok(());
        };
        let message = Message {
            alert: first.together(alerts),
            claimed_until,
            quiet: false,
            in_place_of: ids,
        };
        self.state.record(&message).await?;
        self.tell(message, now, told).await;
        Ok(())
    }

    /// Publishes a message that this worker has claimed.
    async fn tell(&self, message: Message, now: i64, told: &mut Told) {
        for id in &message.in_place_of {
            if let Err(error) = self.state.sent(id, now).await {
                told.failed.push(error);
                return;
            }
        }
        self.publish(vec![message.alert], now, told).await;
    }
}

fn order(alert: &Alert) -> (Option<crate::record::EventTime>, &str, &str) {
    (alert.first_event_time, &alert.rule, &alert.fingerprint)
}
