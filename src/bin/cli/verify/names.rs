//! The digests of one account and region as their folders list them, and which of them are asked for.

use std::collections::{BTreeMap, BTreeSet};

use trailwarden::integrity::{DigestName, Folders, Listing, Place, Scope};
use trailwarden::record::EventTime;

use super::discover::Root;
use super::run::HOUR;
use super::source::Closed;

/// Digests of each trail that are read after the range.
const LOOKED_AT_AFTER: usize = 2;

/// Digests of each trail that may be read before the range.
const KEPT_BEFORE: usize = 24;

/// A digest in a listing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    pub(super) end: EventTime,
    pub(super) place: Place,
    /// What tells the trails here apart.
    pub(super) trail: String,
    pub(super) backfill: bool,
}

/// What the listings of all roots gave.
pub(super) struct Names<'a> {
    scope: &'a Scope,
    roots: BTreeSet<Root>,
    /// Roots that could not be listed, with the reason.
    closed: BTreeMap<Root, String>,
    /// Folders within roots that could not be listed.
    unlisted: Vec<(Root, Closed)>,
    /// Sorted once their root is open.
    names: Vec<Named>,
    /// The last digests before the range, of each trail.
    before: BTreeMap<String, BTreeSet<Named>>,
}

impl<'a> Names<'a> {
    /// None yet.
    pub(super) fn new(scope: &'a Scope) -> Self {
        Self {
            scope,
            roots: BTreeSet::new(),
            closed: BTreeMap::new(),
            unlisted: Vec::new(),
            names: Vec::new(),
            before: BTreeMap::new(),
        }
    }

    /// Notes a digest. Of those before the range only the last ones of each trail are kept.
    pub(super) fn add(&mut self, named: Named) {
        if self.scope.from.is_none_or(|from| named.end >= from) {
            self.names.push(named);
        } else if !named.backfill {
            let last = self.before.entry(named.trail.clone()).or_default();
            last.insert(named);
            if last.len() > KEPT_BEFORE {
                last.pop_first();
            }
        }
    }

    /// The last digest before the range, of each trail.
    pub(super) fn last_before_range(&self) -> impl Iterator<Item = &Named> {
        self.before.values().filter_map(BTreeSet::last)
    }

    /// The last digests before the range, of each trail, newest first.
    pub(super) fn before_range(&self) -> Vec<Vec<Named>> {
        let newest_first = |last: &BTreeSet<Named>| last.iter().rev().cloned().collect();
        self.before.values().map(newest_first).collect()
    }

    /// A root whose digests were all added.
    pub(super) fn opened(&mut self, root: &Root) {
        self.roots.insert(root.clone());
        self.names.sort();
        self.names.dedup();
    }

    /// A root that could not be listed.
    pub(super) fn closed(&mut self, root: &Root, reason: String) {
        self.closed.insert(root.clone(), reason);
    }

    /// A folder in a root that could not be listed.
    pub(super) fn unlisted(&mut self, root: &Root, folder: Closed) {
        self.unlisted.push((root.clone(), folder));
    }

    /// Why the folder of a place could not be listed, if it could not.
    fn hidden(&self, root: &Root, place: &Place) -> Option<&str> {
        let covers = |folder: &Closed| {
            let rest = place.key.strip_prefix(&folder.key);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mut folders = self.unlisted.iter().filter(|(of, _)| of == root);
        let found = folders.find(|(_, folder)| covers(folder));
        found.map(|(_, folder)| folder.reason.as_str())
    }

    /// The roots that were listed.
    pub(super) fn roots(&self) -> impl Iterator<Item = &Root> {
        self.roots.iter()
    }

    /// Whether it was tried to list this root.
    pub(super) fn is_known(&self, root: &Root) -> bool {
        self.roots.contains(root) || self.closed.contains_key(root)
    }

    /// Whether a digest that ends then is asked for.
    pub(super) fn in_range(&self, end: EventTime) -> bool {
        let from = self.scope.from;
        from.is_none_or(|from| end >= from) && !self.after_range(end)
    }

    /// Digests whose range touches the asked one end at most an hour after it.
    fn after_range(&self, end: EventTime) -> bool {
        let until = self.scope.until;
        until.is_some_and(|until| end.seconds() > until.seconds() + HOUR)
    }

    /// The first digests after the range, of each trail: the second one proves the first where
    /// metadata are lost, and stands for it where it is none.
    pub(super) fn first_after_range(&self) -> Vec<Named> {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let after = self
            .names
            .iter()
            .filter(|named| self.after_range(named.end) && !named.backfill);
        let mut first = Vec::new();
        for named in after {
            let count = seen.entry(&named.trail).or_default();
            *count += 1;
            if *count <= LOOKED_AT_AFTER {
                first.push(named.clone());
            }
        }
        first
    }

    /// The wanted ones of the range, newest first.
    pub(super) fn piece_of(&self, wanted: impl Fn(&Named) -> bool) -> Vec<Named> {
        let asked = |named: &&Named| wanted(named) && self.in_range(named.end);
        self.names.iter().rev().filter(asked).cloned().collect()
    }

    /// At least `most` of the newest digests that end at or before `up_to`, newest first.
    pub(super) fn next_piece(&self, up_to: Option<EventTime>, most: usize) -> Vec<Named> {
        let mut piece =
            self.piece_of(|named| !named.backfill && up_to.is_none_or(|up_to| named.end <= up_to));
        // Those that end in one second stay together.
        if let Some(last) = piece.get(most.saturating_sub(1)).map(|named| named.end) {
            piece.retain(|named| named.end >= last);
        }
        piece
    }

    /// When the newest digest before that ends, if it is in the range.
    pub(super) fn newest_before(&self, end: EventTime) -> Option<EventTime> {
        let older = self.names.iter().rev().filter(|named| !named.backfill);
        let mut older = older.map(|named| named.end).filter(|older| *older < end);
        older.next().filter(|older| self.in_range(*older))
    }

    /// What is known of a place that a digest names.
    pub(super) fn listing(&self, place: &Place) -> Listing {
        let Some(root) = root_of(place) else {
            return Listing::Absent;
        };
        if let Some(reason) = self.closed.get(&root) {
            return Listing::Unknown(reason.clone());
        }
        let end = DigestName::parse(&place.key).map(|name| name.end);
        let first = self.names.partition_point(|named| Some(named.end) < end);
        let here = self
            .names
            .iter()
            .skip(first)
            .take_while(|named| Some(named.end) == end)
            .any(|named| named.place == *place);
        match here {
            true => Listing::Here,
            false if let Some(reason) = self.hidden(&root, place) => {
                Listing::Unknown(reason.to_owned())
            }
            false if !self.roots.contains(&root) => Listing::Unknown(
                "its bucket and prefix are not part of what is verified".to_owned(),
            ),
            false => Listing::Absent,
        }
    }
}

pub(super) fn root_of(place: &Place) -> Option<Root> {
    Folders::parse(&place.key).map(|folders| Root {
        bucket: place.bucket.clone(),
        root: folders.root.to_owned(),
    })
}
