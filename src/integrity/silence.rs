//! When somebody is to look after a chain: its next digest stays away, a digest that is named is not
//! there yet, or a gap is to be judged.

use super::Step;
use super::holes::Hole;
use super::watch::FORGOTTEN;
use super::watched::{HOUR, Watched};

impl Watched {
    /// The newest digest, when the next one is overdue at `now`.
    pub fn silent(&self, now: i64, overdue: i64) -> Option<&Step> {
        let newest = self.newest().filter(|_| !self.name.backfill)?;
        let due = newest.end.seconds().saturating_add(overdue);
        (due <= now).then_some(newest)
    }

    /// Whether people were told that nothing follows the newest digest.
    pub fn is_told_silent(&self) -> bool {
        self.silent_since.is_some() && self.silent_since == self.newest().map(|step| step.end)
    }

    /// The bucket was listed at `now`, and has nothing behind the newest digest. People were told.
    pub fn told_silent(&mut self, now: i64) {
        self.silent_since = self.newest().map(|step| step.end);
        self.looked = Some(now);
    }

    /// When somebody is to look for digests behind the newest one: once it is overdue, then every
    /// hour, for the trail may go on and not be announced.
    fn look_at(&self, overdue: i64) -> Option<i64> {
        let newest = self.silent(i64::MAX, overdue)?.end.seconds();
        match self.looked.filter(|_| self.is_told_silent()) {
            None => Some(newest.saturating_add(overdue)),
            Some(looked) if looked < newest.saturating_add(FORGOTTEN) => Some(looked + HOUR),
            Some(_) => None,
        }
    }

    /// Whether somebody is to look for digests behind the newest one.
    pub fn is_to_be_listed(&self, now: i64, overdue: i64) -> bool {
        self.look_at(overdue).is_some_and(|at| at <= now)
    }

    pub(super) fn due(&self, overdue: i64) -> Option<i64> {
        let hole = |hole: &Hole| match hole {
            Hole::Named { again_at, .. } => *again_at,
            Hole::Below { .. } => 0,
        };
        let holes = self.holes.iter().map(hole);
        let gaps = self.gaps(i64::MAX, overdue);
        let gaps = gaps
            .iter()
            .map(|gap| gap.to.seconds().saturating_add(overdue));
        let look = self.look_at(overdue);
        holes.chain(gaps).chain(look).min()
    }
}
