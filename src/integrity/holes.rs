//! Where a chain must still be walked: digests that nobody announced, named by later ones or to be
//! found in a listing.

use serde::{Deserialize, Serialize};

use super::watch::Wanted;
use super::watched::{HOUR, Remembered, Watched};
use super::{ChainName, DigestName, Gap, Link, Place, Verdict};
use crate::logfile::Sha256;
use crate::record::EventTime;

/// Holes of a chain at most.
const HOLES: usize = 32;

/// A genuine digest that is known, down to which a chain is walked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Floor {
    pub(super) end: EventTime,
    pub(super) place: Place,
    pub(super) sha256: Option<Sha256>,
}

impl Floor {
    pub(super) fn of(known: &Remembered) -> Self {
        Self {
            end: known.step.end,
            place: known.step.place.clone(),
            sha256: known.sha256,
        }
    }
}

/// A stretch of a chain that was not looked at yet, above a digest that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Hole {
    /// The digest that this link names, and what is below it. It was not there, and may be late:
    /// it is to be looked at again at a time in seconds of the clock.
    Named {
        link: Link,
        until: Floor,
        again_at: i64,
    },
    /// Whatever a listing has below this digest, which leads to none. It is genuine and starts anew
    /// at `start`, or it is not genuine.
    Below {
        place: Place,
        end: EventTime,
        start: Option<EventTime>,
        until: Floor,
    },
}

impl Watched {
    /// Takes out the hole that this digest was looked at for. Whether there was one, and down to
    /// which digest the chain is to be walked. Other holes that it lies in are now above it.
    pub(super) fn walked(&mut self, new: &Remembered) -> (bool, Option<Floor>) {
        let (mut named, mut down_to) = (false, None);
        let mut deeper = |until: &Floor| {
            let known = down_to.as_ref();
            if known.is_none_or(|known: &Floor| until.end < known.end) {
                down_to = Some(until.clone());
            }
        };
        self.holes.retain_mut(|hole| match hole {
            Hole::Named { link, until, .. } if link.place == new.step.place => {
                deeper(until);
                named = true;
                false
            }
            Hole::Below { end, until, .. } => {
                let inside = until.end < new.step.end && new.step.end < *end;
                if new.step.trusted && inside {
                    // What is below it is for its own link to find.
                    deeper(until);
                    *until = Floor::of(new);
                }
                true
            }
            Hole::Named { .. } => true,
        });
        (named, down_to)
    }

    /// The newest genuine digest that ends before this time, or what a hole says is below.
    fn floor(&self, end: EventTime, until: Option<Floor>) -> Option<Floor> {
        let mut genuine = self.digests.iter().filter(|known| known.step.trusted);
        let known = genuine.find(|known| known.step.end < end).map(Floor::of);
        match (known, until) {
            (Some(known), Some(until)) if until.end > known.end => Some(until),
            (None, until) => until,
            (known, _) => known,
        }
    }

    /// Compares the digest before with what is said of it, or notes that it is to be looked at.
    /// Returns its place when it is contradicted for the first time.
    pub(super) fn look_below(
        &mut self,
        link: &Link,
        end: EventTime,
        until: Option<Floor>,
        trusted: bool,
    ) -> Option<Place> {
        let floor = self.floor(end, until.clone());
        let mut digests = self.digests.iter_mut();
        let below = digests.find(|known| known.step.place == link.place);
        let Some(below) = below else {
            if let Some(floor) = floor.filter(|floor| trusted && is_above(&link.place, floor.end)) {
                self.dig(link, floor);
            }
            return None;
        };
        let first = !std::mem::replace(&mut below.again, true);
        if below.step.trusted {
            let news = below.step.verdict != Verdict::ChainMismatch;
            if !trusted || !news || below.attested_by(link) {
                return None;
            }
            below.step.verdict = Verdict::ChainMismatch;
            return Some(link.place.clone());
        }
        let (place, end) = (below.step.place.clone(), below.step.end);
        // Its signature may be lost, and be here; or the genuine one was put back.
        let same = below.sha256.is_some() && below.sha256 == link.sha256;
        let floor = floor.unwrap_or_else(|| Floor::of(below));
        if first && (trusted || same) {
            self.dig(link, floor);
        } else {
            self.list_below(&place, end, None, until);
        }
        None
    }

