//! One object of a trail's bucket: stored bytes → inflated and hashed ([`gzip`]) → split into
//! records ([`records`]), within [`Limits`]. Memory is bounded by the limits whatever the file
//! holds: files of usual length are inflated at once ([`whole`]), of longer ones only a window is
//! kept.
//!
//! A record that is not valid JSON is reported by its offset and the rest of the file is still
//! read; a file that cannot be read to its end has a [`Fault`].

mod attempt;
mod fault;
mod gzip;
mod hash;
mod item;
mod key;
mod left_out;
mod limits;
mod member;
mod object;
mod records;
mod resync;
mod scratch;
mod step;
mod whole;
mod window;

pub use fault::Fault;
pub use hash::{NotASha256, Sha256, read_hex};
pub use item::{Item, Summary};
pub use key::{Folder, KeyKind, LogFileName, classify};
pub use limits::Limits;
pub use member::{hash_member, read_member};
pub use records::LogFile;
pub use scratch::Scratch;
pub use whole::promised_length;
