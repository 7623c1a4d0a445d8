//! Where a digest that has just arrived stands, given the last one that was seen of its chain: what
//! a watcher can prove and a bucket alone cannot (digest spec section 7).

use super::{Content, Link, Place};
use crate::logfile::Sha256;
use crate::record::EventTime;

/// What is remembered of the newest digest of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Where it was.
    pub place: Place,
    /// End of its range.
    pub end: EventTime,
    /// Of its inflated bytes.
    pub sha256: Sha256,
    /// Its signature, in hexadecimal, when it was known.
    pub signature: Option<String>,
}

/// How a genuine digest stands to the newest one seen before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Follows {
    /// The first of its chain that was seen.
    First,
    /// Points at the newest one, and its range starts where that one's ends.
    Next,
    /// Points at the newest one, and leaves a hole in time.
    Hole,
    /// Points at a digest between the two that was not seen: it is late or lost.
    Skips(Place),
    /// Starts anew: validation or logging had been stopped.
    Restart,
    /// Points at the newest one's place, and attests another content or signature there.
    Mismatch,
    /// The same digest again.
    Again,
    /// Not newer than the newest one: late, or put again.
    Older,
}

/// Compares a genuine digest with the newest one that was seen of its chain.
pub fn follows(content: &Content, last: Option<&Seen>) -> Follows {
    let Some(last) = last else {
        return Follows::First;
    };
    let digest = &content.digest;
    if digest.place == last.place {
        return match content.sha256 == last.sha256 {
            true => Follows::Again,
            false => Follows::Mismatch,
        };
    }
    if digest.end <= last.end {
        return Follows::Older;
    }
    match &digest.previous {
        None => Follows::Restart,
        Some(link) if link.place != last.place => Follows::Skips(link.place.clone()),
        Some(link) if !attests(link, last) => Follows::Mismatch,
        Some(_) if digest.start > last.end => Follows::Hole,
        Some(_) => Follows::Next,
    }
}

fn attests(link: &Link, last: &Seen) -> bool {
    let signature = last.signature.as_ref();
    link.sha256 == Some(last.sha256)
        && signature.is_none_or(|text| text.eq_ignore_ascii_case(&link.signature))
}
