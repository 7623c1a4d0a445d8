//! The verification of one account and region, whichever trails deliver there: digests newest
//! first and piece by piece, so that memory depends on the piece and not on the bucket.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::broken_off::BrokenOff;
use super::chain::{Chain, step};
use super::{
    Candidate, DigestName, Examined, KeyRing, Kind, Listing, LogEntry, ObjectFinding, Overall,
    Place, TrailArn, Verdict, Walk,
};
use crate::logfile::Sha256;
use crate::record::EventTime;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Only this trail's digests are verified, those of others are told apart.
    pub trail: Option<TrailArn>,
    /// Only digests that end at or after this time.
    pub from: Option<EventTime>,
    /// Only digests that begin at or before this time.
    pub until: Option<EventTime>,
    /// What time it is.
    pub as_of: EventTime,
    /// Seconds after the end of the newest digest at which the next one is overdue.
    pub overdue: i64,
}

impl Scope {
    /// Whether a digest of this name and under this key is of a trail that is to be verified.
    pub fn wants(&self, name: &DigestName<'_>, key: &str) -> bool {
        self.trail.as_ref().is_none_or(|arn| arn.owns(name, key))
    }
}

/// The verification of one account and region.
#[derive(Debug)]
pub struct Audit {
    pub(super) scope: Scope,
    pub(super) account: String,
    pub(super) region: String,
    /// By name and home region, and whether it is verified: an organisation's trail may have the
    /// name of one that an account has itself.
    pub(super) chains: BTreeMap<(String, String, bool), Chain>,
    /// With the hash; entries for one object that differ are all checked.
    pub(super) listed: HashMap<Place, Option<Sha256>>,
    /// By backfill digests, which are taken first and for the whole range.
    pub(super) backfilled: HashMap<Place, Option<Sha256>>,
    /// By backfill digests that are neither proven nor disproven.
    pub(super) doubtful: HashSet<Place>,
    /// Ends of backfill digests that cannot be read.
    pub(super) unread: Vec<EventTime>,
    /// By digests after the range.
    pub(super) beyond: HashSet<Place>,
    pub(super) elsewhere: HashSet<Place>,
    pub(super) waiting: Vec<Candidate>,
    pub(super) objects: Vec<ObjectFinding>,
    pub(super) orphans: Option<EventTime>,
    pub(super) broken_off: Vec<BrokenOff>,
}

impl Audit {
    /// Of this account and region.
    pub fn new(scope: Scope, account: &str, region: &str) -> Self {
        Self {
            scope,
            account: account.to_owned(),
            region: region.to_owned(),
            chains: BTreeMap::new(),
            listed: HashMap::new(),
            backfilled: HashMap::new(),
            doubtful: HashSet::new(),
            unread: Vec::new(),
            beyond: HashSet::new(),
            elsewhere: HashSet::new(),
            waiting: Vec::new(),
            objects: Vec::new(),
            orphans: None,
            broken_off: Vec::new(),
        }
    }

    pub(super) fn chain(&mut self, name: &DigestName<'_>, key: &str) -> &mut Chain {
        let scope = &self.scope;
        let wanted = scope.wants(name, key);
        let trail = (name.trail.to_owned(), name.home.to_owned(), wanted);
        self.chains.entry(trail).or_insert_with(|| Chain {
            wanted,
            met: false,
            walk: Walk::new(scope.from, scope.until),
            newer: Vec::new(),
            roots: BTreeSet::new(),
            reasons: BTreeMap::new(),
        })
    }

    /// Tells of a digest that will come, so that nothing is decided at its place without it.
    pub fn expect(&mut self, place: &Place) {
        if let Some(name) = DigestName::parse(&place.key).filter(|name| !name.backfill) {
            self.chain(&name, &place.key).note_root(place);
        }
    }

    /// Takes the first digests after the range, of each chain, newest first. They are not reported,
    /// but they say what the last digest in the range must be, and which log files are their own.
    pub fn after_range(&mut self, found: &[Examined], keys: &KeyRing) {
        for examined in found {
            let Some(name) = DigestName::parse(&examined.place.key) else {
                continue;
            };
            let chain = self.chain(&name, &examined.place.key);
            let settled = chain.settle(examined, keys);
            chain.walk.later(step(examined, &settled));
            if let (true, Ok(content)) = (settled.trusted, &examined.content) {
                let places = content.digest.logs.iter().map(|log| log.place.clone());
                self.beyond.extend(places);
            }
        }
    }

