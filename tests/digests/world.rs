//! Buckets in memory, and the watcher over them.

use std::collections::BTreeMap;

use serde_json::Value;
use trailwarden::alert::Alert;
use trailwarden::inspect::{Bounds, Inspector, Options, Report, TrailState};
use trailwarden::integrity::{KeyRing, Metadata};
use trailwarden::local::{MemoryState, wait};
use trailwarden::ports::{FetchError, Fetched, ObjectRef, ObjectStore};

use crate::support::{Inbox, one_rule};

/// A stored object.
#[derive(Clone, Default)]
pub struct Stored {
    pub bytes: Vec<u8>,
    pub etag: String,
    pub metadata: Value,
    pub denied: bool,
}

/// Objects by bucket and key.
#[derive(Default)]
pub struct Buckets(
    BTreeMap<(String, String), Stored>,
    /// Whether listings are refused.
    pub bool,
);

impl ObjectStore for &Buckets {
    // Small, so that most listings have more than one.
    const PAGE: usize = 20;

    async fn fetch(&self, object: &ObjectRef, _: u64) -> Result<Fetched, FetchError> {
        let found = self.0.get(&(object.bucket.clone(), object.key.clone()));
        let found = found.ok_or(FetchError::NotFound)?;
        if found.denied {
            return Err(FetchError::Denied("no".into()));
        }
        let said = |name: &str| found.metadata[name].as_str().map(str::to_owned);
        Ok(Fetched {
            bytes: found.bytes.clone(),
            version: None,
            etag: Some(found.etag.clone()),
            metadata: Metadata {
                signature: said("signature"),
                algorithm: said("signature-algorithm"),
                generated: said("backfill-generation-timestamp").and_then(|time| time.parse().ok()),
            },
        })
    }

    async fn list(&self, _: &str, prefix: &str, after: &str) -> Result<Vec<String>, FetchError> {
        if self.1 {
            return Err(FetchError::Denied("no listing".into()));
        }
        let keys = self.0.keys().map(|(_, key)| key);
        let found = keys.filter(|key| key.starts_with(prefix) && key.as_str() > after);
        Ok(found.take(Self::PAGE).cloned().collect())
    }
}

/// Buckets and the keys that sign what is in them.
pub struct World {
    pub buckets: Buckets,
    keys: KeyRing,
}

impl World {
    pub fn new(keys: KeyRing) -> Self {
        Self {
            buckets: Buckets::default(),
            keys,
        }
    }

    /// Stores an object; what its notification names.
    pub fn put(&mut self, bucket: &str, key: &str, stored: Stored) -> ObjectRef {
        let object = ObjectRef {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version: None,
            etag: Some(stored.etag.clone()),
        };
        let place = (bucket.to_owned(), key.to_owned());
        self.buckets.0.insert(place, stored);
        object
    }

    /// A watcher that has seen nothing yet.
    pub fn session(&self) -> Session<'_, MemoryState> {
        self.session_over(MemoryState::default())
    }

    /// A watcher that has seen what its state says.
    pub fn session_over<T>(&self, state: T) -> Session<'_, T> {
        Session {
            world: self,
            state,
            inbox: Inbox::default(),
        }
    }
}

/// A watcher with its state and what it told.
pub struct Session<'w, T> {
    world: &'w World,
    pub state: T,
    inbox: Inbox,
}

impl<T> Session<'_, T>
where
    for<'s> &'s T: TrailState,
{
    fn inspector(&self) -> Inspector<&Buckets, &T, &Inbox, KeyRing> {
        Inspector::new(
            one_rule("{ $.eventName = NothingThatHappens }"),
            &self.world.buckets,
            &self.state,
            &self.inbox,
            self.world.keys.clone(),
            Options::default(),
            Bounds::default(),
        )
    }

    /// Another instance of the function each time.
    pub fn run(&self, objects: Vec<ObjectRef>, now: i64) -> Report {
        wait(self.inspector().run(objects, now))
    }

    pub fn sweep(&self, now: i64) -> Report {
        wait(self.inspector().sweep(now))
    }

    /// What was told since the last time.
    pub fn alerts(&self) -> Vec<Alert> {
        self.inbox.take()
    }
}
