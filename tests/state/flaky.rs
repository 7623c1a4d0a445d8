//! TrailState and a channel that fail: before they did anything, or after they did everything and the
//! answer was lost.

use std::sync::Mutex;

use trailwarden::alert::Alert;
use trailwarden::inspect::TrailState;
use trailwarden::integrity::{KeyRing, Source};
use trailwarden::ports::{
    AlertLog, AlertSink, ChainStore, Change, Entry, GroupKey, KeyStore, Ledger, Message, ObjectRef,
    PublishError, StoreError, Stored, StoredWatch, WindowStore,
};

use crate::support::Inbox;

/// When to fail: once in so many calls, by chance.
pub struct Dice(Mutex<(u64, u64)>);

impl Dice {
    pub fn new(seed: u64, sides: u64) -> Self {
        Self(Mutex::new((seed | 1, sides)))
    }

    /// No more failures.
    pub fn rest(&self) {
        self.0.lock().unwrap().1 = u64::MAX;
    }

    fn fails(&self) -> bool {
        let mut place = self.0.lock().unwrap();
        let (seed, sides) = *place;
        let next = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        place.0 = next;
        (next >> 33) % sides == 0
    }
}

pub struct Flaky<'f, S> {
    pub inner: &'f S,
    pub dice: &'f Dice,
}

impl<S> Flaky<'_, S> {
    async fn call<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let lost = || StoreError::Unavailable("the answer was lost".into());
        if self.dice.fails() {
            return Err(lost());
        }
        let answer = call.await;
        if self.dice.fails() {
            Err(lost())
        } else {
            answer
        }
    }
}

impl<S: TrailState + Sync> Ledger for Flaky<'_, S> {
    async fn entry(&self, object: &ObjectRef) -> Result<Option<Entry>, StoreError> {
        self.call(self.inner.entry(object)).await
    }

    async fn enter(&self, entry: &Entry) -> Result<(), StoreError> {
        self.call(self.inner.enter(entry)).await
    }

    async fn entries(&self, objects: &[ObjectRef]) -> Result<Vec<Option<Entry>>, StoreError> {
        self.call(self.inner.entries(objects)).await
    }

    async fn awaiting(&self, now: i64, most: usize) -> Result<Vec<Entry>, StoreError> {
        self.call(self.inner.awaiting(now, most)).await
    }
}

impl<S: TrailState + Sync> ChainStore for Flaky<'_, S> {
    async fn watch(&self, source: &Source) -> Result<StoredWatch, StoreError> {
        self.call(self.inner.watch(source)).await
    }

    async fn keep_watch(
        &self,
        source: &Source,
        watch: &StoredWatch,
        due: Option<i64>,
    ) -> Result<(), StoreError> {
        self.call(self.inner.keep_watch(source, watch, due)).await
    }

    async fn watches_due(&self, now: i64, most: usize) -> Result<Vec<Source>, StoreError> {
        self.call(self.inner.watches_due(now, most)).await
    }
}

impl<S: TrailState + Sync> KeyStore for Flaky<'_, S> {
    async fn key(&self, region: &str, fingerprint: &str) -> Result<KeyRing, StoreError> {
        self.call(self.inner.key(region, fingerprint)).await
    }

    async fn keep_keys(&self, region: &str, ring: &KeyRing) -> Result<(), StoreError> {
        self.call(self.inner.keep_keys(region, ring)).await
    }
}

impl<S: TrailState + Sync> WindowStore for Flaky<'_, S> {
    async fn load(&self, keys: &[GroupKey]) -> Result<Vec<Stored>, StoreError> {
        self.call(self.inner.load(keys)).await
    }

    async fn commit(&self, change: &Change) -> Result<Vec<String>, StoreError> {
        self.call(self.inner.commit(change)).await
    }

    async fn due(&self, now: i64, most: usize) -> Result<Vec<GroupKey>, StoreError> {
        self.call(self.inner.due(now, most)).await
    }
}

impl<S: TrailState + Sync> AlertLog for Flaky<'_, S> {
    async fn record(&self, message: &Message) -> Result<bool, StoreError> {
        self.call(self.inner.record(message)).await
    }

    async fn sent(&self, id: &str, now: i64) -> Result<(), StoreError> {
        self.call(self.inner.sent(id, now)).await
    }

    async fn claim(&self, id: &str, now: i64, until: i64) -> Result<Option<Message>, StoreError> {
        self.call(self.inner.claim(id, now, until)).await
    }

    async fn are_pending(&self, ids: &[String]) -> Result<Vec<bool>, StoreError> {
        self.call(self.inner.are_pending(ids)).await
    }

    async fn release(&self, id: &str, now: i64) -> Result<(), StoreError> {
        self.call(self.inner.release(id, now)).await
    }

    async fn pending(
        &self,
        now: i64,
        most: usize,
    ) -> Result<Vec<Result<Message, StoreError>>, StoreError> {
        self.call(self.inner.pending(now, most)).await
    }
}

/// An inbox that fails in the same ways.
pub struct FlakyInbox<'f> {
    pub inbox: &'f Inbox,
    pub dice: &'f Dice,
}

impl AlertSink for FlakyInbox<'_> {
    async fn publish(&self, alert: &Alert) -> Result<(), PublishError> {
        if self.dice.fails() {
            return Err(PublishError("the topic is down".into()));
        }
        (&self.inbox).publish(alert).await?;
        if self.dice.fails() {
            return Err(PublishError("the answer was lost".into()));
        }
        Ok(())
    }
}
