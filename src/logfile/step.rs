//! Where reading stands in a log file, and what one step of it gives.

use super::attempt::Unreadable;

/// Where the next byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Before anything.
    Start,
    /// Between top-level values.
    Top,
    /// In the top-level object, behind a `Records` array.
    Members,
    /// In the array of records; `in_object` when a `}` is to follow it.
    Array {
        in_object: bool,
    },
    Done,
}

/// How an attempt to read one thing at the window's start ended.
pub(super) enum Step {
    /// A record.
    Record {
        bytes: usize,
        /// Its fields were found too.
        read: bool,
    },
    /// Nothing to report; go on.
    Next,
    /// What stands here cannot be read.
    Bad(Unreadable),
    /// Something is wrong before what stands here, which can be read.
    Stray(&'static str),
}

/// What stands here is not what should.
pub(super) fn damaged(reason: &str) -> Step {
    Step::Bad(Unreadable::Damaged(reason.to_owned()))
}
