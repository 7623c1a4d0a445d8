//! What a genuine digest lists, against the ledger: evaluated with the same hash, with another one,
//! or never.

use futures_util::future::join_all;

use super::{breaches, latest};
use crate::alert::{Breach, BreachFound, Findings};
use crate::inspect::notification::{Inspector, KEPT};
use crate::inspect::recorder::{TrailState, tampered};
use crate::inspect::report::{ListedLogs, ObjectFailure, Report};
use crate::integrity::{Candidate, Digest, Flaw, LogEntry, Place, Verdict};
use crate::logfile::{Folder, KeyKind, classify};
use crate::ports::{
    AlertSink, Attestation, Entry, KeySource, ObjectRef, ObjectStore, Signed, StoreError,
};
use crate::record::EventTime;

/// Log files whose entries are read, and whose findings are kept, at a time.
const BATCH: usize = 100;

/// Entries that are on their way to the ledger at once: each is a request of some milliseconds.
const AT_ONCE: usize = 16;

/// How often an entry is read again that somebody else wrote at the same time.
const TRIES: usize = 20;

/// The entry of a log file in a digest, where its key, hash and digest are known.
pub(super) struct Listed<'d> {
    pub(super) object: ObjectRef,
    place: &'d Place,
    pub(super) signed: Signed,
    digest: &'d Place,
    fingerprint: &'d str,
}

/// What a batch of log files leads to.
#[derive(Default)]
pub(super) struct Batch<'d> {
    pub(super) logs: ListedLogs,
    pub(super) findings: Findings,
    pub(super) breaches: Findings,
    /// Entries to be written, with what is counted once they are.
    entries: Vec<(Entry, &'d LogEntry, ListedLogs)>,
}

impl<S: ObjectStore, T: TrailState, A: AlertSink, K: KeySource> Inspector<S, T, A, K> {
    /// Looks after all log files that a digest lists, batch by batch, so that what was done stays
    /// done when something fails.
    pub(super) async fn listed(
        &self,
        digest: &Digest,
        place: &Place,
        report: &mut Report,
        now: i64,
    ) -> Result<ListedLogs, ObjectFailure> {
        let mut logs = ListedLogs::default();
        for batch in digest.logs.chunks(BATCH) {
            let mut left: Vec<&LogEntry> = batch.iter().collect();
            for _ in 0..TRIES {
                if left.is_empty() {
                    break;
                }
                let (some, again) = self.batch(&left, digest, place, report, now).await?;
                logs += some;
                left = again;
            }
            if !left.is_empty() {
                return Err(StoreError::Conflict.into());
            }
        }
        Ok(logs)
    }

    /// Looks after some log files. Returns those whose entry somebody else wrote at the same time:
    /// what they evaluated is to be compared too.
    async fn batch<'d>(
        &self,
        logs: &[&'d LogEntry],
        digest: &'d Digest,
        place: &'d Place,
        report: &mut Report,
        now: i64,
    ) -> Result<(ListedLogs, Vec<&'d LogEntry>), ObjectFailure> {
        let objects: Vec<ObjectRef> = logs.iter().map(|log| latest(&log.place)).collect();
        let entries = self.state().entries(&objects).await?;
        let (mut done, mut conflicts) = (Batch::default(), Vec::new());
        let mut counted = ListedLogs::default();
        for ((log, object), entry) in logs.iter().zip(objects).zip(entries) {
            let entry = entry.unwrap_or_else(|| Entry::new(&object));
            let changed = match Listed::new(log, object, &entry, digest, place) {
                Some(listed) => self.compare(&listed, entry, &mut done, report, now).await?,
                None => {
                    done.unknown(log);
                    // It is listed, if only by name.
                    let mut changed = entry;
                    changed.awaits.take().map(|_| changed)
                }
            };
            let counts = std::mem::take(&mut done.logs);
            match changed {
                Some(entry) => done.entries.push((entry, *log, counts)),
                None => counted += counts,
            }
            // A storm is not kept until the end.
            if done.findings.len() > KEPT {
                let batch = std::mem::take(&mut done);
                counted += self.finish(batch, &mut conflicts, report, now).await?;
            }
        }
        counted += self.finish(done, &mut conflicts, report, now).await?;
        Ok((counted, conflicts))
    }

