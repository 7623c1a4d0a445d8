//! The sweep over chains: digests that nobody announced, chains that went silent, and gaps that
//! nothing explains.

use super::breaches;
use super::unannounced::WALKED;
use crate::alert::Findings;
use crate::inspect::notification::Inspector;
use crate::inspect::recorder::TrailState;
use crate::inspect::report::{ObjectFailure, Report};
use crate::integrity::{Place, Source, Watched};
use crate::ports::{AlertSink, KeySource, ObjectRef, ObjectStore, StoreError};
use crate::record::EventTime;

/// Accounts and regions that one sweep looks at; the rest is for the next one.
const SOURCES: usize = 100;

impl<S: ObjectStore, T: TrailState, A: AlertSink, K: KeySource> Inspector<S, T, A, K> {
    /// Looks at every chain that is due. One that cannot be looked at stops no other.
    pub(in crate::inspect) async fn sweep_chains(&self, report: &mut Report, now: i64) {
        match self.state().watches_due(now, SOURCES).await {
            Ok(sources) => {
                for source in sources {
                    if let Err(failure) = self.sweep_source(&source, report, now).await {
                        let what = format!("the digests of {source}");
                        report.unswept.push((what, failure));
                    }
                }
            }
            Err(error) => report.unrecorded.push(error),
        }
    }

    async fn sweep_source(
        &self,
        source: &Source,
        report: &mut Report,
        now: i64,
    ) -> Result<(), ObjectFailure> {
        self.walk_back(source, report, now).await?;
        let all = self.look_ahead(source, report, now).await?;
        let watch = self.state().watch(source).await?.watch;
        // The next sweep goes on.
        if !all || watch.wanted(now).is_some() {
            return Ok(());
        }
        self.silence(source, report, now).await?;
        for chain in watch.chains() {
            for gap in chain.gaps(now, self.overdue) {
                self.judge_gap(source, chain, &gap, report, now).await?;
            }
        }
        Ok(())
    }

    /// Tells of chains whose next digest is overdue.
    async fn silence(
        &self,
        source: &Source,
        report: &mut Report,
        now: i64,
    ) -> Result<(), ObjectFailure> {
        let mut stored = self.state().watch(source).await?;
        let mut breaches = Findings::default();
        for chain in stored.watch.clone().chains() {
            let Some(newest) = chain.silent(now, self.overdue) else {
                continue;
            };
            if !chain.is_told_silent() {
                breaches.add_breach(&breaches::overdue(chain, newest));
            }
            if chain.is_to_be_listed(now, self.overdue)
                && let Some(chain) = stored.watch.named(&chain.name)
            {
                chain.told_silent(now);
            }
        }
        if !self.tell(breaches, report, now).await {
            return Err(ObjectFailure::Untold);
        }
        let due = stored.watch.due(self.overdue);
        match self.state().keep_watch(source, &stored, due).await {
            // A digest came in between: the next sweep looks again.
            Err(StoreError::Conflict) => Ok(()),
            kept => Ok(kept?),
        }
    }

    /// Looks where the next digests of silent chains should be: their notifications may be lost.
    /// Whether there are no more.
    async fn look_ahead(
        &self,
        source: &Source,
        report: &mut Report,
        now: i64,
    ) -> Result<bool, ObjectFailure> {
        let watch = self.state().watch(source).await?.watch;
        let mut all = true;
        for chain in watch.chains() {
            let newest = chain.silent(now, self.overdue);
            let Some(newest) = newest.filter(|_| chain.is_to_be_listed(now, self.overdue)) else {
                continue;
            };
            let places = self
                .behind(chain, &newest.place, newest.end, report, now)
                .await?;
            // Oldest first, so that each finds the one before it.
            for place in places.iter().rev().take(WALKED) {
                self.look_at(place, report, now).await?;
            }
            // Where none of so many is genuine, nobody waits for the others.
            let after = self.state().watch(source).await?.watch;
            let end = after.chain(&newest.place).and_then(Watched::newest);
            let moved = end.is_some_and(|end| end.end > newest.end);
            all &= places.len() <= WALKED || !moved;
        }
        self.walk_back(source, report, now).await?;
        Ok(all)
    }

    /// Digests of a chain behind its newest one that nobody has looked at, newest first.
    async fn behind(
        &self,
        chain: &Watched,
        newest: &Place,
        end: EventTime,
        report: &mut Report,
        now: i64,
    ) -> Result<Vec<Place>, ObjectFailure> {
        let until = EventTime::from_seconds(now.saturating_add(1));
        let listed = self.digests_between(newest, end, until, report).await?;
        let mut places = listed.places;
        places.retain(|place| !chain.knows(place));
        self.never_seen(places).await
    }

    /// Digests that the ledger does not have: whoever copies others there is not looked at twice.
    pub(super) async fn never_seen(&self, places: Vec<Place>) -> Result<Vec<Place>, ObjectFailure> {
        let objects: Vec<ObjectRef> = places.iter().map(super::latest).collect();
        let entries = self.state().entries(&objects).await?;
        let fresh = places.into_iter().zip(entries);
        let fresh = fresh.filter(|(_, entry)| {
            entry
                .as_ref()
                .is_none_or(|entry| entry.evaluations.is_empty())
        });
        Ok(fresh.map(|(place, _)| place).collect())
    }
}
