//! A log file against its entry in a digest.

use super::{Flaw, LogEntry, Verdict};
use crate::logfile::{Limits, Scratch, hash_member};

/// Compares the stored bytes of a log file with what a trusted digest says of it: exactly one gzip
/// member, whose inflated bytes have the signed hash (digest spec section 5).
pub fn check_log(
    entry: &LogEntry,
    stored: &[u8],
    limits: Limits,
    scratch: &mut Scratch,
) -> (Verdict, String) {
    let Some(signed) = entry.sha256 else {
        let reason = "its digest names a hash algorithm that is not known here";
        return (Verdict::Unverifiable, reason.to_owned());
    };
    match hash_member(stored, limits, scratch) {
        Err(fault) => {
            let flaw = Flaw::from(fault);
            (flaw.verdict, flaw.reason)
        }
        Ok((hash, _)) if hash != signed => {
            let reason = format!("its hash is {hash}, CloudTrail signed {signed}");
            (Verdict::HashMismatch, reason)
        }
        Ok(_) => (
            Verdict::Valid,
            "its hash is the one in a signed digest".to_owned(),
        ),
    }
}
