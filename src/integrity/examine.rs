//! One digest object as it was found, before anything is known of its keys or neighbours.

use super::{Digest, Place, Verdict};
use crate::logfile::{Fault, Limits, Sha256, read_member};
use crate::record::EventTime;

/// What the object's metadata say. No signature covers them, and many kinds of copies lose them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// `signature`: hexadecimal.
    pub signature: Option<String>,
    /// `signature-algorithm`.
    pub algorithm: Option<String>,
    /// `backfill-generation-timestamp`.
    pub generated: Option<EventTime>,
}

/// A digest object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// Where it was found.
    pub place: Place,
    /// End of its range by its name.
    pub end: EventTime,
    /// By its name.
    pub backfill: bool,
    /// `None` when the place it was found in keeps no metadata.
    pub metadata: Option<Metadata>,
    /// What is in it.
    pub content: Result<Content, Flaw>,
}

/// A digest that can be read, genuine or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// What it says.
    pub digest: Digest,
    /// Of its inflated bytes.
    pub sha256: Sha256,
}

/// Why there is nothing to verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// `format`, `trailing_data`, `missing` or `unreadable`.
    pub verdict: Verdict,
    /// In words.
    pub reason: String,
}

/// An object that could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfetched {
    /// It is not there.
    Missing,
    /// It cannot be read, for this reason.
    Unreadable(String),
}

impl From<Unfetched> for Flaw {
    fn from(unfetched: Unfetched) -> Self {
        match unfetched {
            Unfetched::Missing => Self {
                verdict: Verdict::Missing,
                reason: "it is not there".to_owned(),
            },
            Unfetched::Unreadable(reason) => Self {
                verdict: Verdict::Unreadable,
                reason,
            },
        }
    }
}

impl From<Fault> for Flaw {
    fn from(fault: Fault) -> Self {
        let verdict = match fault {
            Fault::TrailingBytes { .. } => Verdict::TrailingData,
            Fault::OverLimit { .. } => Verdict::Unreadable,
            _ => Verdict::Format,
        };
        Self {
            verdict,
            reason: fault.to_string(),
        }
    }
}

/// An entry takes some 350 bytes, so this is a digest of almost 200,000 log files; what is read of it
/// takes as much memory again.
fn limits() -> Limits {
    Limits {
        inflated_bytes: 64 << 20,
        ..Limits::default()
    }
}

impl Content {
    /// Opens the stored bytes of a digest object.
    ///
    /// # Errors
    /// When they are not one gzip member around a digest.
    pub fn open(stored: &[u8]) -> Result<Self, Flaw> {
        let (bytes, sha256) = read_member(stored, limits())?;
        let digest = Digest::parse(&bytes).map_err(|error| Flaw {
            verdict: Verdict::Format,
            reason: error.to_string(),
        })?;
        Ok(Self { digest, sha256 })
    }
}
