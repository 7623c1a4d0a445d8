//! What the warnings claim about two conditions, for every pair of many, against every one of many
//! values.

use trailwarden::pattern::{Warning, WarningKind, matches};

use super::properties::parse;

const COMPARISONS: &str = "=1 !=1 <1 <=1 >1 >=1 =2 !=2 <2 <=2 >2 >=2 =1.0 !=1.0 =\"1\" !=\"1\" \
    =\"1.0\" !=\"1.0\" =a !=a =b !=ab =ab =a* !=a* =ab* !=ab* =*b !=*b =*ab =*a* !=*a* =a*b !=a*b \
    =* !=* =\"\" !=\"\" =%^a% !=%^a% =%b% =%a^b% !=%a^b% =%a*% =Infinity !=Infinity";
const LITERALS: &[&str] = &[" IS NULL", " IS TRUE", " IS FALSE", " NOT EXISTS"];
const VALUES: &str = r#"null true false "" "a" "b" "ab" "aab" "abab" "ba" "1" "1.0" "2" "0" "x"
    "Infinity" 0 1 1.0 1.5 2 3 -1 1e309 [] [null] [1] ["a"] ["a","b"] ["b",2] [1,2] [true,null] {}
    {"b":"a"} {"b":1} {"b":null} {"b":[]} {"b":[1]} {"b":["a",null]} {"b":{"c":1}} [{"b":"a"}]
    [{"b":null}] [[1]] [[null]]"#;
const TOKENS: &str = "a b ab aab abab ba 1 1.0 +1 01 1e0 2 0 1.5 3 -1 x Infinity";

/// A condition, and of which messages it is true.
struct Condition {
    text: String,
    truths: Vec<bool>,
}

fn conditions(
    subject: &str,
    asks: &[&str],
    wrap: fn(&str) -> String,
    messages: &[String],
) -> Vec<Condition> {
    let condition = |ask: &&str| {
        let text = format!("{subject}{ask}");
        let pattern = parse(&wrap(&text));
        let truths = messages.iter().map(|message| matches(&pattern, message));
        let truths = truths.collect();
        Condition { text, truths }
    };
    asks.iter().map(condition).collect()
}

/// Checks the warnings about two conditions; returns how many claims there were.
fn check(one: &Condition, other: &Condition, wrap: fn(&str) -> String, scalars: &[bool]) -> usize {
    let mut claims = 0;
    for connective in ["&&", "||"] {
        let source = wrap(&format!("{}{connective}{}", one.text, other.text));
        let place = source.find(connective).unwrap();
        let truths = |warning: &Warning| match warning.span.start > place {
            true => (&other.truths, &one.truths),
            false => (&one.truths, &other.truths),
        };
        let warnings = parse(&source).warnings(&[]);
        for warning in &warnings {
            let (about, beside) = truths(warning);
            let mut pairs = about.iter().zip(beside);
            claims += 1;
            let is_true = match warning.kind {
                WarningKind::NeverTrue { .. } => !about.contains(&true),
                WarningKind::Contradiction { .. } => pairs.all(|(one, other)| !(*one && *other)),
                WarningKind::Redundant { .. } => pairs.all(|(one, other)| !*one || *other),
                WarningKind::AlwaysTrue { .. } => {
                    let mut pairs = pairs.zip(scalars);
                    pairs.all(|((one, other), scalar)| !scalar || *one || *other)
                }
                _ => continue,
            };
            assert!(is_true, "{source}: {warning}");
        }
        let matches_something = match connective {
            "&&" => one.truths.iter().zip(&other.truths).any(|(a, b)| *a && *b),
            _ => one.truths.contains(&true) || other.truths.contains(&true),
        };
        assert!(!(warnings.never_matches() && matches_something), "{source}");
    }
    claims
}

#[test]
fn every_claim_about_two_fields_is_true() {
    let values: Vec<&str> = VALUES.split_whitespace().collect();
    let mut messages: Vec<_> = values.iter().map(|v| format!("{{\"a\":{v}}}")).collect();
    messages.push("{}".to_owned());
    let is_scalar = |value: &str| value.starts_with(|c: char| c == '"' || c.is_ascii_digit());
    let finite = |value: &&str| is_scalar(value) && *value != "1e309";
    let mut scalars: Vec<bool> = values.iter().map(finite).collect();
    scalars.push(false);
    let asks: Vec<&str> = COMPARISONS
        .split_whitespace()
        .chain(LITERALS.iter().copied())
        .collect();
    let wrap = |text: &str| format!("{{{text}}}");
    let of = |selector| conditions(selector, &asks, wrap, &messages);
    let (field, some) = (of("$.a"), of("$.a[*]"));
    let mut claims = 0;
    for (one, other) in [(&field, &field), (&some, &some)] {
        for (first, second) in one.iter().flat_map(|a| other.iter().map(move |b| (a, b))) {
            claims += check(first, second, wrap, &scalars);
        }
    }
    for inner in ["$.a.b", "$.a[0]", "$.a[*]", "$.a[*].b", "$.a.b[*]"] {
        for (first, second) in of(inner)
            .iter()
            .flat_map(|a| field.iter().map(move |b| (a, b)))
        {
            claims += check(first, second, wrap, &scalars);
        }
    }
    assert!(claims > 5000, "only {claims} claims");
}

#[test]
fn every_claim_about_two_tests_of_a_token_is_true() {
    let tokens: Vec<_> = TOKENS.split_whitespace().map(str::to_owned).collect();
    let asks: Vec<&str> = COMPARISONS.split_whitespace().collect();
    let wrap = |text: &str| format!("[{text}]");
    let all = conditions("c", &asks, wrap, &tokens);
    let scalars = vec![true; tokens.len()];
    let mut claims = 0;
    for (first, second) in all.iter().flat_map(|a| all.iter().map(move |b| (a, b))) {
        claims += check(first, second, wrap, &scalars);
    }
    assert!(claims > 1000, "only {claims} claims");
}
