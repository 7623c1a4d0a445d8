//! What lies before and after the range that a walk was asked for, and what follows from it.

use super::walk::end_of;
use super::{Link, State, Step, Walk};
use crate::record::EventTime;

impl Walk {
    /// Tells of a digest after the range, which says something of the last one in it; of the newest
    /// one first.
    pub fn later(&mut self, step: Step) {
        self.later = true;
        if step.trusted {
            self.resumes = step.start;
            self.upper = Some(step);
            self.vouched = true;
        }
    }

    /// Whether there are digests after the range.
    pub fn goes_on(&self) -> bool {
        self.later
    }

    /// Whether this time, in seconds, is behind the last digest in the range, and what CloudTrail
    /// lists there is not known: no genuine digest that was looked at begins where that one ends.
    pub fn is_beyond(&self, seconds: i64) -> bool {
        let unknown = |newest: EventTime| {
            newest.seconds() < seconds && self.resumes.is_none_or(|start| start > newest)
        };
        self.later && self.newest.is_some_and(unknown)
    }

    /// Tells of a digest that ends before the range: the chain does not begin in it.
    pub fn earlier(&mut self, end: EventTime) {
        self.before = self.before.max(Some(end));
    }

    /// End of the last digest before the range, as far as it is known.
    pub(super) fn below(&self, link: Option<&Link>) -> Option<EventTime> {
        let named = link.and_then(|link| end_of(&link.place));
        let older = named.filter(|end| self.from.is_some_and(|from| *end < from));
        older.max(self.before)
    }

    /// The time, or the start of the range.
    pub(super) fn asked_from(&self, time: EventTime) -> EventTime {
        self.from.map_or(time, |from| from.max(time))
    }

    /// Says, once, that the chain is overdue from its newest digest on, when it is: nothing is
    /// newer, more was asked for, and the next digest should be there by `as_of`.
    pub fn mark_stale(&mut self, as_of: EventTime, overdue: i64) {
        let Some(newest) = self.newest.filter(|_| !self.judged) else {
            return;
        };
        self.judged = true;
        let asked = self.until.is_none_or(|until| newest < until);
        if !self.vouched && asked && as_of.seconds() > newest.seconds() + overdue {
            self.add(newest, as_of, State::Stale);
        }
    }

    /// Whether nothing is said of a chain that has nothing in the range only because a digest before
    /// it ends then.
    pub(super) fn rests_on(&self, end: EventTime, as_of: EventTime, overdue: i64) -> bool {
        let due = as_of.seconds() > end.seconds() + overdue;
        self.has_none() && !self.vouched && !due
    }

    fn has_none(&self) -> bool {
        self.newest.is_none() && self.ranges.is_empty()
    }

    /// Says, after the last digest, that a chain with digests before the range has none in it,
    /// when one should be there by `as_of`.
    pub fn mark_silent(&mut self, as_of: EventTime, overdue: i64) {
        let (Some(before), Some(from)) = (self.before, self.from) else {
            return;
        };
        let due = as_of.seconds() > before.seconds() + overdue;
        if self.has_none() && !self.vouched && (due || self.unbelievable) {
            let to = self.until.map_or(as_of, |until| until.min(as_of));
            self.add(from, to, State::Stale);
        }
    }
}
