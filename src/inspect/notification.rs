//! What a notification names: fetch, evaluate, record, publish. Generic over the ports, so that the
//! Lambda and the local runs are the same code.

use std::sync::{Mutex, PoisonError};

use super::log_file::{Inspection, Object, Options, inspect_with};
use super::recorder::{Bounds, Recorder, State, Told};
use super::tally::Tally;
use crate::alert::Findings;
use crate::logfile::{Folder, KeyKind, Scratch, classify};
use crate::ports::{
    AlertSink, Entry, FetchError, ObjectRef, ObjectStore, PublishError, StoreError,
};
use crate::rules::RuleSet;

/// Evaluates the objects of notifications and publishes what is found.
pub struct Inspector<S, T, A> {
    rules: RuleSet,
    store: S,
    recorder: Recorder<T, A>,
    options: Options,
    scratch: Mutex<Scratch>,
}

/// Matches that one delivery keeps in memory before it settles them.
const KEPT: usize = 100_000;

/// Bytes of memory for inflating that are kept from one object to the next.
const KEPT_BYTES: usize = 8 << 20;

/// What became of one notification.
#[derive(Debug, Default)]
pub struct Report {
    /// Each object, in the notification's order.
    pub objects: Vec<ObjectReport>,
    /// Alerts that were published.
    pub published: usize,
    /// Alerts that could not be, and stay pending: object names and the error.
    pub unpublished: Vec<(Vec<String>, PublishError)>,
    /// State that could not be read or written.
    pub unrecorded: Vec<StoreError>,
    /// Counts over all objects.
    pub tally: Tally,
    /// Matches below their threshold that state had no room for.
    pub forgotten: usize,
}

/// What became of one object.
#[derive(Debug)]
pub struct ObjectReport {
    /// The object.
    pub object: ObjectRef,
    /// Its end.
    pub outcome: Outcome,
}

