//! The top-level object of a log file, member by member: up to its `Records` array, or to its end
//! when it has none and is itself a record.

use crate::pattern::json::{self, JsonError, JsonErrorKind, Node};

/// How far a top-level object was read.
pub(super) enum Object {
    /// To its end.
    Alone(usize),
    /// To the first byte behind the bracket of its `Records` array.
    Records(usize),
}

pub(super) fn object_step(rest: &[u8], depth: usize) -> Result<Object, JsonError> {
    let mut at = blank(rest, 1)?;
    if rest.get(at) == Some(&b'}') {
        return Ok(Object::Alone(at + 1));
    }
    loop {
        match member_at(rest, at, depth)? {
            Object::Records(bytes) => return Ok(Object::Records(bytes)),
            Object::Alone(end) => at = blank(rest, end)?,
        }
        match rest.get(at) {
            Some(b',') => at = blank(rest, at + 1)?,
            Some(b'}') => return Ok(Object::Alone(at + 1)),
            _ => return Err(syntax(at, "`,` or `}`")),
        }
    }
}

pub(super) fn member_step(rest: &[u8], depth: usize) -> Result<Object, JsonError> {
    member_at(rest, 0, depth)
}

/// Reads `"name": value` at `at`.
fn member_at(rest: &[u8], at: usize, depth: usize) -> Result<Object, JsonError> {
    if rest.get(at) != Some(&b'"') {
        return Err(syntax(at, "a member name"));
    }
    let name_end = json::skip_value(rest, at, depth)?;
    let colon = blank(rest, name_end)?;
    if rest.get(colon) != Some(&b':') {
        return Err(syntax(colon, "`:`"));
    }
    let value = blank(rest, colon + 1)?;
    if is_records(rest.get(at..name_end).unwrap_or_default()) {
        return match rest.get(value) {
            Some(b'[') => Ok(Object::Records(value + 1)),
            _ => Err(syntax(value, "an array of records")),
        };
    }
    json::skip_value(rest, value, depth.saturating_sub(1)).map(Object::Alone)
}

/// Whether a name in quotes is `Records`, however it is spelt: any letter may be an escape.
fn is_records(name: &[u8]) -> bool {
    if !name.contains(&b'\\') {
        return name == br#""Records""#;
    }
    let node = std::str::from_utf8(name)
        .ok()
        .and_then(|name| Node::parse(name).ok());
    node.and_then(|node| node.as_str())
        .is_some_and(|name| name == "Records")
}

/// Offset of the first byte at or behind `at` that is not white space.
fn blank(rest: &[u8], at: usize) -> Result<usize, JsonError> {
    let tail = rest.get(at..).unwrap_or_default();
    match tail
        .iter()
        .position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
    {
        Some(blanks) => Ok(at + blanks),
        None => Err(JsonError {
            kind: JsonErrorKind::UnexpectedEnd,
            offset: rest.len(),
        }),
    }
}

fn syntax(offset: usize, expected: &'static str) -> JsonError {
    JsonError {
        kind: JsonErrorKind::Syntax { expected },
        offset,
    }
}
