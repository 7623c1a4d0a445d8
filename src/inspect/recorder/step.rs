//! Moving one group's state: read, step, commit, and again when somebody else was first.

use super::quiet::gate;
use super::{CLAIM, QUIET, Recorder, State, TRIES};
use crate::alert::{Alert, GroupState, Step};
use crate::ports::{AlertSink, Change, GroupKey, Message, StoreError, Stored};

impl<T: State, A: AlertSink> Recorder<T, A> {
    /// Moves one group by a pure step, again from what is stored when somebody else was first.
    /// Its alerts are recorded; returned are those to be published at once.
    pub(super) async fn step(
        &self,
        key: &GroupKey,
        mut stored: Stored,
        now: i64,
        step: impl Fn(&mut GroupState) -> Step,
    ) -> Result<Step, StoreError> {
        for _ in 0..TRIES {
            let mut state = stored.state;
            let mut taken = step(&mut state);
            if !taken.changed {
                return Ok(taken);
            }
            let alerts = std::mem::take(&mut taken.alerts);
            let messages = self.messages(&key.rule, alerts, now).await?;
            for message in &messages {
                if message.quiet {
                    state.hush(&message.alert.id);
                } else {
                    taken.alerts.push(message.alert.clone());
                }
            }
            match self.commit(key, state, stored.version, messages, now).await {
                Ok(there) => {
                    taken.alerts.retain(|alert| !there.contains(&alert.id));
                    taken.again.extend(there);
                    return Ok(taken);
                }
                Err(StoreError::Conflict) => stored = self.load(key).await?,
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
    }

    /// The alerts as messages: to be published by this worker at once, or quiet when the rule has
    /// sent its share.
    pub(super) async fn messages(
        &self,
        rule: &str,
        alerts: Vec<Alert>,
        now: i64,
    ) -> Result<Vec<Message>, StoreError> {
        let loud = self.admit(rule, &alerts, now).await?;
        let message = |(alert, loud)| Message {
            alert,
            claimed_until: now.saturating_add(if loud { CLAIM } else { QUIET }),
            quiet: !loud,
            in_place_of: Vec::new(),
        };
        Ok(alerts.into_iter().zip(loud).map(message).collect())
    }

    pub(super) async fn admit(
        &self,
        rule: &str,
        alerts: &[Alert],
        now: i64,
    ) -> Result<Vec<bool>, StoreError> {
        if alerts.is_empty() || self.bounds.messages == usize::MAX {
            return Ok(vec![true; alerts.len()]);
        }
        let gate = gate(rule);
        for _ in 0..TRIES {
            let stored = self.load(&gate).await?;
            let mut state = stored.state;
            let (loud, changed) = state.admit(alerts, now, self.bounds.messages);
            if !changed {
                return Ok(loud);
            }
            match self
                .commit(&gate, state, stored.version, Vec::new(), now)
                .await
            {
                Ok(_) => return Ok(loud),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
    }

    /// The states of groups; one that cannot be read does not stand in the way of the others.
    pub(super) async fn load_all(
        &self,
        keys: &[GroupKey],
    ) -> Result<Vec<Result<Stored, StoreError>>, StoreError> {
        match self.state.load(keys).await {
            Ok(stored) => Ok(stored.into_iter().map(Ok).collect()),
            Err(StoreError::Corrupt { .. }) => {
                let mut each = Vec::new();
                for key in keys {
                    each.push(self.load(key).await);
                }
                Ok(each)
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn load(&self, key: &GroupKey) -> Result<Stored, StoreError> {
        let stored = self.state.load(std::slice::from_ref(key)).await?;
        Ok(stored.into_iter().next().unwrap_or_default())
    }

    pub(super) async fn commit(
        &self,
        key: &GroupKey,
        state: GroupState,
        from_version: u64,
        alerts: Vec<Message>,
        now: i64,
    ) -> Result<Vec<String>, StoreError> {
        let change = Change {
            key: key.clone(),
            due: state.due(),
            expires: state.expires(now),
            state,
            from_version,
            alerts,
        };
        self.state.commit(&change).await
    }
}
