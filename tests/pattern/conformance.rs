//! The shared suite: what CloudWatch was seen or is documented to answer. It is not part of the
//! repository; point `TRAILWARDEN_SHARED` at it, or put it beside the checkout as `shared/`.

use std::io::Write;
use std::path::PathBuf;
use std::{fs, io};

use serde_json::{Map, Value};
use trailwarden::pattern::{Limits, Message, Pattern, Selectors, matches};

#[test]
fn every_shared_case_agrees() {
    let mut failures = Vec::new();
    let rows = rows("cases.jsonl");
    for row in &rows {
        let (pattern, message) = (text(row, "pattern"), text(row, "message"));
        let answer = match Pattern::parse(pattern) {
            Ok(pattern) => Value::Bool(matches(&pattern, message)),
            Err(_) => Value::String("error".to_owned()),
        };
        if answer != row["expect"] || !extracts(row) {
            let id = text(row, "id");
            failures.push(format!("{id}: {pattern} | {message} => {answer}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Whether the values that CloudWatch extracts are ours, where a case tells them.
fn extracts(row: &Value) -> bool {
    let Some(expected) = row["extracted"].as_object() else {
        return true;
    };
    let pattern = Pattern::parse(text(row, "pattern")).unwrap();
    let matcher = pattern.compile(&mut Selectors::default());
    let text = text(row, "message");
    let values = matcher.extract(&Message { text, fields: None });
    let values = values
        .into_iter()
        .map(|(name, value)| (format!("${name}"), Value::from(value)));
    values.collect::<Map<_, _>>() == *expected
}

#[test]
fn every_real_pattern_parses_or_is_rightly_refused() {
    for row in rows("real_patterns.jsonl") {
        let pattern = text(&row, "pattern");
        let parsed = Pattern::parse(pattern);
        assert_eq!(
            parsed.is_ok(),
            row["valid"] == true,
            "{pattern}: {parsed:?}"
        );
        if let Ok(parsed) = parsed {
            // Printed with more blanks and quotes, a pattern may exceed CloudWatch's limit.
            let limits = Limits {
                max_chars: 4096,
                ..Limits::default()
            };
            let printed = Pattern::parse_with(&parsed.ast().to_string(), &limits).unwrap();
            assert_eq!(printed.ast(), parsed.ast(), "{pattern}");
        }
    }
}

/// The rows of a shared file; none, and a notice, where the suite is absent.
fn rows(name: &str) -> Vec<Value> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("TRAILWARDEN_SHARED").map_or(beside, PathBuf::from);
    let path = shared.join("pattern").join(name);
    match fs::read_to_string(&path) {
        Ok(text) => text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
        Err(error) => {
            // Not `eprintln!`, which the test harness swallows while tests pass.
            let path = path.display();
            let notice = format!("SKIPPED, {name} was not checked: {path}: {error}\n");
            io::stderr().write_all(notice.as_bytes()).unwrap();
            Vec::new()
        }
    }
}

fn text<'r>(row: &'r Value, key: &str) -> &'r str {
    row[key].as_str().unwrap()
}
