//! What a digest's place says of its chain.

use serde::{Deserialize, Serialize};

use super::{DigestName, Folders, Place};

/// What tells the chains of an account and region apart. An organisation's trail may have the name of
/// one that an account has itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ChainName {
    /// 12 digits.
    pub account: String,
    /// Where the digests come from.
    pub region: String,
    /// The trail's name.
    pub trail: String,
    /// Its home region.
    pub home: String,
    /// The organisation whose trail it is; `None` for an account's own.
    pub organisation: Option<String>,
    /// Whether these are backfill digests, which come when they are needed.
    pub backfill: bool,
}

impl ChainName {
    /// Of the digest at a place; `None` when its name is not a digest's.
    pub fn of(place: &Place) -> Option<Self> {
        let name = DigestName::parse(&place.key)?;
        let folders = Folders::parse(&place.key);
        let organisation = folders.and_then(|folders| folders.organisation());
        Some(Self {
            account: name.account.to_owned(),
            region: name.region.to_owned(),
            trail: name.trail.to_owned(),
            home: name.home.to_owned(),
            organisation: organisation.map(str::to_owned),
            backfill: name.backfill,
        })
    }
}
