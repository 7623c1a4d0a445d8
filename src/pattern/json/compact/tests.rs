//! The scanner of blocks against the one that goes byte by byte.

use proptest::prelude::*;
use serde_json::Value;

use super::super::skip_value;
use super::block::{BLOCK, Classify, Portable};
use super::{Visitor, object, scan};

/// Wants nothing.
struct Deaf;

impl Visitor for Deaf {
    fn wants_keys(&self) -> bool {
        false
    }
    fn key(&mut self, _: &[u8], _: usize, _: usize) {}
    fn open(&mut self, _: usize, _: bool) {}
    fn close(&mut self, _: usize) {}
}

/// Texts that look like structure, long enough to reach over blocks.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z\":,{}\\[\\]\\\\ ]{0,9}",
        2 => "[ -~]{40,90}",
        1 => "[\u{1}-\u{2ff}\u{1f600}]{0,40}",
        1 => "\\\\{60,70}\"?",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            members(inner),
        ]
    })
}

fn members(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::collection::vec((text(), inner), 0..6)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

fn has_escaped_key(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_escaped_key),
        Value::Object(members) => members.iter().any(|(key, value)| {
            let plain = |c: char| c >= ' ' && c != '"' && c != '\\';
            !key.chars().all(plain) || has_escaped_key(value)
        }),
        _ => false,
    }
}

/// Both ways to look at blocks give this answer.
#[track_caller]
fn end(bytes: &[u8]) -> Option<usize> {
    let end = object(bytes, 63, Deaf);
    assert_eq!(scan_portable(bytes), end, "{}", bytes.escape_ascii());
    end
}

fn scan_portable(bytes: &[u8]) -> Option<usize> {
    let starts = bytes.first() == Some(&b'{');
    scan::<Portable, Deaf>(bytes, 63, Deaf).filter(|_| starts)
}

fn config() -> ProptestConfig {
    ProptestConfig::with_cases(2_000)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn valid_objects_are_taken(value in members(value()), behind in "(,\\{\"a\":1|\n|\\]|x)?[ -~]{0,80}") {
        let mut text = value.to_string();
        let length = text.len();
        prop_assert_eq!(skip_value(text.as_bytes(), 0, 63), Ok(length));
        let expected = (!has_escaped_key(&value)).then_some(length);
        prop_assert_eq!(end(text.as_bytes()), expected, "{}", text);
        text.push_str(&behind);
        prop_assert_eq!(end(text.as_bytes()), expected, "{}", text);
    }

    /// Whatever is taken is valid, and as long as the other scanner says.
    #[test]
    fn nothing_else_is_taken(
        value in members(value()),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..2, "[\"\\\\{}\\[\\],:0-9eE+.\\-a-u\\n \u{e9}]{0,2}"), 1..4),
    ) {
        let mut bytes = value.to_string().into_bytes();
        for (at, removed, added) in edits {
            let at = at.index(bytes.len());
            let stop = (at + removed).min(bytes.len());
            bytes.splice(at..stop, added.into_bytes());
            if bytes.is_empty() {
                break;
            }
        }
        if let Some(end) = end(&bytes) {
            prop_assert_eq!(skip_value(&bytes, 0, 63), Ok(end), "{}", bytes.escape_ascii());
            prop_assert!(std::str::from_utf8(&bytes[..end]).is_ok());
        }
    }

    /// One wrong byte anywhere, UTF-8 included.
    #[test]
    fn one_byte_is_noticed(value in members(value()), at: prop::sample::Index, byte: u8) {
        let mut bytes = value.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Some(end) = end(&bytes) {
            prop_assert_eq!(skip_value(&bytes, 0, 63), Ok(end), "{}", bytes.escape_ascii());
            prop_assert!(std::str::from_utf8(&bytes[..end]).is_ok());
        }
    }

    #[test]
    fn prefixes_are_left_alone(value in members(value())) {
        let text = value.to_string();
        for length in 0..text.len() {
            prop_assert_eq!(end(&text.as_bytes()[..length]), None, "{}", &text);
        }
    }

    #[test]
    fn blocks_are_the_same_either_way(block in prop::array::uniform32(any::<[u8; 2]>())) {
        let mut bytes = [0; BLOCK];
        bytes.copy_from_slice(block.as_flattened());
        let masks = Portable::masks(&bytes);
        for (at, byte) in bytes.iter().enumerate() {
            prop_assert_eq!(masks.quotes >> at & 1 == 1, *byte == b'"');
            prop_assert_eq!(masks.colons >> at & 1 == 1, *byte == b':');
            prop_assert_eq!(masks.commas >> at & 1 == 1, *byte == b',');
            prop_assert_eq!(masks.brackets >> at & 1 == 1, b"{}[]".contains(byte));
            prop_assert_eq!(masks.backslashes >> at & 1 == 1, *byte == b'\\');
        }
        prop_assert_eq!(masks.odd, bytes.iter().any(|b| *b < 0x20 || *b >= 0x80));
    }
}

/// Every short text over what structure is made of.
#[test]
fn short_texts_agree() {
    let parts = [
        "{", "}", "[", "]", ":", ",", "\"a\"", "1", "null", "-", "\"\"",
    ];
    let mut texts = vec![String::from("{")];
    for _ in 0..5 {
        texts = texts
            .iter()
            .flat_map(|text| parts.iter().map(move |part| format!("{text}{part}")))
            .collect();
        for text in &texts {
            let expected = skip_value(text.as_bytes(), 0, 63).ok();
            assert_eq!(end(text.as_bytes()), expected, "{text}");
        }
    }
}

#[test]
fn levels_are_counted() {
    for depth in [1, 2, 62, 63, 64, 65, 200] {
        let text = "{\"a\":".repeat(depth - 1) + "{}" + &"}".repeat(depth - 1);
        for limit in [depth - 1, depth, depth + 1] {
            let taken = object(text.as_bytes(), limit, Deaf);
            let expected = (depth <= limit && depth <= 63).then_some(text.len());
            assert_eq!(taken, expected, "{depth} levels, at most {limit}");
        }
    }
}
