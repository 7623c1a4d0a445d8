//! Many items by their names, strongly consistent.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::types::KeysAndAttributes;

use super::DynamoDb;
use super::errors::unavailable;
use super::items::{Item, id_of, key};
use crate::ports::StoreError;

/// Keys in one request at most (DynamoDB API reference, `BatchGetItem`).
const KEYS: usize = 100;

/// Answers without a single item that are put up with, each after twice the pause before.
const EMPTY_ANSWERS: u32 = 6;

/// The first pause.
const PAUSE: Duration = Duration::from_millis(50);

impl DynamoDb {
    /// The items of these names, as far as they exist, by name.
    pub(super) async fn get_all<'a>(
        &self,
        ids: impl IntoIterator<Item = &'a str>,
    ) -> Result<HashMap<String, Item>, StoreError> {
        // The same key twice in a request is refused.
        let ids: BTreeSet<&str> = ids.into_iter().collect();
        let mut found = HashMap::with_capacity(ids.len());
        let mut ids = ids.into_iter();
        loop {
            let keys: Vec<Item> = ids.by_ref().take(KEYS).map(key).collect();
            if keys.is_empty() {
                return Ok(found);
            }
            self.get_batch(keys, &mut found).await?;
        }
    }

    /// An answer holds 16 MB at most, and less when DynamoDB throttles; the rest is named in it
    /// and asked for again, with a pause when nothing came at all.
    async fn get_batch(
        &self,
        mut keys: Vec<Item>,
        found: &mut HashMap<String, Item>,
    ) -> Result<(), StoreError> {
        let mut empty = 0;
        while !keys.is_empty() {
            let asked = KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .consistent_read(true)
                .build()
                .map_err(|error| StoreError::Unavailable(error.into()))?;
            let answer = self
                .client
                .batch_get_item()
                .request_items(&self.table, asked)
                .send()
                .await
                .map_err(unavailable)?;
            let items = answer
                .responses
                .into_iter()
                .flatten()
                .flat_map(|(_, items)| items);
            let before = found.len();
            for item in items {
                found.insert(id_of(&item)?.to_owned(), item);
            }
            let rest = answer.unprocessed_keys.into_iter().flatten();
            keys = rest.flat_map(|(_, rest)| rest.keys).collect();
            if keys.is_empty() || found.len() > before {
                empty = 0;
                continue;
            }
            if empty == EMPTY_ANSWERS {
                let reason = format!(
                    "{} items were not read, asked for again and again",
                    keys.len()
                );
                return Err(StoreError::Unavailable(reason.into()));
            }
            tokio::time::sleep(PAUSE * 2_u32.pow(empty)).await;
            empty += 1;
        }
        Ok(())
    }
}
