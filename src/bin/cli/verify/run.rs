//! The verification of one account and region: what to list and fetch, in which order. What it
//! means is decided in `integrity`.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::sync::Mutex;

use trailwarden::integrity::{
    Audit, DIGESTS, DigestName, Examined, KeyRing, Kind, LogEntry, ObjectFinding, Overall, Piece,
    Place, Scope, Verdict,
};

use super::days::day;
use super::discover::{Group, Root};
use super::key_files::KeyFiles;
use super::names::{Named, Names};
use super::report::Report;
use super::source::{Listed, Source};

pub(super) const HOUR: i64 = 3600;

/// Everything that stays the same for all groups.
pub struct Run<'a> {
    /// Where the objects are.
    pub source: &'a dyn Source,
    /// What is asked.
    pub scope: &'a Scope,
    /// Where findings go.
    pub report: &'a Report,
    /// Keys from files.
    pub given: &'a KeyFiles,
    /// Those and the keys that were fetched.
    pub kept: &'a Mutex<KeyRing>,
    /// Digests that are held at a time, at least one. The log files that they list are as many as
    /// CloudTrail wrote in that time.
    pub piece: usize,
}

/// Whether there is anything of what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// There is.
    Found,
    /// No, but there was something before the range, and more is not due yet.
    Awaited,
    /// No.
    Nothing,
}

/// One group on its way.
pub(super) struct Walker<'a> {
    pub(super) run: &'a Run<'a>,
    turn: usize,
    pub(super) group: &'a Group,
    pub(super) audit: Audit,
    pub(super) names: Names<'a>,
    pub(super) keys: KeyRing,
    pub(super) keys_span: Option<(i64, i64)>,
    /// Whether there is any object that verification has a word for.
    any: bool,
}

impl Run<'_> {
    /// Verifies a group, whose findings are the `turn`th in the report.
    pub fn group(&self, turn: usize, group: &Group, roots: &BTreeSet<Root>) -> Presence {
        let mut walker = Walker {
            run: self,
            turn,
            group,
            audit: Audit::new(self.scope.clone(), &group.account, &group.region),
            names: Names::new(self.scope),
            keys: self.given.keys.clone(),
            keys_span: None,
            any: false,
        };
        for root in roots {
            walker.open(root);
        }
        walker.verify();
        let ranges = walker.audit.ranges();
        let found = match self.scope.trail {
            Some(_) => walker.audit.has_trail(),
            None => walker.any || !ranges.is_empty(),
        };
        self.report.close(turn, ranges);
        match found {
            true => Presence::Found,
            false if walker.audit.knows_trail() => Presence::Awaited,
            false => Presence::Nothing,
        }
    }
}

impl Walker<'_> {
    /// Lists the digests of a root, also those before the range: a trail that went silent before
    /// it is seen nowhere else.
    pub(super) fn open(&mut self, root: &Root) {
        let prefix = format!("{}/{DIGESTS}/{}/", root.root, self.group.region);
        let from = self.run.scope.from;
        let from = from.map(|from| format!("{prefix}{}", day(from)));
        let listed = self.run.source.list(&root.bucket, &prefix, None, None);
        match listed {
            Ok(listed) => {
                for found in listed.found {
                    let asked = from.as_ref().is_none_or(|from| found.key > *from);
                    self.name(root, found, asked);
                }
                for closed in listed.closed {
                    self.run
                        .report
                        .unlisted(&root.bucket, &closed.key, &closed.reason);
                    self.names.unlisted(root, closed);
                }
                self.names.opened(root);
            }
            Err(error) => {
                self.run.report.unlisted(&root.bucket, &prefix, &error);
                self.names.closed(root, error);
            }
        }
    }

    /// Takes the name of an object in a folder of digests, which is of a day that is asked for or
    /// before those.
    fn name(&mut self, root: &Root, found: Listed, asked: bool) {
        let here = |name: &DigestName<'_>| {
            name.account == self.group.account && name.region == self.group.region
        };
        if let Some(name) = DigestName::parse(&found.key).filter(here) {
            let wanted = self.run.scope.wants(&name, &found.key);
            self.names.add(Named {
                end: name.end,
                trail: format!("{} {} {wanted}", name.trail, name.home),
                backfill: name.backfill,
                place: Place {
                    bucket: root.bucket.clone(),
                    key: found.key,
                },
            });
        } else if asked && !found.key.ends_with('/') {
            let finding = ObjectFinding {
                object: format!("s3://{}/{}", root.bucket, found.key),
                kind: Kind::Digest,
                verdict: Verdict::Unreferenced,
                reason: "it lies among digests, and its name is not that of a digest of this \
                         account and region"
                    .to_owned(),
                weight: Overall::Warning,
            };
            self.any = true;
            self.run.report.objects(self.turn, vec![finding]);
        }
    }

    fn verify(&mut self) {
        let after = self.names.first_after_range();
        let mut found = self.fetch_digests(&after);
        self.need_keys(&found);
        found.sort_by(newest_first);
        self.audit.after_range(&found, &self.keys);

        for named in self.names.piece_of(|named| !named.backfill) {
            self.audit.expect(&named.place);
        }
        let late = self.names.piece_of(|named| named.backfill);
        let entries = self.digest_piece(late, true);
        let checked = self.check_logs(&entries);
        self.take_logs(&entries, checked);

        let mut up_to = None;
        loop {
            let piece = self.names.next_piece(up_to, self.run.piece);
            let oldest = piece.last().map(|named| named.end);
            let entries = self.digest_piece(piece, false);
            let above = oldest.and_then(|oldest| self.names.newest_before(oldest));
            let span = Piece { above, up_to };
            let (checked, candidates) = std::thread::scope(|scope| {
                let listing = scope.spawn(|| self.log_listing(span));
                let checked = self.check_logs(&entries);
                // A listing that died is no empty one.
                let listed = listing.join();
                (checked, listed.unwrap_or_else(|died| resume_unwind(died)))
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
        self.find_before_range();
        let names = &self.names;
        self.audit.finish(&|place| names.listing(place));
        self.flush();
        self.explain_first_gaps();
    }

    /// Reads the digests before the range behind which a gap in it began.
    fn explain_first_gaps(&mut self) {
        let last = self.names.last_before_range();
        let breaks = |named: &&Named| self.audit.breaks_off_before(&named.place);
        let last: Vec<Named> = last.filter(breaks).cloned().collect();
        let found = self.fetch_digests(&last);
        self.need_keys(&found);
        self.audit.before_gaps(found, &self.keys);
        self.explain_gaps();
    }

    /// Fetches, verifies and reports digests; returns what they say of log files.
    fn digest_piece(&mut self, mut piece: Vec<Named>, backfill: bool) -> Vec<LogEntry> {
        let mut found = self.fetch_digests(&piece);
        self.need_keys(&found);
        // A trail may have been moved to another bucket or prefix; the chain says where it was.
        while self.follow(&found) {
            let (oldest, newest) = (piece.last(), piece.first());
            let span = (oldest.map(|named| named.end), newest.map(|named| named.end));
            let more = self.names.piece_of(|named| {
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
        found.sort_by(newest_first);
        let names = &self.names;
        let listing = |place: &Place| names.listing(place);
        let entries = self.audit.digests(found, &self.keys, &listing);
        self.flush();
        entries
    }

    fn flush(&mut self) {
        let objects = self.audit.take_objects();
        self.any |= !objects.is_empty();
        self.run.report.objects(self.turn, objects);
    }
}

fn newest_first(one: &Examined, other: &Examined) -> Ordering {
    (other.end, &other.place).cmp(&(one.end, &one.place))
}
