//! What a notification names: fetch, evaluate, publish. Generic over the ports, so that the
//! Lambda and the local runs are the same code.

use std::sync::Arc;

use super::log_file::{Inspection, Match, Object, Options, inspect};
use super::tally::Tally;
use crate::alert::{Facts, Merger};
use crate::logfile::{KeyKind, classify};
use crate::ports::{AlertSink, FetchError, ObjectRef, ObjectStore, PublishError};
use crate::rules::RuleSet;

/// Evaluates the objects of notifications and publishes what is found.
///
/// Matches are kept in memory between notifications, so that a burst is seen across the files of
/// one process, and a redelivery to the same process tells nothing twice.
pub struct Inspector<S, A> {
    rules: RuleSet,
    store: S,
    sink: A,
    options: Options,
    merger: Merger,
}

/// Matches that one process keeps at most.
const KEPT: usize = 100_000;

/// What became of one notification.
#[derive(Debug, Default)]
pub struct Report {
    /// Each object, in the notification's order.
    pub objects: Vec<ObjectReport>,
    /// Alerts that were published.
    pub published: usize,
    /// Alerts that could not be: object names and the error.
    pub unpublished: Vec<(Vec<String>, PublishError)>,
    /// Counts over all objects.
    pub tally: Tally,
    /// Matches that memory had no room for before their threshold was reached.
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
}

impl Report {
    /// Whether every object was evaluated whole or rightly left alone, and every alert that is
    /// due was published. Anything else must be delivered again.
    pub fn is_success(&self) -> bool {
        self.unpublished.is_empty()
            && !self
                .objects
                .iter()
                .any(|object| matches!(object.outcome, Outcome::Failed(_)))
    }
}

impl<S: ObjectStore, A: AlertSink> Inspector<S, A> {
    /// Takes what does not change between notifications.
    pub fn new(rules: RuleSet, store: S, sink: A, options: Options) -> Self {
        Self {
            rules,
            store,
            sink,
            options,
            merger: Merger::default(),
        }
    }

    /// Evaluates every object, whatever happens to the others, then publishes every alert that is
    /// due, whatever happens to the others.
    pub async fn run(&mut self, objects: Vec<ObjectRef>) -> Report {
        let mut report = Report::default();
        self.merger.begin();
        for object in objects {
            let outcome = self.object(&object, &mut report.tally).await;
            report.objects.push(ObjectReport { object, outcome });
            // What was told needs little memory; a storm is not kept until the end.
            if self.merger.len() > KEPT {
                self.publish(&mut report).await;
            }
        }
        self.publish(&mut report).await;
        report.forgotten = self.merger.bound(KEPT);
        // INVARIANT: an object that was named is evaluated, skipped with a reason, or failed.
        debug_assert!(report.tally.balances(), "{:?}", report.tally);
        report
    }

    async fn object(&mut self, object: &ObjectRef, tally: &mut Tally) -> Outcome {
        let folder = match classify(&object.key) {
            KeyKind::LogFile(name) => name.folder,
            KeyKind::Digest => return Outcome::skipped("a digest file", tally),
            KeyKind::Foreign(reason) => return Outcome::skipped(reason, tally),
        };
        let stored = match self
            .store
            .fetch(object, self.options.limits.object_bytes)
            .await
        {
            Ok(stored) => stored,
            Err(error) => {
                tally.fail_file();
                return Outcome::Failed(error.into());
            }
        };
        let name: Arc<str> = object.to_string().into();
        let (rules, merger) = (&self.rules, &mut self.merger);
        let inspection = inspect(
            Object {
                name: &name,
                folder: Some(folder),
            },
            &stored,
            rules,
            &self.options,
            |found| {
                take_in(merger, rules, &name, found);
            },
        );
        *tally += &inspection.tally;
        Outcome::of(Box::new(inspection))
    }

    async fn publish(&mut self, report: &mut Report) {
        // What failed before in this delivery is still due, and is tried again here.
        report.unpublished.clear();
        for pending in self.merger.due(self.rules.rules()) {
            match self.sink.publish(&pending.alert).await {
                Ok(()) => {
                    self.merger.told(&pending);
                    report.published += 1;
                }
                Err(error) => report
                    .unpublished
                    .push((pending.alert.objects.clone(), error)),
            }
        }
    }
}

/// Adds a match in the log file `object` to what alerts are made of.
pub fn take_in(merger: &mut Merger, rules: &RuleSet, object: &Arc<str>, found: &Match<'_>) {
    let facts = Arc::new(Facts::of(&found.record, object, found.number));
    for index in found.rules {
        if let Some(rule) = rules.rules().get(*index) {
            merger.add(*index, rule, &found.record, &facts);
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
