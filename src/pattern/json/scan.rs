//! The scanner: one pass, no recursion, no allocation for sane messages.

use super::nesting::{Container, Containers};
use super::{JsonError, JsonErrorKind};

/// Validates the JSON value that starts at `at`, leading white space allowed, and returns the offset
/// just past it. What follows the value is not looked at, so a bare number that runs to the end of
/// the bytes is taken as complete; of everything else that more bytes could complete, the error is
/// [`JsonErrorKind::UnexpectedEnd`].
pub fn skip_value(bytes: &[u8], at: usize, max_depth: usize) -> Result<usize, JsonError> {
    let at = skip_space(bytes, at);
    match bytes.get(at) {
        Some(b'"') => Ok(string(bytes, at)?.end),
        Some(b'{' | b'[') => skip_container(bytes, at, max_depth),
        _ => scalar(bytes, at),
    }
}

fn skip_container(bytes: &[u8], mut at: usize, max_depth: usize) -> Result<usize, JsonError> {
    let mut open = Containers::default();
    loop {
        at = skip_space(bytes, at);
        at = match bytes.get(at) {
            Some(b'"') => string(bytes, at)?.end,
            Some(b'{') => {
                open.push(Container::Object, at, max_depth)?;
                let inside = skip_space(bytes, at + 1);
                if bytes.get(inside) != Some(&b'}') {
                    at = object_key(bytes, inside)?.value;
                    continue;
                }
                inside
            }
            Some(b'[') => {
                open.push(Container::Array, at, max_depth)?;
                let inside = skip_space(bytes, at + 1);
                if bytes.get(inside) != Some(&b']') {
                    at = inside;
                    continue;
                }
                inside
            }
            _ => scalar(bytes, at)?,
        };
        match after_value(bytes, at, &mut open)? {
            Next::Value(next) => at = next,
            Next::End(end) => return Ok(end),
        }
    }
}

enum Next {
    /// Another value starts here.
    Value(usize),
    /// The outermost value ended here.
    End(usize),
}

/// Closes every container that ends at `at` and steps over the comma to the next value.
fn after_value(bytes: &[u8], mut at: usize, open: &mut Containers) -> Result<Next, JsonError> {
    while let Some(container) = open.top() {
        at = skip_space(bytes, at);
        match (bytes.get(at), container) {
            (Some(b'}'), Container::Object) | (Some(b']'), Container::Array) => {
                open.pop();
                at += 1;
            }
            (Some(b','), Container::Object) => {
                let key = skip_space(bytes, at + 1);
                return Ok(Next::Value(object_key(bytes, key)?.value));
            }
            (Some(b','), Container::Array) => return Ok(Next::Value(at + 1)),
            (_, Container::Object) => return Err(expected(bytes, at, "`,` or `}`")),
            (_, Container::Array) => return Err(expected(bytes, at, "`,` or `]`")),
        }
    }
    Ok(Next::End(at))
}

/// A string that has been validated.
#[derive(Debug, Clone, Copy)]
pub(in crate::pattern) struct Scanned {
    /// Past the closing quote.
    pub end: usize,
    /// Whether it holds an escape.
    pub escaped: bool,
}

/// A key that has been validated.
#[derive(Debug, Clone, Copy)]
pub(in crate::pattern) struct Key {
    pub name: Scanned,
    /// Past the colon.
    pub value: usize,
}

/// Validates `"key" :`.
pub(in crate::pattern) fn object_key(bytes: &[u8], at: usize) -> Result<Key, JsonError> {
    if bytes.get(at) != Some(&b'"') {
        return Err(expected(bytes, at, "a key in double quotes"));
    }
    let name = string(bytes, at)?;
    let colon = skip_space(bytes, name.end);
    match bytes.get(colon) {
        Some(b':') => Ok(Key {
            name,
            value: colon + 1,
        }),
        _ => Err(expected(bytes, colon, "`:`")),
    }
}

/// RFC 8259 white space only: blank, tab, line feed, carriage return.
pub(in crate::pattern) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}

pub(super) fn scalar(bytes: &[u8], at: usize) -> Result<usize, JsonError> {
    match bytes.get(at) {
        Some(b'-' | b'0'..=b'9') => number(bytes, at),
        Some(b't') => literal(bytes, at, b"true"),
        Some(b'f') => literal(bytes, at, b"false"),
        Some(b'n') => literal(bytes, at, b"null"),
        _ => Err(expected(bytes, at, "a value")),
    }
}

