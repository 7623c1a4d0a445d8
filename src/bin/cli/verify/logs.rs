//! Log files: those that digests list, and what else lies in their folders.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use trailwarden::integrity::{
    Candidate, Flaw, LogEntry, Piece, Place, Scope, Verdict, check_log, stop,
};
use trailwarden::logfile::{Folder, Limits, Scratch, read_member};

use super::days::{day, later};
use super::run::Walker;
use super::source::{Closed, Listed, Want};

thread_local! {
    /// Memory to inflate into, kept from one log file to the next.
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::default());
}

impl Walker<'_> {
    /// Fetches log files and compares them with their entries.
    pub(super) fn check_logs(&self, entries: &[LogEntry]) -> Vec<Option<(Verdict, String)>> {
        let want = |entry: &LogEntry| Want {
            place: entry.place.clone(),
        };
        let wants: Vec<Want> = entries.iter().map(want).collect();
        let found: Mutex<Vec<Option<(Verdict, String)>>> = Mutex::new(vec![None; wants.len()]);
        self.run.source.fetch(&wants, &|index, stored| {
            let Some(entry) = entries.get(index) else {
                return;
            };
            let checked = match stored {
                Ok(stored) => SCRATCH
                    .with_borrow_mut(|scratch| check_log(entry, stored.bytes, limits(), scratch)),
                Err(unfetched) => {
                    let flaw = Flaw::from(unfetched);
                    let reason = match flaw.verdict {
                        Verdict::Missing => {
                            "a valid digest lists it, and it is not there".to_owned()
                        }
                        _ => flaw.reason,
                    };
                    (flaw.verdict, reason)
                }
            };
            self.run.report.tick(1);
            if let Ok(mut found) = found.lock()
                && let Some(slot) = found.get_mut(index)
            {
                *slot = Some(checked);
            }
        });
        found.into_inner().unwrap_or_default()
    }

    pub(super) fn take_logs(
        &mut self,
        entries: &[LogEntry],
        checked: Vec<Option<(Verdict, String)>>,
    ) {
        for (entry, checked) in entries.iter().zip(checked) {
            let unknown = || (Verdict::Unreadable, "it was not read".to_owned());
            let (verdict, reason) = checked.unwrap_or_else(unknown);
            self.audit.log(&entry.place, verdict, reason);
        }
    }

    /// Looks for the calls that stopped a trail in the log files before its gaps.
    pub(super) fn explain_gaps(&mut self) {
        for gap in self.audit.take_broken_off() {
            let want = |entry: &LogEntry| Want {
                place: entry.place.clone(),
            };
            let wants: Vec<Want> = gap.logs.iter().map(want).collect();
            let (calls, unread) = (Mutex::new(BTreeSet::new()), AtomicBool::new(false));
            self.run.source.fetch(&wants, &|index, stored| {
                let signed = gap.logs.get(index).and_then(|entry| entry.sha256);
                let read = stored
                    .ok()
                    .and_then(|stored| read_member(stored.bytes, Limits::default()).ok())
                    // Whoever deleted digests can write an explanation, too.
                    .filter(|(_, hash)| signed.as_ref() == Some(hash));
                match (read, calls.lock()) {
                    (Some((bytes, _)), Ok(mut calls)) => calls.extend(stop(&bytes, &gap.trail)),
                    _ => unread.store(true, Ordering::Relaxed),
                }
            });
            let call = calls.into_inner().unwrap_or_default().pop_last();
            if call.is_some() || !unread.into_inner() {
                self.audit.explain(&gap, call);
            }
        }
    }

    /// What lies in the folders of log files, of the days of a piece.
    pub(super) fn log_listing(&self, span: Piece) -> Vec<Candidate> {
        let newest = span.up_to.is_none();
        let Scope { from, until, .. } = self.run.scope;
        let above = span.above.or(*from);
        let up_to = match newest {
            true => *until,
            false => span.up_to,
        };
        let mut found = Vec::new();
        for root in self.names.roots() {
            for folder in Folder::ALL {
                let prefix = format!("{}/{folder}/{}/", root.root, self.group.region);
                let after = above.map(|above| format!("{prefix}{}", day(above)));
                // A day later, for what is named before midnight and delivered after it.
                let until = up_to.map(|up_to| format!("{prefix}{}", day(later(up_to, 2 * 86_400))));
                let listed =
                    self.run
                        .source
                        .list(&root.bucket, &prefix, after.as_deref(), until.as_deref());
                match listed {
                    Ok(listed) => {
                        let candidate = |found: Listed| {
                            let (bucket, key) = (root.bucket.clone(), found.key);
                            Candidate::below(&root.root, Place { bucket, key })
                        };
                        let mine = |candidate: &Candidate| {
                            candidate.time.is_none_or(|time| {
                                span.above.is_none_or(|above| time > above)
                                    && (newest || span.up_to.is_none_or(|up_to| time <= up_to))
                            })
                        };
                        let listed_here = listed.found.into_iter().filter_map(candidate);
                        found.extend(listed_here.filter(mine));
                        for closed in listed.closed {
                            let Closed { key, reason } = closed;
                            self.run.report.unlisted(&root.bucket, &key, &reason);
                        }
                    }
                    Err(error) => self.run.report.unlisted(&root.bucket, &prefix, &error),
                }
            }
        }
        found
    }
}

/// Bounds for a log file that a signed digest lists: only what would exhaust the machine.
fn limits() -> Limits {
    Limits {
        object_bytes: 1 << 30,
        inflated_bytes: 16 << 30,
        ratio: 1 << 20,
        whole_bytes: 8 << 20,
        ..Limits::default()
    }
}
