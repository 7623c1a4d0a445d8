//! JSON as programs write it: an object without white space between its tokens, scanned 64 bytes
//! at a time.
//!
//! The scanner accepts only what is valid (RFC 8259) and leaves the rest to the one that goes byte
//! by byte ([`skip_value`](super::skip_value)), which also says what is wrong and where. So it may
//! refuse valid JSON, and does where that is simpler: white space between tokens, escapes in keys,
//! more than 63 levels, an end that is not there yet.
//!
//! All questions of a block are asked of bit masks at once. Strings are the bits between quotes
//! (a prefix sum of their parity); what is no string, separator or bracket is a number or a word.
//! Which token may follow which depends on the two neighbours, and on whether the innermost
//! container is an object; with masks for each, the whole grammar is a handful of shifts.

mod block;
mod escapes;
mod marked;
mod structure;
mod tokens;
#[cfg(target_arch = "x86_64")]
mod wide;

#[cfg(test)]
mod tests;

use block::{BLOCK, Classify, Portable};
use structure::{Scan, Step};

/// Levels that are followed: one bit each.
const MOST_LEVELS: u32 = 63;

/// Hears of brackets and keys as they are met. A scan that comes to nothing has told nonsense.
pub(in crate::pattern) trait Visitor {
    /// Whether it wants to hear of the keys of the innermost open container.
    fn wants_keys(&self) -> bool;
    /// A key: the offset of its opening quote, and of the colon right behind the closing one.
    fn key(&mut self, bytes: &[u8], quote: usize, colon: usize);
    /// An opening bracket, and whether it is a brace.
    fn open(&mut self, at: usize, is_object: bool);
    /// A closing bracket.
    fn close(&mut self, at: usize);
}

/// The offset past the object that starts with the first byte, when it is valid JSON, UTF-8
/// included, and written without white space. None says nothing about what is there.
pub(in crate::pattern) fn object<V: Visitor>(
    bytes: &[u8],
    max_depth: usize,
    visitor: V,
) -> Option<usize> {
    if bytes.first() != Some(&b'{') {
        return None;
    }
    let most = u32::try_from(max_depth).map_or(MOST_LEVELS, |depth| depth.min(MOST_LEVELS));
    #[cfg(target_arch = "x86_64")]
    if wide::is_there() {
        return wide::scan_wide(bytes, most, visitor);
    }
    scan::<Portable, V>(bytes, most, visitor)
}

#[inline(always)]
fn scan<C: Classify, V: Visitor>(bytes: &[u8], max_depth: u32, mut visitor: V) -> Option<usize> {
    let mut state = Scan::new(max_depth);
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    // Blanks are no end of anything, so what does not end before them does not end here.
    let mut last = [b' '; BLOCK];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    for index in 0..=blocks.len() {
        let masks = C::masks(blocks.get(index).unwrap_or(&last));
        match state.block(bytes, BLOCK * index, masks, &mut visitor) {
            Step::Next => {}
            Step::End(end) => return state.is_utf8(bytes.get(..end)?).then_some(end),
            Step::Leave => return None,
        }
    }
    None
}
