//! The digests of one trail in one account and region, as an audit goes through them.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Examined, Folders, KeyRing, Link, Newer, Place, Range, Settled, State, Step, Walk, file_name,
    settle,
};
use crate::record::EventTime;

/// One trail's digests here.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) wanted: bool,
    /// Whether there is a digest in the range.
    pub(super) met: bool,
    pub(super) walk: Walk,
    pub(super) newer: Vec<(Link, bool)>,
    pub(super) roots: BTreeSet<(String, String)>,
    /// Start of gaps, and what explains them.
    pub(super) reasons: BTreeMap<EventTime, Option<String>>,
}

impl Chain {
    /// What is known of a gap.
    pub(super) fn reason(&self, range: &Range) -> Option<String> {
        if range.state != State::Gap {
            return None;
        }
        let known = self.reasons.get(&range.from)?;
        Some(match known {
            Some(call) => format!("{call} is in the log files before it"),
            None => "no StopLogging, UpdateTrail or DeleteTrail is in the log files before it: \
                     digests may have been deleted"
                .to_owned(),
        })
    }

    pub(super) fn note_root(&mut self, place: &Place) {
        if let Some(folders) = Folders::parse(&place.key) {
            self.roots
                .insert((place.bucket.clone(), folders.root.to_owned()));
        }
    }

    /// Decides on the next older digest with what the newer ones said of it.
    pub(super) fn settle(&mut self, examined: &Examined, keys: &KeyRing) -> Settled {
        let (naming, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.newer)
            .into_iter()
            .partition(|(link, _)| link.place == examined.place);
        self.newer = others;
        let newer: Vec<Newer<'_>> = naming
            .iter()
            .map(|(link, trusted)| Newer {
                link,
                trusted: *trusted,
            })
            .collect();
        let settled = settle(examined, &newer, keys);
        self.remember(examined, &settled);
        settled
    }

    pub(super) fn remember(&mut self, examined: &Examined, settled: &Settled) {
        if let Ok(content) = &examined.content
            && let Some(link) = &content.digest.previous
        {
            self.newer.push((link.clone(), settled.trusted));
        }
    }
}

/// A settled digest as a walk needs it.
pub(super) fn step(examined: &Examined, settled: &Settled) -> Step {
    let digest = examined
        .content
        .as_ref()
        .ok()
        .map(|content| &content.digest);
    Step {
        place: examined.place.clone(),
        end: examined.end,
        start: digest.map(|digest| digest.start),
        verdict: settled.verdict,
        trusted: settled.trusted,
        made_for: digest.map(|digest| file_name(&digest.place.key).to_owned()),
        link: digest.and_then(|digest| digest.previous.clone()),
    }
}
