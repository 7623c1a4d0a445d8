//! What a notification names: fetch, evaluate, record, publish. Generic over the ports, so that the
//! Lambda and the local runs are the same code.

use std::sync::{Mutex, PoisonError};

use super::digests::Keys;
use super::log_file::{Inspection, Object, Options, inspect_with};
use super::recorder::{Bounds, Recorder, TrailState};
use super::report::{ObjectFailure, ObjectReport, Outcome, Report};
use crate::alert::{Breach, Findings};
use crate::integrity::{Candidate, GRACE, Place};
use crate::logfile::{Folder, KeyKind, Scratch, classify};
use crate::ports::{AlertSink, Entry, KeySource, ObjectRef, ObjectStore};
use crate::rules::{Rule, RuleSet};

/// Evaluates the objects of notifications and publishes what is found.
pub struct Inspector<S, T, A, K> {
    pub(super) rules: RuleSet,
    pub(super) store: S,
    pub(super) recorder: Recorder<T, A>,
    pub(super) keys: Keys<K>,
    pub(super) options: Options,
    /// Breaches of integrity as rules.
    pub(super) breaches: Vec<Rule>,
    /// Seconds after the end of a digest at which the next one is overdue.
    pub(super) overdue: i64,
    scratch: Mutex<Scratch>,
}

/// Seconds after the end of a digest at which the next one is overdue, where nobody says so: two
/// hours and half an hour of grace. It is delivered about an hour and a half after that end (digest
/// spec section 4).
pub const OVERDUE: i64 = 2 * 3_600 + 1_800;

/// Matches that one delivery keeps in memory before it settles them.
pub(super) const KEPT: usize = 100_000;

/// Bytes of memory for inflating that are kept from one object to the next.
const KEPT_BYTES: usize = 8 << 20;

/// Why an object is left alone that is in the ledger.
pub(super) const BEFORE: &str = "evaluated before";

/// What is evaluated and not settled yet.
#[derive(Default)]
struct Open {
    findings: Findings,
    breaches: Findings,
    /// Ledger entries with the evaluation in them, and where in the report the object stands.
    entries: Vec<(Entry, usize)>,
}

impl<S: ObjectStore, T: TrailState, A: AlertSink, K: KeySource> Inspector<S, T, A, K> {
    /// Takes what does not change between notifications.
    pub fn new(
        rules: RuleSet,
        store: S,
        state: T,
        sink: A,
        keys: K,
        options: Options,
        bounds: Bounds,
    ) -> Self {
        Self {
            rules,
            store,
            recorder: Recorder::new(state, sink, bounds),
            keys: Keys::new(keys),
            options,
            breaches: Breach::rules(),
            overdue: OVERDUE,
            scratch: Mutex::default(),
        }
    }

    /// So many seconds after the end of a digest the next one is overdue.
    pub fn with_overdue(mut self, seconds: i64) -> Self {
        self.overdue = seconds;
        self
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

    /// Tells what was held back until `now`, tries again what could not be told, and asks for
    /// digests that stay away and for log files that no digest lists.
    pub async fn sweep(&self, now: i64) -> Report {
        let mut report = Report::default();
        report.add(self.recorder.sweep(now, false).await);
        // Digests that nobody announced first: log files may be in them.
        Box::pin(self.sweep_chains(&mut report, now)).await;
        Box::pin(self.sweep_unlisted(&mut report, now)).await;
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
            KeyKind::Digest => {
                // It may list what this very delivery has evaluated.
                self.settle(std::mem::take(open), report, now).await;
                return Box::pin(self.digest(object, report, now)).await;
            }
            KeyKind::Foreign(reason) => {
                self.stray(object, now).await?;
                return Ok(Outcome::skipped(reason, &mut report.tally));
            }
        };
        self.log_file(object, folder, open, report, now).await
    }

    async fn log_file(
        &self,
        object: &ObjectRef,
        folder: Folder,
        open: &mut Open,
        report: &mut Report,
        now: i64,
    ) -> Result<Outcome, ObjectFailure> {
        let entry = self.recorder.entry(object).await?;
        if entry.has(object) {
            return Ok(Outcome::skipped(BEFORE, &mut report.tally));
        }
        let limit = self.options.limits.object_bytes;
        let fetched = self.store.fetch(object, limit).await?;
        // What is there may be newer than what was announced: what is noted is what was evaluated.
        let object = &fetched.of(object);
        if entry.has(object) {
            return Ok(Outcome::skipped(BEFORE, &mut report.tally));
        }
        let name = object.to_string();
        let (inspection, findings) = self.evaluate(&name, Some(folder), &fetched.bytes);
        drop(fetched);
        report.tally += &inspection.tally;
        let outcome = Outcome::of(Box::new(inspection));
        match &outcome {
            Outcome::Evaluated(inspection) => {
                let place = report.objects.len();
                let found = (name.as_str(), &**inspection);
                let recorder = &self.recorder;
                let ended = recorder.done(entry, object, found, &findings, now).await;
                report.add(ended.told);
                ended
                    .breach
                    .iter()
                    .for_each(|breach| open.breaches.add_breach(breach));
                let waits = |mut entry: Entry| {
                    let known = entry.signed.is_some();
                    entry.awaits = (!known).then(|| now.saturating_add(GRACE));
                    (entry, place)
                };
                open.entries.extend(ended.entry.map(waits));
            }
            Outcome::Failed(ObjectFailure::Decode { inspection, .. }) => {
                let found = (name.as_str(), &**inspection);
                let (told, breach) = self.recorder.damaged(&entry, object, found, now).await;
                report.add(told);
                breach
                    .iter()
                    .for_each(|breach| open.breaches.add_breach(breach));
            }
            _ => {}
        }
        open.findings.absorb(findings);
        Ok(outcome)
    }

    /// Notes what lies among the log files and is not named like one, so that the sweep asks for a
    /// digest that lists it.
    async fn stray(&self, object: &ObjectRef, now: i64) -> Result<(), ObjectFailure> {
        let place = Place {
            bucket: object.bucket.clone(),
            key: object.key.clone(),
        };
        if Candidate::of(place).is_none() {
            return Ok(());
        }
        let mut entry = self.recorder.entry(object).await?;
        if entry.revision == 0 {
            entry.awaits = Some(now.saturating_add(GRACE));
            entry.noted_at = Some(now);
            self.recorder.enter_again(&entry).await?;
        }
        Ok(())
    }

    /// One at a time: a function has a second processor from 1,770 MB of memory on only, and S3
    /// names one object in a notification.
    pub(super) fn evaluate(
        &self,
        name: &str,
        folder: Option<Folder>,
        stored: &[u8],
    ) -> (Inspection, Findings) {
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut findings = Findings::default();
        let object = Object { name, folder };
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

    /// Records and publishes breaches of integrity; whether that is done.
    pub(super) async fn tell(&self, breaches: Findings, report: &mut Report, now: i64) -> bool {
        let told = self.recorder.settle(&self.breaches, breaches, now).await;
        let done = told.is_done();
        report.add(told);
        done
    }

    async fn settle(&self, open: Open, report: &mut Report, now: i64) {
        let told = self
            .recorder
            .settle(self.rules.rules(), open.findings, now)
            .await;
        let mut done = told.is_done();
        report.add(told);
        done &= self.tell(open.breaches, report, now).await;
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
