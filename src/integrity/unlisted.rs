//! The part of an audit that looks for objects which no digest lists.

use super::audit::Audit;
use super::candidate::MARGIN;
use super::chain::Chain;
use super::cover::{Cover, DELIVERED_WITHIN, GRACE, NAMED_AFTER, judge_unlisted};
use super::{Candidate, Examined, Kind, ObjectFinding, Overall, Piece, Place, Verdict};
use crate::record::EventTime;

/// The length of a digest's range, in seconds.
const HOUR: i64 = 3600;

impl Audit {
    /// Takes the objects in the folders of log files of a piece, after its digests. Those that
    /// digests list are not reported again.
    pub fn log_folder(&mut self, found: Vec<Candidate>, piece: Piece) {
        let mut candidates = std::mem::take(&mut self.waiting);
        candidates.extend(found);
        for candidate in candidates {
            if self.is_listed(&candidate) {
                continue;
            }
            // What the last piece holds is decided when there is nothing older.
            let waits = piece.above.is_none_or(|above| {
                let time = candidate.named.or(candidate.time).unwrap_or(above);
                candidate.is_misfiled()
                    || time.seconds() < above.seconds() + MARGIN
                    || self.chains_at(&candidate).any(|chain| {
                        let known = chain.walk.known_from();
                        known.is_none_or(|known| time.seconds() - MARGIN < known.seconds())
                    })
            });
            if waits {
                self.waiting.push(candidate);
            } else {
                self.judge(candidate);
            }
        }
        // Entries near the lower edge may name objects of the next piece.
        if let Some(above) = piece.above {
            let near = |place: &Place| {
                let time = Candidate::of(place.clone()).and_then(|candidate| candidate.time);
                time.is_none_or(|time| time.seconds() < above.seconds() + 86_400)
            };
            self.listed.retain(|place, _| near(place));
            self.elsewhere.retain(near);
        }
    }

    /// Whether a digest lists it; what other trails list is reported here.
    fn is_listed(&mut self, candidate: &Candidate) -> bool {
        let place = &candidate.place;
        if self.listed.contains_key(place)
            || self.backfilled.contains_key(place)
            || self.beyond.contains(place)
        {
            return true;
        }
        let elsewhere = self.elsewhere.contains(place);
        if elsewhere {
            let reason = "a digest of another trail lists it";
            self.log(&candidate.place, Verdict::OtherTrail, reason.to_owned());
        }
        elsewhere
    }

    fn chains_at<'a>(&'a self, candidate: &'a Candidate) -> impl Iterator<Item = &'a Chain> {
        let root = (candidate.place.bucket.clone(), candidate.root.clone());
        self.chains
            .values()
            .filter(move |chain| chain.roots.contains(&root))
    }

    /// Decides on an object that no digest lists.
    pub(super) fn judge(&mut self, candidate: Candidate) {
        let Some(named) = candidate.named else {
            if self.asks_for_day(&candidate) {
                self.stray(&candidate);
            }
            return;
        };
        if self.is_to_come(&candidate, named) {
            let reason = format!(
                "no digest lists it, and its time has not come: at {} CloudTrail cannot have \
                 delivered it",
                self.scope.as_of
            );
            self.log(&candidate.place, Verdict::Unreferenced, reason);
            return;
        }
        // Where the time in its name is not asked for or not covered, the folder's day may be.
        let misfiled = candidate.is_misfiled();
        let filed = candidate.time.filter(|_| misfiled);
        let times = [filed, Some(named)].into_iter().flatten();
        let found = times.filter_map(|time| self.judged_at(&candidate, time));
        let Some((verdict, reason, weight)) = found.max_by_key(|(_, _, weight)| *weight) else {
            return;
        };
        if !misfiled && self.chains_at(&candidate).next().is_none() {
            self.orphans = Some(self.orphans.map_or(named, |first| first.min(named)));
        }
        self.objects.push(ObjectFinding {
            object: candidate.place.to_string(),
            kind: Kind::Log,
            verdict,
            reason: reason.to_owned(),
            weight,
        });
    }

