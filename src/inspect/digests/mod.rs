//! A digest that arrives: whether it is genuine, where it stands in its chain, which digests before
//! it nobody announced, and whether what it lists was evaluated.
//!
//! The order is that of log files: what is found is recorded and told, then what is known is
//! written. Who dies in between, or meets another digest of the same account and region, begins
//! anew and finds the same, which is told once.

mod asked;
mod breaches;
mod gaps;
mod keys;
mod late;
mod listed;
mod silent;
mod unannounced;
mod unlisted;

pub use keys::Keys;

use super::notification::{BEFORE, Inspector};
use super::recorder::TrailState;
use super::report::{DigestReport, ListedLogs, ObjectFailure, Outcome, Report};
use crate::alert::Findings;
use crate::integrity::{
    Content, DigestName, Examined, Flaw, KeyRing, Newer, Place, Remembered, Settled, Source,
    Unfetched, Verdict, Watch, settle,
};
use crate::ports::{
    AlertSink, Attestation, Entry, Evaluation, Fetched, KeySource, ObjectRef, ObjectStore,
    StoreError,
};

/// Seconds after its end at which a digest is old: less than any ledger remembers.
const OLD: i64 = 80 * 24 * 3_600;

/// How often a digest is settled again because others of its account and region came first.
const TRIES: usize = 100;

/// A digest object as it was found, and what the ledger has about it.
struct Found {
    object: ObjectRef,
    entry: Entry,
    examined: Examined,
}

impl<S: ObjectStore, T: TrailState, A: AlertSink, K: KeySource> Inspector<S, T, A, K> {
    fn state(&self) -> &T {
        self.recorder.state()
    }

    /// A digest that was announced.
    pub(super) async fn digest(
        &self,
        object: &ObjectRef,
        report: &mut Report,
        now: i64,
    ) -> Result<Outcome, ObjectFailure> {
        let Some(name) = DigestName::parse(&object.key) else {
            let reason = "in the folder of digests, and not named like one";
            return Ok(Outcome::skipped(reason, &mut report.tally));
        };
        let entry = self.recorder.entry(object).await?;
        if entry.has(object) {
            return Ok(Outcome::skipped(BEFORE, &mut report.tally));
        }
        let limit = self.options.limits.object_bytes;
        let fetched = self.store.fetch(object, limit).await?;
        let found = Found {
            // What is there may be newer than what was announced.
            object: fetched.of(object),
            examined: examine(object, &name, fetched),
            entry,
        };
        if found.entry.has(&found.object) {
            return Ok(Outcome::skipped(BEFORE, &mut report.tally));
        }
        if found.is_known(now) {
            return self.put_again(found, report, now).await;
        }
        let verified = self.verify(found, report, now).await?;
        let source = Source::of(&name);
        self.walk_back(&source, report, now).await?;
        report.tally.skip_file("a digest file");
        Ok(Outcome::Verified(Box::new(verified)))
    }

    /// A digest with the content that was verified before.
    async fn put_again(
        &self,
        mut found: Found,
        report: &mut Report,
        now: i64,
    ) -> Result<Outcome, ObjectFailure> {
        let written = found.object.version.as_ref().or(found.object.etag.as_ref());
        if let Some(written) = written.cloned() {
            let mut breaches = Findings::default();
            breaches.add_breach(&breaches::put_again(&found.examined.place, &written));
            if !self.tell(breaches, report, now).await {
                return Err(ObjectFailure::Untold);
            }
            let sha256 = found.sha256();
            let before = found.entry.of_content(&sha256);
            let attestation = before.map_or(Attestation::Pending, |before| before.attestation);
            note(&mut found.entry, &found.object, sha256, attestation, now);
            self.recorder.enter(&found.entry, &found.object).await?;
        }
        Ok(Outcome::skipped(BEFORE, &mut report.tally))
    }

