//! State in one file on disk, safe against a kill at any moment: each change is one transaction of
//! an embedded store, durable before it counts.

mod alerts;
mod chains;
mod ledger;

use std::path::Path;

use redb::{
    Database, ReadTransaction, ReadableDatabase as _, ReadableTable as _, TableDefinition,
    WriteTransaction,
};

use crate::alert::GroupState;
use alerts::{free, record};

use crate::ports::{BoxError, Change, GroupKey, StoreError, Stored, WindowStore};

/// Bucket and key → entry.
const LEDGER: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("ledger");
/// From when on it is asked for a digest, bucket and key.
const AWAITS: TableDefinition<'_, (i64, &str, &str), ()> = TableDefinition::new("awaits");
/// Account and region → revision, when due, chains.
const WATCHES: TableDefinition<'_, (&str, &str), Chains<'_>> = TableDefinition::new("watches");
/// When due, account and region.
const WATCHES_DUE: TableDefinition<'_, (i64, &str, &str), ()> = TableDefinition::new("watches_due");
/// Region and fingerprint → key.
const KEYS: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("keys");
/// Revision, when due, and the chains.
type Chains<'c> = (u64, Option<i64>, &'c [u8]);
/// Rule and fingerprint → version, when due, when to be deleted, state.
const GROUPS: TableDefinition<'_, (&str, &str), Group<'_>> = TableDefinition::new("groups");
/// When due, rule and fingerprint.
const DUE: TableDefinition<'_, (i64, &str, &str), ()> = TableDefinition::new("due");
/// Id → message; empty once it was sent.
const ALERTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("alerts");
/// Until when it is claimed, and id of a pending message.
const PENDING: TableDefinition<'_, (i64, &str), ()> = TableDefinition::new("pending");
/// When to be deleted, and the id of a sent message.
const SENT: TableDefinition<'_, (i64, &str), ()> = TableDefinition::new("sent");
/// Version, when due, when to be deleted, and the state's bytes.
type Group<'g> = (u64, Option<i64>, i64, &'g [u8]);
/// What the file is.
const FORMAT: TableDefinition<'_, &str, u32> = TableDefinition::new("format");

/// The format that this version reads and writes.
const VERSION: u32 = 1;

/// Seconds for which the id of a sent alert is remembered.
const REMEMBERED: i64 = 30 * 24 * 3_600;

/// All kinds of state in one file.
pub struct FileState(Database);

type Answer<T> = Result<T, StoreError>;

fn unavailable(error: impl Into<redb::Error>) -> StoreError {
    StoreError::Unavailable(BoxError::from(error.into()))
}

fn corrupt(what: impl Into<String>) -> impl FnOnce(serde_json::Error) -> StoreError {
    move |error| StoreError::Corrupt {
        what: what.into(),
        reason: error.to_string(),
    }
}

impl FileState {
    /// Opens the file, or makes it. What was remembered long enough at `now` is deleted.
    ///
    /// # Errors
    /// When it cannot be opened or made, is in use by another process, or is no file of this kind.
    pub fn open(path: &Path, now: i64) -> Answer<Self> {
        let state = Self(Database::create(path).map_err(unavailable)?);
        let write = state.write()?;
        {
            let mut format = write.open_table(FORMAT).map_err(unavailable)?;
            let known = format
                .get("version")
                .map_err(unavailable)?
                .map(|version| version.value());
            match known {
                Some(VERSION) => {}
                None => {
                    format.insert("version", VERSION).map_err(unavailable)?;
                }
                Some(other) => {
                    return Err(StoreError::Corrupt {
                        what: path.display().to_string(),
                        reason: format!("it has format {other}, this version reads {VERSION}"),
                    });
                }
            }
            write.open_table(LEDGER).map_err(unavailable)?;
            write.open_table(ALERTS).map_err(unavailable)?;
            write.open_table(DUE).map_err(unavailable)?;
            write.open_table(PENDING).map_err(unavailable)?;
            write.open_table(AWAITS).map_err(unavailable)?;
            write.open_table(WATCHES).map_err(unavailable)?;
            write.open_table(WATCHES_DUE).map_err(unavailable)?;
            write.open_table(KEYS).map_err(unavailable)?;
        }
        forget(&write, now)?;
        free(&write)?;
        write.commit().map_err(unavailable)?;
        Ok(state)
    }

