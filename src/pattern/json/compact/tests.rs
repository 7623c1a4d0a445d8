//! The scanner of blocks against the one that goes byte by byte.

use std::cell::RefCell;

use proptest::prelude::*;
use serde_json::Value;

use super::super::skip_value;
use super::Index;
use super::block::{BLOCK, Classify, Oddities, Portable};

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

fn separator() -> impl Strategy<Value = String> {
    prop_oneof![
        20 => Just(",".to_owned()),
        2 => "[ \n]?,[ \n]?",
        1 => "[\\]\\[{},:\"0]{0,3}",
        1 => "[ -~]{0,80}",
    ]
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

/// The end of the object that the bytes start with.
#[track_caller]
fn end(bytes: &[u8]) -> Option<usize> {
    thread_local!(static INDEX: RefCell<Index> = RefCell::default());
    INDEX.with_borrow_mut(|index| {
        index.clear();
        Some(index.object(bytes, 0, 63)?.end)
    })
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
    fn blocks_are_the_same_either_way(block in prop::array::uniform32(any::<[u8; 2]>())) {
        let mut bytes = [0; BLOCK];
        bytes.copy_from_slice(block.as_flattened());
        let (masks, odd) = (Portable::masks(&bytes), Oddities::of(&bytes));
        for (at, byte) in bytes.iter().enumerate() {
            prop_assert_eq!(masks.quotes >> at & 1 == 1, *byte == b'"');
            prop_assert_eq!(masks.colons >> at & 1 == 1, *byte == b':');
            prop_assert_eq!(masks.commas >> at & 1 == 1, *byte == b',');
            prop_assert_eq!(masks.opening >> at & 1 == 1, b"{[".contains(byte));
            prop_assert_eq!(masks.closing >> at & 1 == 1, b"}]".contains(byte));
            prop_assert_eq!(odd.backslashes >> at & 1 == 1, *byte == b'\\');
            prop_assert_eq!(odd.controls >> at & 1 == 1, *byte < 0x20);
        }
        #[cfg(target_arch = "x86_64")]
        if super::wide::is_there() {
            prop_assert_eq!(super::wide::Avx2::masks(&bytes), masks);
            prop_assert_eq!(super::wide::Avx2::parity(masks.quotes), Portable::parity(masks.quotes));
        }
        prop_assert_eq!(odd.non_ascii, bytes.iter().any(|b| *b >= 0x80));
        prop_assert_eq!(masks.odd, bytes.iter().any(|b| *b < 0x20 || *b >= 0x80 || *b == b'\\'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn prefixes_are_left_alone(value in members(value())) {
        let text = value.to_string();
        for length in 0..text.len() {
            prop_assert_eq!(end(&text.as_bytes()[..length]), None, "{}", &text);
        }
    }

    /// In a run, whatever stands between the objects, each is read as if it stood alone.
    #[test]
    fn a_run_is_read_as_its_objects_are(
        parts in prop::collection::vec((members(value()), separator()), 1..30),
        edits in prop::collection::vec((any::<prop::sample::Index>(), "[\"\\\\{}\\[\\],0\n \u{e9}]"), 0..3),
    ) {
        let texts = parts.iter().map(|(object, behind)| format!("{object}{behind}"));
        let mut bytes = texts.collect::<String>().into_bytes();
        for (at, added) in edits {
            let at = at.index(bytes.len());
            bytes.splice(at..at, added.into_bytes());
        }
        let (mut run, mut alone) = (Index::default(), Index::default());
        let mut from = 0;
        while from < bytes.len() {
            alone.clear();
            let expected = alone.object(&bytes, from, 63).map(|object| object.end);
            let found = run.object(&bytes, from, 63);
            prop_assert_eq!(found.map(|object| object.end), expected, "{} of {}", from, bytes.escape_ascii());
            from = expected.unwrap_or(from + 1);
        }
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
            let taken = Index::default().object(text.as_bytes(), 0, limit);
            let expected = (depth <= limit && depth <= 63).then_some(text.len());
            assert_eq!(
                taken.map(|object| object.end),
                expected,
                "{depth} levels, at most {limit}"
            );
        }
    }
}
