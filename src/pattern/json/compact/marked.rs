//! What the masks only mark and somebody has to look at: numbers, words and escapes.

use super::super::scan::{escape, scalar};

/// Whether every marked place passes a test.
#[inline(always)]
pub(super) fn all_at(base: usize, mut marks: u64, mut test: impl FnMut(usize) -> bool) -> bool {
    while marks != 0 {
        let at = base + marks.trailing_zeros() as usize;
        marks &= marks - 1;
        if !test(at) {
            return false;
        }
    }
    true
}

/// Whether a whole number or word stands here, where a value may stand.
#[inline(always)]
pub(super) fn is_scalar(bytes: &[u8], at: usize) -> bool {
    if !matches!(bytes.get(at.wrapping_sub(1)), Some(b':' | b',' | b'[')) {
        return false;
    }
    let word = bytes.get(at..).and_then(<[u8]>::first_chunk::<4>);
    let end = match word {
        Some(b"true" | b"null") => at + 4,
        Some(b"fals") if bytes.get(at + 4) == Some(&b'e') => at + 5,
        Some([b'1'..=b'9', ..]) => at + digits(bytes.get(at..).unwrap_or_default()),
        _ => at,
    };
    ends_value(bytes, end) || is_number(bytes, at)
}

#[inline(always)]
fn digits(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count()
}

// Rarer than words and whole numbers, and a call in the loop makes everything around it slower.
#[cold]
fn is_number(bytes: &[u8], at: usize) -> bool {
    scalar(bytes, at).is_ok_and(|end| ends_value(bytes, end))
}

#[inline(always)]
fn ends_value(bytes: &[u8], end: usize) -> bool {
    matches!(bytes.get(end), Some(b',' | b'}' | b']'))
}

/// Whether this byte makes an escape with the backslash before it.
#[cold]
pub(super) fn is_escape(bytes: &[u8], at: usize) -> bool {
    escape(bytes, at.wrapping_sub(1)).is_ok()
}
