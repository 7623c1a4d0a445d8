//! Digests that nobody announced: those that later ones name, and those that a listing has where
//! nothing leads on.

use std::cmp::Reverse;

use super::breaches::not_listed;
use super::{Found, TRIES, examine, latest, lost};
use crate::alert::Findings;
use crate::inspect::notification::Inspector;
use crate::inspect::recorder::TrailState;
use crate::inspect::report::{ObjectFailure, ObjectReport, Outcome, Report};
use crate::integrity::{
    ChainName, DIGESTS, DigestName, Folders, Place, Source, Unfetched, Wanted, Watch,
};
use crate::ports::{AlertSink, FetchError, KeySource, ObjectStore, StoreError};
use crate::record::EventTime;

/// Digests that one delivery, and one chain in a sweep, goes back at most; the rest is for sweeps.
pub(super) const WALKED: usize = 24;

/// Pages of a listing that are read for digests.
const PAGES: usize = 50;

/// The digests of a chain in a part of its folder, newest first.
pub(super) struct Listed {
    pub(super) places: Vec<Place>,
    /// Why these are not all, which was reported.
    cut: Option<String>,
}

/// Objects of one delivery or sweep after which it goes back no further.
const FOUND: usize = 1_000;

impl<S: ObjectStore, T: TrailState, A: AlertSink, K: KeySource> Inspector<S, T, A, K> {
    /// Looks at digests that nobody announced: those that others name, newest first, and those
    /// that a listing has where nothing leads on.
    pub(super) async fn walk_back(
        &self,
        source: &Source,
        report: &mut Report,
        now: i64,
    ) -> Result<(), ObjectFailure> {
        let mut left = WALKED;
        // Log files that were found late count too: one invocation has little time.
        while left > 0 && report.objects.len() < FOUND {
            let stored = self.state().watch(source).await?;
            match stored.watch.wanted(now) {
                None => return Ok(()),
                Some(Wanted::Named(place)) => {
                    self.look_at(&place, report, now).await?;
                    left -= 1;
                }
                Some(Wanted::Between { above, from, to }) => {
                    let Listed { mut places, cut } =
                        self.digests_between(&above, from, to, report).await?;
                    places.retain(|place| !stored.watch.knows(place));
                    let places = self.never_seen(places).await?;
                    for place in places.iter().take(left) {
                        self.look_at(place, report, now).await?;
                    }
                    if places.len() <= left {
                        // Nothing else waits for a listing that may never be whole.
                        if let Some(why) = cut {
                            let mut breaches = Findings::default();
                            breaches.add_breach(&not_listed(&above, (from, to), &why));
                            if !self.tell(breaches, report, now).await {
                                return Err(ObjectFailure::Untold);
                            }
                        }
                        self.change(source, |watch| {
                            if let Some(chain) = watch.chain_mut(&above) {
                                chain.listed_below(&above);
                            }
                        })
                        .await?;
                    }
                    left = left.saturating_sub(places.len().max(1));
                }
            }
        }
        Ok(())
    }

