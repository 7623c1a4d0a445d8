//! The sweep over log files that were evaluated and that no digest lists: somebody put them there,
//! or their digest is not there. [`asked`](super::asked) decides.

use std::collections::{BTreeMap, BTreeSet};

use super::asked::{Asked, Judged};
use super::breaches;
use crate::alert::{Breach, BreachFound, Findings};
use crate::inspect::notification::Inspector;
use crate::inspect::recorder::TrailState;
use crate::inspect::report::{ObjectFailure, Report};
use crate::integrity::{DigestName, Folders, Place, Source, Verdict, Watch};
use crate::logfile::Sha256;
use crate::ports::{AlertSink, Attestation, Entry, KeySource, ObjectStore, StoreError};

/// Log files that one sweep asks about; the rest is for the next one.
const ASKED: usize = 500;

/// Seconds after which it is asked again about a log file whose digest is not due.
const AGAIN: i64 = 1_800;

/// Lists of digests that are kept while a sweep asks.
const LISTS: usize = 16;

/// What was read for the log files of one sweep.
#[derive(Default)]
struct Read {
    watches: BTreeMap<Source, Watch>,
    /// What digests list, as far as it was needed.
    lists: BTreeMap<Place, BTreeSet<Place>>,
}

impl<S: ObjectStore, T: TrailState, A: AlertSink, K: KeySource> Inspector<S, T, A, K> {
    /// Asks about every log file that has waited for its digest long enough.
    pub(in crate::inspect) async fn sweep_unlisted(&self, report: &mut Report, now: i64) {
        let entries = match self.state().awaiting(now, ASKED).await {
            Ok(entries) => entries,
            Err(error) => return report.unrecorded.push(error),
        };
        let mut read = Read::default();
        let mut breaches = Findings::default();
        let mut asked = Vec::new();
        for mut entry in entries {
            let place = Place {
                bucket: entry.bucket.clone(),
                key: entry.key.clone(),
            };
            let unlisted = self.unlisted(&mut entry, &place, &mut read, report, now);
            match unlisted.await {
                Ok(breach) => {
                    breach.iter().for_each(|breach| breaches.add_breach(breach));
                    asked.push(entry);
                }
                Err(failure) => report.unswept.push((place.to_string(), failure)),
            }
        }
        if !self.tell(breaches, report, now).await {
            return;
        }
        for entry in asked {
            match self.recorder.enter_again(&entry).await {
                // Its digest came in between, or another content of it.
                Ok(()) | Err(StoreError::Conflict) => {}
                Err(error) => report.unrecorded.push(error),
            }
        }
    }

    /// Decides on one log file, and changes its entry accordingly.
    async fn unlisted(
        &self,
        entry: &mut Entry,
        place: &Place,
        read: &mut Read,
        report: &mut Report,
        now: i64,
    ) -> Result<Option<BreachFound>, ObjectFailure> {
        entry.awaits = None;
        if entry.attested().is_some() {
            return Ok(None);
        }
        let Some(folders) = Folders::parse(&place.key) else {
            return Ok(undigested(entry, place));
        };
        let source = Source {
            account: folders.account.to_owned(),
            region: folders.region.to_owned(),
        };
        let watch = self.watch_of(&source, read).await?;
        if watch.at(place).next().is_none() {
            let found = breaches::without_digests(place, folders.root, folders.region);
            return Ok(Some(found));
        }
        let asked = Asked::new(place, &folders, entry);
        match asked.judge(&watch, now, self.overdue) {
            Judged::Waits => entry.awaits = Some(now.saturating_add(AGAIN)),
            Judged::Breach(..) if self.is_listed(&asked, &watch, read, report, now).await? => {
                // It came after its digest, which is compared with it now.
                *entry = self.recorder.entry(&super::latest(place)).await?;
            }
            Judged::Breach(breach, verdict, why) => {
                for evaluation in &mut entry.evaluations {
                    evaluation.attestation = Attestation::Unattested;
                }
                return Ok(Some(breaches::unlisted(breach, place, verdict, why)));
            }
        }
        Ok(None)
    }

    async fn watch_of(&self, source: &Source, read: &mut Read) -> Result<Watch, ObjectFailure> {
        if let Some(watch) = read.watches.get(source) {
            return Ok(watch.clone());
        }
        let watch = self.state().watch(source).await?.watch;
        read.watches.insert(source.clone(), watch.clone());
        Ok(watch)
    }

    /// Whether one of the digests around its time lists the object all the same. Then the digest is
    /// compared with the ledger again.
    async fn is_listed(
        &self,
        asked: &Asked<'_>,
        watch: &Watch,
        read: &mut Read,
        report: &mut Report,
        now: i64,
    ) -> Result<bool, ObjectFailure> {
        let Some((from, to)) = asked.span() else {
            return Ok(false);
        };
        for (digest, sha256) in watch.touching(from, to) {
            if !self
                .list_of(&digest, sha256, read)
                .await?
                .contains(asked.place)
            {
                continue;
            }
            self.compare_again(&digest, report, now).await?;
            let entry = self.recorder.entry(&super::latest(asked.place)).await?;
            if entry.awaits.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn list_of<'r>(
        &self,
        digest: &Place,
        sha256: Option<Sha256>,
        read: &'r mut Read,
    ) -> Result<&'r BTreeSet<Place>, ObjectFailure> {
        if !read.lists.contains_key(digest) {
            if read.lists.len() >= LISTS {
                read.lists.clear();
            }
            let logs = self.signed_list(digest, sha256).await?;
            let places = logs.into_iter().map(|log| log.place);
            read.lists.insert(digest.clone(), places.collect());
        }
        Ok(read.lists.entry(digest.clone()).or_default())
    }

    /// Compares a digest that was verified before with the ledger again.
    async fn compare_again(
        &self,
        place: &Place,
        report: &mut Report,
        now: i64,
    ) -> Result<(), ObjectFailure> {
        let object = super::latest(place);
        let limit = self.options.limits.object_bytes;
        let fetched = self.store.fetch(&object, limit).await?;
        let Some(name) = DigestName::parse(&place.key) else {
            return Ok(());
        };
        let object = fetched.of(&object);
        let found = super::Found {
            entry: self.recorder.entry(&object).await?,
            examined: super::examine(&object, &name, fetched),
            object,
        };
        self.verify(found, report, now).await?;
        Ok(())
    }
}

/// A log file that lies in no folder of CloudTrail's, so that no digest can list it.
fn undigested(entry: &mut Entry, place: &Place) -> Option<BreachFound> {
    if entry.evaluations.is_empty() {
        return None;
    }
    for evaluation in &mut entry.evaluations {
        evaluation.attestation = Attestation::Unattested;
    }
    let why = "it is named like a log file and lies in no folder of CloudTrail's";
    let breach = Breach::LogFileUndigested;
    Some(breaches::unlisted(breach, place, Verdict::Uncovered, why))
}
