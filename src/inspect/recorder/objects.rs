//! Objects: whether they were evaluated before, whether they were replaced, and that they are done.

use super::{Done, Recorder, State, Told};
use crate::alert::{Alert, Breach, BreachFound, Findings, Notice};
use crate::inspect::Inspection;
use crate::integrity::{Folders, Verdict};
use crate::logfile::{KeyKind, classify};
use crate::ports::{AlertSink, Attestation, Entry, Evaluation, ObjectRef, Signed, StoreError};
use crate::record::EventTime;

impl<T: State, A: AlertSink> Recorder<T, A> {
    /// What the ledger has about an object; an empty entry when it has nothing.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn entry(&self, object: &ObjectRef) -> Result<Entry, StoreError> {
        let entry = self.state.entry(object).await?;
        Ok(entry.unwrap_or_else(|| Entry::new(object)))
    }

    /// Adds an evaluation of a whole object to its entry, which is to be entered once its findings
    /// are settled; `None` when nothing is to be noted. Tells when an evaluated log file was
    /// replaced by another content.
    pub async fn done(
        &self,
        mut entry: Entry,
        object: &ObjectRef,
        (name, inspection): (&str, &Inspection),
        findings: &Findings,
        now: i64,
    ) -> Done {
        let mut told = Told::default();
        let nothing = |told| Done {
            entry: None,
            breach: None,
            told,
        };
        let Some(sha256) = inspection.sha256.map(|hash| hash.to_string()) else {
            return nothing(told);
        };
        let known = entry.of_content(&sha256).is_some();
        let breach = breached(&entry, object, &sha256);
        let signed = entry.signed.as_ref();
        let attested = signed.is_some_and(|signed| signed.sha256 == sha256);
        if breach.is_none()
            && let Some(before) = before(&entry, object, &sha256)
        {
            told = self
                .replaced(name, &object.bucket, before, &sha256, now)
                .await;
        }
        let same = known && object.version.is_none() && object.etag.is_none();
        if same || !told.is_done() {
            return nothing(told);
        }
        let (first_event_time, last_event_time) = findings.times();
        entry.add(Evaluation {
            version: object.version.clone(),
            etag: object.etag.clone(),
            sha256,
            records: inspection.tally.records,
            matches: inspection.tally.matches,
            first_event_time,
            last_event_time,
            evaluated_at: now,
            attestation: match (&breach, attested) {
                (Some(_), _) => Attestation::Tampered,
                (None, true) => Attestation::Attested,
                (None, false) => Attestation::Pending,
            },
        });
        Done {
            entry: Some(entry),
            breach,
            told,
        }
    }

    /// Tells when an evaluated log file was replaced by something that cannot be read whole.
    pub async fn damaged(
        &self,
        entry: &Entry,
        object: &ObjectRef,
        (name, inspection): (&str, &Inspection),
        now: i64,
    ) -> (Told, Option<BreachFound>) {
        let sha256 = inspection.sha256.map(|hash| hash.to_string());
        let sha256 = sha256.unwrap_or_default();
        let breach = breached(entry, object, &sha256);
        match before(entry, object, &sha256).filter(|_| breach.is_none()) {
            Some(before) => {
                let told = self.replaced(name, &object.bucket, before, &sha256, now);
                (told.await, breach)
            }
            None => (Told::default(), breach),
        }
    }

    /// Stores an entry that was read and changed.
    ///
    /// # Errors
    /// As the ledger's.
    pub async fn enter_again(&self, entry: &Entry) -> Result<(), StoreError> {
        self.state.enter(entry).await
    }

    pub(super) async fn replaced(
        &self,
        object: &str,
        bucket: &str,
        before: &str,
        after: &str,
        now: i64,
    ) -> Told {
        let hash = |name: &str, hash: &str| (name.to_owned(), hash.to_owned());
        let details = vec![hash("sha256 before", before), hash("sha256 now", after)];
        let alert = Notice::REPLACED.alert(bucket, &format!("{object} {after}"), object, details);
        let mut told = Told::default();
        let published = match self.notice(alert, now).await {
            Ok(due) => self.publish(due, now, &mut told).await,
            Err(error) => Err(error),
        };
        told.failed.extend(published.err());
        told
    }

    /// Records an alert that comes with no group; returns it when it is to be published at once.
    pub(super) async fn notice(&self, alert: Alert, now: i64) -> Result<Vec<Alert>, StoreError> {
        let rule = alert.rule.clone();
        let mut loud = Vec::new();
        for message in self.messages(&rule, vec![alert], now).await? {
            if self.state.record(&message).await? && !message.quiet {
                loud.push(message.alert);
            }
        }
        Ok(loud)
    }

    /// Notes in the ledger that an object is done.
    ///
    /// # Errors
    /// When it could not be noted, or somebody else noted another content of it in between: then
    /// the object is to be looked at again.
    pub async fn enter(&self, entry: &Entry, object: &ObjectRef) -> Result<(), StoreError> {
        match self.state.enter(entry).await {
            // The same delivery, twice at the same time.
            Err(StoreError::Conflict) if self.entry(object).await?.has(object) => Ok(()),
            ended => ended,
        }
    }
}

/// Under a key whose content a digest attests another content was found.
fn breached(entry: &Entry, object: &ObjectRef, sha256: &str) -> Option<BreachFound> {
    let signed = entry.signed.as_ref()?;
    let found = if sha256.is_empty() {
        "unreadable"
    } else {
        sha256
    };
    (signed.sha256 != sha256).then(|| tampered(object, signed, found, &[]))
}

/// A log file whose content is not the one that a digest gives.
pub(in crate::inspect) fn tampered(
    object: &ObjectRef,
    signed: &Signed,
    found: &str,
    more: &[(&'static str, String)],
) -> BreachFound {
    let folders = Folders::parse(&object.key);
    let (account, region) = folders.map_or(("", ""), |folders| (folders.account, folders.region));
    let mut details = vec![
        ("signed sha256", signed.sha256.clone()),
        ("found sha256", found.to_owned()),
    ];
    details.extend_from_slice(more);
    BreachFound {
        breach: Breach::LogFileTampered,
        object: object.to_string(),
        apart: found.to_owned(),
        account: account.to_owned(),
        region: region.to_owned(),
        time: Some(EventTime::from_seconds(signed.at)),
        verdict: Verdict::HashMismatch.word(),
        details,
    }
}

/// The hash of what was evaluated under a log file's key, if this content is another one.
fn before<'e>(entry: &'e Entry, object: &ObjectRef, sha256: &str) -> Option<&'e str> {
    let last = entry.evaluations.last()?;
    let is_new = entry.of_content(sha256).is_none();
    let is_log_file = matches!(classify(&object.key), KeyKind::LogFile(_));
    (is_new && is_log_file).then_some(last.sha256.as_str())
}
