//! State in memory: a dry run, a scan without a state file, and every test.

use std::collections::btree_map::Entry::{Occupied, Vacant};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::integrity::{KeyRing, Source};
use crate::ports::{
    AlertLog, ChainStore, Change, Entry, GroupKey, KeyStore, Ledger, Message, ObjectRef,
    StoreError, Stored, StoredWatch, WindowStore,
};

/// All kinds of state, for as long as the process lives.
#[derive(Debug, Default)]
pub struct MemoryState(Mutex<Maps>);

#[derive(Debug, Default)]
struct Maps {
    ledger: HashMap<(String, String), Entry>,
    groups: HashMap<GroupKey, (Stored, Option<i64>)>,
    /// `None` once it was sent.
    alerts: BTreeMap<String, Option<Message>>,
    watches: BTreeMap<Source, (StoredWatch, Option<i64>)>,
    keys: BTreeMap<String, KeyRing>,
}

impl MemoryState {
    fn maps(&self) -> MutexGuard<'_, Maps> {
        // Each change is one assignment, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ledger for MemoryState {
    async fn entry(&self, object: &ObjectRef) -> Result<Option<Entry>, StoreError> {
        let key = (object.bucket.clone(), object.key.clone());
        Ok(self.maps().ledger.get(&key).cloned())
    }

    async fn enter(&self, entry: &Entry) -> Result<(), StoreError> {
        let mut maps = self.maps();
        let key = (entry.bucket.clone(), entry.key.clone());
        let revision = maps.ledger.get(&key).map_or(0, |stored| stored.revision);
        if revision != entry.revision {
            return Err(StoreError::Conflict);
        }
        let mut entry = entry.clone();
        entry.revision += 1;
        maps.ledger.insert(key, entry);
        Ok(())
    }

    async fn entries(&self, objects: &[ObjectRef]) -> Result<Vec<Option<Entry>>, StoreError> {
        let maps = self.maps();
        let key = |object: &ObjectRef| (object.bucket.clone(), object.key.clone());
        let found = objects.iter().map(|object| maps.ledger.get(&key(object)));
        Ok(found.map(|entry| entry.cloned()).collect())
    }

    async fn awaiting(&self, now: i64, most: usize) -> Result<Vec<Entry>, StoreError> {
        let maps = self.maps();
        let due = |entry: &&Entry| entry.awaits.is_some_and(|at| at <= now);
        let found = maps.ledger.values().filter(due).take(most);
        Ok(found.cloned().collect())
    }
}

impl WindowStore for MemoryState {
    async fn load(&self, keys: &[GroupKey]) -> Result<Vec<Stored>, StoreError> {
        let maps = self.maps();
        let state = |key| maps.groups.get(key).map(|(stored, _)| stored.clone());
        Ok(keys
            .iter()
            .map(|key| state(key).unwrap_or_default())
            .collect())
    }

    async fn commit(&self, change: &Change) -> Result<Vec<String>, StoreError> {
        let mut maps = self.maps();
        let stored = maps.groups.get(&change.key);
        let version = stored.map_or(0, |(stored, _)| stored.version);
        if version != change.from_version {
            return Err(StoreError::Conflict);
        }
        let mut there = Vec::new();
        for message in change.messages() {
            let id = message.alert.id.clone();
            match maps.alerts.entry(id) {
                Occupied(known) => there.push(known.key().clone()),
                Vacant(place) => {
                    place.insert(Some(message.clone()));
                }
            }
        }
        let stored = Stored {
            state: change.state.clone(),
            version: version + 1,
        };
        maps.groups.insert(change.key.clone(), (stored, change.due));
        Ok(there)
    }

    async fn due(&self, now: i64, most: usize) -> Result<Vec<GroupKey>, StoreError> {
        let maps = self.maps();
        let due = maps
            .groups
            .iter()
            .filter(|(_, (_, due))| due.is_some_and(|due| due <= now));
        Ok(due.take(most).map(|(key, _)| key.clone()).collect())
    }
}

impl AlertLog for MemoryState {
    async fn record(&self, message: &Message) -> Result<bool, StoreError> {
        let mut maps = self.maps();
        let id = message.alert.id.clone();
        let new = !maps.alerts.contains_key(&id);
        maps.alerts
            .entry(id)
            .or_insert_with(|| Some(message.clone()));
        Ok(new)
    }

    async fn sent(&self, id: &str, _now: i64) -> Result<(), StoreError> {
        if let Some(message) = self.maps().alerts.get_mut(id) {
            *message = None;
        }
        Ok(())
    }

    async fn claim(&self, id: &str, now: i64, until: i64) -> Result<Option<Message>, StoreError> {
        let mut maps = self.maps();
        match maps.alerts.get_mut(id) {
            Some(Some(message)) if message.claimed_until <= now => {
                message.claimed_until = until;
                Ok(Some(message.clone()))
            }
            _ => Ok(None),
        }
    }

    async fn are_pending(&self, ids: &[String]) -> Result<Vec<bool>, StoreError> {
        let maps = self.maps();
        let pending = |id: &String| matches!(maps.alerts.get(id), Some(Some(_)));
        Ok(ids.iter().map(pending).collect())
    }

    async fn release(&self, id: &str, now: i64) -> Result<(), StoreError> {
        if let Some(Some(message)) = self.maps().alerts.get_mut(id) {
            message.claimed_until = now;
        }
        Ok(())
    }

    async fn pending(
        &self,
        now: i64,
        most: usize,
    ) -> Result<Vec<Result<Message, StoreError>>, StoreError> {
        let maps = self.maps();
        let pending = maps.alerts.values().flatten();
        let free = pending.filter(|message| message.claimed_until <= now);
        let mut free: Vec<&Message> = free.collect();
        free.sort_by_key(|message| message.claimed_until);
        Ok(free.into_iter().take(most).cloned().map(Ok).collect())
    }
}

impl ChainStore for MemoryState {
    async fn watch(&self, source: &Source) -> Result<StoredWatch, StoreError> {
        let maps = self.maps();
        let stored = maps.watches.get(source).map(|(stored, _)| stored.clone());
        Ok(stored.unwrap_or_default())
    }

    async fn keep_watch(
        &self,
        source: &Source,
        watch: &StoredWatch,
        due: Option<i64>,
    ) -> Result<(), StoreError> {
        let mut maps = self.maps();
        let stored = maps.watches.get(source);
        if stored.map_or(0, |(stored, _)| stored.revision) != watch.revision {
            return Err(StoreError::Conflict);
        }
        let mut watch = watch.clone();
        watch.revision += 1;
        maps.watches.insert(source.clone(), (watch, due));
        Ok(())
    }

    async fn watches_due(&self, now: i64, most: usize) -> Result<Vec<Source>, StoreError> {
        let maps = self.maps();
        let watches = maps.watches.iter();
        let due = watches.filter(|(_, (_, due))| due.is_some_and(|due| due <= now));
        Ok(due.take(most).map(|(source, _)| source.clone()).collect())
    }
}

impl KeyStore for MemoryState {
    async fn key(&self, region: &str, fingerprint: &str) -> Result<KeyRing, StoreError> {
        let maps = self.maps();
        let key = maps.keys.get(region).and_then(|ring| ring.get(fingerprint));
        Ok(key.cloned().map_or_else(KeyRing::default, KeyRing::from))
    }

    async fn keep_keys(&self, region: &str, ring: &KeyRing) -> Result<(), StoreError> {
        let mut maps = self.maps();
        let kept = maps.keys.entry(region.to_owned()).or_default();
        kept.extend(ring.clone());
        Ok(())
    }
}
