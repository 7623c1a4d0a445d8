//! All rules on one record after the other.

use std::mem;

use super::RuleSet;
use super::candidates::Memory;
use crate::logfile::Folder;
use crate::pattern::json::{JsonError, JsonErrorKind};
use crate::pattern::{Fields, Message};
use crate::record::{Record, describe_foreign};

/// What a JSON object in a log file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A record; the indices (in [`RuleSet::rules`]) of the rules that match it, ascending.
    Record {
        /// Matching rules.
        matches: Vec<usize>,
    },
    /// Not a CloudTrail record; why.
    Foreign(&'static str),
}

/// Evaluates the rules of a set on one record after the other. It remembers what values left of
/// the rules, which makes the next ones faster and changes no answer; what it remembers goes back to
/// the set for the judge that comes after it.
pub struct Judge<'r> {
    rules: &'r RuleSet,
    folder: Option<Folder>,
    memory: Memory,
}

impl<'r> Judge<'r> {
    pub(super) fn new(rules: &'r RuleSet, memory: Memory, folder: Option<Folder>) -> Self {
        Self {
            rules,
            folder,
            memory,
        }
    }

    /// Evaluates every enabled rule on one JSON object, of which
    /// [`extractor`](RuleSet::extractor) found the fields.
    ///
    /// # Errors
    /// When `json` is not valid JSON in UTF-8, which whoever found the fields has made sure of.
    pub fn decide(&mut self, json: &[u8], fields: &Fields<'_>) -> Result<Verdict, JsonError> {
        let rules = self.rules;
        if let Some(reason) = rules.foreign(json, fields)? {
            return Ok(Verdict::Foreign(reason));
        }
        let mut matches = Vec::new();
        let candidates = rules
            .candidates
            .find(fields, &rules.compiled, &mut self.memory);
        if !candidates.is_empty() {
            let message = Message {
                text: if rules.reads_text { text(json)? } else { "" },
                fields: Some(*fields),
            };
            candidates.for_each(|at| {
                let time = || rules.event_time(fields);
                if let Some(rule) = rules.compiled.get(at)
                    && rule.matches(&message, self.folder, time)
                {
                    matches.push(rule.rule);
                }
            });
        }
        Ok(Verdict::Record { matches })
    }
}

impl Drop for Judge<'_> {
    fn drop(&mut self) {
        self.rules.keep(mem::take(&mut self.memory));
    }
}

impl RuleSet {
    /// The short way out for what every record of CloudTrail has, the long way for the rest.
    fn foreign(&self, json: &[u8], fields: &Fields<'_>) -> Result<Option<&'static str>, JsonError> {
        if fields.raw(self.head.version).is_some()
            && fields.raw(self.head.source).is_some_and(is_source)
        {
            return Ok(None);
        }
        Ok(describe_foreign(&Record::parse(text(json)?)?))
    }
}

/// Whether a value is a string that begins otherwise than `aws:`, and surely so: an escape among
/// its first characters may stand for anything.
fn is_source(raw: &[u8]) -> bool {
    match raw.first_chunk::<5>() {
        Some([b'"', head @ ..]) => head != b"aws:" && !head.contains(&b'\\'),
        _ => false,
    }
}

/// The text of a record.
fn text(json: &[u8]) -> Result<&str, JsonError> {
    std::str::from_utf8(json).map_err(|error| JsonError {
        kind: JsonErrorKind::InvalidUtf8,
        offset: error.valid_up_to(),
    })
}