    /// Nothing that can be trusted leads on from a digest that is lost or not genuine, nor from one
    /// that starts anew: what is below it is to be listed.
    pub(super) fn list_below(
        &mut self,
        place: &Place,
        end: EventTime,
        start: Option<EventTime>,
        until: Option<Floor>,
    ) {
        let known = self.digests.iter().map(|known| known.step.end);
        let nearest = known.filter(|known| *known < end).max();
        let listed =
            |hole: &Hole| matches!(hole, Hole::Below { place: known, .. } if known == place);
        let Some(until) = self.floor(end, until) else {
            return;
        };
        let nearest = nearest.max(Some(until.end));
        let room = nearest.is_some_and(|nearest| nearest.seconds() < end.seconds() - HOUR);
        if room && !self.holes.iter().any(listed) {
            let place = place.clone();
            self.push(Hole::Below {
                place,
                end,
                start,
                until,
            });
        }
    }

    /// What lies between an older digest and those that are known is to be looked at.
    pub(super) fn look_above(&mut self, new: &Floor) {
        let above = self.digests.iter().rev().map(|known| &known.step);
        let mut above = above.filter(|step| step.end > new.end);
        let others: Vec<_> = above
            .clone()
            .take_while(|step| !step.trusted)
            .cloned()
            .collect();
        let genuine = above.find(|step| step.trusted).cloned();
        // Between any two of them others may lie that nobody announced.
        for other in others {
            self.list_below(&other.place, other.end, None, None);
        }
        let Some(above) = genuine else {
            return;
        };
        let Some(link) = above.link.filter(|link| self.is_ours(link)) else {
            return self.list_below(&above.place, above.end, above.start, None);
        };
        let forgotten = self.forgotten.map_or(new.end, |known| known.max(new.end));
        if self.find(&link.place).is_none() && is_above(&link.place, forgotten) {
            self.dig(&link, new.clone());
        }
    }

    /// Whether a link leads to a digest of this chain: nobody documents how backfill digests are
    /// linked.
    pub(super) fn is_ours(&self, link: &Link) -> bool {
        ChainName::of(&link.place).as_ref() == Some(&self.name)
    }

    fn dig(&mut self, link: &Link, until: Floor) {
        let dug = |hole: &Hole| matches!(hole, Hole::Named { link: known, .. } if known == link);
        if !self.holes.iter().any(dug) {
            self.push(Hole::Named {
                link: link.clone(),
                until,
                again_at: 0,
            });
        }
    }

    /// Genuine digests leave one or two holes at a time; more are made to fill state.
    fn push(&mut self, hole: Hole) {
        if self.holes.len() < HOLES {
            self.holes.push(hole);
        }
    }

    pub(super) fn wanted(&self, now: i64) -> Option<Wanted> {
        self.holes.iter().find_map(|hole| match hole {
            Hole::Named { link, again_at, .. } => {
                (*again_at <= now).then(|| Wanted::Named(link.place.clone()))
            }
            Hole::Below {
                place, end, until, ..
            } => Some(Wanted::Between {
                above: place.clone(),
                from: until.end,
                to: *end,
            }),
        })
    }

    /// A digest that is named is not there. It may be late: it is to be looked at again at `at`
    /// seconds of the clock.
    pub fn wait_for(&mut self, place: &Place, at: i64) {
        for hole in &mut self.holes {
            if let Hole::Named { link, again_at, .. } = hole
                && link.place == *place
            {
                *again_at = at;
            }
        }
    }

    /// What a listing has below this digest was looked at. If that one started anew, what is left
    /// is a gap.
    pub fn listed_below(&mut self, above: &Place) {
        let mut gaps = Vec::new();
        self.holes.retain(|hole| match hole {
            Hole::Below {
                place,
                start,
                until,
                ..
            } if place == above => {
                gaps.extend(start.map(|to| Gap::behind(until, to)));
                false
            }
            _ => true,
        });
        gaps.into_iter().for_each(|gap| self.note_gap(gap));
    }

    /// Whether digests are still to be looked at, so that little can be said of the time between.
    pub fn is_open(&self) -> bool {
        !self.holes.is_empty()
    }
}

/// Whether a digest's name says that it ends after this time.
fn is_above(place: &Place, time: EventTime) -> bool {
    DigestName::parse(&place.key).is_some_and(|name| name.end > time)
}