/// How an object ended; there is no fourth way.
#[derive(Debug)]
pub enum Outcome {
    /// Every record of it was evaluated.
    Evaluated(Box<Inspection>),
    /// Rightly left alone, and why.
    Skipped(&'static str),
    /// Not evaluated, or not whole.
    Failed(ObjectFailure),
}

/// Why an object was not evaluated whole.
#[derive(Debug, thiserror::Error)]
pub enum ObjectFailure {
    /// It could not be had.
    #[error("fetch: {0}")]
    Fetch(#[from] FetchError),
    /// It was evaluated as far as it could be read.
    #[error("decode: {reason}")]
    Decode {
        /// The fault, or the first record that is malformed.
        reason: String,
        /// What was evaluated.
        inspection: Box<Inspection>,
    },
    /// Whether it was evaluated before, or that it was now, could not be read or written.
    #[error("state: {0}")]
    State(#[from] StoreError),
}

impl Report {
    /// Whether every object was evaluated whole or rightly left alone, and everything that is
    /// found was recorded and, as far as it is due, published. Anything else must be delivered
    /// again.
    pub fn is_success(&self) -> bool {
        self.unpublished.is_empty()
            && self.unrecorded.is_empty()
            && !self
                .objects
                .iter()
                .any(|object| matches!(object.outcome, Outcome::Failed(_)))
    }

    fn add(&mut self, told: Told) {
        self.published += told.published;
        self.unpublished.extend(told.unpublished);
        self.unrecorded.extend(told.failed);
        self.forgotten += told.forgotten;
    }
}

/// Why an object is left alone that is in the ledger.
const BEFORE: &str = "evaluated before";

/// What is evaluated and not settled yet.
#[derive(Default)]
struct Open {
    findings: Findings,
    /// Ledger entries with the evaluation in them, and where in the report the object stands.
    entries: Vec<(Entry, usize)>,
}

impl<S: ObjectStore, T: State, A: AlertSink> Inspector<S, T, A> {
    /// Takes what does not change between notifications.
    pub fn new(
        rules: RuleSet,
        store: S,
        state: T,
        sink: A,
        options: Options,
        bounds: Bounds,
    ) -> Self {
        Self {
            rules,
            store,
            recorder: Recorder::new(state, sink, bounds),
            options,
            scratch: Mutex::default(),
        }
    }

    /// Evaluates every object, whatever happens to the others, at `now` seconds of the clock; then
    /// records and publishes what is found, each alert whatever happens to the others. What one
    /// delivery brings is one alert for each group.
    pub async fn run(&self, objects: Vec<ObjectRef>, now: i64) -> Report {
        let mut report = Report::default();
        let mut open = Open::default();
        for object in objects {
            let outcome = match self.object(&object, &mut open, &mut report, now).await {
                Ok(outcome) => outcome,
                Err(failure) => {
                    report.tally.fail_file();
                    Outcome::Failed(failure)
                }
            };
            report.objects.push(ObjectReport { object, outcome });
            // A storm is not kept until the end.
            if open.findings.len() > KEPT {
                self.settle(std::mem::take(&mut open), &mut report, now)
                    .await;
            }
        }
        self.settle(open, &mut report, now).await;
        // INVARIANT: an object that was named is evaluated, skipped with a reason, or failed.
        debug_assert!(report.tally.balances(), "{:?}", report.tally);
        report
    }

    /// Tells what was held back until `now`, and tries again what could not be told.
    pub async fn sweep(&self, now: i64) -> Report {
        let mut report = Report::default();
        report.add(self.recorder.sweep(now, false).await);
        report
    }

    async fn object(
        &self,
        object: &ObjectRef,
        open: &mut Open,
        report: &mut Report,
        now: i64,
    ) -> Result<Outcome, ObjectFailure> {
        let folder = match classify(&object.key) {
            KeyKind::LogFile(name) => name.folder,
            KeyKind::Digest => return Ok(Outcome::skipped("a digest file", &mut report.tally)),
            KeyKind::Foreign(reason) => return Ok(Outcome::skipped(reason, &mut report.tally)),
        };
        let entry = self.recorder.entry(object).await?;
        if entry.has(object) {
            return Ok(Outcome::skipped(BEFORE, &mut report.tally));
        }
        let limit = self.options.limits.object_bytes;
        let stored = self.store.fetch(object, limit).await?;
        let name = object.to_string();
        let (inspection, findings) = self.evaluate(&name, folder, &stored);
        drop(stored);
        report.tally += &inspection.tally;
        let outcome = Outcome::of(Box::new(inspection));
        match &outcome {
            Outcome::Evaluated(inspection) => {
                let place = report.objects.len();
                let found = (name.as_str(), &**inspection);
                let recorder = &self.recorder;
                let ended = recorder.done(entry, object, found, &findings, now).await;
                report.add(ended.told);
                open.entries.extend(ended.entry.map(|entry| (entry, place)));
            }
            Outcome::Failed(ObjectFailure::Decode { inspection, .. }) => {
                let found = (name.as_str(), &**inspection);
                let told = self.recorder.damaged(&entry, object, found, now).await;
                report.add(told);
            }
            _ => {}
        }
        open.findings.absorb(findings);
        Ok(outcome)
    }

    /// One at a time: a function has a second processor from 1,770 MB of memory on only, and S3
    /// names one object in a notification.
    fn evaluate(&self, name: &str, folder: Folder, stored: &[u8]) -> (Inspection, Findings) {
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut findings = Findings::default();
        let object = Object {
            name,
            folder: Some(folder),
        };
        let rules = self.rules.rules();
        let inspection = inspect_with(
            &mut scratch,
            object,
            stored,
            &self.rules,
            &self.options,
            |found| findings.add(rules, name, &found.record, found.number, found.rules),
        );
        scratch.keep(KEPT_BYTES);
        (inspection, findings)
    }

    async fn settle(&self, open: Open, report: &mut Report, now: i64) {
        let told = self
            .recorder
            .settle(self.rules.rules(), open.findings, now)
            .await;
        let done = told.is_done();
        report.add(told);
        if !done {
            return;
        }
        for (entry, place) in open.entries {
            let Some(object) = report.objects.get_mut(place) else {
                continue;
            };
            if let Err(error) = self.recorder.enter(&entry, &object.object).await {
                object.outcome = Outcome::Failed(error.into());
                report.tally.files_evaluated -= 1;
                report.tally.files_failed += 1;
            }
        }
    }
}

impl Outcome {
    fn skipped(reason: &'static str, tally: &mut Tally) -> Self {
        tally.skip_file(reason);
        Self::Skipped(reason)
    }

    fn of(inspection: Box<Inspection>) -> Self {
        let first = inspection.problems.first();
        let count = inspection.tally.records_malformed;
        let malformed = || {
            first.map(|problem| {
                let (number, offset, reason) = (problem.number, problem.offset, &problem.reason);
                format!("{count} malformed records, the first is record {number} at byte {offset}: {reason}")
            })
        };
        match inspection
            .fault
            .as_ref()
            .map(ToString::to_string)
            .or_else(malformed)
        {
            Some(reason) => Self::Failed(ObjectFailure::Decode { reason, inspection }),
            None => match inspection.foreign {
                Some(reason) => Self::Skipped(reason),
                None => Self::Evaluated(inspection),
            },
        }
    }
}
