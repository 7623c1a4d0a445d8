//! The alert log: one item for each alert, which leaves its queue once it is sent.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::ReturnValue;

use super::DynamoDb;
use super::errors::{is_refused, unavailable};
use super::items::{Draft, Item, corrupt, key, number, read_json, read_number};
use super::keys::{self, EXPIRES_AT, ID, QUEUE, Queue, READY_AT, SENT_AT};
use crate::ports::{AlertLog, Message, StoreError};

/// Seconds for which a sent alert is kept: longer than any group is remembered, so that what comes
/// late cannot be told twice, and long enough to look at what was told.
const KEPT: i64 = 90 * 24 * 3_600;

impl AlertLog for DynamoDb {
    async fn record(&self, message: &Message) -> Result<bool, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(draft(message)?.done()))
            .condition_expression(format!("attribute_not_exists({ID})"));
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error) => Ok(false),
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn sent(&self, id: &str, now: i64) -> Result<(), StoreError> {
        let update = self
            .update(id)
            .update_expression(format!(
                "SET {SENT_AT} = if_not_exists({SENT_AT}, :now), {EXPIRES_AT} = :expires \
                 REMOVE {QUEUE}, {READY_AT}"
            ))
            .condition_expression(format!("attribute_exists({ID})"))
            .expression_attribute_values(":now", number(now))
            .expression_attribute_values(":expires", number(now.saturating_add(KEPT)));
        apply(update).await.map(|_| ())
    }

    async fn claim(&self, id: &str, now: i64, until: i64) -> Result<Option<Message>, StoreError> {
        let update = self
            .update(id)
            .update_expression(format!("SET {READY_AT} = :until"))
            .condition_expression(format!("attribute_exists({QUEUE}) AND {READY_AT} <= :now"))
            .expression_attribute_values(":now", number(now))
            .expression_attribute_values(":until", number(until))
            .return_values(ReturnValue::AllNew);
        let item = apply(update).await?;
        item.as_ref().map(read).transpose()
    }

    async fn are_pending(&self, ids: &[String]) -> Result<Vec<bool>, StoreError> {
        let mut pending = Vec::with_capacity(ids.len());
        // Part by part, because an alert may take 200 kB.
        for part in ids.chunks(100) {
            let names: Vec<String> = part.iter().map(|id| keys::alert(id)).collect();
            let found = self.get_all(names.iter().map(String::as_str)).await?;
            let waits = |name| found.get(name).is_some_and(|item| item.contains_key(QUEUE));
            pending.extend(names.iter().map(waits));
        }
        Ok(pending)
    }

    async fn release(&self, id: &str, now: i64) -> Result<(), StoreError> {
        let update = self
            .update(id)
            .update_expression(format!("SET {READY_AT} = :now"))
            .condition_expression(format!("attribute_exists({QUEUE})"))
            .expression_attribute_values(":now", number(now));
        apply(update).await.map(|_| ())
    }

    /// The index names them; the alerts themselves are read from the table, where it is known
    /// whether they were sent or claimed in between.
    async fn pending(
        &self,
        now: i64,
        most: usize,
    ) -> Result<Vec<Result<Message, StoreError>>, StoreError> {
        let ids = self.waiting(Queue::Pending, now, most).await?;
        let found = self.get_all(ids.iter().map(String::as_str)).await?;
        let items = ids.iter().filter_map(|id| found.get(id));
        let pending = items.filter(|item| item.contains_key(QUEUE)).map(read);
        let is_free = |message: &Message| message.claimed_until <= now;
        Ok(pending
            .filter(|message| message.as_ref().map_or(true, is_free))
            .collect())
    }
}

impl DynamoDb {
    fn update(&self, id: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(&keys::alert(id))))
    }
}

/// The item as it then is, when it was asked for; `None` when the condition did not hold.
async fn apply(update: UpdateItemFluentBuilder) -> Result<Option<Item>, StoreError> {
    match update.send().await {
        Ok(answer) => Ok(answer.attributes),
        Err(error) if is_refused(&error) => Ok(None),
        Err(error) => Err(unavailable(error)),
    }
}

/// The item of a pending alert.
pub(super) fn draft(message: &Message) -> Result<Draft, StoreError> {
    let draft = Draft::new(keys::alert(&message.alert.id)).json(message)?;
    let queue = Queue::Pending.of(draft.id());
    Ok(draft.waiting(queue, message.claimed_until))
}

/// The message as it was recorded, with its claim as it is now.
fn read(item: &Item) -> Result<Message, StoreError> {
    let mut message: Message =
        serde_json::from_str(read_json(item)?).map_err(|error| corrupt(item, error))?;
    message.claimed_until = read_number(item, READY_AT)?;
    Ok(message)
}
