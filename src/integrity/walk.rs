//! The digests of one chain, newest first, and the ranges of time that they leave: attested,
//! broken, or between two of them (digest spec section 6).

use super::lost::{Listing, Lost};
use super::{DigestName, Link, Place, State, Step, Verdict};
use crate::record::EventTime;

/// The length of a digest's range, in seconds.
const HOUR: i64 = 3600;

/// Log files of a digest may be named so many seconds before its range.
const NAMED_WELL_BEFORE: i64 = 10 * 60;

/// A range of time and its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Start.
    pub from: EventTime,
    /// End.
    pub to: EventTime,
    /// What it is.
    pub state: State,
}

/// What is known of the time before the oldest digest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Bottom {
    /// Nothing yet.
    #[default]
    Unknown,
    /// The chain begins in the range.
    Start,
    /// The digest before the oldest one is lost, and nobody knows how many more.
    Lost,
    /// There are older digests, which were not asked for.
    GoesOn,
}

/// A walk down one chain.
#[derive(Debug, Default)]
pub struct Walk {
    /// Start of the time that was asked for.
    from: Option<EventTime>,
    /// Its end.
    until: Option<EventTime>,
    /// The oldest genuine digest so far.
    upper: Option<Step>,
    /// What is older and not genuine, newest first.
    between: Vec<Step>,
    newest: Option<EventTime>,
    /// End of the last digest before the range.
    before: Option<EventTime>,
    later: bool,
    /// Whether the digest after the range is genuine.
    vouched: bool,
    /// Whether it was decided if the chain is overdue.
    judged: bool,
    bottom: Bottom,
    ranges: Vec<Range>,
    lost: Vec<Lost>,
}

impl Walk {
    /// Over the digests of a range of time; open where `None`.
    pub fn new(from: Option<EventTime>, until: Option<EventTime>) -> Self {
        Self {
            from,
            until,
            ..Self::default()
        }
    }

    /// Tells of the digest after the range, which says something of the last one in it.
    pub fn later(&mut self, step: Option<Step>) {
        self.later = true;
        self.upper = step.filter(|step| step.trusted);
        self.vouched |= self.upper.is_some();
    }

    /// Tells of a digest that ends before the range: the chain does not begin in it.
    pub fn earlier(&mut self, end: EventTime) {
        self.before = self.before.max(Some(end));
    }

    /// The next older digest. `listing` knows what is there.
    pub fn step(&mut self, step: Step, listing: &dyn Fn(&Place) -> Listing) {
        if self.newest.is_none() && step.counts() {
            self.newest = Some(step.end);
        }
        if !step.trusted {
            self.between.push(step);
            return;
        }
        self.close(Some(&step), None, listing);
        if let Some(start) = step.start {
            self.add(start, step.end, State::Attested);
        }
        self.upper = Some(step);
    }

    /// There is no older digest. `first_log` is the oldest log file of the chain's folders.
    pub fn finish(&mut self, first_log: Option<EventTime>, listing: &dyn Fn(&Place) -> Listing) {
        let goes_on = self
            .upper
            .as_ref()
            .is_some_and(|upper| upper.link.is_some());
        let lost = self.lost.len();
        self.close(None, first_log, listing);
        self.bottom = match goes_on || self.before.is_some() {
            true if self.lost.len() > lost => Bottom::Lost,
            true => Bottom::GoesOn,
            false => Bottom::Start,
        };
        let first = self.ranges.iter().map(|range| range.from).min();
        if let (Some(first), Some(log)) = (first, first_log)
            && log.seconds() + NAMED_WELL_BEFORE < first.seconds()
            && self.bottom == Bottom::Start
        {
            self.add(log, first, State::Gap);
        }
    }

    /// Fills the time between the oldest genuine digest so far and the next older one.
    fn close(
        &mut self,
        lower: Option<&Step>,
        first_log: Option<EventTime>,
        listing: &dyn Fn(&Place) -> Listing,
    ) {
        let upper = self.upper.take();
        let between = std::mem::take(&mut self.between);
        let link = upper.as_ref().and_then(|upper| upper.link.as_ref());
        let named = link.map(|link| &link.place);
        let adjacent = named.is_some() && named == lower.map(|lower| &lower.place);
        let missing = link.and_then(|link| self.missing(link, lower, &between, listing));
        // What an unbroken link passes by is not part of the chain.
        let counted = |step: &&Step| !adjacent && (step.counts() || named == Some(&step.place));
        let mut edge = lower.map(|lower| lower.end).or(self.below(link));
        let state = match (&missing, link) {
            (Some(_), _) => State::DigestMissing,
            (None, Some(_)) if !adjacent && !between.is_empty() => State::DigestMissing,
            _ => State::Gap,
        };
        for step in between.iter().rev().filter(counted) {
            let start = broken_start(step, edge);
            if let Some(edge) = edge {
                self.add(self.asked_from(edge), start, state);
            }
            let broken = match step.verdict {
                Verdict::Unreadable | Verdict::Missing => State::DigestMissing,
                _ => State::DigestInvalid,
            };
            self.add(start, step.end, broken);
            edge = Some(step.end);
        }
        let Some(start) = upper.as_ref().and_then(|upper| upper.start) else {
            return;
        };
        let unknown = missing.as_ref().map(|lost| {
            let hour = end_of(&lost.place).map(|end| before(end, HOUR));
            let seen = [hour, first_log].into_iter().flatten().min();
            self.from.or(seen).unwrap_or(start)
        });
        if let Some(edge) = edge.or(unknown) {
            self.add(self.asked_from(edge), start, state);
        }
        self.lost.extend(missing);
    }

