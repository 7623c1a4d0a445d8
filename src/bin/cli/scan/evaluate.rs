//! One file through the rules, on a thread of its own: everything that does not depend on the
//! files before.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use trailwarden::alert::Findings;
use trailwarden::inspect::{Inspection, Match, Object, Options, inspect_with};
use trailwarden::local::read_file_into;
use trailwarden::logfile::{Folder, Limits, Scratch, promised_length};
use trailwarden::rules::{RuleSet, Severity};

use super::super::find::{Found, Plan};
use super::super::output::{Emit, Format, write_match};

/// Inflated bytes from which on a file is large. One at a time is inflated at once; beside it they
/// are read piece by piece, so that memory does not grow with the threads.
const LARGE: usize = 8 << 20;

/// What the threads share.
pub struct Evaluator<'a> {
    pub rules: &'a RuleSet,
    pub options: Options,
    pub emit: Emit,
    pub format: Format,
    /// The memory that a large file is inflated into.
    pub large: Mutex<Scratch>,
}

/// The memory of one thread.
#[derive(Default)]
pub struct Memory {
    stored: Vec<u8>,
    scratch: Scratch,
}

/// What became of a file.
pub struct Evaluated<'f> {
    pub path: &'f Path,
    /// The path, for people.
    pub name: Arc<str>,
    pub end: End,
}

pub enum End {
    /// It was read.
    Inspected {
        inspection: Box<Inspection>,
        findings: Box<Findings>,
        matches: Matches,
    },
    Skipped(&'static str),
    /// It could not be had.
    Failed(String),
}

/// Matches as they are printed.
#[derive(Default)]
pub struct Matches {
    pub lines: Vec<u8>,
    pub found: BTreeMap<Severity, usize>,
    /// Why a line could not be written.
    pub error: Option<io::Error>,
}

impl Evaluator<'_> {
    /// Reads and evaluates a file.
    pub fn file<'f>(&self, memory: &mut Memory, file: &'f Found) -> Evaluated<'f> {
        let name: Arc<str> = file.path.display().to_string().into();
        let end = match &file.plan {
            Plan::Evaluate(folder) => self.evaluate(memory, &file.path, &name, *folder),
            Plan::Skip(reason) => End::Skipped(reason),
            Plan::Fail(error) => End::Failed(error.clone()),
        };
        let path = &file.path;
        Evaluated { path, name, end }
    }

    fn evaluate(
        &self,
        memory: &mut Memory,
        path: &Path,
        name: &Arc<str>,
        folder: Option<Folder>,
    ) -> End {
        let limit = self.options.limits.object_bytes;
        if let Err(error) = read_file_into(path, limit, &mut memory.stored) {
            return End::Failed(error.to_string());
        }
        let is_large = promised_length(&memory.stored).is_some_and(|length| length > LARGE);
        let mut options = self.options;
        let mut large = is_large.then(|| self.large.try_lock());
        if matches!(large, Some(Err(_))) {
            options.limits.whole_bytes = LARGE;
        }
        let mut findings = Findings::default();
        let mut matches = Matches::default();
        let object = Object { name, folder };
        let Memory { stored, scratch } = memory;
        let scratch = match &mut large {
            Some(Ok(large)) => large,
            _ => scratch,
        };
        let inspection =
            inspect_with(
                scratch,
                object,
                stored,
                self.rules,
                &options,
                |hit| match self.emit {
                    Emit::Alerts => {
                        let rules = self.rules.rules();
                        findings.add(rules, name, &hit.record, hit.number, hit.rules);
                    }
                    Emit::Matches => self.write(&mut matches, name, hit),
                },
            );
        drop(large);
        memory.scratch.keep(LARGE);
        memory.stored.shrink_to(LARGE);
        End::Inspected {
            inspection: Box::new(inspection),
            findings: Box::new(findings),
            matches,
        }
    }

    fn write(&self, matches: &mut Matches, name: &Arc<str>, hit: &Match<'_>) {
        let rules = self.rules.rules();
        for rule in hit.rules.iter().filter_map(|index| rules.get(*index)) {
            *matches.found.entry(rule.severity).or_default() += 1;
            if matches.error.is_none() {
                matches.error = write_match(&mut matches.lines, self.format, rule, name, hit).err();
            }
        }
    }
}

/// Bounds for files on disk: they were chosen by the user, and plain ones are as long as they are.
pub fn limits() -> Limits {
    Limits {
        object_bytes: 1 << 30,
        ..Limits::default()
    }
}
