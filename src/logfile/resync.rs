//! Going on behind what cannot be read.
//!
//! A value that is merely too large is passed over whole: nothing in it is a record, whatever it
//! looks like, since callers choose what requests hold. A damaged value may have lost a quote or a
//! bracket, so its end cannot be trusted: the next record is looked for inside it too. A place
//! counts as a record's start when it follows a comma or a bracket, a whole valid JSON object
//! stands there, and the object has a name that records have at their top level.

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

impl Budget {
    /// Takes `bytes` off; false when they are not there.
    fn pay(&mut self, bytes: usize) -> bool {
        let left = self.0.checked_sub(bytes as u64);
        self.0 = left.unwrap_or_default();
        left.is_some()
    }
}

/// How far the end of a damaged record is looked for at first; each further look goes four times
/// as far, so that the work is in proportion to what is passed over.
const FIRST_LOOK: usize = 4 << 10;

/// Passes the rest of the line.
pub(super) fn past_line(window: &mut Window<'_>) {
    loop {
        let rest = window.rest();
        match memchr::memchr(b'\n', rest) {
            Some(newline) => return window.consume(newline + 1),
            None => window.consume(rest.len()),
        }
        if !window.grow() {
            return;
        }
    }
}

/// Passes one value, however long, by its brackets and strings alone.
pub(super) fn past_value(window: &mut Window<'_>) {
    let mut balance = Balance::default();
    let mut passed = 0_usize;
    loop {
        let rest = window.rest();
        match balance.end(rest) {
            // At least one byte, or a stray bracket would be met for ever.
            Some(end) => return window.consume(if passed == 0 { end.max(1) } else { end }),
            None => {
                passed += rest.len();
                window.consume(rest.len());
            }
        }
        if !window.grow() {
            return;
        }
    }
}

/// Goes to the next thing that is certainly a record, or behind the damaged one; false when
/// neither can be found.
pub(super) fn to_next_record(
    window: &mut Window<'_>,
    limits: &Limits,
    budget: &mut Budget,
) -> bool {
    let furthest = limits.record_bytes.saturating_mul(2);
    let mut reach = FIRST_LOOK.min(furthest);
    loop {
        while window.rest().len() < reach && window.grow() {}
        let look = Look::new(window.rest(), reach, limits.depth);
        let found = look.record(budget);
        let (end, all) = (look.end, look.region.len() < reach);
        match (found, end) {
            (Err(OutOfBudget), _) => return false,
            (Ok(Some(at)), _) => window.consume(at),
            (Ok(None), Some(end)) => window.consume(end.max(1)),
            (Ok(None), None) if all => window.consume(window.rest().len()),
            (Ok(None), None) if reach >= furthest => return false,
            (Ok(None), None) => {
                reach = reach.saturating_mul(4).min(furthest);
                continue;
            }
        }
        return true;
    }
}

/// Goes behind the bracket of a `Records` array in a damaged top-level object; false, and goes
/// nowhere, when there is none in its line, within the length of a record. Further lines may be
/// records by themselves, and must not be passed.
pub(super) fn to_records_array(window: &mut Window<'_>, limits: &Limits) -> bool {
    while window.rest().len() < limits.record_bytes && window.grow() {}
    let rest = window.rest();
    let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let rest = rest.get(..line).unwrap_or(rest);
    let blank = |byte: &&u8| byte.is_ascii_whitespace();
    let found = memchr::memmem::find_iter(rest, br#""Records""#).find_map(|at| {
        let colon = at + br#""Records""#.len();
        let colon = colon + rest.get(colon..)?.iter().take_while(blank).count();
        let value = colon + 1;
        let value = value + rest.get(value..)?.iter().take_while(blank).count();
        (rest.get(colon) == Some(&b':') && rest.get(value) == Some(&b'[')).then_some(value + 1)
    });
    if let Some(bytes) = found {
        window.consume(bytes);
    }
    found.is_some()
}

/// Brackets and strings, counted.
#[derive(Default)]
struct Balance {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Balance {
    /// The end of the value that began in an earlier piece or begins here.
    fn end(&mut self, piece: &[u8]) -> Option<usize> {
        for (at, byte) in piece.iter().enumerate() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ if self.in_string => {}
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth == 0 => return Some(at),
                b'}' | b']' if self.depth == 1 => return Some(at + 1),
                b'}' | b']' => self.depth -= 1,
                b',' if self.depth == 0 => return Some(at),
                _ => {}
            }
        }
        None
    }
}

struct OutOfBudget;

/// One look at the bytes from a damaged record on.
struct Look<'w> {
    rest: &'w [u8],
    region: &'w [u8],
    /// The end of the damaged record by brackets, when it lies in the region and what follows
    /// looks like what follows a record: a lost quote turns strings inside out.
    end: Option<usize>,
    depth: usize,
}

impl<'w> Look<'w> {
    fn new(rest: &'w [u8], reach: usize, depth: usize) -> Self {
        let region = rest.get(..reach).unwrap_or(rest);
        let end = Balance::default().end(region);
        Self {
            rest,
            region,
            end: end.filter(|end| region.get(*end..).is_some_and(follows_a_record)),
            depth,
        }
    }

    /// The first place inside the damaged record, or anywhere when it has no end, where a whole
    /// record starts.
    fn record(&self, budget: &mut Budget) -> Result<Option<usize>, OutOfBudget> {
        if !budget.pay(self.end.unwrap_or(self.region.len())) {
            return Err(OutOfBudget);
        }
        let inside = self
            .region
            .get(..self.end.unwrap_or(self.region.len()))
            .unwrap_or_default();
        let starts = memchr::memchr_iter(b'{', inside).filter(|at| *at > 0);
        for at in starts.filter(|at| follows_separator(inside, *at)) {
            let (found, cost) = record_at(self.rest, at, self.depth);
            if !budget.pay(cost) {
                return Err(OutOfBudget);
            }
            if found {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }
}

/// Whether `tail` can stand behind a record: another one, or the end of the array and then of the
/// file, the line, or more members. What the tail is too short to tell is taken for yes.
fn follows_a_record(tail: &[u8]) -> bool {
    let mut tokens = tail
        .iter()
        .filter(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
    let mut text = || tokens.find(|byte| **byte != b'\n');
    match text() {
        None => true,
        Some(b',') => match text() {
            Some(b'{') => matches!(text(), None | Some(b'"' | b'}')),
            other => other.is_none(),
        },
        Some(b']') => match text() {
            Some(b'}') => matches!(tokens.next(), None | Some(b'\n')),
            Some(b',') => matches!(text(), None | Some(b'"')),
            other => other.is_none(),
        },
        Some(_) => false,
    }
}

fn follows_separator(inside: &[u8], at: usize) -> bool {
    let before = inside.get(..at).unwrap_or_default();
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
    let names = ["eventVersion", "eventName", "eventID"];
    let is_record =
        Node::parse(text).is_ok_and(|node| names.iter().any(|name| node.get(name).is_some()));
    (is_record, 2 * (end - at))
}
