//! What reading a log file gives.

use super::{Fault, Sha256};
use crate::pattern::Fields;

/// What [`LogFile::next`](super::LogFile::next) found.
#[derive(Debug)]
pub enum Item<'f> {
    /// A valid JSON object.
    Record {
        /// Its JSON, exactly as stored: valid, and UTF-8.
        json: &'f [u8],
        /// What the extractor finds in it.
        fields: Fields<'f>,
        /// Offset into the inflated bytes.
        offset: u64,
        /// 0-based among everything that stands where a record should, malformed ones included.
        number: u64,
        /// It stands alone, outside any array: a JSON line, or a file that is no log file.
        alone: bool,
    },
    /// Something else where a record should stand.
    Malformed {
        /// Offset into the inflated bytes where it starts.
        offset: u64,
        /// As for a record.
        number: u64,
        /// What is wrong, with the offset of the fault itself.
        reason: String,
    },
}

/// What is known once a log file was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Length of the inflated bytes.
    pub inflated: u64,
    /// SHA-256 of the inflated bytes, if it was asked for; of the readable part when there is a
    /// fault.
    pub sha256: Option<Sha256>,
    /// Why the file was not read whole.
    pub fault: Option<Fault>,
}