    /// The digests of a chain that a listing has between two times, without both, newest first.
    pub(super) async fn digests_between(
        &self,
        of: &Place,
        from: EventTime,
        to: EventTime,
        report: &mut Report,
    ) -> Result<Listed, ObjectFailure> {
        let mut found = Listed {
            places: Vec::new(),
            cut: None,
        };
        let (Some(name), Some(folders)) = (ChainName::of(of), Folders::parse(&of.key)) else {
            return Ok(found);
        };
        let prefix = format!("{}/{DIGESTS}/{}/", folders.root, folders.region);
        let day = |time: EventTime| time.to_string().replace('-', "/");
        let until = format!("{prefix}{}", day(to));
        let mut after = format!("{prefix}{}", day(from).get(..10).unwrap_or_default());
        let folder = format!("s3://{}/{prefix}", of.bucket);
        for page in 0.. {
            let listed = match page {
                PAGES => Err(ObjectFailure::Crowded),
                _ => match self.store.list(&of.bucket, &prefix, &after).await {
                    // The bucket is gone, and what was in it.
                    Err(FetchError::NotFound) => break,
                    Err(error @ FetchError::Unavailable(_)) => return Err(error.into()),
                    listed => listed.map_err(ObjectFailure::from),
                },
            };
            let keys = match listed {
                Ok(keys) => keys,
                // What may not be listed is looked for by name only, and somebody must know.
                Err(failure) => {
                    found.cut = Some(failure.to_string());
                    report.unswept.push((folder, failure));
                    break;
                }
            };
            for key in &keys {
                let place = Place {
                    bucket: of.bucket.clone(),
                    key: key.clone(),
                };
                let asked = end(&place).is_some_and(|end| from < end && end < to);
                if asked && ChainName::of(&place).as_ref() == Some(&name) {
                    found.places.push(place);
                }
            }
            match keys.last() {
                Some(last) if keys.len() >= S::PAGE && *last < until => after = last.clone(),
                _ => break,
            }
        }
        let newest_first = |place: &Place| Reverse((end(place), place.key.clone()));
        found.places.sort_by_cached_key(newest_first);
        Ok(found)
    }

    /// Verifies the digest that should be at this place.
    pub(super) async fn look_at(
        &self,
        place: &Place,
        report: &mut Report,
        now: i64,
    ) -> Result<(), ObjectFailure> {
        let object = latest(place);
        let limit = self.options.limits.object_bytes;
        let fetched = match self.store.fetch(&object, limit).await {
            Ok(fetched) => Ok(fetched),
            // CloudTrail may deliver digests out of order. Without leave to list the bucket, S3
            // denies what is not there.
            Err(FetchError::NotFound | FetchError::Denied(_)) if now < self.overdue_at(place) => {
                let again_at = self.overdue_at(place);
                return self.wait_for(place, again_at).await;
            }
            Err(FetchError::NotFound) => Err(Unfetched::Missing),
            Err(error @ FetchError::Unavailable(_)) => return Err(error.into()),
            Err(error) => Err(Unfetched::Unreadable(error.to_string())),
        };
        let Some(name) = DigestName::parse(&place.key) else {
            return Ok(());
        };
        let (object, examined) = match fetched {
            Ok(fetched) => (fetched.of(&object), examine(&object, &name, fetched)),
            Err(unfetched) => (object.clone(), lost(&object, &name, unfetched)),
        };
        let entry = self.recorder.entry(&object).await?;
        let found = Found {
            object: object.clone(),
            entry,
            examined,
        };
        let verified = self.verify(found, report, now).await?;
        report.tally.skip_file("a digest file");
        report.objects.push(ObjectReport {
            object,
            outcome: Outcome::Verified(Box::new(verified)),
        });
        Ok(())
    }

    /// When a digest at this place would be overdue.
    fn overdue_at(&self, place: &Place) -> i64 {
        let end = end(place).map_or(0, EventTime::seconds);
        end.saturating_add(self.overdue)
    }

    async fn wait_for(&self, place: &Place, at: i64) -> Result<(), ObjectFailure> {
        let Some(name) = DigestName::parse(&place.key) else {
            return Ok(());
        };
        self.change(&Source::of(&name), |watch| {
            if let Some(chain) = watch.chain_mut(place) {
                chain.wait_for(place, at);
            }
        })
        .await
    }

    /// Changes what is remembered of chains, again when somebody else was first.
    async fn change(
        &self,
        source: &Source,
        change: impl Fn(&mut Watch),
    ) -> Result<(), ObjectFailure> {
        for _ in 0..TRIES {
            let mut stored = self.state().watch(source).await?;
            change(&mut stored.watch);
            let due = stored.watch.due(self.overdue);
            match self.state().keep_watch(source, &stored, due).await {
                Err(StoreError::Conflict) => {}
                kept => return Ok(kept?),
            }
        }
        Err(StoreError::Conflict.into())
    }
}

/// When a digest at this place ends, by its name.
fn end(place: &Place) -> Option<EventTime> {
    DigestName::parse(&place.key).map(|name| name.end)
}
