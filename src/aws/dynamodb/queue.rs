//! What waits, from the sparse index.

use super::DynamoDb;
use super::errors::unavailable;
use super::items::{id_of, number, read_number, text};
use super::keys::{INDEX, QUEUE, Queue, READY_AT};
use crate::ports::StoreError;

impl DynamoDb {
    /// Names of at most `most` items that wait in a queue for a time until `now`, those first that
    /// have waited longest, so that some that fail again and again never hide the others.
    pub(super) async fn waiting(
        &self,
        queue: Queue,
        now: i64,
        most: usize,
    ) -> Result<Vec<String>, StoreError> {
        let mut found: Vec<(i64, String)> = Vec::new();
        for shard in 0..queue.shards() {
            self.waiting_in(queue.shard(shard), now, most, &mut found)
                .await?;
        }
        found.sort();
        found.truncate(most);
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }

    async fn waiting_in(
        &self,
        shard: String,
        now: i64,
        most: usize,
        found: &mut Vec<(i64, String)>,
    ) -> Result<(), StoreError> {
        let enough = found.len().saturating_add(most);
        let mut from = None;
        while found.len() < enough {
            let page = enough - found.len();
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(INDEX)
                .key_condition_expression(format!("{QUEUE} = :queue AND {READY_AT} <= :now"))
                .expression_attribute_values(":queue", text(&shard))
                .expression_attribute_values(":now", number(now))
                .limit(i32::try_from(page).unwrap_or(i32::MAX))
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(unavailable)?;
            for item in answer.items.iter().flatten() {
                found.push((read_number(item, READY_AT)?, id_of(item)?.to_owned()));
            }
            from = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if from.is_none() {
                break;
            }
        }
        Ok(())
    }
}
