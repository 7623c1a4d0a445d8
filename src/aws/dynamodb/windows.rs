//! Groups: one item each, replaced together with the alerts that the change makes due.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};

use super::DynamoDb;
use super::errors::{Cancelled, unavailable};
use super::items::{Draft, Item, corrupt, read_bytes, read_number};
use super::keys::{self, ID, Queue, REVISION};
use super::revised::unchanged;
use crate::alert::GroupState;
use crate::ports::{Change, GroupKey, StoreError, Stored, WindowStore};

impl WindowStore for DynamoDb {
    async fn load(&self, keys: &[GroupKey]) -> Result<Vec<Stored>, StoreError> {
        let ids: Vec<String> = keys.iter().map(keys::group).collect();
        let found = self.get_all(ids.iter().map(String::as_str)).await?;
        let stored = |id: &String| found.get(id).map_or(Ok(Stored::default()), read);
        ids.iter().map(stored).collect()
    }

    /// A conditional write of one item, or one transaction with the alerts, which costs twice as
    /// much.
    async fn commit(&self, change: &Change) -> Result<Vec<String>, StoreError> {
        let group = draft(change)?.done();
        let mut there_already = Vec::new();
        if change.alerts.is_empty() {
            self.put_revised(group, change.from_version).await?;
            return Ok(there_already);
        }
        // One item twice in a transaction is refused.
        let mut alerts = Vec::with_capacity(change.alerts.len());
        for message in change.messages() {
            let draft = super::alert_log::draft(message)?;
            alerts.push((&message.alert.id, draft.done()));
        }
        loop {
            match self
                .put_together(group.clone(), change.from_version, &alerts)
                .await?
            {
                None => return Ok(there_already),
                // Alerts that are recorded already stay as they are. They are never deleted
                // before weeks after they were sent, so the rest is as good as all of it.
                Some(there) => {
                    let mut place = 0;
                    let before = alerts.len();
                    alerts.retain(|(id, _)| {
                        place += 1;
                        let new = !there.contains(&place);
                        if !new {
                            there_already.push((*id).clone());
                        }
                        new
                    });
                    if alerts.len() == before {
                        let reason = "a transaction was cancelled for items that it does not have";
                        return Err(StoreError::Unavailable(reason.into()));
                    }
                }
            }
        }
    }

    async fn due(&self, now: i64, most: usize) -> Result<Vec<GroupKey>, StoreError> {
        let ids = self.waiting(Queue::Due, now, most).await?;
        let key = |id: String| {
            keys::group_of(&id).ok_or_else(|| StoreError::Corrupt {
                what: format!("`{id}`"),
                reason: "it waits where only groups do".to_owned(),
            })
        };
        ids.into_iter().map(key).collect()
    }
}

fn read(item: &Item) -> Result<Stored, StoreError> {
    let state = GroupState::from_bytes(read_bytes(item)?).map_err(|error| corrupt(item, error))?;
    Ok(Stored {
        state,
        version: read_number(item, REVISION)?,
    })
}

/// While something is held back, the state does not expire: the sweep might be broken for longer.
fn draft(change: &Change) -> Result<Draft, StoreError> {
    let draft = Draft::new(keys::group(&change.key))
        .bytes(change.state.to_bytes())?
        .revision(change.from_version.saturating_add(1));
    Ok(match change.due {
        Some(due) => {
            let queue = Queue::Due.of(draft.id());
            draft.waiting(queue, due)
        }
        None => draft.expires(change.expires),
    })
}

fn put(table: &str, item: Item) -> aws_sdk_dynamodb::types::builders::PutBuilder {
    Put::builder().table_name(table).set_item(Some(item))
}

impl DynamoDb {
    /// The group and its new alerts, or nothing of it and the places of alerts, from 1 on, that
    /// are recorded already.
    async fn put_together(
        &self,
        group: Item,
        from_version: u64,
        alerts: &[(&String, Item)],
    ) -> Result<Option<Vec<usize>>, StoreError> {
        let (condition, values) = unchanged(from_version);
        let group = put(&self.table, group)
            .condition_expression(condition)
            .set_expression_attribute_values(values.map(|value| [value].into()));
        let alert = |(_, item): &(&String, Item)| {
            put(&self.table, item.clone())
                .condition_expression(format!("attribute_not_exists({ID})"))
        };
        let puts = std::iter::once(group).chain(alerts.iter().map(alert));
        let items = puts
            .map(|put| Ok(TransactWriteItem::builder().put(put.build()?).build()))
            .collect::<Result<Vec<_>, aws_sdk_dynamodb::error::BuildError>>()
            .map_err(|error| StoreError::Unavailable(error.into()))?;
        // The SDK gives the request a token, so that a repeat of its own writes nothing twice.
        let write = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items));
        let Err(error) = write.send().await else {
            return Ok(None);
        };
        let meaning = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                Cancelled::of(cancelled.cancellation_reasons())
            }
            _ => Cancelled::Otherwise,
        };
        match meaning {
            Cancelled::Conflict => Err(StoreError::Conflict),
            Cancelled::There(places) => Ok(Some(places)),
            Cancelled::Otherwise => Err(unavailable(error)),
        }
    }
}
