//! What is remembered of one chain: its newest digests, where it must be walked back, and what was
//! told of it.

use serde::{Deserialize, Serialize};

use super::digest::is_signature;
use super::holes::{Floor, Hole};
use super::{
    ChainName, Examined, Folders, Gap, Link, Listing, Metadata, Place, Settled, Step, Verdict, Walk,
};
use crate::logfile::Sha256;
use crate::record::EventTime;

/// Genuine digests of a chain that are remembered, the newest ones: longer than a log file may wait
/// for its digest, and short enough for an item of state that is written with every digest.
const REMEMBERED: usize = 16;

/// Others that are remembered: whoever writes to the bucket can make any number of them.
const OTHERS: usize = 8;

/// Seconds from one digest to the next.
pub(super) const HOUR: i64 = 3_600;

/// A digest that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// Where it stands in its chain, and what was found of it.
    pub step: Step,
    /// Of its inflated bytes, when it could be read.
    pub sha256: Option<Sha256>,
    /// Its own signature, in hexadecimal, when it has one.
    pub signature: Option<String>,
    /// Whether it was looked at again with what the next digest says of it.
    pub(super) again: bool,
}

impl Remembered {
    /// A digest that was examined and settled.
    pub fn new(examined: &Examined, settled: &Settled) -> Self {
        let content = examined.content.as_ref().ok();
        let metadata: Option<&Metadata> = examined.metadata.as_ref();
        Self {
            step: super::chain::step(examined, settled),
            sha256: content.map(|content| content.sha256),
            signature: metadata
                .and_then(|metadata| metadata.signature.clone())
                .filter(|signature| is_signature(signature)),
            again: false,
        }
    }

    pub(super) fn attested_by(&self, link: &Link) -> bool {
        let own = self.signature.as_ref();
        link.sha256 == self.sha256
            && (self.step.verdict == Verdict::Recovered
                || own.is_none_or(|own| own.eq_ignore_ascii_case(&link.signature)))
    }
}

/// One chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// Which one.
    pub name: ChainName,
    /// Newest first.
    pub(super) digests: Vec<Remembered>,
    pub(super) holes: Vec<Hole>,
    /// End of the newest digest that is remembered no more. What is older was looked at, or is in
    /// a hole.
    pub(super) forgotten: Option<EventTime>,
    /// Start of the first genuine digest that was ever seen.
    since: Option<EventTime>,
    /// End of the newest digest when people were told that the next one stays away.
    pub(super) silent_since: Option<EventTime>,
    /// Seconds of the clock at which the bucket was last listed for digests that stay away.
    pub(super) looked: Option<i64>,
    /// Gaps whose digests may be forgotten before they are judged.
    pub(super) gaps: Vec<Gap>,
    /// Start of gaps that were judged.
    pub(super) judged: Vec<EventTime>,
}

impl Watched {
    pub(super) fn new(name: ChainName) -> Self {
        Self {
            name,
            digests: Vec::new(),
            holes: Vec::new(),
            forgotten: None,
            since: None,
            silent_since: None,
            looked: None,
            gaps: Vec::new(),
            judged: Vec::new(),
        }
    }

    pub(super) fn find(&self, place: &Place) -> Option<&Remembered> {
        self.digests.iter().find(|known| known.step.place == *place)
    }

    pub(super) fn newer(&self, place: &Place) -> Vec<(Link, bool)> {
        let links = self.digests.iter().filter_map(|known| {
            let link = known
                .step
                .link
                .as_ref()
                .filter(|link| link.place == *place)?;
            Some((link.clone(), known.step.trusted))
        });
        // Whoever left the hole may be forgotten. It was genuine, or it only carries a signature,
        // which proves itself.
        let known: Vec<_> = links.collect();
        let holes = self.holes.iter().filter_map(|hole| match hole {
            Hole::Named { link, .. } if link.place == *place => Some((link.clone(), true)),
            _ => None,
        });
        match known.is_empty() {
            true => holes.collect(),
            false => known,
        }
    }

