//! Findings on standard output, in the order of accounts and regions, as they come.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufWriter, Stdout, Write};
use std::sync::{Condvar, Mutex, PoisonError};

use clap::ValueEnum;
use indicatif::ProgressBar;
use trailwarden::integrity::{Kind, ObjectFinding, Overall, RangeFinding, State, Verdict};

use super::missed::Missed;
use super::{junit, text};

/// `--format`
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: what is not valid, the attested time, the counts.
    Text,
    /// One JSON object.
    Json,
    /// JUnit XML, a test case for each object and range.
    Junit,
}

/// Findings of a group that wait for their turn. What is over this many holds its group up.
const HELD: usize = 20_000;

/// Counts of objects by kind and verdict.
pub type Counts = BTreeMap<(Kind, Verdict), u64>;

/// The report as it is written.
pub struct Report {
    state: Mutex<Progress>,
    turned: Condvar,
    bar: ProgressBar,
    format: Format,
    all: bool,
}

struct Progress {
    out: BufWriter<Stdout>,
    failed: Option<io::Error>,
    turn: usize,
    /// By turn: objects, and ranges once the group is done.
    held: BTreeMap<usize, Held>,
    first: bool,
    ranges: Vec<RangeFinding>,
    counts: Counts,
    overall: Overall,
    troubles: BTreeSet<String>,
}

#[derive(Default)]
struct Held {
    objects: Vec<ObjectFinding>,
    ranges: Option<Vec<RangeFinding>>,
}

impl Report {
    /// Starts a report; `all` lists valid objects in text, too.
    pub fn new(format: Format, all: bool, bar: ProgressBar) -> Self {
        Self {
            state: Mutex::new(Progress {
                out: BufWriter::new(io::stdout()),
                failed: None,
                turn: 0,
                held: BTreeMap::new(),
                first: true,
                ranges: Vec::new(),
                counts: Counts::new(),
                overall: Overall::Valid,
                troubles: BTreeSet::new(),
            }),
            turned: Condvar::new(),
            bar,
            format,
            all,
        }
    }

    /// So many objects were looked at.
    pub fn tick(&self, objects: u64) {
        self.bar.inc(objects);
    }

    /// Something could not be looked at: said at once and once, and nothing is complete any more.
    pub fn trouble(&self, text: &str) {
        let text = text.replace(char::is_control, "\u{fffd}");
        let fresh = self.with(|state| {
            state.overall = state.overall.max(Overall::Incomplete);
            state.troubles.insert(text.clone())
        });
        if fresh {
            self.bar.suspend(|| eprintln!("error: {text}"));
        }
    }

    /// A folder could not be listed.
    pub fn unlisted(&self, bucket: &str, key: &str, reason: &str) {
        self.trouble(&format!("s3://{bucket}/{key} cannot be listed: {reason}"));
    }

    /// Whether something could not be looked at.
    pub fn is_troubled(&self) -> bool {
        self.with(|state| !state.troubles.is_empty())
    }