    /// Tells what was found; then the ledger says so.
    async fn finish<'d>(
        &self,
        done: Batch<'d>,
        conflicts: &mut Vec<&'d LogEntry>,
        report: &mut Report,
        now: i64,
    ) -> Result<ListedLogs, ObjectFailure> {
        let rules = self.rules.rules();
        let told = self.recorder.settle(rules, done.findings, now).await;
        let all = told.is_done();
        report.add(told);
        if !self.tell(done.breaches, report, now).await || !all {
            return Err(ObjectFailure::Untold);
        }
        let mut counted = ListedLogs::default();
        for some in done.entries.chunks(AT_ONCE) {
            let entered = some
                .iter()
                .map(|(entry, ..)| self.recorder.enter_again(entry));
            let entered = join_all(entered).await;
            for ((_, log, counts), entered) in some.iter().zip(entered) {
                match entered {
                    Ok(()) => counted += *counts,
                    Err(StoreError::Conflict) => conflicts.push(log),
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(counted)
    }

    /// Returns the entry when it is another one now.
    async fn compare(
        &self,
        listed: &Listed<'_>,
        mut entry: Entry,
        done: &mut Batch<'_>,
        report: &mut Report,
        now: i64,
    ) -> Result<Option<Entry>, ObjectFailure> {
        let before = entry.clone();
        entry.awaits = None;
        let (mut right, mut wrong) = (false, false);
        for evaluation in &mut entry.evaluations {
            if evaluation.sha256 == listed.signed.sha256 {
                if evaluation.attestation == Attestation::Unattested {
                    let breach = Breach::LogFileListedLate;
                    done.add(listed, breach, Verdict::Valid, Vec::new());
                }
                evaluation.attestation = Attestation::Attested;
                right = true;
            } else {
                evaluation.attestation = Attestation::Tampered;
                done.breaches
                    .add_breach(&listed.tampered(&evaluation.sha256, None));
                wrong = true;
            }
        }
        done.logs.tampered += u64::from(wrong);
        done.logs.attested += u64::from(right && !wrong);
        // Whoever evaluates another content, knows what it must be.
        entry.signed = Some(listed.signed.clone());
        if !right {
            entry.noted_at.get_or_insert(now);
            self.evaluate_now(listed, &mut entry, wrong, done, report, now)
                .await?;
        }
        Ok((entry != before).then_some(entry))
    }
}

impl Batch<'_> {
    fn unknown(&mut self, log: &LogEntry) {
        let why = "its digest names a hash algorithm that is not known here";
        let breach = Breach::LogFileUnreadable;
        let verdict = Verdict::Unverifiable.word();
        let details = vec![("reason", why.to_owned())];
        let found = breaches::listed(breach, &log.place, verdict, details);
        self.breaches.add_breach(&found);
        self.logs.unreadable += 1;
    }

    pub(super) fn add(
        &mut self,
        listed: &Listed<'_>,
        breach: Breach,
        verdict: Verdict,
        mut details: Vec<(&'static str, String)>,
    ) {
        details.extend(listed.evidence());
        let found = breaches::listed(breach, listed.place, verdict.word(), details);
        self.breaches.add_breach(&listed.timed(found));
    }
}

impl<'d> Listed<'d> {
    /// `None` when the digest's hash is of an unknown kind.
    fn new(
        log: &'d LogEntry,
        object: ObjectRef,
        entry: &Entry,
        digest: &'d Digest,
        place: &'d Place,
    ) -> Option<Self> {
        Some(Self {
            object,
            place: &log.place,
            signed: signed_before(entry, log.sha256?.to_string(), digest.end),
            digest: place,
            fingerprint: &digest.fingerprint,
        })
    }

    pub(super) fn folder(&self) -> Option<Folder> {
        match classify(&self.object.key) {
            KeyKind::LogFile(name) => Some(name.folder),
            _ => None,
        }
    }

    fn evidence(&self) -> [(&'static str, String); 2] {
        [
            ("digest", self.digest.to_string()),
            ("signer's fingerprint", self.fingerprint.to_owned()),
        ]
    }

    pub(super) fn tampered(&self, found: &str, flaw: Option<&Flaw>) -> BreachFound {
        let mut more = self.evidence().to_vec();
        let reason = flaw.filter(|flaw| !flaw.reason.is_empty());
        more.extend(reason.map(|flaw| ("reason", flaw.reason.clone())));
        let mut breach = tampered(&self.object, &self.signed, found, &more);
        breach.verdict = flaw.map_or(breach.verdict, |flaw| flaw.verdict.word());
        breach
    }

    /// With the time of the digest, so that what it shows is one alert.
    fn timed(&self, mut found: BreachFound) -> BreachFound {
        found.time = Some(EventTime::from_seconds(self.signed.at));
        found
    }

    pub(super) fn late(&self, now: i64) -> BreachFound {
        let time = Candidate::of(self.place.clone()).and_then(|candidate| candidate.time);
        let late = time.map(|time| now.saturating_sub(time.seconds()) / 60);
        let mut details = vec![("sha256", self.signed.sha256.clone())];
        if let Some(minutes) = late {
            let text = format!("found through its digest, {minutes} minutes late");
            details.insert(0, ("reason", text));
        }
        details.extend(self.evidence());
        let verdict = Verdict::Valid.word();
        let found = breaches::listed(Breach::LogFileLate, self.place, verdict, details);
        self.timed(found)
    }
}

/// What a digest says, with the time of the first digest that said so: another one may list the same.
fn signed_before(entry: &Entry, sha256: String, end: EventTime) -> Signed {
    match &entry.signed {
        Some(known) if known.sha256 == sha256 => known.clone(),
        _ => Signed {
            sha256,
            at: end.seconds(),
        },
    }
}
