//! What was evaluated: which bytes of which object.

use std::future::Future;

use serde::{Deserialize, Serialize};

use super::{ObjectRef, StoreError};

/// Evaluations of one key that are remembered, the latest ones.
const REMEMBERED: usize = 16;

/// Everything that was evaluated under one key of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Bucket name; empty for files of the command line.
    pub bucket: String,
    /// Key, or a path.
    pub key: String,
    /// Evaluations of different contents or versions, oldest first, at most 16.
    pub evaluations: Vec<Evaluation>,
    /// Seconds of the clock from which on somebody is to ask why no digest lists the object yet.
    #[serde(default)]
    pub awaits: Option<i64>,
    /// Seconds of the clock at which an object was noted that is not evaluated: it is not named like
    /// a log file, or a digest lists it and it could not be had.
    #[serde(default)]
    pub noted_at: Option<i64>,
    /// What a genuine digest says of it.
    #[serde(default)]
    pub signed: Option<Signed>,
    /// Counts the times that the entry was entered; 0 for one that is not stored yet.
    pub revision: u64,
}

/// One content of an object that was evaluated whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Version id, in buckets that keep versions.
    pub version: Option<String>,
    /// ETag, when it was known.
    pub etag: Option<String>,
    /// SHA-256 of the inflated bytes, in hex.
    pub sha256: String,
    /// Records in it.
    pub records: u64,
    /// Matches: a record counts once for each rule.
    pub matches: u64,
    /// Earliest event time of its matches, in seconds.
    pub first_event_time: Option<i64>,
    /// Latest event time of its matches, in seconds.
    pub last_event_time: Option<i64>,
    /// Seconds of the clock at which it was evaluated.
    pub evaluated_at: i64,
    /// What the trail's digests say about it.
    pub attestation: Attestation,
}

/// What a genuine digest says of a log file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// SHA-256 of the inflated bytes, in hex.
    pub sha256: String,
    /// End of the first digest that said so, in seconds.
    pub at: i64,
}

/// What the trail's digest files say about the bytes that were evaluated. A digest that is genuine
/// attests itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Attestation {
    /// No digest was seen yet.
    Pending,
    /// A digest lists the object with this hash.
    Attested,
    /// A digest lists the object with another hash.
    Tampered,
    /// Digests are there and none lists the object; or it is a digest, and not genuine.
    Unattested,
}

impl Entry {
    /// The entry of an object that was never evaluated.
    pub fn new(object: &ObjectRef) -> Self {
        Self {
            bucket: object.bucket.clone(),
            key: object.key.clone(),
            evaluations: Vec::new(),
            awaits: None,
            noted_at: None,
            signed: None,
            revision: 0,
        }
    }

    /// Whether exactly this version was evaluated: then its bytes need not be looked at again.
    /// Without a version id and an ETag only the bytes can tell.
    pub fn has(&self, object: &ObjectRef) -> bool {
        let same = |evaluation: &Evaluation| match (&object.version, &object.etag) {
            (Some(version), _) => evaluation.version.as_ref() == Some(version),
            // An ETag may be of an earlier content than the last one: the key was put back.
            (None, Some(etag)) => {
                evaluation.version.is_none() && evaluation.etag.as_ref() == Some(etag)
            }
            (None, None) => false,
        };
        self.evaluations.iter().any(same)
    }

    /// The evaluation of this content.
    pub fn of_content(&self, sha256: &str) -> Option<&Evaluation> {
        self.evaluations
            .iter()
            .find(|evaluation| evaluation.sha256 == sha256)
    }

    /// The evaluation of the content that a digest attests.
    pub fn attested(&self) -> Option<&Evaluation> {
        let mut evaluations = self.evaluations.iter();
        evaluations.find(|evaluation| evaluation.attestation == Attestation::Attested)
    }

    /// Adds an evaluation, and forgets the oldest beyond 16.
    pub fn add(&mut self, evaluation: Evaluation) {
        self.evaluations.push(evaluation);
        let more = self.evaluations.len().saturating_sub(REMEMBERED);
        self.evaluations.drain(..more);
    }
}

/// Which objects were evaluated.
///
/// One item for each bucket and key, of a few hundred bytes, so that an object without matches
/// costs one read and one conditional write.
pub trait Ledger {
    /// The entry of the object's bucket and key, as the last [`enter`](Self::enter) that returned
    /// left it: a strongly consistent read, because a stale answer would evaluate a redelivered
    /// object again, or miss that its content was replaced.
    fn entry(
        &self,
        object: &ObjectRef,
    ) -> impl Future<Output = Result<Option<Entry>, StoreError>> + Send;

    /// Stores the entry, durably when it returns, if the stored one still has `entry.revision`
    /// (0: there is none); the stored revision is then one more. Else [`StoreError::Conflict`]:
    /// two workers that evaluated two contents of one key must not lose one of them.
    ///
    /// From `entry.awaits` on, if it is there, [`awaiting`](Self::awaiting) names the entry.
    ///
    /// To be called only once everything that the object's matches lead to is recorded, because
    /// an object that is in the ledger is never evaluated again.
    fn enter(&self, entry: &Entry) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// As [`entry`](Self::entry) for many objects, in their order: a digest lists hundreds.
    fn entries(
        &self,
        objects: &[ObjectRef],
    ) -> impl Future<Output = Result<Vec<Option<Entry>>, StoreError>> + Send;

    /// At most `most` entries whose `awaits` is at or before `now`, in any order. May miss what was
    /// entered in the last seconds, since the next sweep comes; must not need to look at others.
    fn awaiting(
        &self,
        now: i64,
        most: usize,
    ) -> impl Future<Output = Result<Vec<Entry>, StoreError>> + Send;
}

impl<S: Ledger + Sync> Ledger for &S {
    async fn entry(&self, object: &ObjectRef) -> Result<Option<Entry>, StoreError> {
        (**self).entry(object).await
    }

    async fn enter(&self, entry: &Entry) -> Result<(), StoreError> {
        (**self).enter(entry).await
    }

    async fn entries(&self, objects: &[ObjectRef]) -> Result<Vec<Option<Entry>>, StoreError> {
        (**self).entries(objects).await
    }

    async fn awaiting(&self, now: i64, most: usize) -> Result<Vec<Entry>, StoreError> {
        (**self).awaiting(now, most).await
    }
}
