//! The ledger: one item for each key of a bucket.

use super::DynamoDb;
use super::errors::unavailable;
use super::items::{Draft, Item, corrupt, key, read_json, read_number};
use super::keys::{self, Queue, REVISION};
use crate::ports::{Entry, Ledger, ObjectRef, StoreError};

/// Seconds for which an entry is kept after its last evaluation. S3 repeats a notification within
/// hours, Lambda keeps an event for six, and what failed waits two weeks to be invoked again.
const KEPT: i64 = 90 * 24 * 3_600;

impl Ledger for DynamoDb {
    async fn entry(&self, object: &ObjectRef) -> Result<Option<Entry>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(&keys::object(&object.bucket, &object.key))))
            .consistent_read(true)
            .send()
            .await
            .map_err(unavailable)?;
        answer.item.as_ref().map(read).transpose()
    }

    async fn enter(&self, entry: &Entry) -> Result<(), StoreError> {
        let mut draft = Draft::new(keys::object(&entry.bucket, &entry.key))
            .json(entry)?
            .revision(entry.revision.saturating_add(1));
        let last = entry.evaluations.iter().map(|last| last.evaluated_at).max();
        let last = last.max(entry.awaits).max(entry.noted_at);
        if let Some(last) = last {
            draft = draft.expires(last.saturating_add(KEPT));
        }
        if let Some(at) = entry.awaits {
            let queue = Queue::Unlisted.of(draft.id());
            draft = draft.waiting(queue, at);
        }
        self.put_revised(draft.done(), entry.revision).await
    }

    async fn entries(&self, objects: &[ObjectRef]) -> Result<Vec<Option<Entry>>, StoreError> {
        let id = |object: &ObjectRef| keys::object(&object.bucket, &object.key);
        let ids: Vec<String> = objects.iter().map(id).collect();
        let found = self.get_all(ids.iter().map(String::as_str)).await?;
        let entry = |id: &String| found.get(id).map(read).transpose();
        ids.iter().map(entry).collect()
    }

    async fn awaiting(&self, now: i64, most: usize) -> Result<Vec<Entry>, StoreError> {
        let ids = self.waiting(Queue::Unlisted, now, most).await?;
        let found = self.get_all(ids.iter().map(String::as_str)).await?;
        let mut entries = Vec::new();
        for item in ids.iter().filter_map(|id| found.get(id)) {
            let entry = read(item)?;
            // The index may be behind.
            if entry.awaits.is_some_and(|at| at <= now) {
                entries.push(entry);
            }
        }
        Ok(entries)
    }
}

fn read(item: &Item) -> Result<Entry, StoreError> {
    let mut entry: Entry =
        serde_json::from_str(read_json(item)?).map_err(|error| corrupt(item, error))?;
    entry.revision = read_number(item, REVISION)?;
    Ok(entry)
}