    pub(super) fn take(&mut self, new: Remembered) -> Vec<Place> {
        let (place, end, trusted) = (new.step.place.clone(), new.step.end, new.step.trusted);
        let (start, link, sha256) = (new.step.start, new.step.link.clone(), new.sha256);
        let link = link.filter(|link| self.is_ours(link));
        let mut new = new;
        new.step.link.clone_from(&link);
        let floor = Floor::of(&new);
        let (again, until) = self.walked(&new);
        let mut contradicted = Vec::new();
        let known = self
            .digests
            .iter()
            .position(|known| known.step.place == place);
        match known.and_then(|at| self.digests.get_mut(at)) {
            // A genuine digest stays what it is when something else is put in its place.
            Some(known) if known.step.trusted && !trusted => return contradicted,
            Some(known) => {
                if known.step.trusted && known.sha256 != sha256 {
                    contradicted.push(place.clone());
                }
                *known = new;
                known.again = again;
            }
            None => {
                self.digests.push(new);
                self.digests
                    .sort_by(|a, b| (b.step.end, &b.step.place).cmp(&(a.step.end, &a.step.place)));
            }
        }
        if let Some(link) = &link {
            contradicted.extend(self.look_below(link, end, until.clone(), trusted));
        }
        if link.is_none() || !trusted {
            let start = start.filter(|_| trusted);
            self.list_below(&place, end, start, until);
        }
        if trusted {
            self.since = match (self.since, start) {
                (Some(since), Some(start)) => Some(since.min(start)),
                (since, start) => since.or(start),
            };
            self.gaps
                .retain(|gap| start.is_none_or(|start| gap.to <= start || end <= gap.from));
            self.look_above(&floor);
        }
        self.forget();
        contradicted
    }

    /// Whether the digest at this place was looked at and is remembered.
    pub fn knows(&self, place: &Place) -> bool {
        self.find(place).is_some()
    }

    /// The newest genuine digest. Another one may be forged to hide that digests stay away.
    pub fn newest(&self) -> Option<&Step> {
        let mut steps = self.digests.iter().map(|known| &known.step);
        steps.find(|step| step.trusted)
    }

    pub(super) fn newest_end(&self) -> Option<i64> {
        self.newest().map(|step| step.end.seconds())
    }

    /// Start of the first genuine digest that was ever seen.
    pub fn since(&self) -> Option<EventTime> {
        self.since
    }

    pub(super) fn delivers_to(&self, bucket: &str, root: &str) -> bool {
        self.digests.iter().any(|known| {
            let place = &known.step.place;
            known.step.trusted
                && place.bucket == bucket
                && Folders::parse(&place.key).is_some_and(|folders| folders.root == root)
        })
    }

    /// Genuine digests whose range touches this time, with the hash of their inflated bytes.
    pub(super) fn touching(&self, from: i64, to: i64) -> Vec<(Place, Option<Sha256>)> {
        let touches = |known: &&Remembered| {
            let start = known.step.start.map(EventTime::seconds);
            known.step.trusted
                && start.is_some_and(|start| start < to)
                && known.step.end.seconds() > from
        };
        let digests = self.digests.iter().filter(touches);
        digests
            .map(|known| (known.step.place.clone(), known.sha256))
            .collect()
    }

    /// Forgets what is too old. Genuine digests and others are counted apart: whoever writes forged
    /// ones to the bucket must not push the genuine ones out.
    fn forget(&mut self) {
        let genuine = self.digests.iter().filter(|known| known.step.trusted);
        if genuine.count() > REMEMBERED {
            self.note_gaps();
        }
        let (mut genuine, mut others) = (0, 0);
        let mut forgotten = self.forgotten;
        self.digests.retain(|known| {
            let count = match known.step.trusted {
                true => &mut genuine,
                false => &mut others,
            };
            *count += 1;
            if *count > REMEMBERED && known.step.trusted {
                forgotten = forgotten.max(Some(known.step.end));
            }
            *count
                <= if known.step.trusted {
                    REMEMBERED
                } else {
                    OTHERS
                }
        });
        self.forgotten = forgotten;
    }

    /// What is known of the time of the remembered digests.
    pub fn walk(&self, now: EventTime, overdue: i64) -> Walk {
        let here = |_: &Place| Listing::Here;
        let mut walk = Walk::new(None, None);
        for known in &self.digests {
            walk.step(known.step.clone(), &here);
        }
        walk.finish(None, &here);
        walk.mark_stale(now, overdue);
        walk
    }
}
