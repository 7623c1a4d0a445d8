//! The ledger: one item for each key of a bucket.

use super::DynamoDb;
use super::errors::{is_refused, unavailable};
use super::items::{Draft, corrupt, key, number, read_json, read_number};
use super::keys::{self, ID, REVISION};
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
        let Some(item) = answer.item else {
            return Ok(None);
        };
        let mut entry: Entry =
            serde_json::from_str(read_json(&item)?).map_err(|error| corrupt(&item, error))?;
        entry.revision = read_number(&item, REVISION)?;
        Ok(Some(entry))
    }

    async fn enter(&self, entry: &Entry) -> Result<(), StoreError> {
        let mut draft = Draft::new(keys::object(&entry.bucket, &entry.key))
            .json(entry)?
            .revision(entry.revision.saturating_add(1));
        let last = entry.evaluations.iter().map(|last| last.evaluated_at).max();
        if let Some(last) = last {
            draft = draft.expires(last.saturating_add(KEPT));
        }
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(draft.done()));
        let put = match entry.revision {
            0 => put.condition_expression(format!("attribute_not_exists({ID})")),
            before => put
                .condition_expression(format!("{REVISION} = :before"))
                .expression_attribute_values(":before", number(before)),
        };
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error) if is_refused(&error) => Err(StoreError::Conflict),
            Err(error) => Err(unavailable(error)),
        }
    }
}
