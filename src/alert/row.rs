//! One match as a row of numbers, in memory and in state.

use std::sync::Arc;

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::texts::{Renaming, TextId, Texts, bounded};
use super::{Facts, Outcome};
use crate::record::{EventTime, Principal};
use crate::windows::{Hit, KEY_BITS, Keyed};

/// One match, as names of texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "StoredRow", into = "StoredRow")]
pub(super) struct Row {
    /// Event time in seconds; before everything when it is not known.
    pub(super) time: i64,
    /// Equal for copies of one event, in every process.
    pub(super) key: u64,
    /// What the rule's threshold counts.
    pub(super) value: u64,
    pub(super) id: Id,
    /// `iam:CreateUser`
    pub(super) event: TextId,
    pub(super) outcome: TextId,
    pub(super) account: TextId,
    pub(super) region: TextId,
    pub(super) principal: TextId,
    pub(super) source_ip: TextId,
    pub(super) object: TextId,
    /// 0-based number of the record in its file.
    pub(super) record: u32,
}

/// A row in state: time, key, value (0 when it is the key), id, texts, number of the record.
type StoredRow = (i64, u64, u64, StoredId, [TextId; 7], u32);

/// An id in state: a UUID as 32 digits, or the name of a text, or nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum StoredId {
    Uuid(String),
    Text(TextId),
    Missing(()),
}

impl From<StoredRow> for Row {
    fn from((time, key, value, id, texts, record): StoredRow) -> Self {
        let [
            event,
            outcome,
            account,
            region,
            principal,
            source_ip,
            object,
        ] = texts;
        let id = match id {
            StoredId::Uuid(digits) => {
                let number = u128::from_str_radix(&digits, 16);
                number.map_or(Id::Missing, |number| Id::Uuid(number.to_be_bytes()))
            }
            StoredId::Text(text) => Id::Text(text),
            StoredId::Missing(()) => Id::Missing,
        };
        Self {
            time,
            key,
            value: if value == 0 { key } else { value },
            id,
            event,
            outcome,
            account,
            region,
            principal,
            source_ip,
            object,
            record,
        }
    }
}

impl From<Row> for StoredRow {
    fn from(row: Row) -> Self {
        let id = match row.id {
            Id::Uuid(bytes) => StoredId::Uuid(format!("{:032x}", u128::from_be_bytes(bytes))),
            Id::Text(text) => StoredId::Text(text),
            Id::Missing => StoredId::Missing(()),
        };
        let texts = [
            row.event,
            row.outcome,
            row.account,
            row.region,
            row.principal,
            row.source_ip,
            row.object,
        ];
        let value = if row.value == row.key { 0 } else { row.value };
        (row.time, row.key, value, id, texts, row.record)
    }
}

/// An event's id. Those of CloudTrail are UUIDs, which take less room as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Id {
    Uuid([u8; 16]),
    Text(TextId),
    Missing,
}

impl Id {
    pub(super) fn parse(text: Option<&str>, texts: &mut Texts) -> Self {
        match text {
            None => Self::Missing,
            Some(text) => match uuid(text) {
                Some(bytes) => Self::Uuid(bytes),
                None => Self::Text(texts.intern(&bounded(text))),
            },
        }
    }

    pub(super) fn text(self, texts: &Texts) -> Option<String> {
        match self {
            Self::Uuid(bytes) => Some(uuid_text(bytes)),
            Self::Text(id) => texts.get(id).map(|text| text.to_string()),
            Self::Missing => None,
        }
    }
}

impl Row {
    /// What tells this event from others: its id, or its place when it has none.
    pub(super) fn identity(&self, texts: &Texts) -> String {
        self.id
            .text(texts)
            .unwrap_or_else(|| place(texts.get(self.object), self.record))
    }

    /// The key of an event: of its time and its identity.
    pub(super) fn key_of(time: i64, id: Id, object: &str, record: u32, texts: &Texts) -> u64 {
        let identity = match id {
            Id::Uuid(bytes) => {
                let (high, low) = halves(bytes);
                high ^ low
            }
            Id::Text(id) => texts.get(id).map_or(0, |text| stable_hash(text)),
            Id::Missing => stable_hash(&format!("{object}#{record}")),
        };
        let all = identity ^ time.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        all >> (u64::BITS - KEY_BITS)
    }

