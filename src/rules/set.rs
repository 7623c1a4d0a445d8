//! Rules compiled together: the union of the fields they name is read from a record in one pass,
//! then each rule is decided on the fields alone, by a [`Judge`].

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::Lists;
use super::candidates::{Candidates, Memory};
use super::compiled::Compiled;
use super::fault::{RuleFault, RuleFaults};
use super::file::parse_rule;
use super::index::Costs;
use super::judge::{Judge, Verdict};
use super::rule::Rule;
use crate::logfile::Folder;
use crate::pattern::json::JsonError;
use crate::pattern::{Extractor, Fields, Need, Places, Selector, Selectors, Slot};
use crate::record::EventTime;

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
    pub(super) compiled: Vec<Compiled>,
    pub(super) candidates: Candidates,
    selectors: Selectors,
    extractor: Extractor,
    pub(super) head: Head,
    /// Whether some rule looks at the text of records, not only at their fields.
    pub(super) reads_text: bool,
    /// What judges remembered that are done, for those that come.
    memories: Mutex<Vec<Memory>>,
}

/// The fields that are looked at in every record, whatever the rules are.
pub(super) struct Head {
    pub version: Slot,
    pub source: Slot,
    pub time: Slot,
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
            Some(head) if faults.is_empty() => {
                let candidates = Candidates::new(&compiled, &selectors);
                let wanted: Vec<Slot> = candidates.slots().collect();
                Ok(Self {
                    rules,
                    candidates,
                    reads_text: compiled.iter().any(Compiled::reads_text),
                    compiled,
                    extractor: Extractor::for_slots(&selectors, &wanted),
                    selectors,
                    head,
                    memories: Mutex::default(),
                })
            }
            _ => Err(RuleFaults(faults)),
        }
    }

    /// All rules, in the order of their files; disabled ones too.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Enabled rules that must be asked about every record unless the value of one field alone rules
    /// them out, by index in [`rules`](Self::rules): nothing that an index could find is necessary
    /// for them to match.
    pub fn unindexed(&self) -> Vec<usize> {
        let unindexed = self.candidates.unindexed().iter();
        unindexed
            .filter_map(|at| self.compiled.get(*at))
            .map(|compiled| compiled.rule)
            .collect()
    }

    /// By what an enabled rule is found, given its index in [`rules`](Self::rules), in words and
    /// sorted: `a value of $.eventName`. Nothing for one that is [unindexed](Self::unindexed).
    /// `None` for a rule that is off, or is none.
    pub fn found_by(&self, rule: usize) -> Option<Vec<String>> {
        let compiled = self.compiled.iter().find(|one| one.rule == rule)?;
        let costs = Costs::new(&self.selectors);
        let needs = compiled.needs(|need| costs.of(need)).unwrap_or_default();
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

    /// Finds the fields that a [`Judge`] looks at.
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
        self.judge(folder).decide(text.as_bytes(), &fields)
    }

    /// Evaluates every enabled rule on one JSON object after the other of a log file of the given
    /// kind (all kinds when it is not known).
    pub fn judge(&self, folder: Option<Folder>) -> Judge<'_> {
        let mut memories = self.memories.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = memories.pop();
        drop(memories);
        let memory = kept.unwrap_or_else(|| self.candidates.memory());
        Judge::new(self, memory, folder)
    }

    pub(super) fn keep(&self, memory: Memory) {
        let mut memories = self.memories.lock().unwrap_or_else(PoisonError::into_inner);
        memories.push(memory);
    }

    /// The `eventTime` among the fields, when it is a time.
    pub fn event_time(&self, fields: &Fields<'_>) -> Option<EventTime> {
        fields.get(self.head.time)?.as_str()?.parse().ok()
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