    /// End of the last digest before the range, as far as it is known.
    fn below(&self, link: Option<&Link>) -> Option<EventTime> {
        let named = link.and_then(|link| end_of(&link.place));
        let older = named.filter(|end| self.from.is_some_and(|from| *end < from));
        older.max(self.before)
    }

    /// The time, or the start of the range.
    fn asked_from(&self, time: EventTime) -> EventTime {
        self.from.map_or(time, |from| from.max(time))
    }

    /// The digest that `link` names, when it should be seen and is not.
    pub(super) fn missing(
        &self,
        link: &Link,
        lower: Option<&Step>,
        between: &[Step],
        listing: &dyn Fn(&Place) -> Listing,
    ) -> Option<Lost> {
        let place = &link.place;
        let met = lower
            .into_iter()
            .chain(between)
            .any(|step| step.place == *place);
        let asked = match (end_of(place), self.from) {
            (Some(end), Some(from)) => end >= from,
            _ => true,
        };
        if met || !asked {
            return None;
        }
        let unknown = match listing(place) {
            Listing::Here => return None,
            Listing::Absent => None,
            Listing::Unknown(reason) => Some(reason),
        };
        Some(Lost {
            place: place.clone(),
            unknown,
        })
    }

    fn add(&mut self, from: EventTime, to: EventTime, state: State) {
        let asked = state == State::Attested || self.until.is_none_or(|until| from < until);
        if from < to && asked {
            self.ranges.push(Range { from, to, state });
        }
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

    /// Says, after the last digest, that a chain with digests before the range has none in it,
    /// when one should be there by `as_of`.
    pub fn mark_silent(&mut self, as_of: EventTime, overdue: i64) {
        let (Some(before), Some(from)) = (self.before, self.from) else {
            return;
        };
        let none = self.newest.is_none() && self.ranges.is_empty();
        if none && !self.vouched && as_of.seconds() > before.seconds() + overdue {
            let to = self.until.map_or(as_of, |until| until.min(as_of));
            self.add(from, to, State::Stale);
        }
    }

    /// Above this time the ranges are final; `None` before the first genuine digest.
    pub fn known_from(&self) -> Option<EventTime> {
        self.upper.as_ref().and_then(|upper| upper.start)
    }

    /// End of the newest digest in the range, else before it.
    pub fn newest(&self) -> Option<EventTime> {
        self.newest.or(self.before)
    }

    /// Whether this time, in seconds, is before the first digest of a chain that begins there;
    /// `None` when it is before what was asked for.
    pub fn precedes(&self, seconds: i64) -> Option<bool> {
        let first = self.ranges.iter().map(|range| range.from).min();
        let first = first.or(self.before.and(self.from));
        let before = first.is_none_or(|first| seconds < first.seconds());
        match self.bottom {
            Bottom::GoesOn if before => None,
            Bottom::Start => Some(before),
            _ => Some(false),
        }
    }

    /// Whether a gap begins at this time.
    pub fn breaks_off_at(&self, time: EventTime) -> bool {
        let newer = self.ranges.iter().rev();
        newer
            .skip_while(|range| range.from < time)
            .take_while(|range| range.from >= time)
            .any(|range| range.from == time && range.state == State::Gap)
    }

    /// Whether there are digests after the range.
    pub fn goes_on(&self) -> bool {
        self.later
    }

    /// What is known of the time, in no order.
    pub fn ranges(&self) -> &[Range] {
        &self.ranges
    }

    /// Digests that are named and lost, since the last call.
    pub fn take_lost(&mut self) -> Vec<Lost> {
        std::mem::take(&mut self.lost)
    }
}

/// Where the range of a digest begins that cannot be trusted: where the one before ends if that is
/// about an hour, else what it says itself, else an hour before its end.
fn broken_start(step: &Step, edge: Option<EventTime>) -> EventTime {
    let inside = |start: &EventTime| *start < step.end && edge.is_none_or(|edge| edge <= *start);
    let near = edge.filter(|edge| step.end.seconds() - edge.seconds() <= HOUR * 3 / 2);
    let said = step.start.filter(inside).filter(|_| step.counts());
    let start = near.or(said).unwrap_or(before(step.end, HOUR));
    edge.map_or(start, |edge| start.max(edge))
}

fn end_of(place: &Place) -> Option<EventTime> {
    DigestName::parse(&place.key).map(|name| name.end)
}

fn before(time: EventTime, seconds: i64) -> EventTime {
    EventTime::from_seconds(time.seconds().saturating_sub(seconds))
}