    /// Takes a piece of digests, newest first; backfill digests in a piece of their own before all
    /// others. Returns the entries of the log files that are now to be checked.
    pub fn digests(
        &mut self,
        found: Vec<Examined>,
        keys: &KeyRing,
        listing: &dyn Fn(&Place) -> Listing,
    ) -> Vec<LogEntry> {
        let mut entries = Vec::new();
        for examined in found {
            let Some(name) = DigestName::parse(&examined.place.key) else {
                continue;
            };
            let backfill = name.backfill;
            let chain = self.chain(&name, &examined.place.key);
            chain.note_root(&examined.place);
            chain.met = true;
            let settled = chain.settle(&examined, keys);
            if !backfill {
                chain.walk.step(step(&examined, &settled), listing);
            }
            let wanted = chain.wanted;
            let breaks = wanted && !backfill && chain.walk.breaks_off_at(name.end);
            self.report_digest(&examined, &settled, wanted);
            self.report_lost(&name, &examined, &settled, listing);
            if backfill && wanted && settled.weight == Overall::Incomplete {
                self.doubt(&examined);
            }
            let Ok(content) = examined.content else {
                continue;
            };
            if !settled.trusted {
                continue;
            }
            let logs = content.digest.logs;
            if breaks {
                self.broken_off.push(BrokenOff {
                    trail: name.trail.to_owned(),
                    home: name.home.to_owned(),
                    wanted,
                    at: name.end,
                    logs: logs.clone(),
                });
            }
            if wanted {
                entries.extend(self.new_entries(logs, backfill));
            } else {
                self.elsewhere.extend(logs.into_iter().map(|log| log.place));
            }
        }
        for chain in self.chains.values_mut() {
            chain.walk.mark_stale(self.scope.as_of, self.scope.overdue);
        }
        entries
    }

    /// Notes what a genuine digest lists; what no other one listed before.
    fn new_entries(&mut self, logs: Vec<LogEntry>, backfill: bool) -> Vec<LogEntry> {
        let fresh = |log: &LogEntry| {
            let known = self
                .backfilled
                .get(&log.place)
                .or(self.listed.get(&log.place));
            if known == Some(&log.sha256) {
                return false;
            }
            let noted = match backfill {
                true => &mut self.backfilled,
                false => &mut self.listed,
            };
            noted.insert(log.place.clone(), log.sha256);
            true
        };
        logs.into_iter().filter(fresh).collect()
    }

    /// Takes what was found of a log file.
    pub fn log(&mut self, place: &Place, verdict: Verdict, reason: String) {
        self.objects.push(ObjectFinding {
            object: place.to_string(),
            kind: Kind::Log,
            verdict,
            reason,
            weight: verdict.weight(),
        });
    }

    /// There are no older digests.
    pub fn finish(&mut self, listing: &dyn Fn(&Place) -> Listing) {
        let mut lost = Vec::new();
        for chain in self.chains.values_mut() {
            let here = |candidate: &&Candidate| {
                let root = (candidate.place.bucket.clone(), candidate.root.clone());
                !candidate.is_misfiled() && chain.roots.contains(&root)
            };
            let times = self
                .waiting
                .iter()
                .filter(here)
                .filter_map(|found| found.named);
            let from = self.scope.from;
            let first = times
                .filter(|time| from.is_none_or(|from| from <= *time))
                .min();
            chain.walk.finish(first, listing);
            chain.walk.mark_silent(self.scope.as_of, self.scope.overdue);
            let found = chain.walk.take_lost();
            lost.extend(found.into_iter().filter(|_| chain.wanted));
        }
        for lost in lost {
            self.objects.push(lost.report(false));
        }
        for candidate in std::mem::take(&mut self.waiting) {
            self.judge(candidate);
        }
    }

    /// Whether a trail that is verified has digests in the range, or is known to lack them there.
    pub fn has_trail(&self) -> bool {
        let mut wanted = self.chains.values().filter(|chain| chain.wanted);
        wanted.any(|chain| chain.met || !chain.walk.ranges().is_empty())
    }

    /// Whether a trail that is verified has digests in the range or before it.
    pub fn knows_trail(&self) -> bool {
        let mut wanted = self.chains.values().filter(|chain| chain.wanted);
        wanted.any(|chain| chain.walk.newest().is_some())
    }

    /// What was found since the last call.
    pub fn take_objects(&mut self) -> Vec<ObjectFinding> {
        std::mem::take(&mut self.objects)
    }
}
