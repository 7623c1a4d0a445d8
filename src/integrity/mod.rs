//! What CloudTrail signed: digests, the keys that sign them, the chain that they form, and the
//! log files that they list. Pure: whoever calls fetches the bytes and says what time it is.
//!
//! [`Examined`] is one digest object as it was found. [`settle`] says whether it is genuine, given
//! the keys and what later digests say of it. [`Walk`] strings the digests of one chain together
//! and finds what is missing between them. [`check_log`] compares a log file with its entry, and
//! [`judge_unlisted`] says what an object is that no digest lists. [`Audit`] does all of this for
//! the chains of one account and region, newest first and piece by piece.

mod audit;
mod candidate;
mod chain;
mod cover;
mod der;
mod digest;
mod examine;
mod findings;
mod follow;
mod key;
mod log;
mod lost;
mod name;
mod report;
mod settle;
mod step;
mod stop;
mod trail_arn;
mod unlisted;
mod verdict;
mod walk;

pub use audit::{Audit, BrokenOff, Scope};
pub use candidate::{Candidate, Piece};
pub use cover::{Cover, GRACE, judge_unlisted};
pub use digest::{Digest, Link, LogEntry, NotADigest};
pub use examine::{Content, Examined, Flaw, Metadata, Unfetched};
pub use follow::{Follows, Seen, follows};
pub use key::{BadKey, KeyRing, PublicKey};
pub use log::check_log;
pub use lost::{Listing, Lost};
pub use name::{
    DIGESTS, DigestName, Folders, Place, compact_time, file_name, is_account, is_organisation,
};
pub use report::{ObjectFinding, RangeFinding};
pub use settle::{Newer, SIGNING_SLACK, Settled, settle};
pub use step::Step;
pub use stop::stop;
pub use trail_arn::{NotATrailArn, TrailArn};
pub use verdict::{Kind, Overall, State, Verdict};
pub use walk::{Range, Walk};