    /// What an object is if it was delivered about this time; `None` when that was not asked for.
    fn judged_at(
        &self,
        candidate: &Candidate,
        time: EventTime,
    ) -> Option<(Verdict, &'static str, Overall)> {
        let doubted = self.is_doubtful(&candidate.place, time);
        let cover = |chain: &Chain| {
            let cover = Cover::of(&chain.walk, time);
            Cover {
                broken: cover.broken || doubted,
                ..cover
            }
        };
        let covers: Vec<Cover> = self.chains_at(candidate).map(cover).collect();
        let said = covers.iter().any(|cover| *cover != Cover::default());
        let listed = covers.iter().any(|cover| cover.attested || cover.broken);
        // What nobody asked for and a digest that nobody asked for may list.
        let late = self.scope.until.is_some_and(|until| until < time)
            && covers.iter().any(|cover| cover.beyond);
        let early = self.scope.from.is_some_and(|from| time < from) && !listed;
        if late
            || early
            || (!said && !covers.is_empty())
            || (covers.is_empty() && !self.asks_for(time))
        {
            return None;
        }
        let as_of = self.scope.as_of;
        Some(judge_unlisted(&covers, time, as_of, candidate.quiet))
    }

    fn asks_for(&self, time: EventTime) -> bool {
        let (from, until) = (self.scope.from, self.scope.until);
        from.is_none_or(|from| from <= time) && until.is_none_or(|until| time <= until)
    }

    /// Whether some of its folder's day was asked for.
    fn asks_for_day(&self, candidate: &Candidate) -> bool {
        let (from, until) = (self.scope.from, self.scope.until);
        match candidate.day {
            Some(day) => {
                from.is_none_or(|from| from.seconds() < day.seconds() + 86_400)
                    && until.is_none_or(|until| day <= until)
            }
            None => from.is_none() && until.is_none(),
        }
    }

    /// Whether CloudTrail cannot have delivered it yet, by its name or its folder's day.
    fn is_to_come(&self, candidate: &Candidate, named: EventTime) -> bool {
        let asked = match candidate.is_misfiled() {
            true => self.asks_for_day(candidate) || self.asks_for(named),
            false => self.asks_for(named),
        };
        let as_of = self.scope.as_of;
        let newest = self
            .chains_at(candidate)
            .filter_map(|chain| chain.walk.newest());
        // Whoever says that it is earlier than that has a bucket that went on.
        let later = newest.max().filter(|newest| *newest > as_of);
        let known = later.map_or(as_of.seconds() + MARGIN, |newest| newest.seconds() + GRACE);
        let day = candidate.day.unwrap_or(named);
        asked && named.max(day).seconds() > known
    }

    /// Takes a backfill digest that is neither proven nor disproven.
    pub(super) fn doubt(&mut self, examined: &Examined) {
        match &examined.content {
            Ok(content) => {
                let places = content.digest.logs.iter().map(|log| log.place.clone());
                self.doubtful.extend(places);
            }
            Err(_) => self.unread.push(examined.end),
        }
    }

    /// Whether a backfill digest that nobody can prove lists a log file, or one that nobody can
    /// read may.
    fn is_doubtful(&self, place: &Place, time: EventTime) -> bool {
        let time = time.seconds();
        let may_list = |end: &EventTime| {
            let end = end.seconds();
            end - HOUR < time + DELIVERED_WITHIN && end > time - NAMED_AFTER
        };
        self.doubtful.contains(place) || self.unread.iter().any(may_list)
    }

    /// An object that CloudTrail would not have named so.
    fn stray(&mut self, candidate: &Candidate) {
        self.log(
            &candidate.place,
            Verdict::Unreferenced,
            "no digest lists it, and its name is not that of a log file of this folder".to_owned(),
        );
    }
}