    /// Verifies a digest and looks after what it lists; then notes where it stands, and that it
    /// was verified.
    async fn verify(
        &self,
        found: Found,
        report: &mut Report,
        now: i64,
    ) -> Result<DigestReport, ObjectFailure> {
        let sha256 = found.sha256();
        let Found {
            object,
            mut entry,
            examined,
        } = found;
        let place = &examined.place;
        let Some(name) = DigestName::parse(&place.key) else {
            return Err(ObjectFailure::Untold);
        };
        let source = Source::of(&name);
        let ring = self.keys.of(&examined, name.region, self.state()).await?;
        for _ in 0..TRIES {
            let mut stored = self.state().watch(&source).await?;
            let settled = self.settle_in(&mut stored.watch, &examined, &ring, report, now);
            let settled = settled.await?;
            let logs = match &examined.content {
                Ok(content) if settled.trusted => {
                    Box::pin(self.listed(&content.digest, place, report, now)).await?
                }
                _ => ListedLogs::default(),
            };
            let due = stored.watch.due(self.overdue);
            match self.state().keep_watch(&source, &stored, due).await {
                Err(StoreError::Conflict) => continue,
                kept => kept?,
            }
            let attestation = match settled.trusted {
                true => Attestation::Attested,
                false => Attestation::Unattested,
            };
            if settled.verdict != Verdict::Missing {
                note(&mut entry, &object, sha256, attestation, now);
                self.recorder.enter(&entry, &object).await?;
            }
            return Ok(DigestReport {
                verdict: settled.verdict,
                reason: settled.reason,
                logs,
            });
        }
        Err(StoreError::Conflict.into())
    }

    /// Decides on a digest by what is known of its chain, takes it into that, and tells what was
    /// found.
    async fn settle_in(
        &self,
        watch: &mut Watch,
        examined: &Examined,
        ring: &KeyRing,
        report: &mut Report,
        now: i64,
    ) -> Result<Settled, ObjectFailure> {
        let place = &examined.place;
        let links = watch.newer(place);
        let newer = links.iter().map(|(link, trusted)| Newer {
            link,
            trusted: *trusted,
        });
        let newer: Vec<Newer<'_>> = newer.collect();
        let settled = settle(examined, &newer, ring);
        let mut breaches = Findings::default();
        if let Some(breach) = breaches::digest(examined, &settled) {
            breaches.add_breach(&breach);
        }
        for older in watch.take(Remembered::new(examined, &settled), now) {
            breaches.add_breach(&breaches::contradicted(&older, place));
        }
        match self.tell(breaches, report, now).await {
            true => Ok(settled),
            false => Err(ObjectFailure::Untold),
        }
    }
}

impl Found {
    /// Of its inflated bytes, in hex; empty when they cannot be read.
    fn sha256(&self) -> String {
        let content = self.examined.content.as_ref();
        content.map_or_else(|_| String::new(), |content| content.sha256.to_string())
    }

    /// Whether this content was verified before and was genuine; or it is so old that the ledger may
    /// have forgotten it, and what it lists is no news.
    fn is_known(&self, now: i64) -> bool {
        let Ok(content) = &self.examined.content else {
            return false;
        };
        let before = self.entry.of_content(&content.sha256.to_string());
        let genuine = before.is_some_and(|before| before.attestation == Attestation::Attested);
        let end = self.examined.end.seconds();
        genuine || (self.entry.evaluations.is_empty() && end.saturating_add(OLD) < now)
    }
}

/// Adds to a digest's entry that this content was verified.
fn note(entry: &mut Entry, object: &ObjectRef, sha256: String, attestation: Attestation, now: i64) {
    let (version, etag) = (&object.version, &object.etag);
    entry
        .evaluations
        .retain(|known| (&known.version, &known.etag, &known.sha256) != (version, etag, &sha256));
    entry.add(Evaluation {
        version: version.clone(),
        etag: etag.clone(),
        sha256,
        records: 0,
        matches: 0,
        first_event_time: None,
        last_event_time: None,
        evaluated_at: now,
        attestation,
    });
}

/// An object's latest version.
fn latest(place: &Place) -> ObjectRef {
    ObjectRef {
        bucket: place.bucket.clone(),
        key: place.key.clone(),
        version: None,
        etag: None,
    }
}

fn place_of(object: &ObjectRef) -> Place {
    Place {
        bucket: object.bucket.clone(),
        key: object.key.clone(),
    }
}

fn examine(object: &ObjectRef, name: &DigestName<'_>, fetched: Fetched) -> Examined {
    Examined {
        place: place_of(object),
        end: name.end,
        backfill: name.backfill,
        metadata: Some(fetched.metadata),
        content: Content::open(&fetched.bytes),
    }
}

fn lost(object: &ObjectRef, name: &DigestName<'_>, unfetched: Unfetched) -> Examined {
    Examined {
        place: place_of(object),
        end: name.end,
        backfill: name.backfill,
        metadata: None,
        content: Err(Flaw::from(unfetched)),
    }
}
