//! Where a trail's objects are: a bucket, or a copy of one on disk.

use trailwarden::integrity::{KeyRing, Metadata, Place, Unfetched};
use trailwarden::record::EventTime;

/// An object in a listing.
pub struct Listed {
    /// Key, decoded.
    pub key: String,
}

/// Objects below a prefix.
#[derive(Default)]
pub struct Objects {
    /// In any order.
    pub found: Vec<Listed>,
    /// Folders that could not be listed when others could.
    pub closed: Vec<Closed>,
}

/// A folder that could not be listed.
#[derive(Debug, Clone)]
pub struct Closed {
    /// Its key, without a closing `/`.
    pub key: String,
    /// Where it is and why, for people.
    pub reason: String,
}

/// An object to fetch.
pub struct Want {
    /// Where it is.
    pub place: Place,
}

/// An object that was fetched.
pub struct Stored<'a> {
    /// Exactly as stored.
    pub bytes: &'a [u8],
    /// `None` when the source keeps no metadata.
    pub metadata: Option<Metadata>,
}

/// What to do with each object that was asked for, by its index, on any thread.
pub type Done<'a> = dyn Fn(usize, Result<Stored<'_>, Unfetched>) + Sync + 'a;

/// Everything that verification reads from. Errors are texts for people.
pub trait Source: Sync {
    /// Folders and objects directly below a prefix that is empty or ends with `/`.
    fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, String>;

    /// All objects below a prefix whose keys are above `after` and below `until`.
    fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
        until: Option<&str>,
    ) -> Result<Objects, String>;

    /// Fetches all of them, several at a time, and calls `done` once for each.
    fn fetch(&self, wants: &[Want], done: &Done<'_>);

    /// The public keys of a region that were valid in a range of time, as CloudTrail lists them;
    /// none where it is not asked.
    fn keys(&self, region: &str, from: EventTime, to: EventTime) -> Result<KeyRing, String>;

    /// How many accounts and regions to verify at a time.
    fn at_a_time(&self) -> usize;
}