    fn write(&self) -> Answer<WriteTransaction> {
        self.0.begin_write().map_err(unavailable)
    }

    fn read(&self) -> Answer<ReadTransaction> {
        self.0.begin_read().map_err(unavailable)
    }
}

fn encode(value: &impl serde::Serialize) -> Answer<Vec<u8>> {
    serde_json::to_vec(value).map_err(corrupt("what is to be stored"))
}

/// Deletes groups and sent alerts that were remembered long enough.
fn forget(write: &WriteTransaction, now: i64) -> Answer<()> {
    let mut groups = write.open_table(GROUPS).map_err(unavailable)?;
    groups
        .retain(|_, (_, due, expires, _)| due.is_some() || expires > now)
        .map_err(unavailable)?;
    let mut sent = write.open_table(SENT).map_err(unavailable)?;
    let mut alerts = write.open_table(ALERTS).map_err(unavailable)?;
    let old = sent
        .extract_from_if(..(now, ""), |_, ()| true)
        .map_err(unavailable)?;
    for gone in old {
        let (key, _) = gone.map_err(unavailable)?;
        alerts.remove(key.value().1).map_err(unavailable)?;
    }
    Ok(())
}

impl WindowStore for FileState {
    async fn load(&self, keys: &[GroupKey]) -> Answer<Vec<Stored>> {
        let table = self.read()?.open_table(GROUPS).map_err(unavailable)?;
        let one = |key: &GroupKey| {
            let found = table
                .get((key.rule.as_str(), key.fingerprint.as_str()))
                .map_err(unavailable)?;
            let Some(found) = found else {
                return Ok(Stored::default());
            };
            let (version, _, _, bytes) = found.value();
            let what = || format!("rule {} and group {}", key.rule, key.fingerprint);
            let state = GroupState::from_bytes(bytes).map_err(|error| corrupt(what())(error))?;
            Ok(Stored { state, version })
        };
        keys.iter().map(one).collect()
    }

    async fn commit(&self, change: &Change) -> Answer<Vec<String>> {
        let write = self.write()?;
        {
            let mut groups = write.open_table(GROUPS).map_err(unavailable)?;
            let mut due = write.open_table(DUE).map_err(unavailable)?;
            let (rule, fingerprint) = (change.key.rule.as_str(), change.key.fingerprint.as_str());
            let key = (rule, fingerprint);
            let stored = groups.get(key).map_err(unavailable)?;
            let (version, was_due) = stored.map_or((0, None), |stored| {
                let (version, due, _, _) = stored.value();
                (version, due)
            });
            if version != change.from_version {
                return Err(StoreError::Conflict);
            }
            let bytes = change.state.to_bytes();
            let value = (version + 1, change.due, change.expires, bytes.as_slice());
            groups.insert(key, value).map_err(unavailable)?;
            if let Some(at) = was_due {
                due.remove((at, rule, fingerprint)).map_err(unavailable)?;
            }
            if let Some(at) = change.due {
                due.insert((at, rule, fingerprint), ())
                    .map_err(unavailable)?;
            }
        }
        let mut there = Vec::new();
        for message in change.messages() {
            if !record(&write, message)? {
                there.push(message.alert.id.clone());
            }
        }
        write.commit().map_err(unavailable)?;
        Ok(there)
    }

    async fn due(&self, now: i64, most: usize) -> Answer<Vec<GroupKey>> {
        let table = self.read()?.open_table(DUE).map_err(unavailable)?;
        let end = now.saturating_add(1);
        let mut keys = Vec::new();
        for found in table
            .range(..(end, "", ""))
            .map_err(unavailable)?
            .take(most)
        {
            let (key, _) = found.map_err(unavailable)?;
            let (_, rule, fingerprint) = key.value();
            keys.push(GroupKey {
                rule: rule.to_owned(),
                fingerprint: fingerprint.to_owned(),
            });
        }
        Ok(keys)
    }
}
