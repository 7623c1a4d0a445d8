//! The verification of one account and region: what to list and fetch, in which order. What it
//! means is decided in `integrity`.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use trailwarden::integrity::{
    Audit, Candidate, Content, DIGESTS, DigestName, Examined, Folders, KeyRing, Kind, Listing,
    LogEntry, ObjectFinding, Overall, Piece, Place, SIGNING_SLACK, Scope, Verdict, check_log,
    settle, stop,
};
use trailwarden::logfile::{Folder, Limits, Scratch, read_member};
use trailwarden::record::EventTime;

use super::discover::{Group, Root};
use super::report::Report;
use super::source::{Listed, Source, Want};

const HOUR: i64 = 3600;

thread_local! {
    /// Memory to inflate into, kept from one log file to the next.
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::default());
}

/// A digest in a listing, or one that a listing lacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Named {
    end: EventTime,
    place: Place,
    trail: String,
    backfill: bool,
}

/// Everything that stays the same for all groups.
pub struct Run<'a> {
    /// Where the objects are.
    pub source: &'a dyn Source,
    /// What is asked.
    pub scope: &'a Scope,
    /// Where findings go.
    pub report: &'a Report,
    /// Keys that were fetched.
    pub kept: &'a Mutex<KeyRing>,
    /// Digests that are held at a time, at least one. The log files that they list are as many as
    /// CloudTrail wrote in that time.
    pub piece: usize,
}

/// One group on its way.
struct Walker<'a> {
    run: &'a Run<'a>,
    turn: usize,
    group: &'a Group,
    audit: Audit,
    roots: BTreeSet<Root>,
    /// Roots that could not be listed, with the reason.
    closed: BTreeMap<Root, String>,
    names: Vec<Named>,
    keys: KeyRing,
    keys_span: Option<(i64, i64)>,
    no_keys: Option<String>,
}

impl Run<'_> {
    /// Verifies a group, whose findings are the `turn`th in the report.
    pub fn group(&self, turn: usize, group: &Group, roots: &BTreeSet<Root>) {
        let mut walker = Walker {
            run: self,
            turn,
            group,
            audit: Audit::new(self.scope.clone(), &group.account, &group.region),
            roots: BTreeSet::new(),
            closed: BTreeMap::new(),
            names: Vec::new(),
            keys: KeyRing::default(),
            keys_span: None,
            no_keys: None,
        };
        for root in roots {
            walker.open(root);
        }
        walker.verify();
        self.report.close(turn, walker.audit.ranges());
    }
}

