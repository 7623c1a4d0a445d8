//! Attributes of items, as they are written and read.

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use super::keys::{BODY, EXPIRES_AT, ID, QUEUE, READY_AT, REVISION};
use crate::ports::StoreError;

/// An item by the names of its attributes.
pub type Item = HashMap<String, AttributeValue>;

/// Bytes of a body at most: an item of 409,600 bytes less its name, which is at most 2,048, and
/// the small attributes.
pub const BODY_BYTES: usize = 400_000;

/// An item to be written.
#[derive(Debug)]
pub struct Draft {
    id: String,
    item: Item,
}

impl Draft {
    /// The item of this name.
    pub fn new(id: String) -> Self {
        let item = Item::from([(ID.to_owned(), text(id.clone()))]);
        Self { id, item }
    }

    /// With a body that people can read.
    ///
    /// # Errors
    /// When it is too long for an item.
    pub fn json<T: Serialize>(self, body: &T) -> Result<Self, StoreError> {
        let body = serde_json::to_string(body).map_err(|error| StoreError::Corrupt {
            what: format!("`{}`", self.id),
            reason: error.to_string(),
        })?;
        self.text(body)
    }

    /// With a body that is text already.
    ///
    /// # Errors
    /// When it is too long for an item.
    pub fn text(self, body: String) -> Result<Self, StoreError> {
        self.bounded(body.len())?;
        Ok(self.with(BODY, text(body)))
    }

    /// With a body of bytes.
    ///
    /// # Errors
    /// When it is too long for an item.
    pub fn bytes(self, body: Vec<u8>) -> Result<Self, StoreError> {
        self.bounded(body.len())?;
        Ok(self.with(BODY, AttributeValue::B(Blob::new(body))))
    }

    /// A cut body would be another one: rather the write fails, and with it the delivery, which
    /// somebody sees.
    fn bounded(&self, length: usize) -> Result<(), StoreError> {
        if length <= BODY_BYTES {
            return Ok(());
        }
        let reason = format!(
            "`{}` takes {length} bytes, over the limit of {BODY_BYTES} of an item",
            self.id
        );
        Err(StoreError::Unavailable(reason.into()))
    }

    /// With the number of this write.
    pub fn revision(self, revision: u64) -> Self {
        self.with(REVISION, number(revision))
    }

    /// Waiting in a partition of a queue until a time.
    pub fn waiting(self, queue: String, until: i64) -> Self {
        self.with(QUEUE, text(queue)).with(READY_AT, number(until))
    }

    /// To be deleted some time after this.
    pub fn expires(self, at: i64) -> Self {
        self.with(EXPIRES_AT, number(at))
    }

    /// Its name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The item.
    pub fn done(self) -> Item {
        self.item
    }

    fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.item.insert(name.to_owned(), value);
        self
    }
}

/// A text.
pub fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number.
pub fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// The key of the item of this name.
pub fn key(id: &str) -> Item {
    Item::from([(ID.to_owned(), text(id))])
}

/// The item's name.
pub fn id_of(item: &Item) -> Result<&str, StoreError> {
    match item.get(ID) {
        Some(AttributeValue::S(id)) => Ok(id),
        _ => Err(StoreError::Corrupt {
            what: "an item".to_owned(),
            reason: format!("it has no `{ID}`"),
        }),
    }
}

/// An attribute that is a number.
pub fn read_number<T: FromStr>(item: &Item, name: &str) -> Result<T, StoreError> {
    let value = item.get(name).and_then(|value| value.as_n().ok());
    value
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| corrupt(item, format!("`{name}` is missing or no number")))
}

/// The body as text.
pub fn read_json(item: &Item) -> Result<&str, StoreError> {
    let body = item.get(BODY).and_then(|value| value.as_s().ok());
    body.map(String::as_str)
        .ok_or_else(|| corrupt(item, format!("`{BODY}` is missing or no text")))
}

/// The body as bytes.
pub fn read_bytes(item: &Item) -> Result<&[u8], StoreError> {
    let body = item.get(BODY).and_then(|value| value.as_b().ok());
    body.map(Blob::as_ref)
        .ok_or_else(|| corrupt(item, format!("`{BODY}` is missing or no bytes")))
}

/// An item that cannot be read, and why.
pub fn corrupt(item: &Item, reason: impl ToString) -> StoreError {
    StoreError::Corrupt {
        what: format!("`{}`", id_of(item).unwrap_or("an item")),
        reason: reason.to_string(),
    }
}
