//! Our own tables, one row for each point of the language: a pattern, the messages it matches and
//! those it does not, or that it is refused. A message is a JSON object as it stands in the row, or,
//! where it is no such thing, a string.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::value::RawValue;
use trailwarden::pattern::{Limits, Pattern, matches};

type Row = BTreeMap<String, Box<RawValue>>;

#[test]
fn terms_agree() {
    check("terms.jsonl");
}

#[test]
fn regexes_agree() {
    check("regex.jsonl");
}

#[test]
fn json_patterns_agree() {
    check("json.jsonl");
}

#[test]
fn delimited_patterns_agree() {
    check("delimited.jsonl");
}

#[test]
fn what_is_not_of_the_language_is_refused() {
    for row in rows("refused.jsonl") {
        let (spec, pattern) = (text(&row["spec"]), text(&row["pattern"]));
        let parsed = Pattern::parse(&pattern);
        assert!(parsed.is_err(), "{spec}: {pattern} was taken as {parsed:?}");
    }
}

#[test]
fn the_limit_is_in_characters() {
    let fits = format!("\"{}\"", "é".repeat(1022));
    assert!(Pattern::parse(&fits).is_ok());
    let longer = format!("{fits} ");
    assert!(Pattern::parse(&longer).is_err());
    let limits = Limits {
        max_chars: 2000,
        ..Limits::default()
    };
    assert!(Pattern::parse_with(&longer, &limits).is_ok());
}

#[test]
fn repetitions_count_as_often_as_they_repeat() {
    let accepted = |regex: &str| Pattern::parse(&format!("%{regex}%")).is_ok();
    assert!(accepted("ab{1021}cd"));
    assert!(accepted("ab{0,1021}c*d"));
    assert!(!accepted("ab{1023}cd"));
    assert!(!accepted("ab{0,511}c|ab{512}c"));
    // What may be found anywhere need not be counted.
    assert!(accepted(".{0,9999}a.{0,9999}"));
    assert!(!accepted("^.{0,9999}a"));
    let limits = Limits {
        max_regex_positions: 20_000,
        ..Limits::default()
    };
    let pattern = Pattern::parse_with("%^.{0,9999}a%", &limits).unwrap();
    assert!(matches(&pattern, &format!("{}a", "b".repeat(9999))));
    assert!(!matches(&pattern, &format!("{}a", "b".repeat(10_000))));
}

#[test]
fn any_nesting_that_fits_is_taken() {
    let deep = format!("{{{}$.a=1{}}}", "(".repeat(508), ")".repeat(508));
    let pattern = Pattern::parse(&deep).unwrap();
    assert!(matches(&pattern, r#"{"a":1}"#));
    let alternating = format!(
        "{{{}$.a=1{}}}",
        "($.a=1&&($.b=1||".repeat(56),
        "))".repeat(56)
    );
    let pattern = Pattern::parse(&alternating).unwrap();
    assert!(matches(&pattern, r#"{"a":1,"b":1}"#));
    let limits = Limits {
        max_chars: 2000,
        ..Limits::default()
    };
    let printed = Pattern::parse_with(&pattern.ast().to_string(), &limits).unwrap();
    assert_eq!(printed.ast(), pattern.ast());
}

#[track_caller]
fn check(table: &str) {
    let rows = rows(table);
    assert!(!rows.is_empty());
    for row in rows {
        let (spec, source) = (text(&row["spec"]), text(&row["pattern"]));
        let pattern = Pattern::parse(&source).unwrap_or_else(|errors| {
            panic!("{table}, {spec}: {}", errors.render(&source, ""));
        });
        for (key, expected) in [("yes", true), ("no", false)] {
            for message in serde_json::from_str::<Vec<Box<RawValue>>>(row[key].get()).unwrap() {
                let message = match message.get().starts_with('"') {
                    true => text(&message),
                    false => message.get().to_owned(),
                };
                let actual = matches(&pattern, &message);
                assert_eq!(actual, expected, "{table}, {spec}: {source} | {message}");
            }
        }
    }
}

fn rows(table: &str) -> Vec<Row> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/pattern");
    let text = fs::read_to_string(folder.join(table)).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn text(json: &RawValue) -> String {
    serde_json::from_str(json.get()).unwrap()
}
