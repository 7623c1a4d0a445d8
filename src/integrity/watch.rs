//! What is remembered of the chains of one account and region while their digests arrive, one by
//! one and in any order: enough to say where a digest stands, which ones are still to be looked at,
//! what is known of the last hours, and when somebody must look again (digest spec section 7).

use serde::{Deserialize, Serialize};

use super::watched::{Remembered, Watched};
use super::{ChainName, DigestName, Folders, Link, Place};
use crate::logfile::Sha256;
use crate::record::EventTime;

/// Whose digests, and where they come from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Source {
    /// 12 digits; in an organisation's trail the member account.
    pub account: String,
    /// Such as `eu-central-1`.
    pub region: String,
}

impl Source {
    /// Of a digest, by its name.
    pub fn of(name: &DigestName<'_>) -> Self {
        Self {
            account: name.account.to_owned(),
            region: name.region.to_owned(),
        }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}

/// Seconds after the end of its newest digest for which a chain without others is remembered.
pub(super) const FORGOTTEN: i64 = 30 * 24 * 3_600;

/// The chains of one account and region: one for each trail that delivers from there, and one for
/// its backfill digests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    chains: Vec<Watched>,
}

/// What is to be looked at although nobody announced it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The digest that a later one names.
    Named(Place),
    /// The digests of a chain that a listing has between two times, without both ends: nothing
    /// that can be trusted names them.
    Between {
        /// A digest of the chain.
        above: Place,
        /// End of the digest before them.
        from: EventTime,
        /// End of the digest after them.
        to: EventTime,
    },
}

impl Watch {
    /// The chains.
    pub fn chains(&self) -> &[Watched] {
        &self.chains
    }

    /// The chain of a digest at this place.
    pub fn chain(&self, place: &Place) -> Option<&Watched> {
        let name = ChainName::of(place)?;
        self.chains.iter().find(|chain| chain.name == name)
    }

    /// The same, to be changed.
    pub fn chain_mut(&mut self, place: &Place) -> Option<&mut Watched> {
        let name = ChainName::of(place)?;
        self.chains.iter_mut().find(|chain| chain.name == name)
    }

    /// The chain of this name, to be changed.
    pub fn named(&mut self, name: &ChainName) -> Option<&mut Watched> {
        self.chains.iter_mut().find(|chain| chain.name == *name)
    }

    /// What later digests say of the one at this place.
    pub fn newer(&self, place: &Place) -> Vec<(Link, bool)> {
        let chain = self.chain(place);
        chain.map_or_else(Vec::new, |chain| chain.newer(place))
    }

    /// Takes in a digest that was looked at, at `now` seconds of the clock. Only a genuine one
    /// begins a chain: names are free to whoever writes to the bucket. Returns the places of
    /// digests that are contradicted by it, for the first time.
    pub fn take(&mut self, digest: Remembered, now: i64) -> Vec<Place> {
        self.chains
            .retain(|chain| chain.newest_end().is_none_or(|end| end + FORGOTTEN > now));
        let place = digest.step.place.clone();
        let Some(name) = ChainName::of(&place) else {
            return Vec::new();
        };
        // Neither a digest of a time that has not come stands for anything, nor one that was made for
        // another time and copied. Unless a genuine one names its place.
        let genuine = digest.step.trusted;
        let named = self.newer(&place).iter().any(|(_, genuine)| *genuine);
        let counts = digest.step.counts() && digest.step.end.seconds() <= now;
        if !genuine && !counts && !named {
            return Vec::new();
        }
        match self.named(&name) {
            Some(chain) => chain.take(digest),
            None if genuine => {
                let mut chain = Watched::new(name);
                let contradicted = chain.take(digest);
                self.chains.push(chain);
                contradicted
            }
            None => Vec::new(),
        }
    }

    /// What is to be looked at next at `now` seconds of the clock, of any chain.
    pub fn wanted(&self, now: i64) -> Option<Wanted> {
        self.chains.iter().find_map(|chain| chain.wanted(now))
    }

    /// Seconds of the clock at which somebody is to look: digests are still to be looked at, one
    /// is overdue so many seconds after the end of the one before, or a gap is to be judged.
    pub fn due(&self, overdue: i64) -> Option<i64> {
        self.chains
            .iter()
            .filter_map(|chain| chain.due(overdue))
            .min()
    }

    /// Whether the digest at this place was looked at and is remembered.
    pub fn knows(&self, place: &Place) -> bool {
        self.chain(place).is_some_and(|chain| chain.knows(place))
    }

    /// The chains that deliver log files to the folders of an object.
    pub fn at<'w>(&'w self, place: &'w Place) -> impl Iterator<Item = &'w Watched> {
        let root = Folders::parse(&place.key).map(|folders| folders.root);
        let here = move |chain: &&Watched| {
            root.is_some_and(|root| !chain.name.backfill && chain.delivers_to(&place.bucket, root))
        };
        self.chains.iter().filter(here)
    }

    /// Genuine digests whose range touches a time, backfill digests too, with the hash of their
    /// inflated bytes.
    pub fn touching(&self, from: i64, to: i64) -> Vec<(Place, Option<Sha256>)> {
        let chains = self.chains.iter();
        chains.flat_map(|chain| chain.touching(from, to)).collect()
    }
}
