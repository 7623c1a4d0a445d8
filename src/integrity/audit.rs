//! The verification of one account and region, whichever trails deliver there: digests newest
//! first and piece by piece, so that memory depends on the piece and not on the bucket.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::cover::{Cover, judge_unlisted};
use super::walk::Listing;
use super::{
    DigestName, Examined, Folders, KeyRing, Kind, Link, LogEntry, Newer, ObjectFinding, Overall,
    Place, Range, RangeFinding, Settled, State, Step, TrailArn, Verdict, Walk, compact_time,
    file_name, settle,
};
use crate::logfile::{Folder, KeyKind, Sha256, classify};
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

/// How far from its piece a log file's name may lie: [`Cover`] looks as far.
const MARGIN: i64 = 15 * 60;

/// An object in a folder of log files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Where it is.
    pub place: Place,
    /// By its name within the day of its folder, or by the folder; `None` outside such folders.
    pub time: Option<EventTime>,
    root: String,
    named: bool,
    quiet: bool,
}

impl Candidate {
    /// What lies at `place`, if that is a folder of log files and the object no folder marker.
    pub fn of(place: Place) -> Option<Self> {
        let folders = Folders::parse(&place.key)?;
        let folder: Folder = folders.folder.parse().ok()?;
        if place.key.ends_with('/') {
            return None;
        }
        let time = match classify(&place.key) {
            KeyKind::LogFile(name) if name.region == folders.region => compact_time(name.time),
            _ => None,
        };
        let day = folders.day();
        let within = |time: EventTime| match day {
            Some(day) => time.clamp(day, later(day, 86_399)),
            None => time,
        };
        Some(Self {
            root: folders.root.to_owned(),
            named: time.is_some(),
            time: time.map(within).or(day),
            quiet: folder != Folder::CloudTrail,
            place,
        })
    }
}

/// The time span of a piece; open where `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// End of the next older digest.
    pub above: Option<EventTime>,
    /// End of the newest digest in it.
    pub up_to: Option<EventTime>,
}

/// A gap begins behind a genuine digest. One of the log files that it lists may say why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenOff {
    /// The trail's name.
    pub trail: String,
    home: String,
    /// End of the digest.
    pub at: EventTime,
    /// What it lists.
    pub logs: Vec<LogEntry>,
}

/// One trail's digests here.
#[derive(Debug)]
struct Chain {
    wanted: bool,
    walk: Walk,
    newer: Vec<(Link, bool)>,
    roots: BTreeSet<(String, String)>,
    /// Start of gaps, and what explains them.
    reasons: BTreeMap<EventTime, Option<String>>,
}

