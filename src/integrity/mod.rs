//! What CloudTrail signed: digests, the keys that sign them, the chain that they form, and the
//! log files that they list. Pure: whoever calls fetches the bytes and says what time it is.
//!
//! [`Examined`] is one digest object as it was found. [`settle`] says whether it is genuine, given
//! the keys and what later digests say of it. [`Walk`] strings the digests of one chain together
//! and finds what is missing between them. [`check_log`] compares a log file with its entry, and
//! [`judge_unlisted`] says what an object is that no digest lists. [`Audit`] does all of this for
//! the chains of one account and region, newest first and piece by piece.

mod audit;
mod before;
mod broken_off;
mod candidate;
mod chain;
mod chain_name;
mod cover;
mod der;
mod digest;
mod edges;
mod examine;
mod findings;
mod gap;
mod holes;
mod key;
mod log;
mod lost;
mod name;
mod report;
mod settle;
mod silence;
mod step;
mod stop;
mod trail_arn;
mod unlisted;
mod verdict;
mod walk;
mod watch;
mod watched;

pub use audit::{Audit, Scope};
pub use broken_off::BrokenOff;
pub use candidate::{Candidate, Piece};
pub use chain_name::ChainName;
pub use cover::{Cover, DELIVERED_WITHIN, GRACE, NAMED_AFTER, judge_unlisted};
pub use digest::{Digest, Link, LogEntry, NotADigest};
pub use examine::{Content, Examined, Flaw, Metadata, Unfetched};
pub use gap::Gap;
pub use key::{BadKey, KeyRing, PublicKey};
pub use log::check_log;
pub use lost::{Listing, Lost};
pub use name::{
    DIGESTS, DigestName, Folders, Place, compact_time, file_name, is_account, is_organisation,
    is_region,
};
pub use report::{ObjectFinding, RangeFinding};
pub use settle::{Newer, SIGNING_SLACK, Settled, settle};
pub use step::Step;
pub use stop::stop;
pub use trail_arn::{NotATrailArn, TrailArn};
pub use verdict::{Kind, Overall, State, Verdict};
pub use walk::{Range, Walk};
pub use watch::{Source, Wanted, Watch};
pub use watched::{Remembered, Watched};