fn literal(bytes: &[u8], at: usize, word: &[u8]) -> Result<usize, JsonError> {
    for (offset, letter) in (at..).zip(word) {
        if bytes.get(offset) != Some(letter) {
            return Err(expected(bytes, offset, "`true`, `false` or `null`"));
        }
    }
    Ok(at + word.len())
}

fn number(bytes: &[u8], at: usize) -> Result<usize, JsonError> {
    let start = if bytes.get(at) == Some(&b'-') {
        at + 1
    } else {
        at
    };
    // A leading zero stands alone: `01` ends after the zero and the `1` is then out of place.
    let mut at = if bytes.get(start) == Some(&b'0') {
        start + 1
    } else {
        digits(bytes, start)?
    };
    if bytes.get(at) == Some(&b'.') {
        at = digits(bytes, at + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1;
        if let Some(b'+' | b'-') = bytes.get(at) {
            at += 1;
        }
        at = digits(bytes, at)?;
    }
    Ok(at)
}

fn digits(bytes: &[u8], start: usize) -> Result<usize, JsonError> {
    let mut at = start;
    while let Some(b'0'..=b'9') = bytes.get(at) {
        at += 1;
    }
    if at == start {
        return Err(expected(bytes, at, "a digit"));
    }
    Ok(at)
}

/// Validates the string whose opening quote is at `at`.
fn string(bytes: &[u8], at: usize) -> Result<Scanned, JsonError> {
    let mut escaped = false;
    let mut at = plain_run(bytes, at + 1);
    loop {
        at = match bytes.get(at) {
            Some(b'"') => {
                let end = at + 1;
                return Ok(Scanned { end, escaped });
            }
            Some(b'\\') => {
                escaped = true;
                escape(bytes, at)?
            }
            Some(0x80..) => non_ascii_run(bytes, at)?,
            _ => return Err(expected(bytes, at, "no control character in a string")),
        };
        at = plain_run(bytes, at);
    }
}

pub(super) fn escape(bytes: &[u8], at: usize) -> Result<usize, JsonError> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => {
            for digit in at + 2..at + 6 {
                if !bytes.get(digit).is_some_and(u8::is_ascii_hexdigit) {
                    return Err(expected(bytes, digit, "four hexadecimal digits"));
                }
            }
            Ok(at + 6)
        }
        _ => Err(expected(bytes, at + 1, "a JSON escape")),
    }
}

/// A run of non-ASCII bytes lies between ASCII ones, so it must be UTF-8 by itself.
fn non_ascii_run(bytes: &[u8], start: usize) -> Result<usize, JsonError> {
    let rest = bytes.get(start..).unwrap_or_default();
    let length = rest.iter().take_while(|byte| **byte >= 0x80).count();
    match std::str::from_utf8(rest.get(..length).unwrap_or_default()) {
        Ok(_) => Ok(start + length),
        Err(error) => {
            let cut_off = error.error_len().is_none() && length == rest.len();
            let kind = if cut_off {
                JsonErrorKind::UnexpectedEnd
            } else {
                JsonErrorKind::InvalidUtf8
            };
            Err(kind.at(start + error.valid_up_to()))
        }
    }
}

/// The offset of the first byte from `at` on that a string cannot simply contain: a quote, a
/// backslash, a control character or a non-ASCII byte. Eight bytes at a time, as most strings are
/// longer than that and almost none has a special byte.
fn plain_run(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    const fn zero_bytes(word: u64) -> u64 {
        word.wrapping_sub(ONES) & !word & HIGHS
    }
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        let quotes = zero_bytes(word ^ (ONES * b'"' as u64));
        let backslashes = zero_bytes(word ^ (ONES * b'\\' as u64));
        let controls = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        // A borrow can only mark bytes above a true hit, so the lowest mark is always true.
        let special = quotes | backslashes | controls | (word & HIGHS);
        if special != 0 {
            return at + (special.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(b' '..=b'!' | b'#'..=b'[' | b']'..=0x7f) = bytes.get(at) {
        at += 1;
    }
    at
}

fn expected(bytes: &[u8], at: usize, expected: &'static str) -> JsonError {
    let kind = if at < bytes.len() {
        JsonErrorKind::Syntax { expected }
    } else {
        JsonErrorKind::UnexpectedEnd
    };
    kind.at(at.min(bytes.len()))
}
