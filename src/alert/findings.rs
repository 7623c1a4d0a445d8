//! The matches of log files by rule and group: what a worker collects of one file, what files are
//! folded into, and what state takes in.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use foldhash::fast::RandomState;

use super::evidence::{Evidence, Sample};
use super::facts::cut;
use super::row::{Id, Row, stable_hash};
use super::texts::{Renaming, TextId, Texts, bounded};
use super::{BreachFound, Facts, Group, event_name, outcome_of};
use crate::record::{EventTime, Record};
use crate::rules::{FieldPath, GroupField, Rule};

/// Event time in seconds for which [`SAMPLES`] matches of a group in a file are kept with all facts.
const SAMPLE_SPAN: i64 = 3_600;

/// Matches that are kept with all facts: reading them takes ten times as long as a row does.
const SAMPLES: usize = 3;

/// Breaches of a kind, account and region that are kept with all facts.
const BREACHES: usize = 20;

/// What is counted of a record that lacks the field whose values count: all of them as one. Not 0,
/// by which stored rows say that the value is the key.
const MISSING: u64 = 1;

/// Identities whose principal is remembered; a burst is mostly one caller.
const IDENTITIES: usize = 64;

/// Bytes of an identity that is remembered.
const IDENTITY_BYTES: usize = 2_000;

/// Matches by rule and group. Each takes a row of about 80 bytes; texts are kept once, and the
/// full facts of a few only. Never a record's text.
#[derive(Debug, Default)]
pub struct Findings {
    texts: Texts,
    groups: HashMap<(usize, Box<[TextId]>), Part, RandomState>,
    matches: usize,
    /// Names of the group that is looked up, reused for each match.
    names: Vec<TextId>,
    /// Texts of `userIdentity` with the principals they are, by a few of their bytes.
    identities: Vec<(Box<str>, TextId)>,
}

/// The matches of one group.
#[derive(Debug, Default)]
struct Part {
    rows: Vec<Row>,
    samples: Vec<Sample>,
    /// How many samples each file has in each span of event time. By file, so that the order of
    /// files does not matter.
    sampled: HashMap<(TextId, i64), usize, RandomState>,
}

impl Findings {
    /// Number of matches: a record counts once for each rule.
    pub fn len(&self) -> usize {
        self.matches
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.matches == 0
    }

    /// Takes in a record of the log file `object` that the rules with these indices match.
    pub fn add(
        &mut self,
        rules: &[Rule],
        object: &str,
        record: &Record<'_>,
        number: u64,
        indices: &[usize],
    ) {
        let row = self.row(object, record, number);
        let mut facts = None;
        for index in indices {
            if let Some(rule) = rules.get(*index) {
                self.place(*index, rule, record, row.clone(), |row| {
                    let sample =
                        facts.get_or_insert_with(|| Facts::of(record, &object.into(), number));
                    Sample {
                        key: row.key,
                        facts: sample.clone(),
                    }
                });
            }
        }
    }

    /// Takes in a breach of a trail's integrity, to be settled with [`Breach::rules`]. Breaches are
    /// grouped by account and region.
    ///
    /// [`Breach::rules`]: super::Breach::rules
    pub fn add_breach(&mut self, found: &BreachFound) {
        let facts = found.facts();
        let texts = &mut self.texts;
        let time = facts.time.map_or(i64::MIN, EventTime::seconds);
        let id = Id::parse(facts.event_id.as_deref(), texts);
        let object = &found.object;
        let key = Row::key_of(time, id, object, 0, texts);
        let (account, region) = (texts.intern(&found.account), texts.intern(&found.region));
        let row = Row {
            time,
            key,
            value: key,
            id,
            event: texts.intern(&facts.event()),
            outcome: TextId::NONE,
            account,
            region,
            principal: TextId::NONE,
            source_ip: TextId::NONE,
            object: texts.intern(object),
            record: 0,
        };
        let group = (found.breach.index(), [account, region].into());
        let part = self.groups.entry(group).or_default();
        if part.samples.len() < BREACHES {
            part.samples.push(Sample { key, facts });
        }
        part.rows.push(row);
        self.matches += 1;
    }

    /// The principal of a record; what its identity says is read once for equal texts.
    fn principal(&mut self, record: &Record<'_>) -> TextId {
        let node = record.node(&["userIdentity"]);
        let raw = node.map_or("", |node| node.raw());
        let mix = |sum: usize, byte: u8| sum.wrapping_mul(31).wrapping_add(usize::from(byte));
        let slot = raw.bytes().rev().step_by(11).fold(raw.len(), mix) % IDENTITIES;
        if self.identities.is_empty() {
            self.identities.resize(IDENTITIES, Default::default());
        }
        if let Some((known, id)) = self.identities.get(slot)
            && **known == *raw
            && !raw.is_empty()
        {
            return *id;
        }
        let id = self.texts.intern(&bounded(&record.principal().id));
        if raw.len() <= IDENTITY_BYTES
            && let Some(place) = self.identities.get_mut(slot)
        {
            *place = (raw.into(), id);
        }
        id
    }

