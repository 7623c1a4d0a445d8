//! Rules compiled together: the union of the fields they name is read from a record in one pass,
//! then each rule is decided on the fields alone.

use std::collections::BTreeMap;

use super::Lists;
use super::compiled::Compiled;
use super::fault::{RuleFault, RuleFaults};
use super::file::parse_rule;
use super::rule::Rule;
use crate::logfile::Folder;
use crate::pattern::json::JsonError;
use crate::pattern::{Extractor, Fields, Message, Places, Selector, Selectors, Slot};
use crate::record::{EventTime, Record, describe_foreign};

/// The text of one rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSource {
    /// Its name for messages, such as `rules/root-account-used.yaml`.
    pub file: String,
    /// YAML.
    pub text: String,
}

/// Rules that are evaluated together.
pub struct RuleSet {
    rules: Vec<Rule>,
    compiled: Vec<Compiled>,
    extractor: Extractor,
    head: Head,
}

/// The fields that are looked at in every record, whatever the rules are.
struct Head {
    version: Slot,
    source: Slot,
    time: Slot,
}

/// What a JSON object in a log file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A record; the indices (in [`RuleSet::rules`]) of the rules that match it, ascending.
    Record {
        /// `eventTime`, when it is a time.
        time: Option<EventTime>,
        /// Matching rules.
        matches: Vec<usize>,
    },
    /// Not a CloudTrail record; why.
    Foreign(&'static str),
}

impl RuleSet {
    /// Reads and compiles rule files with the shared lists.
    ///
    /// # Errors
    /// Every fault of every file.
    pub fn load(sources: &[RuleSource], lists: &Lists) -> Result<Self, RuleFaults> {
        let mut rules = Vec::new();
        let mut faults = Vec::new();
        for source in sources {
            match parse_rule(&source.file, &source.text) {
                Ok(rule) => rules.push(rule),
                Err(RuleFaults(found)) => faults.extend(found),
            }
        }
        faults.extend(duplicates(&rules));
        match Self::compile(rules, lists) {
            Ok(set) if faults.is_empty() => Ok(set),
            Ok(_) => Err(RuleFaults(faults)),
            Err(RuleFaults(more)) => {
                faults.extend(more);
                Err(RuleFaults(faults))
            }
        }
    }

    fn compile(rules: Vec<Rule>, lists: &Lists) -> Result<Self, RuleFaults> {
        let mut selectors = Selectors::default();
        let mut faults = Vec::new();
        let mut compiled = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            match Compiled::new(index, rule, lists, &mut selectors) {
                Ok(one) if rule.enabled => compiled.push(one),
                Ok(_) => {}
                Err(found) => faults.extend(found),
            }
        }
        let head = Head::new(&mut selectors);
        match head {
            Some(head) if faults.is_empty() => Ok(Self {
                rules,
                compiled,
                extractor: Extractor::new(&selectors),
                head,
            }),
            _ => Err(RuleFaults(faults)),
        }
    }

    /// All rules, in the order of their files; disabled ones too.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Evaluates every enabled rule on one JSON object of a log file of the given kind (all kinds
    /// when it is not known).
    ///
    /// # Errors
    /// When `text` is not valid JSON.
    pub fn evaluate(&self, text: &str, folder: Option<Folder>) -> Result<Verdict, JsonError> {
        let mut places = Places::default();
        let fields = self.extractor.read(text, &mut places)?;
        if let Some(reason) = self.foreign(text, &fields)? {
            return Ok(Verdict::Foreign(reason));
        }
        let time = fields
            .get(self.head.time)
            .and_then(|node| node.as_str()?.parse().ok());
        let message = Message {
            text,
            fields: Some(fields),
        };
        let matching = |rule: &&Compiled| rule.matches(&message, folder, time);
        let matches = self
            .compiled
            .iter()
            .filter(matching)
            .map(|compiled| compiled.rule)
            .collect();
        Ok(Verdict::Record { time, matches })
    }

    /// The short way out for what every record of CloudTrail has, the long way for the rest.
    fn foreign(&self, text: &str, fields: &Fields<'_>) -> Result<Option<&'static str>, JsonError> {
        let source = fields.get(self.head.source).and_then(|node| node.as_str());
        if fields.get(self.head.version).is_some()
            && source.is_some_and(|source| !source.starts_with("aws:"))
        {
            return Ok(None);
        }
        Ok(describe_foreign(&Record::parse(text)?))
    }
}

impl Head {
    /// `None` never happens: the selectors are ours.
    fn new(selectors: &mut Selectors) -> Option<Self> {
        let mut slot = |text: &str| {
            Selector::parse(text)
                .ok()
                .map(|selector| selectors.add(&selector))
        };
        Some(Self {
            version: slot("$.eventVersion")?,
            source: slot("$.eventSource")?,
            time: slot("$.eventTime")?,
        })
    }
}

fn duplicates(rules: &[Rule]) -> Vec<RuleFault> {
    let mut files: BTreeMap<&str, &str> = BTreeMap::new();
    let mut faults = Vec::new();
    for rule in rules {
        if let Some(first) = files.insert(&rule.id, &rule.file) {
            faults.push(RuleFault::new(
                &rule.file,
                format!("there is already a rule `{}`, in {first}", rule.id),
            ));
        }
    }
    faults
}