/// The verification of one account and region.
#[derive(Debug)]
pub struct Audit {
    scope: Scope,
    account: String,
    region: String,
    chains: BTreeMap<(String, String), Chain>,
    /// With the hash; entries for one object that differ are all checked.
    listed: HashMap<Place, Option<Sha256>>,
    /// By backfill digests, which are taken first and for the whole range.
    backfilled: HashMap<Place, Option<Sha256>>,
    /// By the digest after the range.
    beyond: HashSet<Place>,
    elsewhere: HashSet<Place>,
    waiting: Vec<Candidate>,
    objects: Vec<ObjectFinding>,
    orphans: Option<EventTime>,
    broken_off: Vec<BrokenOff>,
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
            beyond: HashSet::new(),
            elsewhere: HashSet::new(),
            waiting: Vec::new(),
            objects: Vec::new(),
            orphans: None,
            broken_off: Vec::new(),
        }
    }

    fn chain(&mut self, name: &DigestName<'_>) -> &mut Chain {
        let trail = (name.trail.to_owned(), name.home.to_owned());
        let scope = &self.scope;
        let wanted = scope
            .trail
            .as_ref()
            .is_none_or(|arn| arn.name == trail.0 && arn.home == trail.1);
        self.chains.entry(trail).or_insert_with(|| Chain {
            wanted,
            walk: Walk::new(scope.from, scope.until),
            newer: Vec::new(),
            roots: BTreeSet::new(),
            reasons: BTreeMap::new(),
        })
    }

    /// Tells of a digest that will come, so that nothing is decided at its place without it.
    pub fn expect(&mut self, place: &Place) {
        if let Some(name) = DigestName::parse(&place.key).filter(|name| !name.backfill) {
            self.chain(&name).note_root(place);
        }
    }

    /// Takes the first digest after the range, of each chain. It is not reported, but it says what
    /// the last digest in the range must be, and which log files are its own.
    pub fn after_range(&mut self, found: &[Examined], keys: &KeyRing) {
        for examined in found {
            let Some(name) = DigestName::parse(&examined.place.key) else {
                continue;
            };
            let settled = settle(examined, &[], keys);
            let chain = self.chain(&name);
            chain.remember(examined, &settled);
            chain.walk.later(Some(step(examined, &settled)));
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
            let chain = self.chain(&name);
            chain.note_root(&examined.place);
            let settled = chain.settle(&examined, keys);
            if !backfill {
                chain.walk.step(step(&examined, &settled), listing);
            }
            let wanted = chain.wanted;
            let breaks = wanted && !backfill && chain.walk.breaks_off_at(name.end);
            self.report_digest(&examined, &settled, wanted);
            self.report_lost(&name, &examined, &settled, listing);
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

    /// Gaps since the last call, with the log files in which [`stop`](super::stop) may find the
    /// call that explains them.
    pub fn take_broken_off(&mut self) -> Vec<BrokenOff> {
        std::mem::take(&mut self.broken_off)
    }

    /// Takes what explains a gap; `None` when all its log files were read and none does.
    pub fn explain(&mut self, gap: &BrokenOff, call: Option<String>) {
        let trail = (gap.trail.clone(), gap.home.clone());
        if let Some(chain) = self.chains.get_mut(&trail) {
            chain.reasons.insert(gap.at, call);
        }
    }

    fn report_digest(&mut self, examined: &Examined, settled: &Settled, wanted: bool) {
        let (verdict, reason, weight) = match wanted {
            true => (settled.verdict, settled.reason.clone(), settled.weight),
            false => (
                Verdict::OtherTrail,
                "it belongs to a trail that is not being verified".to_owned(),
                Overall::Valid,
            ),
        };
        self.objects.push(ObjectFinding {
            object: examined.place.to_string(),
            kind: kind(examined.backfill),
            verdict,
            reason,
            weight,
        });
    }

    /// Reports digests that are pointed at and not there.
    fn report_lost(
        &mut self,
        name: &DigestName<'_>,
        examined: &Examined,
        settled: &Settled,
        listing: &dyn Fn(&Place) -> Listing,
    ) {
        let from = self.scope.from;
        let chain = self.chain(name);
        let mut lost = chain.walk.take_lost();
        let link = match &examined.content {
            Ok(content) if settled.trusted && name.backfill => content.digest.previous.as_ref(),
            _ => None,
        };
        if let Some(link) = link {
            lost.extend(chain.walk.missing(link, None, &[], listing));
        }
        let wanted = chain.wanted;
        for lost in lost.into_iter().filter(|_| wanted) {
            let end = DigestName::parse(&lost.place.key).map(|name| name.end);
            if matches!((end, from), (Some(end), Some(from)) if end < from) {
                continue;
            }
            self.objects.push(lost.report(name.backfill));
        }
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

    fn judge(&mut self, candidate: Candidate) {
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

    /// There are no older digests.
    pub fn finish(&mut self, listing: &dyn Fn(&Place) -> Listing) {
        let mut lost = Vec::new();
        for chain in self.chains.values_mut() {
            let here = |candidate: &&Candidate| {
                let root = (candidate.place.bucket.clone(), candidate.root.clone());
                candidate.named && chain.roots.contains(&root)
            };
            let times = self
                .waiting
                .iter()
                .filter(here)
                .filter_map(|found| found.time);
            let from = self.scope.from;
            let first = times
                .filter(|time| from.is_none_or(|from| from <= *time))
                .min();
            chain.walk.finish(first, listing);
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

    /// The ranges of the chains that are verified, oldest first.
    pub fn ranges(&self) -> Vec<RangeFinding> {
        let finding = |trail: Option<&str>, from: EventTime, to: EventTime, state| RangeFinding {
            account: self.account.clone(),
            region: self.region.clone(),
            trail: trail.map(str::to_owned),
            from: from.to_string(),
            to: to.to_string(),
            state,
            reason: None,
        };
        let mut found = Vec::new();
        for ((trail, _), chain) in self.chains.iter().filter(|(_, chain)| chain.wanted) {
            let mut ranges = chain.walk.ranges().to_vec();
            ranges.sort_by_key(|range| (range.from, range.to));
            let findings = ranges.iter().map(|range| RangeFinding {
                reason: chain.reason(range),
                ..finding(Some(trail), range.from, range.to, range.state)
            });
            found.extend(findings);
        }
        if let Some(first) = self.orphans {
            let from = self.scope.from.map_or(first, |from| from.min(first));
            let trail = self.scope.trail.as_ref().map(|arn| arn.name.as_str());
            found.push(finding(trail, from, self.scope.as_of, State::Stale));
        }
        found
    }

    /// What was found since the last call.
    pub fn take_objects(&mut self) -> Vec<ObjectFinding> {
        std::mem::take(&mut self.objects)
    }
}

impl Chain {
    /// What is known of a gap.
    fn reason(&self, range: &Range) -> Option<String> {
        if range.state != State::Gap {
            return None;
        }
        let known = self.reasons.get(&range.from)?;
        Some(match known {
            Some(call) => format!("{call} is in the log files before it"),
            None => "no StopLogging, UpdateTrail or DeleteTrail is in the log files before it: \
                     digests may have been deleted"
                .to_owned(),
        })
    }

    fn note_root(&mut self, place: &Place) {
        if let Some(folders) = Folders::parse(&place.key) {
            self.roots
                .insert((place.bucket.clone(), folders.root.to_owned()));
        }
    }

    /// Decides on the next older digest with what the newer ones said of it.
    fn settle(&mut self, examined: &Examined, keys: &KeyRing) -> Settled {
        let (naming, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.newer)
            .into_iter()
            .partition(|(link, _)| link.place == examined.place);
        self.newer = others;
        let newer: Vec<Newer<'_>> = naming
            .iter()
            .map(|(link, trusted)| Newer {
                link,
                trusted: *trusted,
            })
            .collect();
        let settled = settle(examined, &newer, keys);
        self.remember(examined, &settled);
        settled
    }

    fn remember(&mut self, examined: &Examined, settled: &Settled) {
        if let Ok(content) = &examined.content
            && let Some(link) = &content.digest.previous
        {
            self.newer.push((link.clone(), settled.trusted));
        }
    }
}

fn step(examined: &Examined, settled: &Settled) -> Step {
    let digest = examined
        .content
        .as_ref()
        .ok()
        .map(|content| &content.digest);
    Step {
        place: examined.place.clone(),
        end: examined.end,
        start: digest.map(|digest| digest.start),
        verdict: settled.verdict,
        trusted: settled.trusted,
        made_for: digest.map(|digest| file_name(&digest.place.key).to_owned()),
        link: digest.and_then(|digest| digest.previous.clone()),
    }
}

fn kind(backfill: bool) -> Kind {
    match backfill {
        true => Kind::BackfillDigest,
        false => Kind::Digest,
    }
}

fn later(time: EventTime, seconds: i64) -> EventTime {
    EventTime::from_seconds(time.seconds().saturating_add(seconds))
}
