//! The digests of one chain, newest first, and the ranges of time that they leave: attested,
//! broken, or between two of them (digest spec section 6).

use super::cover::NAMED_AFTER;
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
    pub(super) from: Option<EventTime>,
    /// Its end.
    pub(super) until: Option<EventTime>,
    /// The oldest genuine digest so far.
    pub(super) upper: Option<Step>,
    /// What is older and not genuine, newest first.
    between: Vec<Step>,
    pub(super) newest: Option<EventTime>,
    /// End of the last digest before the range.
    pub(super) before: Option<EventTime>,
    /// Whether what is before the range was read, and none of it is believable.
    pub(super) unbelievable: bool,
    pub(super) later: bool,
    /// Start of the first genuine digest after the range, of those that were looked at.
    pub(super) resumes: Option<EventTime>,
    /// Whether the digest after the range is genuine.
    pub(super) vouched: bool,
    /// Whether it was decided if the chain is overdue.
    pub(super) judged: bool,
    bottom: Bottom,
    pub(super) ranges: Vec<Range>,
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

    pub(super) fn add(&mut self, from: EventTime, to: EventTime, state: State) {
        let asked = state == State::Attested || self.until.is_none_or(|until| from < until);
        if from < to && asked {
            self.ranges.push(Range { from, to, state });
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
        // A log file may be named as long before the digest that lists it.
        let asked = self.before.and(self.from);
        let first = first.or(asked.map(|from| before(from, NAMED_AFTER)));
        let precedes = first.is_none_or(|first| seconds < first.seconds());
        match self.bottom {
            Bottom::GoesOn if precedes => None,
            Bottom::Start => Some(precedes),
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

pub(super) fn end_of(place: &Place) -> Option<EventTime> {
    DigestName::parse(&place.key).map(|name| name.end)
}

fn before(time: EventTime, seconds: i64) -> EventTime {
    EventTime::from_seconds(time.seconds().saturating_sub(seconds))
}
