//! What an object is that was found among the log files and that no digest lists.
//!
//! A log file is listed by the digest of the time at which it was delivered. That is at or some
//! minutes after the time in its name, and before it was evaluated: all of the time between is
//! looked at, for the name is free to whoever writes to the bucket.

use crate::alert::Breach;
use crate::integrity::{
    Candidate, Cover, DELIVERED_WITHIN, Folders, NAMED_AFTER, Place, Verdict, Watch, Watched,
};
use crate::logfile::{Folder, KeyKind, classify};
use crate::ports::Entry;
use crate::record::EventTime;

/// Seconds for which a chain that stays away may have listed what others do not: a trail that ended
/// long ago excuses nothing.
const LAG: i64 = 24 * 3_600;

/// Seconds after which a digest that nobody knows of is not waited for any longer, beyond the time
/// at which one is overdue.
const AGAIN: i64 = 3_600;

/// Seconds by which a name may be ahead of the clock.
const AHEAD: i64 = 15 * 60;

/// An object that no digest lists yet.
pub(super) struct Asked<'p> {
    pub(super) place: &'p Place,
    /// By its name, in seconds; `None` when it is not named like a log file of its folder.
    time: Option<i64>,
    /// Seconds of the clock at which it was evaluated, or noted first.
    came: i64,
    /// Whether digests may leave its folder out.
    quiet: bool,
}

/// What it is.
pub(super) enum Judged {
    /// Its digest is not due.
    Waits,
    /// Something is wrong with it, and why.
    Breach(Breach, Verdict, &'static str),
}

impl<'p> Asked<'p> {
    pub(super) fn new(place: &'p Place, folders: &Folders<'_>, entry: &Entry) -> Self {
        let time = match classify(&place.key) {
            KeyKind::LogFile(name) if name.region == folders.region => {
                Candidate::of(place.clone()).and_then(|candidate| candidate.time)
            }
            _ => None,
        };
        let evaluated = entry.evaluations.iter().map(|last| last.evaluated_at).max();
        Self {
            place,
            time: time.map(EventTime::seconds),
            came: evaluated.or(entry.noted_at).unwrap_or_default(),
            quiet: folders.folder != Folder::CloudTrail.name(),
        }
    }

    /// The time in which it was delivered, in seconds.
    pub(super) fn span(&self) -> Option<(i64, i64)> {
        let time = self.time?;
        let from = time.saturating_sub(NAMED_AFTER);
        Some((from, self.came.max(time.saturating_add(DELIVERED_WITHIN))))
    }

    /// By what is remembered of the chains that deliver to its folder.
    pub(super) fn judge(&self, watch: &Watch, now: i64, overdue: i64) -> Judged {
        let chains: Vec<&Watched> = watch.at(self.place).collect();
        if chains.iter().any(|chain| chain.is_open()) {
            return Judged::Waits;
        }
        let (Some(time), Some((from, to))) = (self.time, self.span()) else {
            let why = "no digest lists it, and its name is not that of a log file of this folder";
            return Judged::Breach(Breach::LogFileInjected, Verdict::Unreferenced, why);
        };
        if time > self.came.saturating_add(AHEAD) {
            let why = "it was there before the time in its name";
            return Judged::Breach(Breach::LogFileInjected, Verdict::Unreferenced, why);
        }
        let covers: Vec<Cover> = chains
            .iter()
            .filter_map(|chain| self.cover(chain, from, to, now, overdue))
            .collect();
        let any = |test: fn(&Cover) -> bool| covers.iter().any(test);
        let seen = |chain: &&Watched| chain.since().is_some_and(|since| since.seconds() <= from);
        if any(|cover| cover.fresh) {
            return Judged::Waits;
        }
        let (verdict, why) = if any(|cover| cover.broken) {
            let why = "the digest of its time is missing or cannot be trusted";
            (Verdict::Unverifiable, why)
        } else if any(|cover| cover.open) {
            let why = "no digest covers its time, and one should by now";
            (Verdict::Uncovered, why)
        } else if !chains.iter().any(seen) {
            let why = "its name is of a time before the first digest that was seen";
            (Verdict::Uncovered, why)
        } else if any(|cover| cover.attested) {
            // Another trail's first digest may be on its way.
            if now < self.came.saturating_add(overdue).saturating_add(AGAIN) {
                return Judged::Waits;
            }
            let why = "its time is covered by valid digests, and none lists it";
            (Verdict::Unreferenced, why)
        } else {
            let why = "no digest covers its time";
            (Verdict::Uncovered, why)
        };
        let breach = match verdict {
            Verdict::Unreferenced if self.quiet => Breach::LogFileUnlisted,
            Verdict::Unreferenced => Breach::LogFileInjected,
            _ => Breach::LogFileUndigested,
        };
        Judged::Breach(breach, verdict, why)
    }

    /// What a chain says of the time of delivery, as far back as it is remembered; `None` when it
    /// says nothing.
    fn cover(&self, chain: &Watched, from: i64, to: i64, now: i64, overdue: i64) -> Option<Cover> {
        let walk = chain.walk(EventTime::from_seconds(now), overdue);
        let first = walk
            .ranges()
            .iter()
            .map(|range| range.from.seconds())
            .min()?;
        let newest = chain.newest()?.end.seconds();
        let ended = newest < self.came.saturating_sub(LAG);
        let from = from.max(first);
        (from < to && !(ended && newest < from)).then(|| Cover::between(&walk, from, to))
    }
}
