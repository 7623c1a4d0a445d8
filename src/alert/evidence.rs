//! Matches of one rule about one group, in a form that is small and exact: a row of numbers for
//! each, texts once, and the full facts of a few.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::texts::{Renaming, TextId, Texts};
use super::{Facts, Outcome, SAMPLE_LIMIT};
use crate::record::{EventTime, Principal};
use crate::windows::{Hit, KEY_BITS, Keyed};

/// Matches of one group below its threshold that are stored with all that is known of them.
const DETAILED: usize = 100;

/// Bytes of a group's state that its matches below the threshold take at most, beside 100 for each.
const BYTES: usize = 200_000;

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

/// The full facts of one match.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Sample {
    pub(super) key: u64,
    pub(super) facts: Facts,
}

/// Matches of one rule about one group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Evidence {
    pub(super) texts: Texts,
    pub(super) rows: Vec<Row>,
    pub(super) samples: Vec<Sample>,
}

impl Id {
    pub(super) fn parse(text: Option<&str>, texts: &mut Texts) -> Self {
        match text {
            None => Self::Missing,
            Some(text) => match uuid(text) {
                Some(bytes) => Self::Uuid(bytes),
                None => Self::Text(texts.intern(text)),
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

    fn keyed(&self) -> Keyed {
        Keyed {
            key: self.key,
            hit: Hit {
                time: self.time,
                value: self.value,
            },
        }
    }

    /// What the row alone says, where the full facts were not kept.
    fn facts(&self, texts: &Texts) -> Facts {
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

impl Evidence {
    /// Number of matches.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The log file of some match.
    pub fn first_object(&self) -> Option<String> {
        let row = self.rows.first()?;
        self.texts.get(row.object).map(|text| text.to_string())
    }

    /// Sorts by time and identity, and keeps one of the copies of an event: the one in the first
    /// place, so that it is the same whatever the order of files.
    pub(super) fn tidy(&mut self) {
        let texts = &self.texts;
        self.rows.sort_by(|a, b| {
            let place = |row: &Row| (texts.get(row.object).cloned(), row.record);
            let same_time = || match (a.id, b.id) {
                (Id::Uuid(a), Id::Uuid(b)) => a.cmp(&b),
                _ => a.identity(texts).cmp(&b.identity(texts)),
            };
            let order = a.time.cmp(&b.time).then_with(same_time);
            order.then_with(|| place(a).cmp(&place(b)))
        });
        self.rows.dedup_by_key(|row| row.key);
        let places: BTreeMap<u64, (TextId, u32)> = self
            .samples
            .is_empty()
            .then(BTreeMap::new)
            .unwrap_or_else(|| {
                let place = |row: &Row| (row.key, (row.object, row.record));
                self.rows.iter().map(place).collect()
            });
        let kept = |sample: &Sample| {
            places.get(&sample.key).is_some_and(|(object, record)| {
                texts.get(*object) == Some(&sample.facts.object)
                    && u64::from(*record) == sample.facts.record
            })
        };
        self.samples.retain(kept);
    }

    /// Keeps it small in stored state: of all but the first matches only what is counted.
    pub(super) fn thin(&mut self) {
        let mut detailed = DETAILED;
        self.thin_to(detailed);
        while detailed > 0 && serde_json::to_vec(self).map_or(0, |text| text.len()) > BYTES {
            detailed /= 2;
            self.thin_to(detailed);
        }
    }

    fn thin_to(&mut self, detailed: usize) {
        for row in self.rows.iter_mut().skip(detailed) {
            row.event = TextId::NONE;
            row.outcome = TextId::NONE;
            row.account = TextId::NONE;
            row.region = TextId::NONE;
            row.principal = TextId::NONE;
            row.source_ip = TextId::NONE;
            row.object = TextId::NONE;
        }
        self.samples
            .sort_by_cached_key(|sample| (sample.facts.time, sample.key));
        self.samples.truncate((detailed / 10).min(2 * SAMPLE_LIMIT));
        let old = std::mem::take(self);
        self.copy(old);
    }

    pub(super) fn hits(&self) -> Vec<Keyed> {
        self.rows.iter().map(Row::keyed).collect()
    }

    /// Adds what other evidence of the same rule and group has.
    pub fn append(&mut self, other: Self) {
        if self.rows.is_empty() && self.samples.is_empty() {
            *self = other;
            return;
        }
        self.copy(other);
    }

    fn copy(&mut self, other: Self) {
        let mut renaming = Renaming::default();
        for row in other.rows {
            let row = row.renamed(&mut renaming, &other.texts, &mut self.texts);
            self.rows.push(row);
        }
        self.samples.extend(other.samples);
    }

    /// Whether these are the keys of all matches.
    fn is_all(&self, target: &BTreeMap<u64, usize>) -> bool {
        self.rows.iter().all(|row| target.contains_key(&row.key))
    }

    /// Takes out the matches with these keys, into the parts that they name; `count` of them.
    pub(super) fn split(&mut self, target: &BTreeMap<u64, usize>, count: usize) -> Vec<Self> {
        if count == 1 && self.is_all(target) {
            return vec![std::mem::take(self)];
        }
        let mut parts: Vec<(Self, Renaming)> = Vec::new();
        parts.resize_with(count, Default::default);
        let mut kept = Vec::new();
        for row in std::mem::take(&mut self.rows) {
            match target.get(&row.key).and_then(|at| parts.get_mut(*at)) {
                Some((part, renaming)) => {
                    let row = row.renamed(renaming, &self.texts, &mut part.texts);
                    part.rows.push(row);
                }
                None => kept.push(row),
            }
        }
        self.rows = kept;
        let mut kept = Vec::new();
        for sample in std::mem::take(&mut self.samples) {
            match target.get(&sample.key).and_then(|at| parts.get_mut(*at)) {
                Some((part, _)) => part.samples.push(sample),
                None => kept.push(sample),
            }
        }
        self.samples = kept;
        parts.into_iter().map(|(part, _)| part).collect()
    }

    /// Lets go of all matches but these, and of texts that no match names any more.
    pub(super) fn retain(&mut self, keys: &BTreeSet<u64>) {
        let mut old = std::mem::take(self);
        old.rows.retain(|row| keys.contains(&row.key));
        old.samples.retain(|sample| keys.contains(&sample.key));
        self.copy(old);
    }

    /// The facts of the first events: all of them where they were kept, else what the rows say.
    pub(super) fn samples(&self) -> Vec<Facts> {
        let facts = |row: &Row| {
            let kept = self.samples.iter().find(|sample| sample.key == row.key);
            kept.map_or_else(|| row.facts(&self.texts), |kept| kept.facts.clone())
        };
        self.rows.iter().take(SAMPLE_LIMIT).map(facts).collect()
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
