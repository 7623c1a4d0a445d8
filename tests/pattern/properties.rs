//! What holds for every pattern and every message.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use trailwarden::pattern::{Limits, Pattern, Selector, matches};

use super::generate;
use super::naive;

/// Random patterns need not respect how many wildcards and regexes CloudWatch allows.
pub fn parse(source: &str) -> Pattern {
    let limits = Limits {
        max_chars: 10_000,
        max_regexes: 100,
        max_wildcard_selectors: 100,
        ..Limits::default()
    };
    Pattern::parse_with(source, &limits)
        .unwrap_or_else(|errors| panic!("{}", errors.render(source, "")))
}

pub fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 1000,
        // What fails is printed at its smallest; it belongs into a table.
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..config() })]

    #[test]
    fn wide_regexes_agree_with_backtracking(
        regex in generate::wide_regex(),
        text in "(a{0,70}|b{0,3}){2,4}\n?",
    ) {
        let pattern = parse(&format!("%{regex}%"));
        prop_assert_eq!(matches(&pattern, &text), naive::matches(pattern.ast(), &text, None));
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn printing_and_parsing_are_inverses(source in generate::pattern()) {
        let pattern = parse(&source);
        let printed = pattern.ast().to_string();
        let again = parse(&printed);
        prop_assert_eq!(again.ast(), pattern.ast(), "{}", printed);
    }

    #[test]
    fn json_patterns_agree_with_a_tree_walk(
        source in generate::json_pattern(),
        messages in prop::collection::vec((generate::object(), any::<u64>()), 4),
    ) {
        let pattern = parse(&source);
        for (tree, seed) in messages {
            let text = generate::json(&tree, seed);
            let expected = naive::matches(pattern.ast(), &text, Some(&tree));
            prop_assert_eq!(matches(&pattern, &text), expected, "{} | {}", source, text);
        }
    }

    #[test]
    fn lines_agree_with_a_list_of_tokens(
        source in generate::delimited_pattern(),
        lines in prop::collection::vec(generate::line(), 8),
    ) {
        let pattern = parse(&source);
        for line in lines {
            let expected = naive::matches(pattern.ast(), &line, None);
            prop_assert_eq!(matches(&pattern, &line), expected, "{} | {:?}", source, line);
        }
    }

    #[test]
    fn terms_agree_with_substrings(source in generate::terms_pattern(), text in generate::line()) {
        let pattern = parse(&source);
        prop_assert_eq!(matches(&pattern, &text), naive::matches(pattern.ast(), &text, None));
    }

    #[test]
    fn regexes_agree_with_backtracking(regex in generate::regex(), text in "[ab1 \\né]{0,6}") {
        let pattern = parse(&format!("%{regex}%"));
        prop_assert_eq!(matches(&pattern, &text), naive::matches(pattern.ast(), &text, None));
    }

    #[test]
    fn globs_agree_with_backtracking(glob in "[ab*]{0,8}", text in "[ab]{0,10}") {
        let pattern = parse(&format!("{{ $.a = \"{glob}\" }}"));
        let message = format!("{{\"a\":\"{text}\"}}");
        let expected = naive::glob(glob.as_bytes(), text.as_bytes());
        prop_assert_eq!(matches(&pattern, &message), expected);
    }

    #[test]
    fn integers_compare_exactly(left: i128, right: i128) {
        let pattern = parse(&format!("{{ $.a < {right} }}"));
        prop_assert_eq!(matches(&pattern, &format!("{{\"a\":{left}}}")), left < right);
    }

    #[test]
    fn doubles_compare_as_doubles(left in any::<f64>(), right in any::<f64>()) {
        prop_assume!(left.is_finite() && right.is_finite());
        let message = format!("{{\"a\":{left:e}}}");
        let equal = matches(&parse(&format!("{{ $.a = {left:?} }}")), &message);
        prop_assert!(equal, "{}", message);
        let less = matches(&parse(&format!("{{ $.a < {right:?} }}")), &message);
        prop_assert_eq!(less, left < right);
    }

    #[test]
    fn nothing_panics(
        source in prop_oneof![generate::soup(), any::<String>(), generate::pattern()],
        cut: prop::sample::Index,
        message in prop_oneof![any::<String>(), generate::line()],
    ) {
        let places: Vec<_> = source.char_indices().map(|(at, _)| at).collect();
        let cut = places.get(cut.index(places.len() + 1)).map_or(&source[..], |at| &source[..*at]);
        for source in [&source[..], cut] {
            match Pattern::parse(source) {
                Ok(pattern) => {
                    matches(&pattern, &message);
                    pattern.warnings(&[]).render(source, "label");
                    pattern.explain().to_string();
                    pattern.explain_message(&message).to_string();
                }
                Err(errors) => {
                    for error in &errors {
                        prop_assert!(source.get(error.span.clone()).is_some(), "{} in {:?}", error, source);
                    }
                    prop_assert!(errors.iter().count() > 0);
                    errors.render(source, "label");
                }
            }
            let _ = Selector::parse(source).map(|selector| selector.to_string());
        }
    }

    #[test]
    fn selectors_print_and_parse(selector in generate::selector()) {
        let parsed = Selector::parse(&selector).unwrap();
        prop_assert_eq!(Selector::parse(&parsed.to_string()).unwrap(), parsed);
    }
}

/// Runs what would take minutes if any part of it were quadratic or worse.
#[test]
fn hostile_messages_take_linear_time() {
    const SIZE: usize = 200_000;
    let many = |text: &str| text.repeat(SIZE / text.len());
    let object = |value: &str| format!("{{\"a\":{value}}}");
    let array = many("[");
    let hostile = [
        (
            "{ $.a = *a*a*a*a*a*a*a*a*a*a*a*a*b }",
            object(&format!("\"{}\"", many("a"))),
        ),
        (
            "{ $.a = \"*ab*ab*ab*ab*c\" }",
            object(&format!("\"{}\"", many("ab"))),
        ),
        (
            "{ $.a = %a*a*a*a*a*b% }",
            object(&format!("\"{}\"", many("a"))),
        ),
        ("{ $.a[*].b = 1 }", object(&array)),
        (
            "{ $.a[*].b = 1 }",
            object(&format!("{array}{}", array.replace('[', "]"))),
        ),
        (
            "{ $.a.* = 1 }",
            object(&format!("{{{}\"b\":2}}", many("\"b\":2,"))),
        ),
        ("{ $.a[99999] = 1 }", object(&format!("[{}0]", many("0,")))),
        ("{ $.a < 1 }", object(&many("9"))),
        ("{ $.a = x }", object(&format!("\"{}\"", many("\\u0061")))),
        ("[..., a, b]", many("[a ")),
        ("[..., a, b]", many("\"a [b ")),
        ("[a, b=x]", many("\" [ ")),
        ("\"aaaaaaaab\"", many("a")),
        ("%a.{0,1000}b%", many("a")),
        ("%[ab]{500}a[ab]{500}c%", many("ab")),
    ];
    let start = Instant::now();
    for (source, message) in &hostile {
        matches(&parse(source), message);
    }
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
}
