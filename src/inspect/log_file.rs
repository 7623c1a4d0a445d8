//! One log file's bytes through the rules. The Lambda, the command line and the benchmarks all
//! call this and nothing else.

use std::collections::HashSet;

use super::Tally;
use crate::logfile::{Fault, Folder, Item, Limits, LogFile, Scratch, Sha256};
use crate::pattern::Fields;
use crate::record::{EventTime, Record};
use crate::rules::{Judge, RuleSet, Verdict};

/// What a log file is called and said to hold.
#[derive(Debug, Clone, Copy)]
pub struct Object<'o> {
    /// For people: `s3://bucket/key`, or a path.
    pub name: &'o str,
    /// The kind of events, when the name says so; else rules for every kind are evaluated.
    pub folder: Option<Folder>,
}

/// How to evaluate.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Bounds on the file.
    pub limits: Limits,
    /// Only records with an event time at or behind this one; a record without a time is kept.
    pub since: Option<EventTime>,
    /// Only records with an event time before this one; a record without a time is kept.
    pub until: Option<EventTime>,
    /// Leave out the SHA-256 of the inflated bytes: it costs as much as inflating them.
    pub without_hash: bool,
}

/// A record that rules match.
pub struct Match<'m> {
    /// The record.
    pub record: Record<'m>,
    /// Its 0-based number in the file.
    pub number: u64,
    /// Indices in [`RuleSet::rules`], ascending, never empty.
    pub rules: &'m [usize],
}

/// A record that could not be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Offset into the inflated bytes.
    pub offset: u64,
    /// 0-based number among the file's records.
    pub number: u64,
    /// What is wrong.
    pub reason: String,
}

/// What became of one log file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Counts of this file.
    pub tally: Tally,
    /// SHA-256 of the bytes that were evaluated; `None` when nothing could be inflated, or nobody
    /// wants to know.
    pub sha256: Option<Sha256>,
    /// Records that could not be evaluated, at most [`PROBLEMS`]; the tally has their number.
    pub problems: Vec<Problem>,
    /// Why the file was not read to its end.
    pub fault: Option<Fault>,
    /// Why it is no log file, although its name did not tell: nothing but one foreign object in it.
    pub foreign: Option<&'static str>,
}

impl Inspection {
    /// Whether every record of the file was evaluated.
    pub fn is_complete(&self) -> bool {
        self.fault.is_none() && self.tally.records_malformed == 0
    }
}

/// How many problems of one file are described.
pub const PROBLEMS: usize = 100;

/// Evaluates the stored bytes of a log file and hands every matching record to `on_match`, in
/// the file's order. What is readable before a fault is evaluated.
pub fn inspect(
    object: Object<'_>,
    stored: &[u8],
    rules: &RuleSet,
    options: &Options,
    on_match: impl FnMut(&Match<'_>),
) -> Inspection {
    inspect_with(
        &mut Scratch::default(),
        object,
        stored,
        rules,
        options,
        on_match,
    )
}

/// [`inspect`] with the memory of the file before: for whoever has many.
pub fn inspect_with(
    scratch: &mut Scratch,
    object: Object<'_>,
    stored: &[u8],
    rules: &RuleSet,
    options: &Options,
    mut on_match: impl FnMut(&Match<'_>),
) -> Inspection {
    let mut pass = Pass::new(object, rules, options);
    pass.tally.stored_bytes = stored.len() as u64;
    let mut file = match LogFile::open(stored, options.limits, !options.without_hash, scratch) {
        Ok(file) => file,
        Err(fault) => return pass.end(None, 0, Some(fault)),
    };
    while let Some(item) = file.next(rules.extractor()) {
        pass.item(&item, &mut on_match);
    }
    let summary = file.finish();
    pass.end(summary.sha256, summary.inflated, summary.fault)
}

struct Pass<'p> {
    object: Object<'p>,
    rules: &'p RuleSet,
    judge: Judge<'p>,
    options: &'p Options,
    tally: Tally,
    problems: Vec<Problem>,
    /// Why lone objects are no records.
    lone: HashSet<&'static str>,
}

impl<'p> Pass<'p> {
    fn new(object: Object<'p>, rules: &'p RuleSet, options: &'p Options) -> Self {
        let tally = Tally {
            files: 1,
            ..Tally::default()
        };
        Self {
            object,
            rules,
            judge: rules.judge(object.folder),
            options,
            tally,
            problems: Vec::new(),
            lone: HashSet::new(),
        }
    }

    fn item(&mut self, item: &Item<'_>, on_match: &mut impl FnMut(&Match<'_>)) {
        self.tally.records += 1;
        match item {
            Item::Record {
                json,
                fields,
                offset,
                number,
                alone,
            } => match self.judge.decide(json, fields) {
                Ok(Verdict::Foreign(reason)) => {
                    self.tally.skip_record(reason);
                    if *alone {
                        self.lone.insert(reason);
                    }
                }
                Ok(Verdict::Record { .. }) if !self.in_range(fields) => {
                    self.tally.skip_record("outside --since and --until");
                }
                Ok(Verdict::Record { matches }) => {
                    self.record(fields, *number, &matches, on_match);
                }
                Err(error) => self.malformed(*offset, *number, error.to_string()),
            },
            Item::Malformed {
                offset,
                number,
                reason,
            } => self.malformed(*offset, *number, reason.clone()),
        }
    }

    fn record(
        &mut self,
        fields: &Fields<'_>,
        number: u64,
        rules: &[usize],
        on_match: &mut impl FnMut(&Match<'_>),
    ) {
        if rules.is_empty() {
            self.tally.records_clean += 1;
            return;
        }
        self.tally.records_matched += 1;
        self.tally.matches += rules.len() as u64;
        on_match(&Match {
            record: Record::of(fields),
            number,
            rules,
        });
    }

    fn in_range(&self, fields: &Fields<'_>) -> bool {
        let Options { since, until, .. } = self.options;
        if since.is_none() && until.is_none() {
            return true;
        }
        self.rules.event_time(fields).is_none_or(|time| {
            since.is_none_or(|since| time >= since) && until.is_none_or(|until| time < until)
        })
    }

    fn malformed(&mut self, offset: u64, number: u64, reason: String) {
        self.tally.records_malformed += 1;
        if self.problems.len() < PROBLEMS {
            self.problems.push(Problem {
                offset,
                number,
                reason,
            });
        }
    }

    fn end(mut self, sha256: Option<Sha256>, inflated: u64, fault: Option<Fault>) -> Inspection {
        self.tally.inflated_bytes = inflated;
        let alone = match (self.tally.records, self.lone.iter().next()) {
            (1, Some(reason)) if fault.is_none() => Some(*reason),
            _ => None,
        };
        // Whoever can write to the bucket must not turn a log file off by what stands in it.
        let fault = match alone {
            Some(reason) if self.object.folder.is_some() => Some(Fault::Foreign(reason)),
            _ => fault,
        };
        let foreign = alone.filter(|_| fault.is_none());
        match foreign {
            // Counted as the file that it is, not as a record of one.
            Some(reason) => {
                self.tally.records = 0;
                self.tally.records_skipped.clear();
                self.tally.files_skipped.insert(reason.to_owned(), 1);
            }
            None if fault.is_some() => self.tally.files_failed = 1,
            None => self.tally.files_evaluated = 1,
        }
        // INVARIANT: every record met is matched, clean, malformed or skipped with a reason.
        debug_assert!(self.tally.balances(), "{:?}", self.tally);
        Inspection {
            tally: self.tally,
            sha256,
            problems: self.problems,
            fault,
            foreign,
        }
    }
}
