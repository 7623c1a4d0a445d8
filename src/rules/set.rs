//! Rules compiled together: the union of the fields they name is read from a record in one pass,
//! then each rule is decided on the fields alone.

use std::collections::BTreeMap;

use super::Lists;
use super::compiled::Compiled;
use super::fault::{RuleFault, RuleFaults};
use super::file::parse_rule;
use super::index::Index;
use super::rule::Rule;
use crate::logfile::Folder;
use crate::pattern::json::{JsonError, JsonErrorKind};
use crate::pattern::{Extractor, Fields, Message, Need, Places, Selector, Selectors, Slot};
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
    index: Index,
    selectors: Selectors,
    extractor: Extractor,
    head: Head,
    /// Whether some rule looks at the text of records, not only at their fields.
    reads_text: bool,
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
                index: index(&compiled, &selectors),
                reads_text: compiled.iter().any(Compiled::reads_text),
                compiled,
                extractor: Extractor::new(&selectors),
                selectors,
                head,
            }),
            _ => Err(RuleFaults(faults)),
        }
    }

    /// All rules, in the order of their files; disabled ones too.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Enabled rules that must be asked about every record, by index in [`rules`](Self::rules):
    /// nothing that an index could find is necessary for them to match.
    pub fn unindexed(&self) -> Vec<usize> {
        let always = self.index.always().iter();
        always
            .filter_map(|at| self.compiled.get(*at))
            .map(|compiled| compiled.rule)
            .collect()
    }

    /// By what an enabled rule is found, given its index in [`rules`](Self::rules), in words and
    /// sorted: `a value of $.eventName`. Nothing for one that is [unindexed](Self::unindexed).
    /// `None` for a rule that is off, or is none.
    pub fn found_by(&self, rule: usize) -> Option<Vec<String>> {
        let compiled = self.compiled.iter().find(|one| one.rule == rule)?;
        let needs = compiled.needs(&self.selectors).unwrap_or_default();
        let mut words: Vec<String> = needs
            .iter()
            .filter_map(|need| {
                let what = match need {
                    Need::Equal(..) => "a value",
                    Need::Prefix(..) => "a beginning",
                    Need::Present(_) => "the presence",
                };
                let selector = self.selectors.get(need.slot())?;
                Some(format!("{what} of {selector}"))
            })
            .collect();
        words.sort_unstable();
        words.dedup();
        Some(words)
    }

    /// Finds the fields that [`judge`](Self::judge) looks at.
    pub fn extractor(&self) -> &Extractor {
        &self.extractor
    }

    /// Evaluates every enabled rule on the text of one JSON object of a log file of the given kind
    /// (all kinds when it is not known).
    ///
    /// # Errors
    /// When `text` is not valid JSON.
    pub fn evaluate(&self, text: &str, folder: Option<Folder>) -> Result<Verdict, JsonError> {
        let mut places = Places::default();
        let fields = self.extractor.read(text, &mut places)?;
        self.judge(text.as_bytes(), &fields, folder)
    }

    /// Evaluates every enabled rule on one JSON object, of which [`extractor`](Self::extractor)
    /// found the fields.
    ///
    /// # Errors
    /// When `json` is not valid JSON in UTF-8, which whoever found the fields has made sure of.
    pub fn judge(
        &self,
        json: &[u8],
        fields: &Fields<'_>,
        folder: Option<Folder>,
    ) -> Result<Verdict, JsonError> {
        if let Some(reason) = self.foreign(json, fields)? {
            return Ok(Verdict::Foreign(reason));
        }
        let message = Message {
            text: if self.reads_text { text(json)? } else { "" },
            fields: Some(*fields),
        };
        let mut matches = Vec::new();
        self.index.candidates(fields, |at| {
            let time = || self.event_time(fields);
            if let Some(rule) = self.compiled.get(at)
                && rule.matches(&message, folder, time)
            {
                matches.push(rule.rule);
            }
        });
        if matches.len() > 1 {
            matches.sort_unstable();
            matches.dedup();
        }
        Ok(Verdict::Record { matches })
    }

    /// The `eventTime` among the fields, when it is a time.
    pub fn event_time(&self, fields: &Fields<'_>) -> Option<EventTime> {
        fields.get(self.head.time)?.as_str()?.parse().ok()
    }

    /// The short way out for what every record of CloudTrail has, the long way for the rest.
    fn foreign(&self, json: &[u8], fields: &Fields<'_>) -> Result<Option<&'static str>, JsonError> {
        let is_source = |raw: &[u8]| {
            raw.starts_with(b"\"") && !raw.starts_with(b"\"aws:") && !raw.contains(&b'\\')
        };
        if fields.raw(self.head.version).is_some()
            && fields.raw(self.head.source).is_some_and(is_source)
        {
            return Ok(None);
        }
        Ok(describe_foreign(&Record::parse(text(json)?)?))
    }
}

fn index(compiled: &[Compiled], selectors: &Selectors) -> Index {
    let mut index = Index::default();
    for (at, rule) in compiled.iter().enumerate() {
        index.add(at, rule.needs(selectors));
    }
    index
}

/// The text of a record.
fn text(json: &[u8]) -> Result<&str, JsonError> {
    std::str::from_utf8(json).map_err(|error| JsonError {
        kind: JsonErrorKind::InvalidUtf8,
        offset: error.valid_up_to(),
    })
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
