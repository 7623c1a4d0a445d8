//! Finding the next record behind one that is not valid JSON.
//!
//! A damaged record may have lost a quote or a bracket, so its end cannot be trusted: the next
//! record is looked for inside it too. A place counts as a record's start when it follows a comma
//! or a bracket, a whole valid JSON object stands there, and the object has a name that only
//! records have at their top level.

use super::Limits;
use super::window::Window;
use crate::pattern::json::{self, Node};

/// How many bytes may be read again while looking for record starts in one file: damaged files
/// are read quickly, and a file made to be slow is given up, loudly.
pub(super) struct Budget(u64);

impl Default for Budget {
    fn default() -> Self {
        Self(256 << 20)
    }
}

/// Where to go on.
pub(super) struct Resumed {
    /// Bytes to leave out from the start of the window.
    pub(super) skipped: usize,
    /// Nothing more can be found in this file.
    pub(super) lost: bool,
}

/// For JSON lines: the next line.
pub(super) fn next_line(window: &mut Window<'_>) -> Resumed {
    let mut seen = 0;
    loop {
        let rest = window.rest().get(seen..).unwrap_or_default();
        if let Some(newline) = memchr::memchr(b'\n', rest) {
            return Resumed {
                skipped: seen + newline + 1,
                lost: false,
            };
        }
        seen = window.rest().len();
        if !window.grow() {
            return Resumed {
                skipped: seen,
                lost: false,
            };
        }
    }
}

/// For arrays: the next thing that is certainly a record, or the end of the damaged one.
pub(super) fn next_record(
    window: &mut Window<'_>,
    limits: &Limits,
    budget: &mut Budget,
) -> Resumed {
    let reach = limits.record_bytes.saturating_mul(2);
    while window.rest().len() < reach && window.grow() {}
    let rest = window.rest();
    let end = balanced_end(rest);
    let inside = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
    for at in memchr::memchr_iter(b'{', inside).filter(|at| *at > 0) {
        if !follows_separator(rest, at) {
            continue;
        }
        let (found, cost) = record_at(rest, at, limits.depth);
        if found {
            return Resumed {
                skipped: at,
                lost: false,
            };
        }
        match budget.0.checked_sub(cost as u64) {
            Some(left) => budget.0 = left,
            None => {
                return Resumed {
                    skipped: rest.len(),
                    lost: true,
                };
            }
        }
    }
    match end {
        // At least one byte, or a stray bracket would be met for ever.
        Some(end) => Resumed {
            skipped: end.max(1),
            lost: false,
        },
        None => Resumed {
            skipped: rest.len(),
            lost: rest.len() >= reach,
        },
    }
}

/// The end of the value at the start, by brackets and strings alone.
fn balanced_end(rest: &[u8]) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return Some(if depth == 0 { at } else { at + 1 }),
            b'}' | b']' => depth -= 1,
            b',' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

fn follows_separator(rest: &[u8], at: usize) -> bool {
    let before = rest.get(..at).unwrap_or_default();
    let last = before.iter().rev().find(|byte| !byte.is_ascii_whitespace());
    matches!(last, Some(b',' | b'['))
}

/// Whether a whole record starts at `at`, and how many bytes were read to find out.
fn record_at(rest: &[u8], at: usize, depth: usize) -> (bool, usize) {
    let end = match json::skip_value(rest, at, depth) {
        Ok(end) => end,
        Err(error) => return (false, error.offset.saturating_sub(at) + 1),
    };
    let text = rest.get(at..end).map(std::str::from_utf8);
    let Some(Ok(text)) = text else {
        return (false, end - at);
    };
    let is_record = Node::parse(text).is_ok_and(|node| {
        ["eventVersion", "eventName", "eventID"]
            .iter()
            .any(|name| node.get(name).is_some())
    });
    (is_record, 2 * (end - at))
}
