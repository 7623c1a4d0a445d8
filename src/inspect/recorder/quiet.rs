//! Quiet alerts: those of a rule that has sent its share, many told as one message.
//!
//! A rule has one such message at a time, whose name is in the rule's gate until all that it stands
//! for are noted as told. So whoever dies or fails in between, it is this message that is told
//! again, and never another mixture of the same alerts.

use std::collections::BTreeMap;

use super::{Recorder, State, TRIES, Told};
use crate::alert::{Alert, GroupState};
use crate::ports::{AlertSink, GroupKey, Message, StoreError};

/// When a sweep claims what is pending.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claims {
    /// What no worker has at this second of the clock is free.
    pub(super) free: i64,
    /// Until when it is claimed.
    pub(super) until: i64,
}

impl<T: State, A: AlertSink> Recorder<T, A> {
    /// Publishes quiet alerts that this worker has claimed, rule by rule. What cannot be told of
    /// one rule does not silence the next one.
    pub(super) async fn tell_quiet(
        &self,
        quiet: impl Iterator<Item = Alert>,
        claims: Claims,
        now: i64,
        told: &mut Told,
    ) {
        let mut rules: BTreeMap<String, Vec<Alert>> = BTreeMap::new();
        for alert in quiet {
            rules.entry(alert.rule.clone()).or_default().push(alert);
        }
        for (rule, alerts) in rules {
            if let Err(error) = self.together(&rule, alerts, claims, now, told).await {
                told.failed.push(error);
            }
        }
    }

    /// Publishes quiet alerts of one rule as one message, after one that was begun before.
    async fn together(
        &self,
        rule: &str,
        mut alerts: Vec<Alert>,
        claims: Claims,
        now: i64,
        told: &mut Told,
    ) -> Result<(), StoreError> {
        let gate = gate(rule);
        for _ in 0..TRIES {
            let Some(message) = as_one(&alerts, claims.until) else {
                return Ok(());
            };
            let stored = self.load(&gate).await?;
            let mut state = stored.state;
            if let Some(begun) = state.stands_in() {
                let Claims { free, until } = claims;
                let Some(begun) = self.state.claim(begun, free, until).await? else {
                    // Another worker is at it. These alerts are for a later sweep.
                    return Ok(());
                };
                alerts.retain(|alert| !begun.in_place_of.contains(&alert.id));
                self.tell(begun, now, told).await?;
                continue;
            }
            state.set_stands_in(Some(&message.alert.id));
            let messages = vec![message.clone()];
            match self
                .commit(&gate, state, stored.version, messages, now)
                .await
            {
                Ok(()) => return self.tell(message, now, told).await,
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
    }

    /// Publishes a message that this worker has claimed, once everything that it stands for is noted
    /// as told.
    pub(super) async fn tell(
        &self,
        message: Message,
        now: i64,
        told: &mut Told,
    ) -> Result<(), StoreError> {
        for id in &message.in_place_of {
            self.state.sent(id, now).await?;
        }
        if !message.in_place_of.is_empty() {
            self.stands_in_no_more(&message.alert, now).await?;
        }
        self.publish(vec![message.alert], now, told).await;
        Ok(())
    }

    async fn stands_in_no_more(&self, alert: &Alert, now: i64) -> Result<(), StoreError> {
        let gate = gate(&alert.rule);
        for _ in 0..TRIES {
            let stored = self.load(&gate).await?;
            let mut state = stored.state;
            if state.stands_in() != Some(&alert.id) {
                return Ok(());
            }
            state.set_stands_in(None);
            match self
                .commit(&gate, state, stored.version, Vec::new(), now)
                .await
            {
                Err(StoreError::Conflict) => {}
                ended => return ended,
            }
        }
        Err(StoreError::Conflict)
    }
}

/// The alerts as one message; `None` when there are none.
fn as_one(alerts: &[Alert], claimed_until: i64) -> Option<Message> {
    let (first, others) = alerts.split_first()?;
    Some(Message {
        alert: first.clone().together(others.iter().cloned()),
        claimed_until,
        quiet: false,
        in_place_of: alerts.iter().map(|alert| alert.id.clone()).collect(),
    })
}

/// Where a rule's messages are counted, and its message in place of others is named.
pub(super) fn gate(rule: &str) -> GroupKey {
    GroupKey {
        rule: rule.to_owned(),
        fingerprint: GroupState::gate_key(rule),
    }
}
