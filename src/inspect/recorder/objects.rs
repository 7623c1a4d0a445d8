//! Objects: whether they were evaluated before, whether they were replaced, and that they are done.

use super::{Done, Recorder, State, Told};
use crate::alert::{Alert, Findings, Notice};
use crate::inspect::Inspection;
use crate::logfile::{KeyKind, classify};
use crate::ports::{AlertSink, Attestation, Entry, Evaluation, ObjectRef, StoreError};

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
        let Some(sha256) = inspection.sha256.map(|hash| hash.to_string()) else {
            return Done { entry: None, told };
        };
        let known = entry.of_content(&sha256).is_some();
        if let Some(before) = before(&entry, object, &sha256) {
            told = self
                .replaced(name, &object.bucket, before, &sha256, now)
                .await;
        }
        let same = known && object.version.is_none() && object.etag.is_none();
        if same || !told.is_done() {
            return Done { entry: None, told };
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
            attestation: Attestation::Pending,
        });
        Done {
            entry: Some(entry),
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
    ) -> Told {
        let sha256 = inspection.sha256.map(|hash| hash.to_string());
        let sha256 = sha256.unwrap_or_default();
        match before(entry, object, &sha256) {
            Some(before) => {
                let told = self.replaced(name, &object.bucket, before, &sha256, now);
                told.await
            }
            None => Told::default(),
        }
    }

    pub(super) async fn replaced(
        &self,
        object: &str,
        bucket: &str,
        before: &str,
        after: &str,
        now: i64,
    ) -> Told {
        let mut told = Told::default();
        let hash = |name: &str, hash: &str| (name.to_owned(), hash.to_owned());
        let details = vec![hash("sha256 before", before), hash("sha256 now", after)];
        let alert = Notice::REPLACED.alert(bucket, &format!("{object} {after}"), object, details);
        match self.notice(alert, now).await {
            Ok(due) => self.publish(due, now, &mut told).await,
            Err(error) => told.failed.push(error),
        }
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

/// The hash of what was evaluated under a log file's key, if this content is another one.
fn before<'e>(entry: &'e Entry, object: &ObjectRef, sha256: &str) -> Option<&'e str> {
    let last = entry.evaluations.last()?;
    let is_new = entry.of_content(sha256).is_none();
    let is_log_file = matches!(classify(&object.key), KeyKind::LogFile(_));
    (is_new && is_log_file).then_some(last.sha256.as_str())
}
