//! The words of a verification: of one object, of a range of time, of the whole.

use serde::{Deserialize, Serialize};

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// CloudTrail's signed list of the log files that it delivered in an hour.
    Digest,
    /// The same, made later for log files that the hour's own digest lacks.
    BackfillDigest,
    /// A log file, or what lies in a folder of log files.
    Log,
}

/// What is known of an object after verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Digest: signature, place and link are right. Log file: its hash is the signed one.
    Valid,
    /// Digest: its own signature is lost or altered, a later digest carries the right one.
    Recovered,
    /// Digest: the signature does not fit.
    SigInvalid,
    /// Digest: there is no signature.
    SigMissing,
    /// Digest: signed by a key that CloudTrail does not list.
    KeyNotFound,
    /// Digest: signed by a key of CloudTrail's that was not in use then.
    KeyOutsideValidity,
    /// Digest: made for another place.
    Moved,
    /// Not one whole gzip member, or, for a digest, not a digest's JSON.
    Format,
    /// More bytes follow the gzip member.
    TrailingData,
    /// It should be there and is not.
    Missing,
    /// Digest: genuine, and of another account or time than its name says.
    WrongScope,
    /// Digest: genuine, and not the one that the next digest points at.
    ChainMismatch,
    /// Belongs to a trail that is not being verified.
    OtherTrail,
    /// Cannot be read, so nothing is known.
    Unreadable,
    /// Log file: its content is not what CloudTrail delivered.
    HashMismatch,
    /// Its time is covered by valid digests, and none of them lists it.
    Unreferenced,
    /// Log file: the digest that should list it cannot be trusted, or is missing.
    Unverifiable,
    /// Log file: too young for its digest to be there.
    Pending,
    /// Log file: no digest covers its time, and one should by now, or there is a gap.
    Uncovered,
}

impl Verdict {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Recovered => "recovered",
            Self::SigInvalid => "sig_invalid",
            Self::SigMissing => "sig_missing",
            Self::KeyNotFound => "key_not_found",
            Self::KeyOutsideValidity => "key_outside_validity",
            Self::Moved => "moved",
            Self::Format => "format",
            Self::TrailingData => "trailing_data",
            Self::Missing => "missing",
            Self::WrongScope => "wrong_scope",
            Self::ChainMismatch => "chain_mismatch",
            Self::OtherTrail => "other_trail",
            Self::Unreadable => "unreadable",
            Self::HashMismatch => "hash_mismatch",
            Self::Unreferenced => "unreferenced",
            Self::Unverifiable => "unverifiable",
            Self::Pending => "pending",
            Self::Uncovered => "uncovered",
        }
    }

    /// What an object of this verdict makes of the whole, where nothing milder is known.
    pub fn weight(self) -> Overall {
        match self {
            Self::Valid | Self::OtherTrail | Self::Pending => Overall::Valid,
            Self::Recovered => Overall::Warning,
            Self::Unreadable | Self::Unverifiable | Self::Uncovered => Overall::Incomplete,
            _ => Overall::Invalid,
        }
    }
}

/// What is known of a range of time of one chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A trusted digest lists what was delivered.
    Attested,
    /// There was a digest, and it is gone or cannot be read.
    DigestMissing,
    /// There is a digest, and it cannot be trusted.
    DigestInvalid,
    /// No digest was made, as far as can be seen.
    Gap,
    /// The newest digest is older than it should be.
    Stale,
}

impl State {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Attested => "attested",
            Self::DigestMissing => "digest_missing",
            Self::DigestInvalid => "digest_invalid",
            Self::Gap => "gap",
            Self::Stale => "stale",
        }
    }

    /// What a range of this state makes of the whole. The verdict on a bad digest weighs more.
    pub fn weight(self) -> Overall {
        match self {
            Self::Attested => Overall::Valid,
            _ => Overall::Incomplete,
        }
    }
}

/// The whole: the worst finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Overall {
    /// Everything in the range is attested and intact.
    Valid,
    /// So it is, and something beside it was altered or cannot be explained.
    Warning,
    /// Nothing is proven wrong, and not everything is proven right.
    Incomplete,
    /// Something is proven wrong.
    Invalid,
}

impl Overall {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Warning => "warning",
            Self::Incomplete => "incomplete",
            Self::Invalid => "invalid",
        }
    }
}
