//! What is remembered of digests: where chains stand, and the keys that signed them.

use std::future::Future;

use super::StoreError;
use crate::integrity::{KeyRing, Source, Watch};

/// The chains of one account and region as they were read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredWatch {
    /// The chains; none when nothing is stored.
    pub watch: Watch,
    /// Counts the times that they were written; 0 when nothing is stored.
    pub revision: u64,
}

/// Where chains stand.
///
/// One item for each account and region, read and written whole: some 1.8 kB for each of the last
/// 16 digests of each chain. It never expires, because only what was seen before proves that the
/// newest digests were deleted.
pub trait ChainStore {
    /// The chains of an account and region, as the last [`keep_watch`](Self::keep_watch) that
    /// returned left them: strongly consistent, because a digest that was seen and is missed here
    /// looks like a gap.
    fn watch(
        &self,
        source: &Source,
    ) -> impl Future<Output = Result<StoredWatch, StoreError>> + Send;

    /// Replaces them, durably when it returns, if the stored ones still have `watch.revision`; the
    /// stored revision is then one more. Else [`StoreError::Conflict`]: of two digests that arrive
    /// at the same time none may be forgotten. `due` is the time, in seconds of the clock, from
    /// which on [`watches_due`](Self::watches_due) names them.
    fn keep_watch(
        &self,
        source: &Source,
        watch: &StoredWatch,
        due: Option<i64>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// At most `most` accounts and regions whose `due` is at or before `now`, in any order. May
    /// miss what was kept in the last seconds, since the next sweep comes; must not need to look at
    /// others.
    fn watches_due(
        &self,
        now: i64,
        most: usize,
    ) -> impl Future<Output = Result<Vec<Source>, StoreError>> + Send;
}

/// Where public keys are kept that CloudTrail listed once. Nobody says how long it lists them.
pub trait KeyStore {
    /// The key of a region with this fingerprint, in a ring of its own; an empty one when it was
    /// not kept. A key never changes, so any answer that was ever right is right.
    fn key(
        &self,
        region: &str,
        fingerprint: &str,
    ) -> impl Future<Output = Result<KeyRing, StoreError>> + Send;

    /// Keeps the keys of a ring for a region, for ever. Keeping one twice changes nothing.
    fn keep_keys(
        &self,
        region: &str,
        ring: &KeyRing,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

impl<S: ChainStore + Sync> ChainStore for &S {
    async fn watch(&self, source: &Source) -> Result<StoredWatch, StoreError> {
        (**self).watch(source).await
    }

    async fn keep_watch(
        &self,
        source: &Source,
        watch: &StoredWatch,
        due: Option<i64>,
    ) -> Result<(), StoreError> {
        (**self).keep_watch(source, watch, due).await
    }

    async fn watches_due(&self, now: i64, most: usize) -> Result<Vec<Source>, StoreError> {
        (**self).watches_due(now, most).await
    }
}

impl<S: KeyStore + Sync> KeyStore for &S {
    async fn key(&self, region: &str, fingerprint: &str) -> Result<KeyRing, StoreError> {
        (**self).key(region, fingerprint).await
    }

    async fn keep_keys(&self, region: &str, ring: &KeyRing) -> Result<(), StoreError> {
        (**self).keep_keys(region, ring).await
    }
}
