//! The hash that CloudTrail signs.

use ring::digest::{self, SHA256};
use serde::{Deserialize, Serialize};

/// SHA-256 of the inflated bytes of a log file, as its digest file lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
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

impl From<Sha256> for String {
    fn from(hash: Sha256) -> Self {
        hash.to_string()
    }
}

/// Not 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a SHA-256 in hexadecimal")]
pub struct NotASha256(String);

impl TryFrom<String> for Sha256 {
    type Error = NotASha256;

    fn try_from(text: String) -> Result<Self, NotASha256> {
        let mut bytes = [0; 32];
        match read_hex(&text, &mut bytes) {
            true => Ok(Self(bytes)),
            false => Err(NotASha256(text)),
        }
    }
}

/// Reads hexadecimal text that fills `bytes`; false when it does not.
pub fn read_hex(text: &str, bytes: &mut [u8]) -> bool {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|n| u8::try_from(n).ok())
    };
    if text.len() != bytes.len() * 2 {
        return false;
    }
    let pairs = text.as_bytes().chunks_exact(2);
    pairs.zip(bytes).all(|(pair, byte)| match pair {
        [high, low] => match (digit(*high), digit(*low)) {
            (Some(high), Some(low)) => {
                *byte = high << 4 | low;
                true
            }
            _ => false,
        },
        _ => false,
    })
}

impl std::fmt::Display for Sha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