    pub(super) fn event_time(&self) -> Option<EventTime> {
        (self.time != i64::MIN).then(|| EventTime::from_seconds(self.time))
    }

    pub(super) fn keyed(&self) -> Keyed {
        Keyed {
            key: self.key,
            hit: Hit {
                time: self.time,
                value: self.value,
            },
        }
    }

    /// What the row alone says, where the full facts were not kept.
    pub(super) fn facts(&self, texts: &Texts) -> Facts {
        let text = |id| texts.get(id).map(|text: &Arc<str>| text.to_string());
        let event = text(self.event).unwrap_or_default();
        let (source, name) = event.split_once(':').unwrap_or(("?", &event));
        let known = |part: &str| (part != "?").then(|| part.to_owned());
        let outcome = text(self.outcome).unwrap_or_default();
        Facts {
            event_id: self.id.text(texts),
            time: self.event_time(),
            source: known(source),
            name: known(name),
            region: text(self.region),
            account: text(self.account),
            principal: Principal {
                id: text(self.principal).unwrap_or_default(),
                kind: None,
                session: None,
            },
            source_ip: text(self.source_ip),
            user_agent: None,
            access_key: None,
            mfa: None,
            outcome: match outcome.strip_prefix("failed: ") {
                Some(code) => Outcome::Failed {
                    code: code.to_owned(),
                    message: None,
                },
                None => Outcome::Succeeded,
            },
            parameters: Vec::new(),
            resources: Vec::new(),
            object: texts.get(self.object).cloned().unwrap_or_default(),
            record: u64::from(self.record),
        }
    }
}

impl Row {
    pub(super) fn renamed(
        mut self,
        renaming: &mut Renaming,
        from: &Texts,
        into: &mut Texts,
    ) -> Self {
        if let Id::Text(id) = &mut self.id {
            *id = renaming.of(*id, from, into);
        }
        for id in [
            &mut self.event,
            &mut self.outcome,
            &mut self.account,
            &mut self.region,
            &mut self.principal,
            &mut self.source_ip,
            &mut self.object,
        ] {
            *id = renaming.of(*id, from, into);
        }
        self
    }
}

fn place(object: Option<&Arc<str>>, record: u32) -> String {
    format!("{}#{record}", object.map_or("", |object| object))
}

/// The same in every process and version, as stored state needs it.
pub(super) fn stable_hash(text: &str) -> u64 {
    let hash = digest(&SHA256, text.as_bytes());
    let first = hash.as_ref().first_chunk().copied().unwrap_or_default();
    u64::from_le_bytes(first)
}

fn halves(bytes: [u8; 16]) -> (u64, u64) {
    let all = u128::from_be_bytes(bytes);
    let low = |number: u128| u64::try_from(number & u128::from(u64::MAX)).unwrap_or_default();
    (low(all >> 64), low(all))
}

/// Reads a UUID as CloudTrail writes it: lower case, with hyphens, so that it can be written back.
fn uuid(text: &str) -> Option<[u8; 16]> {
    let bytes: &[u8; 36] = text.as_bytes().try_into().ok()?;
    let mut out = 0_u128;
    for (at, byte) in bytes.iter().enumerate() {
        let digit = match (at, byte) {
            (8 | 13 | 18 | 23, b'-') => continue,
            (8 | 13 | 18 | 23, _) => return None,
            (_, b'0'..=b'9') => byte - b'0',
            (_, b'a'..=b'f') => byte - b'a' + 10,
            _ => return None,
        };
        out = out << 4 | u128::from(digit);
    }
    Some(out.to_be_bytes())
}

fn uuid_text(bytes: [u8; 16]) -> String {
    let digits = format!("{:032x}", u128::from_be_bytes(bytes));
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default();
    [
        part(0..8),
        part(8..12),
        part(12..16),
        part(16..20),
        part(20..32),
    ]
    .join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_come_back_as_written_and_nothing_else_is_one() {
        let text = "0c5f9e2a-0b1d-4e6f-8a7b-00000000000f";
        assert_eq!(uuid(text).map(uuid_text).as_deref(), Some(text));
        for text in [
            "",
            "0C5F9E2A-0B1D-4E6F-8A7B-00000000000F",
            "0c5f9e2a00b1d-4e6f-8a7b-00000000000f",
        ] {
            assert_eq!(uuid(text), None, "{text}");
        }
    }
}