impl Walker<'_> {
    /// Lists the digests of a root.
    fn open(&mut self, root: &Root) {
        let prefix = format!("{}/{DIGESTS}/{}/", root.root, self.group.region);
        let from = self
            .run
            .scope
            .from
            .map(|from| format!("{prefix}{}", day(from)));
        let listed = self
            .run
            .source
            .list(&root.bucket, &prefix, from.as_deref(), None);
        match listed {
            Ok(listed) => {
                self.roots.insert(root.clone());
                for found in listed {
                    self.name(root, found);
                }
                self.names.sort();
                self.names.dedup();
            }
            Err(error) => {
                let place = format!("s3://{}/{prefix}", root.bucket);
                self.run
                    .report
                    .trouble(&format!("{place} cannot be listed: {error}"));
                self.closed.insert(root.clone(), error);
            }
        }
    }

    /// Takes the name of an object in a folder of digests.
    fn name(&mut self, root: &Root, found: Listed) {
        let here = |name: &DigestName<'_>| {
            name.account == self.group.account && name.region == self.group.region
        };
        if let Some(name) = DigestName::parse(&found.key).filter(here) {
            self.names.push(Named {
                end: name.end,
                trail: format!("{} {}", name.trail, name.home),
                backfill: name.backfill,
                place: Place {
                    bucket: root.bucket.clone(),
                    key: found.key,
                },
            });
        } else if !found.key.ends_with('/') {
            let finding = ObjectFinding {
                object: format!("s3://{}/{}", root.bucket, found.key),
                kind: Kind::Digest,
                verdict: Verdict::Unreferenced,
                reason: "it lies among digests, and its name is not that of a digest of this \
                         account and region"
                    .to_owned(),
                weight: Overall::Warning,
            };
            self.run.report.objects(self.turn, vec![finding]);
        }
    }

    fn in_range(&self, end: EventTime) -> bool {
        let from = self.run.scope.from;
        from.is_none_or(|from| end >= from) && !self.after_range(end)
    }

    /// Digests whose range touches the asked one end at most an hour after it.
    fn after_range(&self, end: EventTime) -> bool {
        let until = self.run.scope.until;
        until.is_some_and(|until| end.seconds() > until.seconds() + HOUR)
    }

    fn verify(&mut self) {
        let after = self.first_after_range();
        let found = self.fetch_digests(&after);
        self.need_keys(&found);
        self.audit.after_range(&found, &self.keys);

        for named in self.piece_of(|named| !named.backfill) {
            self.audit.expect(&named.place);
        }
        let late = self.piece_of(|named| named.backfill);
        let entries = self.digest_piece(late, true);
        let checked = self.check_logs(&entries);
        self.take_logs(&entries, checked);

        let mut up_to = None;
        loop {
            let piece = self.next_piece(up_to);
            let oldest = piece.last().map(|named| named.end);
            let entries = self.digest_piece(piece, false);
            let above = oldest.and_then(|oldest| self.newest_before(oldest));
            let span = Piece { above, up_to };
            let (checked, candidates) = std::thread::scope(|scope| {
                let listing = scope.spawn(|| self.log_listing(span));
                let checked = self.check_logs(&entries);
                (checked, listing.join().unwrap_or_default())
            });
            self.take_logs(&entries, checked);
            self.explain_gaps();
            self.audit.log_folder(candidates, span);
            self.flush();
            if above.is_none() {
                break;
            }
            up_to = above;
        }
        let (names, roots, closed) = (&self.names, &self.roots, &self.closed);
        self.audit
            .finish(&|place| listing(names, roots, closed, place));
        self.flush();
    }

    /// The first digest after the range, of each trail.
    fn first_after_range(&self) -> Vec<Named> {
        let mut first: BTreeMap<&str, &Named> = BTreeMap::new();
        for named in self.names.iter().rev() {
            if self.after_range(named.end) && !named.backfill {
                first.insert(&named.trail, named);
            }
        }
        first.into_values().cloned().collect()
    }

    fn piece_of(&self, wanted: impl Fn(&Named) -> bool) -> Vec<Named> {
        let asked = |named: &&Named| wanted(named) && self.in_range(named.end);
        self.names.iter().rev().filter(asked).cloned().collect()
    }

    /// The newest digests that end at or before `up_to`, newest first.
    fn next_piece(&self, up_to: Option<EventTime>) -> Vec<Named> {
        let mut piece =
            self.piece_of(|named| !named.backfill && up_to.is_none_or(|up_to| named.end <= up_to));
        // Those that end in one second stay together.
        if let Some(last) = piece.get(self.run.piece - 1).map(|named| named.end) {
            piece.retain(|named| named.end >= last);
        }
        piece
    }

    fn newest_before(&self, end: EventTime) -> Option<EventTime> {
        let older = self.names.iter().rev().filter(|named| !named.backfill);
        let mut older = older.map(|named| named.end).filter(|older| *older < end);
        older.next().filter(|older| self.in_range(*older))
    }

    /// Fetches, verifies and reports digests; returns what they say of log files.
    fn digest_piece(&mut self, mut piece: Vec<Named>, backfill: bool) -> Vec<LogEntry> {
        let mut found = self.fetch_digests(&piece);
        self.need_keys(&found);
        // A trail may have been moved to another bucket or prefix; the chain says where it was.
        while self.follow(&found) {
            let (oldest, newest) = (piece.last(), piece.first());
            let span = (oldest.map(|named| named.end), newest.map(|named| named.end));
            let more = self.piece_of(|named| {
                named.backfill == backfill
                    && (span.0.is_none_or(|oldest| named.end >= oldest))
                    && span.1.is_none_or(|newest| named.end <= newest)
            });
            let fresh: Vec<Named> = more
                .into_iter()
                .filter(|named| !piece.contains(named))
                .collect();
            found.extend(self.fetch_digests(&fresh));
            self.need_keys(&found);
            piece.extend(fresh);
        }
        found.sort_by(|one, other| (other.end, &other.place).cmp(&(one.end, &one.place)));
        let (names, roots, closed) = (&self.names, &self.roots, &self.closed);
        let listing = |place: &Place| listing(names, roots, closed, place);
        let entries = self.audit.digests(found, &self.keys, &listing);
        self.flush();
        entries
    }

    fn fetch_digests(&self, names: &[Named]) -> Vec<Examined> {
        let want = |named: &Named| Want {
            place: named.place.clone(),
        };
        let wants: Vec<Want> = names.iter().map(want).collect();
        let found = Mutex::new(Vec::with_capacity(names.len()));
        self.run.source.fetch(&wants, &|index, stored| {
            let Some(named) = names.get(index) else {
                return;
            };
            let (metadata, content) = match stored {
                Ok(stored) => (stored.metadata, Content::open(stored.bytes)),
                Err(unfetched) => (None, Err(unfetched.into())),
            };
            let examined = Examined {
                place: named.place.clone(),
                end: named.end,
                backfill: named.backfill,
                metadata,
                content,
            };
            self.run.report.tick(1);
            if let Ok(mut found) = found.lock() {
                found.push(examined);
            }
        });
        found.into_inner().unwrap_or_default()
    }

    /// Gets the keys for the time in which these digests were signed.
    fn need_keys(&mut self, found: &[Examined]) {
        let signed = |examined: &Examined| {
            let generated = examined.metadata.as_ref().and_then(|data| data.generated);
            generated.unwrap_or(examined.end).seconds()
        };
        let unknown = |examined: &&Examined| match &examined.content {
            Ok(content) => self.keys.get(&content.digest.fingerprint).is_none(),
            Err(_) => false,
        };
        let times: Vec<i64> = found.iter().filter(unknown).map(signed).collect();
        let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else {
            return;
        };
        let (mut first, mut last) = (first - HOUR, last + SIGNING_SLACK);
        if let Some((from, to)) = self.keys_span {
            if from <= first && last <= to {
                return;
            }
            (first, last) = (first.min(from), last.max(to));
        }
        self.keys_span = Some((first, last));
        let (from, to) = (
            EventTime::from_seconds(first),
            EventTime::from_seconds(last),
        );
        match self.run.source.keys(&self.group.region, from, to) {
            Ok(keys) => {
                if let Ok(mut kept) = self.run.kept.lock() {
                    kept.extend(keys.clone());
                }
                self.keys.extend(keys);
            }
            Err(error) => {
                let region = &self.group.region;
                self.run.report.trouble(&format!(
                    "the public keys of {region} cannot be had: {error}"
                ));
                self.no_keys = Some(error);
            }
        }
    }

    /// Opens the roots that genuine digests in range point into; false when there is none.
    fn follow(&mut self, found: &[Examined]) -> bool {
        let mut fresh = BTreeSet::new();
        for examined in found {
            let Ok(content) = &examined.content else {
                continue;
            };
            let Some(link) = &content.digest.previous else {
                continue;
            };
            let ends = DigestName::parse(&link.place.key).map(|name| name.end);
            let Some(root) = root_of(&link.place) else {
                continue;
            };
            let known = self.roots.contains(&root) || self.closed.contains_key(&root);
            let asked = ends.is_some_and(|end| self.in_range(end));
            if !known && asked && settle(examined, &[], &self.keys).trusted {
                fresh.insert(root);
            }
        }
        for root in &fresh {
            self.open(root);
        }
        for named in self.piece_of(|named| !named.backfill) {
            self.audit.expect(&named.place);
        }
        !fresh.is_empty()
    }

    fn check_logs(&self, entries: &[LogEntry]) -> Vec<Option<(Verdict, String)>> {
        let want = |entry: &LogEntry| Want {
            place: entry.place.clone(),
        };
        let wants: Vec<Want> = entries.iter().map(want).collect();
        let found: Mutex<Vec<Option<(Verdict, String)>>> = Mutex::new(vec![None; wants.len()]);
        self.run.source.fetch(&wants, &|index, stored| {
            let Some(entry) = entries.get(index) else {
                return;
            };
            let checked = match stored {
                Ok(stored) => SCRATCH
                    .with_borrow_mut(|scratch| check_log(entry, stored.bytes, limits(), scratch)),
                Err(unfetched) => {
                    let flaw = trailwarden::integrity::Flaw::from(unfetched);
                    let reason = match flaw.verdict {
                        Verdict::Missing => {
                            "a valid digest lists it, and it is not there".to_owned()
                        }
                        _ => flaw.reason,
                    };
                    (flaw.verdict, reason)
                }
            };
            self.run.report.tick(1);
            if let Ok(mut found) = found.lock()
                && let Some(slot) = found.get_mut(index)
            {
                *slot = Some(checked);
            }
        });
        found.into_inner().unwrap_or_default()
    }

    fn take_logs(&mut self, entries: &[LogEntry], checked: Vec<Option<(Verdict, String)>>) {
        for (entry, checked) in entries.iter().zip(checked) {
            let unknown = || (Verdict::Unreadable, "it was not read".to_owned());
            let (verdict, reason) = checked.unwrap_or_else(unknown);
            self.audit.log(&entry.place, verdict, reason);
        }
    }

    /// Looks for the calls that stopped a trail in the log files before its gaps.
    fn explain_gaps(&mut self) {
        for gap in self.audit.take_broken_off() {
            let want = |entry: &LogEntry| Want {
                place: entry.place.clone(),
            };
            let wants: Vec<Want> = gap.logs.iter().map(want).collect();
            let (calls, unread) = (Mutex::new(BTreeSet::new()), AtomicBool::new(false));
            self.run.source.fetch(&wants, &|_, stored| {
                let read = stored
                    .ok()
                    .and_then(|stored| read_member(stored.bytes, Limits::default()).ok());
                match (read, calls.lock()) {
                    (Some((bytes, _)), Ok(mut calls)) => calls.extend(stop(&bytes, &gap.trail)),
                    _ => unread.store(true, Ordering::Relaxed),
                }
            });
            let call = calls.into_inner().unwrap_or_default().pop_last();
            if call.is_some() || !unread.into_inner() {
                self.audit.explain(&gap, call);
            }
        }
    }

    /// What lies in the folders of log files, of the days of a piece.
    fn log_listing(&self, span: Piece) -> Vec<Candidate> {
        let newest = span.up_to.is_none();
        let Scope { from, until, .. } = self.run.scope;
        let above = span.above.or(*from);
        let up_to = match newest {
            true => *until,
            false => span.up_to,
        };
        let mut found = Vec::new();
        for root in &self.roots {
            for folder in Folder::ALL {
                let prefix = format!("{}/{folder}/{}/", root.root, self.group.region);
                let after = above.map(|above| format!("{prefix}{}", day(above)));
                // A day later, for what is named before midnight and delivered after it.
                let until = up_to.map(|up_to| format!("{prefix}{}", day(later(up_to, 2 * 86_400))));
                let listed =
                    self.run
                        .source
                        .list(&root.bucket, &prefix, after.as_deref(), until.as_deref());
                match listed {
                    Ok(listed) => {
                        let candidate = |found: Listed| {
                            Candidate::of(Place {
                                bucket: root.bucket.clone(),
                                key: found.key,
                            })
                        };
                        let mine = |candidate: &Candidate| {
                            candidate.time.is_none_or(|time| {
                                span.above.is_none_or(|above| time > above)
                                    && (newest || span.up_to.is_none_or(|up_to| time <= up_to))
                            })
                        };
                        found.extend(listed.into_iter().filter_map(candidate).filter(mine));
                    }
                    Err(error) => self.run.report.trouble(&format!(
                        "s3://{}/{prefix} cannot be listed: {error}",
                        root.bucket
                    )),
                }
            }
        }
        found
    }

    fn flush(&mut self) {
        let mut objects = self.audit.take_objects();
        if let Some(error) = &self.no_keys {
            for finding in &mut objects {
                if finding.verdict == Verdict::KeyNotFound {
                    finding.reason = format!("the public keys cannot be had: {error}");
                    finding.weight = Overall::Incomplete;
                }
            }
        }
        self.run.report.objects(self.turn, objects);
    }
}

