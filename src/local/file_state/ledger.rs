//! The ledger in a file.

use redb::{ReadOnlyTable, ReadableTable as _};

use super::{AWAITS, Answer, FileState, LEDGER, corrupt, encode, unavailable};
use crate::ports::{Entry, Ledger, ObjectRef, StoreError};

type Table = ReadOnlyTable<(&'static str, &'static str), &'static [u8]>;

fn read(table: &Table, bucket: &str, key: &str) -> Answer<Option<Entry>> {
    let found = table.get((bucket, key)).map_err(unavailable)?;
    let read = |found: redb::AccessGuard<'_, &[u8]>| {
        serde_json::from_slice(found.value()).map_err(corrupt(format!("s3://{bucket}/{key}")))
    };
    found.map(read).transpose()
}

impl Ledger for FileState {
    async fn entry(&self, object: &ObjectRef) -> Answer<Option<Entry>> {
        let table = self.read()?.open_table(LEDGER).map_err(unavailable)?;
        read(&table, &object.bucket, &object.key)
    }

    async fn enter(&self, entry: &Entry) -> Answer<()> {
        let write = self.write()?;
        {
            let mut table = write.open_table(LEDGER).map_err(unavailable)?;
            let mut awaits = write.open_table(AWAITS).map_err(unavailable)?;
            let (bucket, name) = (entry.bucket.as_str(), entry.key.as_str());
            let key = (bucket, name);
            let stored = match table.get(key).map_err(unavailable)? {
                Some(found) => {
                    let stored = serde_json::from_slice::<Entry>(found.value());
                    Some(stored.map_err(corrupt(entry.key.as_str()))?)
                }
                None => None,
            };
            if stored.as_ref().map_or(0, |stored| stored.revision) != entry.revision {
                return Err(StoreError::Conflict);
            }
            if let Some(at) = stored.and_then(|stored| stored.awaits) {
                awaits.remove((at, bucket, name)).map_err(unavailable)?;
            }
            if let Some(at) = entry.awaits {
                awaits.insert((at, bucket, name), ()).map_err(unavailable)?;
            }
            let mut entry = entry.clone();
            entry.revision += 1;
            table
                .insert(key, encode(&entry)?.as_slice())
                .map_err(unavailable)?;
        }
        write.commit().map_err(unavailable)
    }

    async fn entries(&self, objects: &[ObjectRef]) -> Answer<Vec<Option<Entry>>> {
        let table = self.read()?.open_table(LEDGER).map_err(unavailable)?;
        let one = |object: &ObjectRef| read(&table, &object.bucket, &object.key);
        objects.iter().map(one).collect()
    }

    async fn awaiting(&self, now: i64, most: usize) -> Answer<Vec<Entry>> {
        let at_once = self.read()?;
        let awaits = at_once.open_table(AWAITS).map_err(unavailable)?;
        let table = at_once.open_table(LEDGER).map_err(unavailable)?;
        let end = now.saturating_add(1);
        let mut found = Vec::new();
        for key in awaits
            .range(..(end, "", ""))
            .map_err(unavailable)?
            .take(most)
        {
            let (key, _) = key.map_err(unavailable)?;
            let (_, bucket, name) = key.value();
            found.extend(read(&table, bucket, name)?);
        }
        Ok(found)
    }
}
