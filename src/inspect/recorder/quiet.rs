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
    /// one rule does not silence the next one, unless the whole state is down.
    pub(super) async fn tell_quiet(
        &self,
        quiet: impl Iterator<Item = Alert>,
        claims: Claims,
        now: i64,
        told: &mut Told,
    ) -> Result<(), StoreError> {
        let mut rules: BTreeMap<String, Vec<Alert>> = BTreeMap::new();
        for alert in quiet {
            rules.entry(alert.rule.clone()).or_default().push(alert);
        }
        for (rule, alerts) in rules {
            match self.together(&rule, alerts, claims, now, told).await {
                Err(error @ (StoreError::Corrupt { .. } | StoreError::Conflict)) => {
                    told.failed.push(error);
                }
                ended => ended?,
            }
        }
        Ok(())
    }

    /// Publishes quiet alerts of one rule as one message, after one that was begun before.
    ///
    /// A claim on an alert does not keep another worker from ending a message that stands for it.
    /// But who ends one first notes all of those as told, then clears the gate: so what is pending
    /// after the gate was read is in no other message, or the commit on the gate fails.
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
            let stored = self.load(&gate).await?;
            let mut state = stored.state;
            if let Some(begun) = state.stands_in().map(str::to_owned) {
                match self.end(rule, &begun, claims, now, told).await? {
                    true => continue,
                    // Another worker is at it. These alerts are for a later sweep.
                    false => return Ok(()),
                }
            }
            self.keep_pending(&mut alerts).await?;
            let Some(message) = as_one(&alerts, claims.until) else {
                return Ok(());
            };
            state.set_stands_in(Some(&message.alert.id));
            let messages = vec![message.clone()];
            match self
                .commit(&gate, state, stored.version, messages, now)
                .await
            {
                Ok(_) => return self.tell(message, now, told).await,
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
    }

    /// Ends the message that a rule's gate names. False when another worker has it.
    async fn end(
        &self,
        rule: &str,
        begun: &str,
        Claims { free, until }: Claims,
        now: i64,
        told: &mut Told,
    ) -> Result<bool, StoreError> {
        match self.state.claim(begun, free, until).await {
            Ok(Some(message)) => {
                self.tell(message, now, told).await?;
                return Ok(true);
            }
            Ok(None) => {
                let ids = [begun.to_owned()];
                if self.state.are_pending(&ids).await?.contains(&true) {
                    return Ok(false);
                }
            }
            // It cannot be told, and what it stands for must not wait for that.
            Err(error @ StoreError::Corrupt { .. }) => told.failed.push(error),
            Err(error) => return Err(error),
        }
        self.stands_in_no_more(rule, begun, now).await?;
        Ok(true)
    }

    async fn keep_pending(&self, alerts: &mut Vec<Alert>) -> Result<(), StoreError> {
        let ids: Vec<String> = alerts.iter().map(|alert| alert.id.clone()).collect();
        let mut pending = self.state.are_pending(&ids).await?.into_iter();
        alerts.retain(|_| pending.next() == Some(true));
        Ok(())
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
            let alert = &message.alert;
            self.stands_in_no_more(&alert.rule, &alert.id, now).await?;
        }
        self.publish(vec![message.alert], now, told).await
    }

    async fn stands_in_no_more(&self, rule: &str, id: &str, now: i64) -> Result<(), StoreError> {
        let gate = gate(rule);
        for _ in 0..TRIES {
            let stored = self.load(&gate).await?;
            let mut state = stored.state;
            if state.stands_in() != Some(id) {
                return Ok(());
            }
            state.set_stands_in(None);
            match self
                .commit(&gate, state, stored.version, Vec::new(), now)
                .await
            {
                Err(StoreError::Conflict) => {}
                ended => return ended.map(drop),
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
