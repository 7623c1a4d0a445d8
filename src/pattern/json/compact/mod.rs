//! JSON as programs write it: objects without white space between their tokens, read 64 bytes at a
//! time.
//!
//! The scanner accepts only what is valid (RFC 8259) and leaves the rest to the one that goes byte
//! by byte ([`skip_value`](super::skip_value)), which also says what is wrong and where. So it may
//! refuse valid JSON, and does where that is simpler: white space between tokens, escapes in keys,
//! more than 63 levels, an end that is not there yet.
//!
//! All questions of a block of 64 bytes are asked of bit masks at once. A chunk of blocks goes
//! through three loops, each with little to remember: [`tokens`] finds what stands outside strings,
//! [`containers`] pairs the brackets, [`grammar`] asks which token follows which. What they find is
//! kept in an [`Index`], as long as it is needed: a log file is one run of objects, so most of a
//! chunk behind one object belongs to the next ones.

mod block;
mod containers;
mod escapes;
mod grammar;
mod index;
mod marked;
mod tokens;
#[cfg(target_arch = "x86_64")]
mod wide;
mod words;

#[cfg(test)]
mod tests;

pub(in crate::pattern) use index::{Colons, Index, Object};
