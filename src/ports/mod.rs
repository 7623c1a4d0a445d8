//! What the use cases need from the outside world. Each trait states the guarantee it gives and
//! why; `local` and `aws` implement them.

mod chains;
mod ledger;
mod state;

use std::fmt;
use std::future::Future;

pub use chains::{ChainStore, KeyStore, StoredWatch};
pub use ledger::{Attestation, Entry, Evaluation, Ledger, Signed};
pub use state::{AlertLog, Change, GroupKey, Message, StoreError, Stored, WindowStore};

use crate::alert::Alert;
use crate::integrity::{KeyRing, Metadata};
use crate::record::EventTime;

/// One stored version of an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectRef {
    /// Bucket name; the root folder for local files.
    pub bucket: String,
    /// Key, decoded.
    pub key: String,
    /// Version id, in buckets that keep versions: the one that the notification is about.
    pub version: Option<String>,
    /// ETag, when whoever named the object knows it: it tells another content of the same key.
    pub etag: Option<String>,
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// Whatever a service's client says when it fails.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why an object could not be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// It is not there (any more): expired, deleted, or never was.
    #[error("no such object")]
    NotFound,
    /// The caller may not read it, or may not use its key.
    #[error("access denied: {0}")]
    Denied(#[source] BoxError),
    /// Longer than the limit; not fetched.
    #[error("{bytes} bytes, over the limit of {limit}")]
    TooLarge {
        /// Its stored length.
        bytes: u64,
        /// The limit, in bytes.
        limit: u64,
    },
    /// Throttled, unreachable, cut off: another try may succeed.
    #[error("unavailable: {0}")]
    Unavailable(#[source] BoxError),
}

/// An object as it was fetched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fetched {
    /// Exactly as stored.
    pub bytes: Vec<u8>,
    /// Which version it is, in buckets that keep versions.
    pub version: Option<String>,
    /// Its ETag without quotes, as notifications have it; where there is one.
    pub etag: Option<String>,
    /// What its metadata say of a digest's signature.
    pub metadata: Metadata,
}

impl Fetched {
    /// The object that was asked for, with the version and ETag of what came.
    pub fn of(&self, asked: &ObjectRef) -> ObjectRef {
        ObjectRef {
            bucket: asked.bucket.clone(),
            key: asked.key.clone(),
            version: self.version.clone().or(asked.version.clone()),
            etag: self.etag.clone().or(asked.etag.clone()),
        }
    }
}

/// Where log files and digests are.
pub trait ObjectStore {
    /// All bytes of an object exactly as stored: what is hashed and evaluated must be what
    /// CloudTrail wrote, so nothing between may decode or cut it. At most `limit` bytes, because
    /// whoever can write to the bucket chooses the length. Fails rather than return less. Without
    /// a version it is the latest one, and which one that is is part of the answer: so that its
    /// notification, when it comes later, is known for the same.
    fn fetch(
        &self,
        object: &ObjectRef,
        limit: u64,
    ) -> impl Future<Output = Result<Fetched, FetchError>> + Send;

    /// Keys that begin with `prefix` and sort behind `after`, in order; all of them, or the first
    /// [`PAGE`](Self::PAGE) or more. Fails rather than leave one out: what is not listed counts as
    /// not there.
    fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: &str,
    ) -> impl Future<Output = Result<Vec<String>, FetchError>> + Send;

    /// Keys of a listing from which on there may be more.
    const PAGE: usize = 1_000;
}

/// An alert did not reach its channel.
#[derive(Debug, thiserror::Error)]
#[error("the alert could not be published: {0}")]
pub struct PublishError(#[source] pub BoxError);

/// Where alerts go.
pub trait AlertSink {
    /// Returns only once the channel has durably taken the alert, because its events are then
    /// noted as told. May deliver twice when the answer is lost; consumers tell a repeat by the
    /// alert's id.
    fn publish(&self, alert: &Alert) -> impl Future<Output = Result<(), PublishError>> + Send;
}

/// Public keys could not be had.
#[derive(Debug, thiserror::Error)]
#[error("cannot list the public keys: {0}")]
pub struct KeyError(#[source] pub BoxError);

/// Where CloudTrail's public keys are.
pub trait KeySource {
    /// All keys of a region whose validity touches the range, each checked against its
    /// fingerprint. Every region has its own. Fails rather than return fewer: a key that is not
    /// there makes a genuine digest look forged.
    fn keys(
        &self,
        region: &str,
        from: EventTime,
        to: EventTime,
    ) -> impl Future<Output = Result<KeyRing, KeyError>> + Send;
}

/// A fixed ring, for a place where nobody else can be asked.
impl KeySource for KeyRing {
    async fn keys(&self, _: &str, _: EventTime, _: EventTime) -> Result<KeyRing, KeyError> {
        Ok(self.clone())
    }
}
