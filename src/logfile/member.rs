//! A whole object that must be exactly one gzip member, as log files and digest files are: its
//! inflated bytes, or only their hash. What is behind the member, and a member that is not whole,
//! is a fault (digest spec section 5).

use super::gzip::{Inflater, MAGIC};
use super::hash::Sha256;
use super::scratch::Scratch;
use super::whole::{Decompressor, promised_length};
use super::{Fault, Limits};

/// How many bytes are inflated at a time when a member is too long to be inflated at once.
const CHUNK: usize = 128 << 10;

/// SHA-256 of the inflated bytes of an object, and how many there are. Memory does not grow with
/// the object beyond [`Limits::whole_bytes`].
///
/// # Errors
/// When the object is not one whole gzip member and nothing else, or is over a limit.
pub fn hash_member(
    stored: &[u8],
    limits: Limits,
    scratch: &mut Scratch,
) -> Result<(Sha256, u64), Fault> {
    if let Some(bytes) = at_once(stored, limits, scratch)
        && let Some(hash) = Sha256::of(bytes)
    {
        return Ok((hash, bytes.len() as u64));
    }
    let mut source = open(stored, limits)?;
    let room = Scratch::room(&mut scratch.buffer, 0, CHUNK);
    while !source.has_ended() {
        source.fill(room).1?;
    }
    hash_of(&source).map(|hash| (hash, source.inflated()))
}

/// The inflated bytes of an object and their SHA-256.
///
/// # Errors
/// As [`hash_member`].
pub fn read_member(stored: &[u8], limits: Limits) -> Result<(Vec<u8>, Sha256), Fault> {
    let mut source = open(stored, limits)?;
    let (mut bytes, mut chunk) = (Vec::new(), vec![0; CHUNK]);
    while !source.has_ended() {
        let (fresh, step) = source.fill(&mut chunk);
        bytes.extend_from_slice(chunk.get(..fresh).unwrap_or_default());
        step?;
    }
    hash_of(&source).map(|hash| (bytes, hash))
}

/// The inflated bytes, when the object is one whole member of a bounded length; what else it is,
/// is found out piece by piece.
fn at_once<'s>(stored: &[u8], limits: Limits, scratch: &'s mut Scratch) -> Option<&'s [u8]> {
    let length = promised_length(stored).filter(|length| {
        let inflated = *length as u64;
        let ratio =
            inflated <= limits.ratio_from || inflated / limits.ratio.max(1) <= stored.len() as u64;
        *length <= limits.whole_bytes && inflated <= limits.inflated_bytes && ratio
    })?;
    if stored.len() as u64 > limits.object_bytes {
        return None;
    }
    if scratch.decompressor.is_none() {
        scratch.decompressor = Decompressor::new();
    }
    let room = Scratch::room(&mut scratch.buffer, 0, length);
    let whole = scratch.decompressor.as_mut()?.member(stored, room);
    whole.then_some(room)
}

fn open(stored: &[u8], limits: Limits) -> Result<Inflater<'_>, Fault> {
    if !stored.is_empty() && !stored.starts_with(&MAGIC) {
        return Err(Fault::NotGzip {
            offset: 0,
            reason: "it does not begin like a gzip file",
        });
    }
    Inflater::new(stored, limits, true)
}

/// `None` never happens: the inflater was asked for a hash.
fn hash_of(source: &Inflater<'_>) -> Result<Sha256, Fault> {
    source.sha256().ok_or(Fault::Empty)
}
