//! The alert log in a file.

use redb::{ReadableTable as _, WriteTransaction};

use super::{ALERTS, Answer, FileState, PENDING, REMEMBERED, SENT, corrupt, encode, unavailable};
use crate::ports::{AlertLog, Message};

impl FileState {
    /// Changes a message that is pending; `false` when there is none.
    fn change(
        &self,
        id: &str,
        change: impl FnOnce(&mut Message) -> bool,
    ) -> Answer<Option<Message>> {
        let write = self.write()?;
        let message = {
            let mut alerts = write.open_table(ALERTS).map_err(unavailable)?;
            let found = alerts
                .get(id)
                .map_err(unavailable)?
                .map(|found| found.value().to_vec());
            let Some(found) = found.filter(|found| !found.is_empty()) else {
                return Ok(None);
            };
            let mut message: Message =
                serde_json::from_slice(&found).map_err(corrupt(format!("alert {id}")))?;
            let before = message.claimed_until;
            if !change(&mut message) {
                return Ok(None);
            }
            let mut pending = write.open_table(PENDING).map_err(unavailable)?;
            pending.remove((before, id)).map_err(unavailable)?;
            pending
                .insert((message.claimed_until, id), ())
                .map_err(unavailable)?;
            let bytes = encode(&message)?;
            alerts.insert(id, bytes.as_slice()).map_err(unavailable)?;
            message
        };
        write.commit().map_err(unavailable)?;
        Ok(Some(message))
    }
}

/// Ends all claims: whoever had them had the file open, and this process has it for itself now. What
/// cannot be read stays pending as it is.
pub(super) fn free(write: &WriteTransaction) -> Answer<()> {
    let mut pending = write.open_table(PENDING).map_err(unavailable)?;
    let mut alerts = write.open_table(ALERTS).map_err(unavailable)?;
    let mut ids = Vec::new();
    for claimed in pending.extract_if(|_, ()| true).map_err(unavailable)? {
        let (key, _) = claimed.map_err(unavailable)?;
        ids.push(key.value().1.to_owned());
    }
    for id in ids {
        let found = alerts
            .get(&*id)
            .map_err(unavailable)?
            .map(|found| found.value().to_vec());
        let read = |bytes: Vec<u8>| serde_json::from_slice(&bytes);
        let message: Option<Message> = found.map(read).and_then(Result::ok);
        if let Some(mut message) = message {
            message.claimed_until = i64::MIN;
            alerts
                .insert(&*id, encode(&message)?.as_slice())
                .map_err(unavailable)?;
        }
        pending.insert((i64::MIN, &*id), ()).map_err(unavailable)?;
    }
    Ok(())
}

/// Records a message as pending, unless its id is known.
pub(super) fn record(write: &WriteTransaction, message: &Message) -> Answer<bool> {
    let id = message.alert.id.as_str();
    let mut alerts = write.open_table(ALERTS).map_err(unavailable)?;
    if alerts.get(id).map_err(unavailable)?.is_some() {
        return Ok(false);
    }
    alerts
        .insert(id, encode(message)?.as_slice())
        .map_err(unavailable)?;
    let mut pending = write.open_table(PENDING).map_err(unavailable)?;
    pending
        .insert((message.claimed_until, id), ())
        .map_err(unavailable)?;
    Ok(true)
}

impl AlertLog for FileState {
    async fn record(&self, message: &Message) -> Answer<bool> {
        let write = self.write()?;
        let new = record(&write, message)?;
        write.commit().map_err(unavailable)?;
        Ok(new)
    }

    async fn sent(&self, id: &str, now: i64) -> Answer<()> {
        let write = self.write()?;
        {
            let mut alerts = write.open_table(ALERTS).map_err(unavailable)?;
            let found = alerts
                .get(id)
                .map_err(unavailable)?
                .map(|found| found.value().to_vec());
            let Some(found) = found.filter(|found| !found.is_empty()) else {
                return Ok(());
            };
            let mut pending = write.open_table(PENDING).map_err(unavailable)?;
            match serde_json::from_slice::<Message>(&found) {
                Ok(message) => {
                    let place = (message.claimed_until, id);
                    pending.remove(place).map_err(unavailable)?;
                }
                // Another message may stand for one that cannot be read.
                Err(_) => pending
                    .retain(|(_, waiting), ()| waiting != id)
                    .map_err(unavailable)?,
            }
            alerts.insert(id, [].as_slice()).map_err(unavailable)?;
            let mut sent = write.open_table(SENT).map_err(unavailable)?;
            sent.insert((now.saturating_add(REMEMBERED), id), ())
                .map_err(unavailable)?;
        }
        write.commit().map_err(unavailable)
    }

    async fn claim(&self, id: &str, now: i64, until: i64) -> Answer<Option<Message>> {
        self.change(id, |message| {
            let free = message.claimed_until <= now;
            message.claimed_until = until;
            free
        })
    }

    async fn are_pending(&self, ids: &[String]) -> Answer<Vec<bool>> {
        let read = self.read()?;
        let alerts = read.open_table(ALERTS).map_err(unavailable)?;
        let pending = |id: &String| {
            let found = alerts.get(id.as_str()).map_err(unavailable)?;
            Ok(found.is_some_and(|found| !found.value().is_empty()))
        };
        ids.iter().map(pending).collect()
    }

    async fn release(&self, id: &str, now: i64) -> Answer<()> {
        self.change(id, |message| {
            message.claimed_until = now;
            true
        })?;
        Ok(())
    }

    async fn pending(&self, now: i64, most: usize) -> Answer<Vec<Answer<Message>>> {
        let read = self.read()?;
        let table = read.open_table(PENDING).map_err(unavailable)?;
        let alerts = read.open_table(ALERTS).map_err(unavailable)?;
        let end = now.saturating_add(1);
        let mut found = Vec::new();
        for key in table.range(..(end, "")).map_err(unavailable)?.take(most) {
            let (key, _) = key.map_err(unavailable)?;
            let (_, id) = key.value();
            if let Some(bytes) = alerts.get(id).map_err(unavailable)? {
                let message = serde_json::from_slice(bytes.value());
                found.push(message.map_err(corrupt(format!("alert {id}"))));
            }
        }
        Ok(found)
    }
}
