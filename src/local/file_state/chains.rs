//! Chains of digests and public keys in a file.

use redb::ReadableTable as _;

use super::{Answer, FileState, KEYS, WATCHES, WATCHES_DUE, corrupt, encode, unavailable};
use crate::integrity::{KeyRing, Source};
use crate::ports::{ChainStore, KeyStore, StoreError, StoredWatch};

impl ChainStore for FileState {
    async fn watch(&self, source: &Source) -> Answer<StoredWatch> {
        let table = self.read()?.open_table(WATCHES).map_err(unavailable)?;
        let key = (source.account.as_str(), source.region.as_str());
        let Some(found) = table.get(key).map_err(unavailable)? else {
            return Ok(StoredWatch::default());
        };
        let (revision, _, bytes) = found.value();
        let watch = serde_json::from_slice(bytes);
        Ok(StoredWatch {
            watch: watch.map_err(corrupt(format!("digests of {source}")))?,
            revision,
        })
    }

    async fn keep_watch(
        &self,
        source: &Source,
        watch: &StoredWatch,
        due: Option<i64>,
    ) -> Answer<()> {
        let write = self.write()?;
        {
            let mut table = write.open_table(WATCHES).map_err(unavailable)?;
            let mut queue = write.open_table(WATCHES_DUE).map_err(unavailable)?;
            let (account, region) = (source.account.as_str(), source.region.as_str());
            let stored = table.get((account, region)).map_err(unavailable)?;
            let (revision, was_due) = stored.map_or((0, None), |stored| {
                let (revision, due, _) = stored.value();
                (revision, due)
            });
            if revision != watch.revision {
                return Err(StoreError::Conflict);
            }
            let bytes = encode(&watch.watch)?;
            let value = (revision + 1, due, bytes.as_slice());
            table
                .insert((account, region), value)
                .map_err(unavailable)?;
            if let Some(at) = was_due {
                queue.remove((at, account, region)).map_err(unavailable)?;
            }
            if let Some(at) = due {
                queue
                    .insert((at, account, region), ())
                    .map_err(unavailable)?;
            }
        }
        write.commit().map_err(unavailable)
    }

    async fn watches_due(&self, now: i64, most: usize) -> Answer<Vec<Source>> {
        let table = self.read()?.open_table(WATCHES_DUE).map_err(unavailable)?;
        let end = now.saturating_add(1);
        let mut sources = Vec::new();
        for found in table
            .range(..(end, "", ""))
            .map_err(unavailable)?
            .take(most)
        {
            let (key, _) = found.map_err(unavailable)?;
            let (_, account, region) = key.value();
            sources.push(Source {
                account: account.to_owned(),
                region: region.to_owned(),
            });
        }
        Ok(sources)
    }
}

impl KeyStore for FileState {
    async fn key(&self, region: &str, fingerprint: &str) -> Answer<KeyRing> {
        let table = self.read()?.open_table(KEYS).map_err(unavailable)?;
        let Some(found) = table.get((region, fingerprint)).map_err(unavailable)? else {
            return Ok(KeyRing::default());
        };
        let text = String::from_utf8_lossy(found.value());
        KeyRing::from_json(&text).map_err(|error| StoreError::Corrupt {
            what: format!("key {fingerprint} of {region}"),
            reason: error.to_string(),
        })
    }

    async fn keep_keys(&self, region: &str, ring: &KeyRing) -> Answer<()> {
        let write = self.write()?;
        {
            let mut table = write.open_table(KEYS).map_err(unavailable)?;
            for key in ring.iter() {
                let one = KeyRing::from(key.clone()).to_json();
                table
                    .insert((region, key.fingerprint.as_str()), one.as_bytes())
                    .map_err(unavailable)?;
            }
        }
        write.commit().map_err(unavailable)
    }
}
