//! Log files that a genuine digest lists and whose signed content was never evaluated: they are
//! fetched, compared and evaluated now.

use super::listed::{Batch, Listed};
use crate::alert::Breach;
use crate::inspect::Inspection;
use crate::inspect::notification::Inspector;
use crate::inspect::recorder::TrailState;
use crate::inspect::report::{ObjectFailure, ObjectReport, Outcome, Report};
use crate::integrity::{Flaw, Verdict};
use crate::logfile::Fault;
use crate::ports::{
    AlertSink, Attestation, Entry, Evaluation, FetchError, Fetched, KeySource, ObjectStore,
};

impl<S: ObjectStore, T: TrailState, A: AlertSink, K: KeySource> Inspector<S, T, A, K> {
    /// A log file whose signed content was never evaluated.
    pub(super) async fn evaluate_now(
        &self,
        listed: &Listed<'_>,
        entry: &mut Entry,
        counted: bool,
        done: &mut Batch<'_>,
        report: &mut Report,
        now: i64,
    ) -> Result<(), ObjectFailure> {
        let Some(fetched) = self.fetch_listed(listed, counted, done).await? else {
            return Ok(());
        };
        let object = fetched.of(&listed.object);
        let name = object.to_string();
        let (inspection, findings) = self.evaluate(&name, listed.folder(), &fetched.bytes);
        let sha256 = inspection
            .sha256
            .map(|hash| hash.to_string())
            .unwrap_or_default();
        let known = entry.of_content(&sha256).is_some();
        let times = findings.times();
        // What can be read of it is told, as of every file, whoever wrote it.
        done.findings.absorb(findings);
        let attestation = self.judge(listed, &inspection, known, counted, done, now);
        report.tally += &inspection.tally;
        if inspection.is_complete() && !known {
            entry.add(Evaluation {
                version: object.version.clone(),
                etag: object.etag.clone(),
                sha256,
                records: inspection.tally.records,
                matches: inspection.tally.matches,
                first_event_time: times.0,
                last_event_time: times.1,
                evaluated_at: now,
                attestation,
            });
        }
        let outcome = match Outcome::of(Box::new(inspection)) {
            // It is told as a breach, and another try would find the same.
            Outcome::Failed(ObjectFailure::Decode { .. }) => return Ok(()),
            outcome => outcome,
        };
        report.objects.push(ObjectReport { object, outcome });
        Ok(())
    }

    /// A listed log file; `None` when it is not to be had, which is noted.
    async fn fetch_listed(
        &self,
        listed: &Listed<'_>,
        counted: bool,
        done: &mut Batch<'_>,
    ) -> Result<Option<Fetched>, ObjectFailure> {
        let limit = self.options.limits.object_bytes;
        match self.store.fetch(&listed.object, limit).await {
            Ok(fetched) => return Ok(Some(fetched)),
            Err(error @ FetchError::Unavailable(_)) => return Err(error.into()),
            Err(FetchError::NotFound) => {
                let breach = Breach::LogFileMissing;
                done.add(listed, breach, Verdict::Missing, Vec::new());
                done.logs.missing += u64::from(!counted);
            }
            Err(error) => {
                let details = vec![("reason", error.to_string())];
                let breach = Breach::LogFileUnreadable;
                done.add(listed, breach, Verdict::Unreadable, details);
                done.logs.unreadable += u64::from(!counted);
            }
        }
        Ok(None)
    }

    /// What a log file is that was fetched because its digest lists it.
    fn judge(
        &self,
        listed: &Listed<'_>,
        inspection: &Inspection,
        known: bool,
        counted: bool,
        done: &mut Batch<'_>,
        now: i64,
    ) -> Attestation {
        let found = inspection
            .sha256
            .map(|hash| hash.to_string())
            .unwrap_or_default();
        let flaw = match &inspection.fault {
            Some(Fault::Foreign(_)) | None if found == listed.signed.sha256 => None,
            Some(fault) => Some(Flaw::from(fault.clone())),
            None => Some(Flaw {
                verdict: Verdict::HashMismatch,
                reason: String::new(),
            }),
        };
        match flaw {
            Some(flaw) if flaw.verdict == Verdict::Unreadable => {
                let details = vec![("reason", flaw.reason)];
                done.add(listed, Breach::LogFileUnreadable, flaw.verdict, details);
                done.logs.unreadable += u64::from(!counted);
                Attestation::Pending
            }
            Some(flaw) => {
                if !known {
                    done.breaches
                        .add_breach(&listed.tampered(&found, Some(&flaw)));
                    done.logs.tampered += u64::from(!counted);
                }
                Attestation::Tampered
            }
            None if inspection.is_complete() => {
                done.breaches.add_breach(&listed.late(now));
                done.logs.late += u64::from(!counted);
                Attestation::Attested
            }
            // CloudTrail signed what cannot be evaluated whole: nobody else will say so.
            None => {
                let problem = inspection.problems.first();
                let reason = problem
                    .map(|problem| problem.reason.clone())
                    .unwrap_or_default();
                let malformed = inspection.tally.records_malformed.to_string();
                let details = vec![("malformed records", malformed), ("reason", reason)];
                done.add(listed, Breach::LogFileUnreadable, Verdict::Valid, details);
                done.logs.unreadable += u64::from(!counted);
                Attestation::Attested
            }
        }
    }
}