    fn row(&mut self, object: &str, record: &Record<'_>, number: u64) -> Row {
        let principal = self.principal(record);
        let texts = &mut self.texts;
        let time = record.event_time().map_or(i64::MIN, |time| time.seconds());
        let id = Id::parse(record.event_id().as_deref(), texts);
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let mut at = |path: &[&str]| match record.text_at(path) {
            Some(text) => texts.intern(&bounded(&text)),
            None => TextId::NONE,
        };
        let (region, source_ip) = (at(&["awsRegion"]), at(&["sourceIPAddress"]));
        let account = record
            .account()
            .map_or(TextId::NONE, |text| texts.intern(&bounded(&text)));
        Row {
            time,
            key: Row::key_of(time, id, object, number, texts),
            value: 0,
            id,
            event: texts.intern(&event_name(record)),
            outcome: texts.intern(&outcome_of(record).to_string()),
            account,
            region,
            principal,
            source_ip,
            object: texts.intern(object),
            record: number,
        }
    }

    fn place(
        &mut self,
        index: usize,
        rule: &Rule,
        record: &Record<'_>,
        mut row: Row,
        sample: impl FnOnce(&Row) -> Sample,
    ) {
        let mut names = std::mem::take(&mut self.names);
        names.clear();
        for field in rule.group_by() {
            names.push(match field {
                GroupField::Principal => row.principal,
                GroupField::Account => row.account,
                GroupField::Field(path) => match field_text(record, path) {
                    Some(text) => self.texts.intern(&bounded(&text)),
                    None => TextId::NONE,
                },
            });
        }
        let distinct = rule
            .threshold
            .as_ref()
            .and_then(|threshold| threshold.distinct.as_ref());
        row.value = match distinct {
            Some(path) => field_text(record, path).map_or(MISSING, |text| stable_hash(&text)),
            None => row.key,
        };
        let key = (index, names.as_slice().into());
        self.names = names;
        let part = self.groups.entry(key).or_default();
        let sampled = part
            .sampled
            .entry((row.object, row.time.div_euclid(SAMPLE_SPAN)))
            .or_default();
        if *sampled < SAMPLES {
            *sampled += 1;
            part.samples.push(sample(&row));
        }
        part.rows.push(row);
        self.matches += 1;
    }

    /// Earliest and latest event time, in seconds, of matches that have one.
    pub fn times(&self) -> (Option<i64>, Option<i64>) {
        let rows = self.groups.values().flat_map(|part| &part.rows);
        let times = rows.map(|row| row.time).filter(|time| *time != i64::MIN);
        times.fold((None, None), |(first, last), time| {
            let first = first.map_or(time, |first: i64| first.min(time));
            (Some(first), last.max(Some(time)))
        })
    }

    /// Takes in the findings of another file.
    pub fn absorb(&mut self, other: Self) {
        let mut renaming = Renaming::default();
        self.matches += other.matches;
        for ((index, names), part) in other.groups {
            let mut rename = |id: &TextId| renaming.of(*id, &other.texts, &mut self.texts);
            let names: Box<[TextId]> = names.iter().map(&mut rename).collect();
            let rows = part.rows.into_iter();
            let into = match self.groups.entry((index, names)) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => place.insert(Part::default()),
            };
            into.rows
                .extend(rows.map(|row| row.renamed(&mut renaming, &other.texts, &mut self.texts)));
            into.samples.extend(part.samples);
        }
    }

    /// The evidence of each group, by index of the rule and by group, in that order.
    pub fn into_groups(self) -> Vec<(usize, Group, Evidence)> {
        let Self { texts, groups, .. } = self;
        let group = |names: &[TextId]| {
            Group(
                names
                    .iter()
                    .map(|id| texts.get(*id).map(|text| text.to_string()))
                    .collect(),
            )
        };
        let mut all: Vec<_> = groups
            .into_iter()
            .map(|((index, names), part)| {
                let mut evidence = Evidence::default();
                let mut renaming = Renaming::default();
                let rows = part.rows.into_iter();
                evidence.rows = rows
                    .map(|row| row.renamed(&mut renaming, &texts, &mut evidence.texts))
                    .collect();
                evidence.samples = part.samples;
                (index, group(&names), evidence)
            })
            .collect();
        all.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        all
    }
}

/// A field's text, the raw JSON when it is no string; `None` when the record does not have it.
fn field_text(record: &Record<'_>, path: &FieldPath) -> Option<String> {
    let names: Vec<&str> = path.names.iter().map(String::as_str).collect();
    let node = record.node(&names)?;
    Some(
        node.as_str()
            .map_or_else(|| cut(node.raw()), |text| text.into_owned()),
    )
}
