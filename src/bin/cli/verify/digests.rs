//! Fetching digests, the keys that sign them, and the places that they lead to.

use std::collections::BTreeSet;
use std::sync::Mutex;

use trailwarden::integrity::{Audit, Content, DigestName, Examined, SIGNING_SLACK, settle};
use trailwarden::record::EventTime;

use super::names::{Named, root_of};
use super::run::{HOUR, Walker};
use super::source::Want;

impl Walker<'_> {
    /// Fetches and opens digests.
    pub(super) fn fetch_digests(&self, names: &[Named]) -> Vec<Examined> {
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

    /// Finds the last digest before the range, of each trail. It is read where its name alone would
    /// make a chain not overdue that has nothing in the range; if it is none, an older one counts.
    pub(super) fn find_before_range(&mut self) {
        for last in self.names.before_range() {
            let found = last.iter().find(|named| self.is_before_range(named));
            match (found, last.first()) {
                (Some(named), _) => self.audit.before_range(&named.place),
                (None, Some(named)) => self.audit.none_before_range(&named.place),
                (None, None) => {}
            }
        }
    }

    fn is_before_range(&mut self, named: &Named) -> bool {
        if !self.audit.rests_on(&named.place) {
            return true;
        }
        let found = self.fetch_digests(std::slice::from_ref(named));
        self.need_keys(&found);
        let mut found = found.iter();
        found.any(|examined| Audit::is_believable(examined, &self.keys))
    }

    /// Gets the keys for the time in which these digests were signed.
    pub(super) fn need_keys(&mut self, found: &[Examined]) {
        let signed = |examined: &Examined| {
            let generated = examined.metadata.as_ref().and_then(|data| data.generated);
            let (end, now) = (examined.end, self.run.scope.as_of);
            match (generated, examined.backfill) {
                (Some(generated), _) => [generated.seconds(); 2],
                // Nobody knows when it was made.
                (None, true) => [end.seconds(), now.max(end).seconds()],
                (None, false) => [end.seconds(); 2],
            }
        };
        let unknown = |examined: &&Examined| match &examined.content {
            Ok(content) => self.keys.get(&content.digest.fingerprint).is_none(),
            Err(_) => false,
        };
        let times: Vec<i64> = found.iter().filter(unknown).flat_map(signed).collect();
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
                self.keys.set_partial(match self.run.given.names.as_str() {
                    "" => format!("the public keys cannot be had: {error}"),
                    files => format!(
                        "it is not in {files}, and CloudTrail cannot be asked for it: {error}"
                    ),
                });
            }
        }
    }

    /// Opens the roots that genuine digests in range point into; false when there is none.
    pub(super) fn follow(&mut self, found: &[Examined]) -> bool {
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
            let known = self.names.is_known(&root);
            let asked = ends.is_some_and(|end| self.names.in_range(end));
            if !known && asked && settle(examined, &[], &self.keys).trusted {
                fresh.insert(root);
            }
        }
        for root in &fresh {
            self.open(root);
        }
        for named in self.names.piece_of(|named| !named.backfill) {
            self.audit.expect(&named.place);
        }
        !fresh.is_empty()
    }
}
