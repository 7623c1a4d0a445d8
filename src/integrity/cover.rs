//! What an object is that lies among the log files and that no digest lists.

use super::{Overall, Range, State, Verdict, Walk};
use crate::record::EventTime;

/// How long after its name's time a log file may wait for its digest: an hour's range, half an
/// hour of delivery and some slack (digest spec section 7). Seconds.
pub const GRACE: i64 = 2 * 3600;

/// A log file is delivered up to some minutes after the time in its name, and digests have been
/// seen whose range starts after the name's time (digest spec section 2). Seconds.
/// So many seconds earlier.
pub const NAMED_AFTER: i64 = 5 * 60;

/// A log file is delivered within so many seconds after the time in its name.
pub const DELIVERED_WITHIN: i64 = 10 * 60;

/// What one chain says of the time at which a log file may have been delivered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cover {
    /// Some of it is in the range of a trusted digest.
    pub attested: bool,
    /// Some of it is in the range of a digest that is missing or not to be trusted.
    pub broken: bool,
    /// Some of it is in a gap, or after the newest digest of a chain that is overdue.
    pub open: bool,
    /// Some of it is after the newest digest of a chain that goes on.
    pub fresh: bool,
    /// Some of it is after the last digest in the range, and the digest there is not proven.
    pub beyond: bool,
}

impl Cover {
    /// Around the time in a log file's name.
    pub fn of(walk: &Walk, time: EventTime) -> Self {
        let time = time.seconds();
        Self::between(walk, time - NAMED_AFTER, time + DELIVERED_WITHIN)
    }

    /// Of a time in seconds.
    pub fn between(walk: &Walk, from: i64, to: i64) -> Self {
        let mut cover = Self::default();
        let touched = |range: &&Range| range.from.seconds() < to && range.to.seconds() > from;
        for range in walk.ranges().iter().filter(touched) {
            match range.state {
                State::Attested => cover.attested = true,
                State::DigestMissing | State::DigestInvalid => cover.broken = true,
                State::Gap | State::Stale => cover.open = true,
            }
        }
        match walk.precedes(from) {
            // A digest that was not asked for may list it, but in a gap there is none.
            None if !cover.open => return Self::default(),
            None => {}
            Some(before) => cover.open |= before,
        }
        let after = walk.newest().is_some_and(|newest| newest.seconds() < to);
        cover.fresh = after && !cover.open && !walk.goes_on();
        cover.beyond = !cover.open && walk.is_beyond(to);
        cover
    }
}

/// Decides on an object that no trusted digest lists, by what the chains that deliver to its
/// folder say of its time. `quiet` are folders of which nobody documents that digests list them.
pub fn judge_unlisted(
    covers: &[Cover],
    time: EventTime,
    as_of: EventTime,
    quiet: bool,
) -> (Verdict, &'static str, Overall) {
    let any = |test: fn(&Cover) -> bool| covers.iter().any(test);
    let young = as_of.seconds() < time.seconds().saturating_add(GRACE);
    let (verdict, reason) = if any(|cover| cover.broken || cover.beyond) {
        (
            Verdict::Unverifiable,
            "the digest of its time is missing or cannot be trusted",
        )
    } else if any(|cover| cover.attested && !cover.open && !cover.fresh) && !young {
        (
            Verdict::Unreferenced,
            "its time is covered by valid digests, and none lists it",
        )
    } else if any(|cover| cover.fresh) || (young && !any(|cover| cover.open)) {
        (Verdict::Pending, "its digest is not due yet")
    } else if covers.is_empty() {
        (Verdict::Uncovered, "there is no digest at all")
    } else {
        (
            Verdict::Uncovered,
            "no digest covers its time, and one should by now",
        )
    };
    let weight = match verdict {
        Verdict::Unreferenced if quiet => Overall::Warning,
        verdict => verdict.weight(),
    };
    (verdict, reason, weight)
}
