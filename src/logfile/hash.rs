//! The hash that CloudTrail signs.

use ring::digest::{self, SHA256};

/// SHA-256 of the inflated bytes of a log file, as its digest file lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    /// The hash of `bytes`.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        Self::from_digest(&digest::digest(&SHA256, bytes))
    }

    /// `None` never happens: SHA-256 has 32 bytes.
    pub(super) fn from_digest(hash: &digest::Digest) -> Option<Self> {
        hash.as_ref().try_into().ok().map(Self)
    }
}

impl std::fmt::Display for Sha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
