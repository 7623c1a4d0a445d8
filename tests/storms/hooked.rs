//! State that a test looks into while it is used: what happens before a claim, and which calls fail.

use std::collections::BTreeSet;
use std::sync::Mutex;

use trailwarden::local::MemoryState;
use trailwarden::ports::{
    AlertLog, Change, Entry, GroupKey, Ledger, Message, ObjectRef, StoreError, Stored, WindowStore,
};

pub struct Hooked<'s> {
    inner: &'s MemoryState,
    /// Before a message of this id is claimed.
    pub before_claim: Box<dyn Fn(&str) + Send + Sync + 's>,
    /// From this call on, noting what was sent fails.
    pub sent_fails_from: usize,
    /// Ids of messages that cannot be read.
    pub unreadable: BTreeSet<String>,
    calls_of_sent: Mutex<usize>,
}

impl<'s> Hooked<'s> {
    pub fn new(inner: &'s MemoryState) -> Self {
        Self {
            inner,
            before_claim: Box::new(|_| ()),
            sent_fails_from: usize::MAX,
            unreadable: BTreeSet::new(),
            calls_of_sent: Mutex::new(0),
        }
    }

    fn read(&self, id: &str) -> Result<(), StoreError> {
        if !self.unreadable.contains(id) {
            return Ok(());
        }
        Err(StoreError::Corrupt {
            what: format!("alert {id}"),
            reason: "it is cut off".to_owned(),
        })
    }
}

impl Ledger for Hooked<'_> {
    async fn entry(&self, object: &ObjectRef) -> Result<Option<Entry>, StoreError> {
        self.inner.entry(object).await
    }

    async fn enter(&self, entry: &Entry) -> Result<(), StoreError> {
        self.inner.enter(entry).await
    }

    async fn entries(&self, objects: &[ObjectRef]) -> Result<Vec<Option<Entry>>, StoreError> {
        self.inner.entries(objects).await
    }

    async fn awaiting(&self, now: i64, most: usize) -> Result<Vec<Entry>, StoreError> {
        self.inner.awaiting(now, most).await
    }
}

impl WindowStore for Hooked<'_> {
    async fn load(&self, keys: &[GroupKey]) -> Result<Vec<Stored>, StoreError> {
        self.inner.load(keys).await
    }

    async fn commit(&self, change: &Change) -> Result<Vec<String>, StoreError> {
        self.inner.commit(change).await
    }

    async fn due(&self, now: i64, most: usize) -> Result<Vec<GroupKey>, StoreError> {
        self.inner.due(now, most).await
    }
}

impl AlertLog for Hooked<'_> {
    async fn record(&self, message: &Message) -> Result<bool, StoreError> {
        self.inner.record(message).await
    }

    async fn sent(&self, id: &str, now: i64) -> Result<(), StoreError> {
        let call = {
            let mut calls = self.calls_of_sent.lock().unwrap();
            *calls += 1;
            *calls
        };
        if call > self.sent_fails_from {
            return Err(StoreError::Unavailable("the table is down".into()));
        }
        self.inner.sent(id, now).await
    }

    async fn claim(&self, id: &str, now: i64, until: i64) -> Result<Option<Message>, StoreError> {
        (self.before_claim)(id);
        self.read(id)?;
        self.inner.claim(id, now, until).await
    }

    async fn are_pending(&self, ids: &[String]) -> Result<Vec<bool>, StoreError> {
        self.inner.are_pending(ids).await
    }

    async fn release(&self, id: &str, now: i64) -> Result<(), StoreError> {
        self.inner.release(id, now).await
    }

    async fn pending(
        &self,
        now: i64,
        most: usize,
    ) -> Result<Vec<Result<Message, StoreError>>, StoreError> {
        let found = self.inner.pending(now, most).await?.into_iter().flatten();
        let read = |message: Message| self.read(&message.alert.id).map(|()| message);
        Ok(found.map(read).collect())
    }
}
