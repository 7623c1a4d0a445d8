//! What is said about legal patterns: golden files in `warnings/`, like those of the errors, and the
//! proof that what is claimed to be never or always true is.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::sample::select;
use snapbox::{Assert, Data};
use trailwarden::pattern::{Ast, Expr, Selector, Step, Warning, WarningKind, matches};

use super::generate;
use super::naive::NUMBERS;
use super::properties::{config, parse};

/// Fields that every CloudTrail record has.
pub fn always_present() -> Vec<Selector> {
    let names = "eventVersion eventTime eventSource eventName awsRegion sourceIPAddress eventID \
        eventType userIdentity.type";
    let selector = |name| Selector::parse(&format!("$.{name}")).unwrap();
    names.split_whitespace().map(selector).collect()
}

#[test]
fn every_warning_is_explained() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/pattern/warnings");
    let assert = Assert::new().action_env("SNAPSHOTS").normalize_paths(false);
    let mut seen = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let input = entry.unwrap().path();
        if input.extension().is_none_or(|extension| extension != "in") {
            continue;
        }
        let text = fs::read_to_string(&input).unwrap();
        let source = text.strip_suffix('\n').unwrap_or(&text);
        let warnings = parse(source).warnings(&always_present());
        seen.extend(warnings.iter().map(|warning| warning.kind.name()));
        let expected = Data::read_from(&input.with_extension("out"), None);
        assert.eq(warnings.render(source, "rules/a.yaml"), expected);
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(
        seen.len(),
        12,
        "kinds without a golden file: not among {seen:?}"
    );
}

/// A JSON pattern that asks several things of the same few fields.
fn suspicious_json_pattern() -> impl Strategy<Value = String> {
    let selector = select(&["$.a", "$.a", "$.a", "$.a.b", "$.a[0]", "$.a[*]", "$.b.*"][..]);
    let test = prop_oneof![
        6 => generate::comparison(),
        1 => select(&["!=*", "=true", "=%a^b%", "=\"1\"", "=1.0", "=\"1.0\"", "!=1"][..])
            .prop_map(str::to_owned),
        2 => select(&[" IS NULL", " IS TRUE", " IS FALSE", " NOT EXISTS"][..])
            .prop_map(str::to_owned),
    ];
    let condition = (selector, test).prop_map(|(selector, test)| format!("{selector}{test}"));
    generate::expr(condition).prop_map(|expr| format!("{{ {expr} }}"))
}

/// A space-delimited pattern that asks several things of its only column.
fn suspicious_delimited_pattern() -> impl Strategy<Value = String> {
    let test = generate::comparison().prop_map(|comparison| format!("c{comparison}"));
    generate::expr(test).prop_map(|expr| format!("[{expr}]"))
}

/// A JSON string, or a number that a double can hold.
fn scalar() -> impl Strategy<Value = String> {
    let finite = NUMBERS.iter().filter(|(_, _, value)| value.is_some());
    let numbers: Vec<_> = finite.map(|(text, _, _)| (*text).to_owned()).collect();
    let text = select(generate::TEXTS).prop_map(|text| serde_json::to_string(text).unwrap());
    prop_oneof![select(numbers), text]
}

/// The pattern that says what a warning is about, and nothing else.
fn about(source: &str, warning: &Warning, connective: &str) -> String {
    let part = &source[warning.span.clone()];
    let both = match &warning.other {
        Some(other) => format!("({}) {connective} ({part})", &source[other.clone()]),
        None => part.to_owned(),
    };
    match source.starts_with('[') {
        true => format!("[{both}]"),
        false => format!("{{ {both} }}"),
    }
}

/// A message that holds a value where a condition looks.
fn holding(condition: &str, value: &str) -> String {
    let pattern = parse(&format!("{{ {condition} }}"));
    let Ast::Json(Expr::Test(test)) = pattern.ast() else {
        panic!("{condition} is not a condition");
    };
    let steps = test.node.selector.node.steps().iter().rev();
    steps.fold(value.to_owned(), |value, step| match step {
        Step::Name(name) => format!("{{\"{name}\":{value}}}"),
        Step::Index(0) => format!("[{value}]"),
        step => panic!("{step:?} is not generated"),
    })
}

/// Checks what is claimed about a message.
fn check(source: &str, message: &str) -> Result<(), TestCaseError> {
    let pattern = parse(source);
    let warnings = pattern.warnings(&[]);
    if warnings.never_matches() {
        prop_assert!(
            !matches(&pattern, message),
            "{} matches {}",
            source,
            message
        );
    }
    for warning in &warnings {
        let holds = |source: &str| matches(&parse(source), message);
        match warning.kind {
            WarningKind::NeverTrue { .. } | WarningKind::Contradiction { .. } => {
                let both = about(source, warning, "&&");
                prop_assert!(!holds(&both), "{} matches {}", both, message);
            }
            WarningKind::Redundant { .. } if source.starts_with(['{', '[']) => {
                let both = about(source, warning, "&&");
                let other = Warning {
                    other: None,
                    ..warning.clone()
                };
                let alone = about(source, &other, "");
                prop_assert_eq!(holds(&both), holds(&alone), "{} | {}", both, message);
            }
            _ => {}
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_claimed_of_json_is_true(
        source in suspicious_json_pattern(),
        messages in prop::collection::vec((generate::object(), any::<u64>()), 8),
    ) {
        for (tree, seed) in messages {
            check(&source, &generate::json(&tree, seed))?;
        }
    }

    #[test]
    fn what_is_claimed_of_lines_is_true(
        source in suspicious_delimited_pattern(),
        lines in prop::collection::vec(generate::line(), 8),
    ) {
        for line in lines {
            check(&source, &line)?;
        }
    }

    #[test]
    fn what_is_claimed_of_terms_is_true(
        source in generate::terms_pattern(),
        lines in prop::collection::vec(generate::line(), 8),
    ) {
        for line in lines {
            check(&source, &line)?;
        }
    }

    /// Every text, and every number that a double can hold.
    #[test]
    fn what_is_always_true_is(
        source in suspicious_json_pattern(),
        column in suspicious_delimited_pattern(),
        value in scalar(),
        token in "[ab1.e+]{1,3}",
    ) {
        for source in [source, column] {
            let pattern = parse(&source);
            for warning in &pattern.warnings(&[]) {
                if !matches!(warning.kind, WarningKind::AlwaysTrue { .. }) {
                    continue;
                }
                let either = about(&source, warning, "||");
                let message = match source.starts_with('[') {
                    true => token.clone(),
                    false => holding(&source[warning.span.clone()], &value),
                };
                prop_assert!(matches(&parse(&either), &message), "{} | {}", either, message);
            }
        }
    }
}