/// What is known of a place that a digest names.
fn listing(
    names: &[Named],
    roots: &BTreeSet<Root>,
    closed: &BTreeMap<Root, String>,
    place: &Place,
) -> Listing {
    let Some(root) = root_of(place) else {
        return Listing::Absent;
    };
    if let Some(reason) = closed.get(&root) {
        return Listing::Unknown(reason.clone());
    }
    let end = DigestName::parse(&place.key).map(|name| name.end);
    let first = names.partition_point(|named| Some(named.end) < end);
    let here = names
        .iter()
        .skip(first)
        .take_while(|named| Some(named.end) == end)
        .any(|named| named.place == *place);
    match here {
        true => Listing::Here,
        false if !roots.contains(&root) => {
            Listing::Unknown("its bucket and prefix are not part of what is verified".to_owned())
        }
        false => Listing::Absent,
    }
}

fn root_of(place: &Place) -> Option<Root> {
    Folders::parse(&place.key).map(|folders| Root {
        bucket: place.bucket.clone(),
        root: folders.root.to_owned(),
    })
}

/// `2026/03/10`
fn day(time: EventTime) -> String {
    time.to_string()
        .get(..10)
        .unwrap_or_default()
        .replace('-', "/")
}

fn later(time: EventTime, seconds: i64) -> EventTime {
    EventTime::from_seconds(time.seconds().saturating_add(seconds))
}

/// Bounds for a log file that a signed digest lists: only what would exhaust the machine.
fn limits() -> Limits {
    Limits {
        object_bytes: 1 << 30,
        inflated_bytes: 16 << 30,
        ratio: 1 << 20,
        whole_bytes: 8 << 20,
        ..Limits::default()
    }
}
