//! What is counted and what was told, by rule and group.

use std::collections::HashSet;
use std::future::Future;

use serde::{Deserialize, Serialize};

use super::BoxError;
use crate::alert::{Alert, GroupState};

/// Why state could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else wrote in between: read again, and decide again.
    #[error("the state was changed by somebody else at the same time")]
    Conflict,
    /// Throttled, unreachable, cut off, full: nothing was written, or it is not known whether.
    #[error("the state is unavailable: {0}")]
    Unavailable(#[source] BoxError),
    /// What is stored is not what this version writes.
    #[error("the state of {what} cannot be read: {reason}")]
    Corrupt {
        /// Of what.
        what: String,
        /// Why.
        reason: String,
    },
}

/// One rule about one group. Fingerprints are hashes, so keys spread evenly.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GroupKey {
    /// The rule's id.
    pub rule: String,
    /// [`fingerprint`](crate::alert::fingerprint) of rule and group.
    pub fingerprint: String,
}

/// A group's state as it was read.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    /// The state; empty for a group that is not stored.
    pub state: GroupState,
    /// Counts the times that it was written; 0 for a group that is not stored.
    pub version: u64,
}

/// A group's next state, with the alerts that the step to it made due.
#[derive(Debug, Clone)]
pub struct Change {
    /// The group.
    pub key: GroupKey,
    /// Its new state.
    pub state: GroupState,
    /// The version that the new state was made from.
    pub from_version: u64,
    /// Alerts to be recorded as pending, together with the state. At most
    /// [`ALERTS`](Change::ALERTS).
    pub alerts: Vec<Message>,
    /// Seconds of the clock at which the group is to be swept, when something is held back.
    pub due: Option<i64>,
    /// Seconds of the clock from which on the state may be deleted.
    pub expires: i64,
}

impl Change {
    /// Alerts of one change at most, so that it fits into one transaction of any store (DynamoDB:
    /// 100 items, 4 MB): an alert has at most 200 kB, a state 400 kB.
    pub const ALERTS: usize = 17;

    /// The alerts, each id once.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        let mut known = HashSet::new();
        let alerts = self.alerts.iter();
        alerts.filter(move |message| known.insert(&message.alert.id))
    }
}

/// An alert in the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// What to publish. Its `id` is the message's key.
    pub alert: Alert,
    /// Seconds of the clock until which one worker has it for itself to publish; then the sweep
    /// takes it over.
    pub claimed_until: i64,
    /// Whether it waits to be told together with others of its rule, which sends too many.
    pub quiet: bool,
    /// Ids of the quiet messages that this one is told in place of.
    pub in_place_of: Vec<String>,
}

/// Where windows are counted.
///
/// One item for each rule and group, read and written whole. The arithmetic is in [`GroupState`],
/// which bounds its own size (well below the 400 kB of an item of DynamoDB) and knows events by
/// their ids, so that a second delivery of an object changes nothing.
pub trait WindowStore {
    /// The states of these groups, in their order, as the last [`commit`](Self::commit) that
    /// returned left them: strongly consistent, because what is missed here is not counted.
    fn load(
        &self,
        keys: &[GroupKey],
    ) -> impl Future<Output = Result<Vec<Stored>, StoreError>> + Send;

    /// Replaces one group's state, if it still has `from_version`, and records the change's alerts
    /// as pending: both or neither, durably when it returns. Else [`StoreError::Conflict`].
    ///
    /// Both or neither, because a window that fired without its alert is an alert that nobody
    /// gets; and conditional, because of two workers that see a window full at the same time one
    /// must find out that the other was first. An alert whose id is recorded already stays as it
    /// is, pending or sent; the ids of those are returned, for it is not for the caller to publish
    /// them.
    fn commit(
        &self,
        change: &Change,
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// At most `most` groups whose `due` is at or before `now`, in any order. May miss what was
    /// committed in the last seconds, since the next sweep comes; must not need to look at groups
    /// that have nothing to tell.
    fn due(
        &self,
        now: i64,
        most: usize,
    ) -> impl Future<Output = Result<Vec<GroupKey>, StoreError>> + Send;
}

/// Alerts between being due and being told: pending, then sent.
pub trait AlertLog {
    /// Records an alert as pending that comes with no group's state. False when its id is
    /// recorded already, pending or sent: it is told once.
    fn record(&self, message: &Message) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Notes that a pending alert was published. Durable when it returns, since after that it is
    /// never published again; called once the channel has it, so that a crash in between repeats
    /// this one message and loses none. Noting it twice changes nothing.
    fn sent(&self, id: &str, now: i64) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes a pending alert for one worker alone until `until`, and returns it. `None` when it is
    /// sent, or another worker has it at `now`: of two sweeps at the same time one publishes.
    fn claim(
        &self,
        id: &str,
        now: i64,
        until: i64,
    ) -> impl Future<Output = Result<Option<Message>, StoreError>> + Send;

    /// Whether alerts of these ids are pending, in their order: neither sent nor unknown, whoever has
    /// them. Strongly consistent.
    fn are_pending(
        &self,
        ids: &[String],
    ) -> impl Future<Output = Result<Vec<bool>, StoreError>> + Send;

    /// Gives a pending alert back that could not be published, so that whoever tries next need not
    /// wait for the claim to end: it is free from `now` on. Changes nothing when it is sent.
    fn release(&self, id: &str, now: i64) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// At most `most` pending alerts that no worker has at `now`: whoever recorded them could not
    /// publish them, or died. Those first that have been free longest, so that some that fail again
    /// and again do not hide the others. May miss what changed in the last seconds; must not
    /// need to look at alerts that were sent. One that cannot be read is an error in its place, and
    /// stands in the way of no other.
    fn pending(
        &self,
        now: i64,
        most: usize,
    ) -> impl Future<Output = Result<Vec<Result<Message, StoreError>>, StoreError>> + Send;
}

impl<S: WindowStore + Sync> WindowStore for &S {
    async fn load(&self, keys: &[GroupKey]) -> Result<Vec<Stored>, StoreError> {
        (**self).load(keys).await
    }

    async fn commit(&self, change: &Change) -> Result<Vec<String>, StoreError> {
        (**self).commit(change).await
    }

    async fn due(&self, now: i64, most: usize) -> Result<Vec<GroupKey>, StoreError> {
        (**self).due(now, most).await
    }
}

impl<S: AlertLog + Sync> AlertLog for &S {
    async fn record(&self, message: &Message) -> Result<bool, StoreError> {
        (**self).record(message).await
    }

    async fn sent(&self, id: &str, now: i64) -> Result<(), StoreError> {
        (**self).sent(id, now).await
    }

    async fn claim(&self, id: &str, now: i64, until: i64) -> Result<Option<Message>, StoreError> {
        (**self).claim(id, now, until).await
    }

    async fn are_pending(&self, ids: &[String]) -> Result<Vec<bool>, StoreError> {
        (**self).are_pending(ids).await
    }

    async fn release(&self, id: &str, now: i64) -> Result<(), StoreError> {
        (**self).release(id, now).await
    }

    async fn pending(
        &self,
        now: i64,
        most: usize,
    ) -> Result<Vec<Result<Message, StoreError>>, StoreError> {
        (**self).pending(now, most).await
    }
}
