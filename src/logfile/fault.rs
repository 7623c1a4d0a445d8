//! Why a log file could not be read to its end.

/// A log file that was not evaluated whole. What was readable before the fault was evaluated; the
/// file as a whole has failed, and whoever asked for it must not treat it as done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nothing is stored under the name.
    #[error("the object is empty")]
    Empty,
    /// The name says gzip, the bytes do not.
    #[error("not gzip data at byte {offset}: {reason}")]
    NotGzip {
        /// Offset into the stored bytes.
        offset: u64,
        /// What was expected there.
        reason: &'static str,
    },
    /// The deflate stream ends before its last block, or the gzip trailer is cut.
    #[error("the gzip data ends early, at stored byte {offset} ({inflated} bytes inflated)")]
    Truncated {
        /// Length of the stored bytes.
        offset: u64,
        /// Inflated bytes that came out before the end.
        inflated: u64,
    },
    /// The deflate stream is damaged.
    #[error("damaged deflate data near stored byte {offset} ({inflated} bytes inflated)")]
    Damaged {
        /// Offset into the stored bytes.
        offset: u64,
        /// Inflated bytes that came out before the damage.
        inflated: u64,
    },
    /// CRC-32 or length in the gzip trailer disagree with the inflated bytes.
    #[error("the gzip {field} says {stored:#010x}, the inflated bytes give {computed:#010x}")]
    Checksum {
        /// `CRC-32` or `length`.
        field: &'static str,
        /// The value in the trailer.
        stored: u32,
        /// The value of the inflated bytes.
        computed: u32,
    },
    /// Bytes behind the one gzip member that CloudTrail writes. They are not evaluated: no digest
    /// covers them.
    #[error("{bytes} bytes follow the gzip member, from stored byte {offset}")]
    TrailingBytes {
        /// Offset into the stored bytes.
        offset: u64,
        /// How many there are.
        bytes: u64,
    },
    /// Over a bound of [`Limits`](super::Limits).
    #[error("over the limit of {limit} {what}, after {inflated} inflated bytes")]
    OverLimit {
        /// Which limit, in words.
        what: &'static str,
        /// Its value.
        limit: u64,
        /// Inflated bytes read before the limit was met.
        inflated: u64,
    },
    /// The text has no CloudTrail shape from here on.
    #[error("the JSON structure is lost at inflated byte {offset}: {reason}")]
    Structure {
        /// Offset into the inflated bytes.
        offset: u64,
        /// What is wrong there.
        reason: String,
    },
    /// The name is that of a log file, and there is one JSON object in it that is something else.
    #[error("the name is that of a log file, the content is {0}")]
    Foreign(&'static str),
}
