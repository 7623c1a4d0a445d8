//! Times without digests, as a watcher meets them.

use serde::{Deserialize, Serialize};

use super::holes::Floor;
use super::watched::Watched;
use super::{Place, State};
use crate::logfile::Sha256;
use crate::record::EventTime;

/// Gaps of a chain that are kept until they are judged.
const KEPT: usize = 16;

/// A time without digests, behind a genuine one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Where it begins: the end of the digest before it.
    pub from: EventTime,
    /// Where the next digest begins.
    pub to: EventTime,
    /// The digest before it, whose log files may say why.
    pub before: Place,
    /// Of that digest's inflated bytes.
    pub sha256: Option<Sha256>,
}

impl Gap {
    pub(super) fn behind(before: &Floor, to: EventTime) -> Self {
        Self {
            from: before.end,
            to,
            before: before.place.clone(),
            sha256: before.sha256,
        }
    }
}

impl Watched {
    pub(super) fn note_gap(&mut self, gap: Gap) {
        let known = self.gaps.iter().any(|known| known.from == gap.from);
        if gap.from < gap.to && !known && !self.judged.contains(&gap.from) {
            self.gaps.push(gap);
            let more = self.gaps.len().saturating_sub(KEPT);
            self.gaps.drain(..more);
        }
    }

    /// Gaps between the digests that are remembered.
    fn remembered_gaps(&self) -> Vec<Gap> {
        // Neither time matters to gaps.
        let walk = self.walk(EventTime::from_seconds(0), 0);
        let ranges = walk.ranges().iter();
        let gaps = ranges.filter(|range| range.state == State::Gap);
        let gap = |from, to| {
            let mut genuine = self.digests.iter().filter(|known| known.step.trusted);
            let before = genuine.find(|known| known.step.end == from)?;
            Some(Gap::behind(&Floor::of(before), to))
        };
        gaps.filter_map(|range| gap(range.from, range.to)).collect()
    }

    /// Before digests are forgotten, the gaps between them are noted.
    pub(super) fn note_gaps(&mut self) {
        if !self.is_open() && !self.name.backfill {
            for gap in self.remembered_gaps() {
                self.note_gap(gap);
            }
        }
    }

    /// Gaps that nobody has judged, and that late digests could have filled by `now`.
    pub fn gaps(&self, now: i64, overdue: i64) -> Vec<Gap> {
        if self.name.backfill || self.is_open() {
            return Vec::new();
        }
        let mut gaps = self.gaps.clone();
        for gap in self.remembered_gaps() {
            if !gaps.iter().any(|known| known.from == gap.from) {
                gaps.push(gap);
            }
        }
        gaps.retain(|gap| {
            gap.to.seconds().saturating_add(overdue) <= now && !self.judged.contains(&gap.from)
        });
        gaps
    }

    /// A gap was judged.
    pub fn judged(&mut self, gap: &Gap) {
        self.judged.push(gap.from);
        let more = self.judged.len().saturating_sub(KEPT);
        self.judged.drain(..more);
        self.gaps.retain(|known| known.from != gap.from);
    }
}
