//! Digests that a genuine one points at, and what a listing says of them.

use super::{Kind, ObjectFinding, Place, Verdict};

/// What a listing says of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// It is listed.
    Here,
    /// It is not there.
    Absent,
    /// Its folder could not be listed.
    Unknown(String),
}

/// A digest that a genuine one points at and that could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Where it should be.
    pub place: Place,
    /// Why its folder could not be listed; `None` when it is not in the listing.
    pub unknown: Option<String>,
}

impl Lost {
    /// As a line of a report.
    pub fn report(&self, backfill: bool) -> ObjectFinding {
        let (verdict, reason) = match &self.unknown {
            None => (
                Verdict::Missing,
                "the next digest names it, and it is not there".to_owned(),
            ),
            Some(reason) => (
                Verdict::Unreadable,
                format!("the next digest names it, and its folder cannot be listed: {reason}"),
            ),
        };
        ObjectFinding {
            object: self.place.to_string(),
            kind: match backfill {
                true => Kind::BackfillDigest,
                false => Kind::Digest,
            },
            verdict,
            reason,
            weight: verdict.weight(),
        }
    }
}
