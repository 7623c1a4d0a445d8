//! Why a chain of digests has a gap: a call that stopped or changed the trail, in a log file that
//! CloudTrail signed. Anything else may have been put there to explain it.

use super::{breaches, latest};
use crate::alert::{Breach, Findings};
use crate::inspect::notification::Inspector;
use crate::inspect::recorder::TrailState;
use crate::inspect::report::{ObjectFailure, Report};
use crate::integrity::{Content, Gap, LogEntry, Place, Source, Watched, stop};
use crate::logfile::{Limits, Sha256, read_member};
use crate::ports::{AlertSink, FetchError, KeySource, ObjectStore, StoreError};

/// Stored bytes of log files that are searched for what explains a gap.
const SEARCHED: usize = 64 << 20;

/// Log files that are searched.
const FILES: usize = 300;

/// Seconds between the ends of chains of one trail: each region has its own.
const APART: i64 = 2 * 3_600;

/// A log file is read whole to be searched.
fn limits() -> Limits {
    Limits {
        object_bytes: 16 << 20,
        inflated_bytes: 64 << 20,
        ..Limits::default()
    }
}

impl<S: ObjectStore, T: TrailState, A: AlertSink, K: KeySource> Inspector<S, T, A, K> {
    /// Tells of a gap unless a call explains it, and notes that it was judged.
    pub(super) async fn judge_gap(
        &self,
        source: &Source,
        chain: &Watched,
        gap: &Gap,
        report: &mut Report,
        now: i64,
    ) -> Result<(), ObjectFailure> {
        if !self.is_explained(chain, gap).await? {
            // A call about an organisation's trail is in the log files of an account that a digest
            // does not name.
            let breach = match chain.name.organisation {
                Some(_) => Breach::DigestGapElsewhere,
                None => Breach::DigestGap,
            };
            let mut breaches = Findings::default();
            breaches.add_breach(&breaches::gap(breach, chain, gap));
            if !self.tell(breaches, report, now).await {
                return Err(ObjectFailure::Untold);
            }
        }
        let mut stored = self.state().watch(source).await?;
        if let Some(chain) = stored.watch.named(&chain.name) {
            chain.judged(gap);
        }
        let due = stored.watch.due(self.overdue);
        match self.state().keep_watch(source, &stored, due).await {
            // The next sweep finds the same, which is told once.
            Err(StoreError::Conflict) => Ok(()),
            kept => Ok(kept?),
        }
    }

    /// Whether a call is in the log files of the digest before the gap, or of those at the same time
    /// in the trail's home region, where such calls are made.
    async fn is_explained(&self, chain: &Watched, gap: &Gap) -> Result<bool, ObjectFailure> {
        let mut digests = vec![(gap.before.clone(), gap.sha256)];
        let name = &chain.name;
        if name.home != name.region {
            let home = Source {
                account: name.account.clone(),
                region: name.home.clone(),
            };
            let watch = self.state().watch(&home).await?.watch;
            let from = gap.from.seconds();
            digests.extend(watch.touching(from - APART, from + APART));
        }
        let (mut bytes, mut files) = (SEARCHED, FILES);
        for (place, sha256) in digests {
            let mut logs = self.signed_list(&place, sha256).await?;
            // The call that stopped the trail is in one of the last files.
            logs.sort_by(|a, b| b.place.cmp(&a.place));
            for log in logs {
                if bytes == 0 || files == 0 {
                    return Ok(false);
                }
                let Some(stored) = self.bytes(&log.place, limits().object_bytes).await? else {
                    continue;
                };
                bytes = bytes.saturating_sub(stored.len());
                files -= 1;
                let text = read_member(&stored, limits());
                let signed = text.ok().filter(|(_, hash)| log.sha256 == Some(*hash));
                if signed.is_some_and(|(text, _)| stop(&text, &name.trail).is_some()) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// What a digest lists that was genuine when it was seen; nothing when another content is there.
    pub(super) async fn signed_list(
        &self,
        place: &Place,
        sha256: Option<Sha256>,
    ) -> Result<Vec<LogEntry>, ObjectFailure> {
        let limit = self.options.limits.object_bytes;
        let stored = self.bytes(place, limit).await?;
        let content = stored.and_then(|stored| Content::open(&stored).ok());
        let genuine = content.filter(|content| Some(content.sha256) == sha256);
        Ok(genuine
            .map(|content| content.digest.logs)
            .unwrap_or_default())
    }

    /// An object's bytes; `None` when it is not to be had.
    async fn bytes(&self, place: &Place, limit: u64) -> Result<Option<Vec<u8>>, ObjectFailure> {
        match self.store.fetch(&latest(place), limit).await {
            Ok(fetched) => Ok(Some(fetched.bytes)),
            Err(error @ FetchError::Unavailable(_)) => Err(error.into()),
            Err(_) => Ok(None),
        }
    }
}
