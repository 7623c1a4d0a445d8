//! The part of an audit that finds out what made gaps.

use super::audit::Audit;
use super::{DigestName, Examined, KeyRing, LogEntry, Place};
use crate::record::EventTime;

/// A gap begins behind a genuine digest. One of the log files that it lists may say why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenOff {
    /// The trail's name.
    pub trail: String,
    pub(super) home: String,
    pub(super) wanted: bool,
    /// Where the gap begins: at the end of the digest, or where the range begins.
    pub at: EventTime,
    /// What it lists.
    pub logs: Vec<LogEntry>,
}

impl Audit {
    /// Whether a gap in the range began before it, behind the last digest there, and nothing is known
    /// of what made it.
    pub fn breaks_off_before(&self, place: &Place) -> bool {
        let (Some(from), Some(name)) = (self.scope.from, DigestName::parse(&place.key)) else {
            return false;
        };
        let wanted = self.scope.wants(&name, &place.key);
        let trail = (name.trail.to_owned(), name.home.to_owned(), wanted);
        let chain = self.chains.get(&trail).filter(|_| wanted);
        chain.is_some_and(|chain| {
            chain.walk.breaks_off_at(from) && !chain.reasons.contains_key(&from)
        })
    }

    /// Takes digests before the range for which [`breaks_off_before`](Self::breaks_off_before) holds.
    /// They are not reported; [`take_broken_off`](Self::take_broken_off) tells what they list.
    pub fn before_gaps(&mut self, found: Vec<Examined>, keys: &KeyRing) {
        for examined in found {
            let (Some(from), Some(name)) =
                (self.scope.from, DigestName::parse(&examined.place.key))
            else {
                continue;
            };
            let wanted = self.scope.wants(&name, &examined.place.key);
            let settled = self
                .chain(&name, &examined.place.key)
                .settle(&examined, keys);
            if let (true, Ok(content)) = (settled.trusted, &examined.content) {
                self.broken_off.push(BrokenOff {
                    trail: name.trail.to_owned(),
                    home: name.home.to_owned(),
                    wanted,
                    at: from,
                    logs: content.digest.logs.clone(),
                });
            }
        }
    }

    /// Gaps since the last call, with the log files in which [`stop`](super::stop) may find the
    /// call that explains them.
    pub fn take_broken_off(&mut self) -> Vec<BrokenOff> {
        std::mem::take(&mut self.broken_off)
    }

    /// Takes what explains a gap; `None` when all its log files were read and none does.
    pub fn explain(&mut self, gap: &BrokenOff, call: Option<String>) {
        let trail = (gap.trail.clone(), gap.home.clone(), gap.wanted);
        if let Some(chain) = self.chains.get_mut(&trail) {
            chain.reasons.insert(gap.at, call);
        }
    }
}
