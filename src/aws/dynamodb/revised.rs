//! Items that count their writes, so that of two who write at once one is told.

use aws_sdk_dynamodb::types::AttributeValue;

use super::DynamoDb;
use super::errors::{is_collided, is_refused, unavailable};
use super::items::{Item, number};
use super::keys::{ID, REVISION};
use crate::ports::StoreError;

/// The condition under which an item may be replaced that had this revision, with its value.
pub fn unchanged(revision: u64) -> (String, Option<(String, AttributeValue)>) {
    match revision {
        0 => (format!("attribute_not_exists({ID})"), None),
        before => (
            format!("{REVISION} = :before"),
            Some((":before".to_owned(), number(before))),
        ),
    }
}

impl DynamoDb {
    /// Replaces an item that still has this revision (0: there is none), or says
    /// [`StoreError::Conflict`].
    pub(super) async fn put_revised(&self, item: Item, revision: u64) -> Result<(), StoreError> {
        let (condition, values) = unchanged(revision);
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(values.map(|value| [value].into()));
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error) if is_refused(&error) || is_collided(&error) => Err(StoreError::Conflict),
            Err(error) => Err(unavailable(error)),
        }
    }
}
