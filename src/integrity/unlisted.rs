//! The part of an audit that looks for objects which no digest lists.

use super::audit::Audit;
use super::candidate::MARGIN;
use super::chain::Chain;
use super::cover::{Cover, judge_unlisted};
use super::{Candidate, Kind, ObjectFinding, Piece, Place, Verdict};
use crate::record::EventTime;

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
                let time = candidate.time.unwrap_or(above);
                time.seconds() < above.seconds() + MARGIN
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

    pub(super) fn judge(&mut self, candidate: Candidate) {
        let (from, until) = (self.scope.from, self.scope.until);
        let asked = |time: EventTime| {
            from.is_none_or(|from| from <= time) && until.is_none_or(|until| time <= until)
        };
        let chains: Vec<&Chain> = self.chains_at(&candidate).collect();
        let Some(time) = candidate.time else {
            if from.is_none() && until.is_none() {
                self.stray(&candidate);
            }
            return;
        };
        if !candidate.named {
            let overlaps = from.is_none_or(|from| from.seconds() < time.seconds() + 86_400)
                && until.is_none_or(|until| time <= until);
            if overlaps {
                self.stray(&candidate);
            }
            return;
        }
        let covers: Vec<Cover> = chains
            .iter()
            .map(|chain| Cover::of(&chain.walk, time))
            .collect();
        let said = covers.iter().any(|cover| *cover != Cover::default());
        let listed = covers.iter().any(|cover| cover.attested || cover.broken);
        let early = from.is_some_and(|from| time < from) && !listed;
        if early || (!said && !covers.is_empty()) || (covers.is_empty() && !asked(time)) {
            return;
        }
        let (verdict, reason, weight) =
            judge_unlisted(&covers, time, self.scope.as_of, candidate.quiet);
        if covers.is_empty() {
            self.orphans = Some(self.orphans.map_or(time, |first| first.min(time)));
        }
        self.objects.push(ObjectFinding {
            object: candidate.place.to_string(),
            kind: Kind::Log,
            verdict,
            reason: reason.to_owned(),
            weight,
        });
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
