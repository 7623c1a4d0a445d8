//! Matches of one rule about one group, in a form that is small and exact: a row of numbers for
//! each, texts once, and the full facts of a few.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::row::{Id, Row};
use super::texts::{Renaming, TextId, Texts};
use super::{Facts, SAMPLE_LIMIT};
use crate::windows::Keyed;

/// Matches of one group below its threshold that are stored with all that is known of them.
const DETAILED: usize = 100;

/// Bytes of a group's state that its matches below the threshold take at most, beside 100 for each.
const BYTES: usize = 200_000;

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

    /// Takes out the later half of the events, all copies of each; nothing of a single event.
    pub(super) fn later_half(&mut self) -> Self {
        let events: BTreeSet<(i64, u64)> =
            self.rows.iter().map(|row| (row.time, row.key)).collect();
        let earlier = events.len().div_ceil(2);
        let later = events.into_iter().skip(earlier);
        let target = later.map(|(_, key)| (key, 0)).collect();
        match self.is_all(&target) {
            true => Self::default(),
            false => self.split(&target, 1).pop().unwrap_or_default(),
        }
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