    /// Takes findings of a group.
    pub fn objects(&self, turn: usize, objects: Vec<ObjectFinding>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for finding in &objects {
            *state
                .counts
                .entry((finding.kind, finding.verdict))
                .or_default() += 1;
            state.overall = state.overall.max(finding.weight);
        }
        if state.turn == turn {
            self.write(&mut state, &objects);
            return;
        }
        state.held.entry(turn).or_default().objects.extend(objects);
        while state.turn < turn && held(&state, turn) > HELD {
            state = self
                .turned
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        self.drain(&mut state);
    }

    /// A group is done.
    pub fn close(&self, turn: usize, ranges: Vec<RangeFinding>) {
        self.with(|state| {
            for range in &ranges {
                state.overall = state.overall.max(range.state.weight());
            }
            state.held.entry(turn).or_default().ranges = Some(ranges);
            self.drain(state);
        });
        self.turned.notify_all();
    }

    fn drain(&self, state: &mut Progress) {
        loop {
            let turn = state.turn;
            let Some(held) = state.held.get_mut(&turn) else {
                return;
            };
            let objects = std::mem::take(&mut held.objects);
            let ranges = held.ranges.take();
            self.write(state, &objects);
            let Some(ranges) = ranges else { return };
            state.held.remove(&turn);
            state.ranges.extend(ranges);
            state.turn += 1;
        }
    }

    fn write(&self, state: &mut Progress, objects: &[ObjectFinding]) {
        if state.failed.is_some() {
            return;
        }
        for finding in objects {
            let first = std::mem::replace(&mut state.first, false);
            let out = &mut state.out;
            let written = match self.format {
                Format::Text => text::object(out, finding, self.all),
                Format::Json => json_object(out, finding, first),
                Format::Junit => junit::object(out, finding, first),
            };
            if let Err(error) = written {
                state.failed = Some(error);
                return;
            }
        }
    }

    /// Writes the end and returns what the whole came to. `asked` says in text what was verified, a
    /// name and a value a line; of what was `missed` nothing is proven.
    pub fn end(self, asked: &[(&str, String)], missed: &[Missed]) -> io::Result<Overall> {
        self.bar.finish_and_clear();
        let mut state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = state.failed {
            return Err(error);
        }
        if !missed.is_empty() {
            state.overall = state.overall.max(Overall::Incomplete);
        }
        let out = &mut state.out;
        let (ranges, overall) = (&state.ranges, state.overall);
        let mut troubles = state.troubles.clone();
        troubles.extend(missed.iter().map(|missed| missed.text.clone()));
        match self.format {
            Format::Text => text::end(out, asked, ranges, &troubles, &state.counts, overall)?,
            Format::Json => json_end(out, ranges, &troubles, overall, state.first)?,
            Format::Junit => junit::end(out, ranges, missed, &state.troubles, state.first)?,
        }
        out.flush()?;
        Ok(overall)
    }

    fn with<T>(&self, change: impl FnOnce(&mut Progress) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn held(state: &Progress, turn: usize) -> usize {
    state.held.get(&turn).map_or(0, |held| held.objects.len())
}

fn json_object(out: &mut impl Write, finding: &ObjectFinding, first: bool) -> io::Result<()> {
    out.write_all(if first { b"{\"objects\":[\n" } else { b",\n" })?;
    serde_json::to_writer(out, finding).map_err(io::Error::from)
}

fn json_end(
    out: &mut impl Write,
    ranges: &[RangeFinding],
    troubles: &BTreeSet<String>,
    overall: Overall,
    empty: bool,
) -> io::Result<()> {
    out.write_all(if empty { b"{\"objects\":[" } else { b"\n" })?;
    out.write_all(b"],\n\"ranges\":[")?;
    for (at, range) in ranges.iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, range).map_err(io::Error::from)?;
    }
    out.write_all(b"],\n\"troubles\":")?;
    serde_json::to_writer(&mut *out, troubles).map_err(io::Error::from)?;
    writeln!(out, ",\n\"overall\":\"{}\"}}", overall.word())
}

/// Ranges of one chain that touch and are of one state, as one.
pub fn merged(ranges: &[RangeFinding]) -> Vec<RangeFinding> {
    let mut found: Vec<RangeFinding> = Vec::new();
    for range in ranges {
        let joins = found.last().is_some_and(|last| {
            last.account == range.account
                && last.region == range.region
                && last.trail == range.trail
                && last.state == range.state
                && last.reason == range.reason
                && last.to == range.from
        });
        match found.last_mut() {
            Some(last) if joins => last.to.clone_from(&range.to),
            _ => found.push(range.clone()),
        }
    }
    found
}

/// Whether a range needs explaining.
pub fn is_open(range: &RangeFinding) -> bool {
    range.state != State::Attested
}
