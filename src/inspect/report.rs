//! What became of a notification or a sweep, object by object.

use std::ops::AddAssign;

use super::log_file::Inspection;
use super::recorder::Told;
use super::tally::Tally;
use crate::integrity::Verdict;
use crate::ports::{FetchError, KeyError, ObjectRef, PublishError, StoreError};

/// What became of one notification.
#[derive(Debug, Default)]
pub struct Report {
    /// Each object, in the notification's order; before a digest, what was found through it.
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
    /// What a sweep could not look at: of what, and why. The next one tries again.
    pub unswept: Vec<(String, ObjectFailure)>,
}

/// What became of one object.
#[derive(Debug)]
pub struct ObjectReport {
    /// The object.
    pub object: ObjectRef,
    /// Its end.
    pub outcome: Outcome,
}

/// How an object ended; there is no fifth way.
#[derive(Debug)]
pub enum Outcome {
    /// Every record of it was evaluated.
    Evaluated(Box<Inspection>),
    /// A digest: it was verified, whatever came of it, and what it lists was looked after.
    Verified(Box<DigestReport>),
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
    /// Without the public keys nobody can say what a digest is.
    #[error("keys: {0}")]
    Keys(#[from] KeyError),
    /// The folder of digests has more objects than are listed at a time.
    #[error(
        "there are too many objects to list all of them, so digests among them may not be found: \
         remove what is no digest"
    )]
    Crowded,
    /// What was found could not be recorded or published.
    #[error("what was found could not be told")]
    Untold,
}

/// What came of a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestReport {
    /// Whether it is genuine, or which check failed.
    pub verdict: Verdict,
    /// Why, in words.
    pub reason: String,
    /// What became of the log files that it lists.
    pub logs: ListedLogs,
}

/// What became of the log files that a genuine digest lists. Each is counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListedLogs {
    /// Evaluated, and what CloudTrail signed.
    pub attested: u64,
    /// So they are, and were evaluated only now.
    pub late: u64,
    /// Not what CloudTrail signed.
    pub tampered: u64,
    /// Not there.
    pub missing: u64,
    /// Not to be read.
    pub unreadable: u64,
}

impl AddAssign for ListedLogs {
    fn add_assign(&mut self, more: Self) {
        self.attested += more.attested;
        self.late += more.late;
        self.tampered += more.tampered;
        self.missing += more.missing;
        self.unreadable += more.unreadable;
    }
}

impl Report {
    /// Whether every object was evaluated whole or rightly left alone, and everything that is
    /// found was recorded and, as far as it is due, published. Anything else must be delivered
    /// again.
    pub fn is_success(&self) -> bool {
        self.unpublished.is_empty()
            && self.unrecorded.is_empty()
            && self.unswept.is_empty()
            && !self
                .objects
                .iter()
                .any(|object| matches!(object.outcome, Outcome::Failed(_)))
    }

    pub(super) fn add(&mut self, told: Told) {
        self.published += told.published;
        self.unpublished.extend(told.unpublished);
        self.unrecorded.extend(told.failed);
        self.forgotten += told.forgotten;
    }
}

impl Outcome {
    pub(super) fn skipped(reason: &'static str, tally: &mut Tally) -> Self {
        tally.skip_file(reason);
        Self::Skipped(reason)
    }

    pub(super) fn of(inspection: Box<Inspection>) -> Self {
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
