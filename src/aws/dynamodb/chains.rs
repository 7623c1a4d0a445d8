//! Chains of digests: one item for each account and region. Public keys: one item for each.

use super::DynamoDb;
use super::errors::unavailable;
use super::items::{Draft, corrupt, key, read_json, read_number};
use super::keys::{self, Queue, REVISION};
use crate::integrity::{KeyRing, Source};
use crate::ports::{ChainStore, KeyStore, StoreError, StoredWatch};

impl ChainStore for DynamoDb {
    async fn watch(&self, source: &Source) -> Result<StoredWatch, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(&keys::chains(source))))
            .consistent_read(true)
            .send()
            .await
            .map_err(unavailable)?;
        let Some(item) = answer.item else {
            return Ok(StoredWatch::default());
        };
        let watch = serde_json::from_str(read_json(&item)?);
        Ok(StoredWatch {
            watch: watch.map_err(|error| corrupt(&item, error))?,
            revision: read_number(&item, REVISION)?,
        })
    }

    async fn keep_watch(
        &self,
        source: &Source,
        watch: &StoredWatch,
        due: Option<i64>,
    ) -> Result<(), StoreError> {
        let mut draft = Draft::new(keys::chains(source))
            .json(&watch.watch)?
            .revision(watch.revision.saturating_add(1));
        if let Some(at) = due {
            let queue = Queue::Chains.of(draft.id());
            draft = draft.waiting(queue, at);
        }
        self.put_revised(draft.done(), watch.revision).await
    }

    async fn watches_due(&self, now: i64, most: usize) -> Result<Vec<Source>, StoreError> {
        let ids = self.waiting(Queue::Chains, now, most).await?;
        let source = |id: String| {
            keys::source_of(&id).ok_or_else(|| StoreError::Corrupt {
                what: format!("`{id}`"),
                reason: "it waits where only chains do".to_owned(),
            })
        };
        ids.into_iter().map(source).collect()
    }
}

impl KeyStore for DynamoDb {
    async fn key(&self, region: &str, fingerprint: &str) -> Result<KeyRing, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(&keys::public_key(region, fingerprint))))
            .send()
            .await
            .map_err(unavailable)?;
        let Some(item) = answer.item else {
            return Ok(KeyRing::default());
        };
        KeyRing::from_json(read_json(&item)?).map_err(|error| corrupt(&item, error))
    }

    async fn keep_keys(&self, region: &str, ring: &KeyRing) -> Result<(), StoreError> {
        for one in ring.iter() {
            let draft = Draft::new(keys::public_key(region, &one.fingerprint))
                .text(KeyRing::from(one.clone()).to_json())?;
            let put = self.client.put_item().table_name(&self.table);
            let put = put.set_item(Some(draft.done())).send().await;
            put.map_err(unavailable)?;
        }
        Ok(())
    }
}
