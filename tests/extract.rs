//! What the pass over a record finds is what `serde_json` finds, however the record is written and
//! wherever it stands in its file; and so are the rules that match.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

#[path = "pattern/naive.rs"]
#[expect(dead_code, reason = "this file uses some of it")]
mod naive;
#[path = "pattern/regex.rs"]
mod regex;
mod support;

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;

use naive::Tree;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use support::{gzip, shared};
use trailwarden::inspect::{Object, Options, inspect};
use trailwarden::logfile::Limits;
use trailwarden::pattern::{
    Ast, Condition, Expr, Extractor, Operand, Pattern, Places, Selector, Selectors, Slot, Step,
    Test, matches,
};
use trailwarden::rules::{RuleSet, RuleSource, Verdict, shipped_lists, shipped_rules};

/// The value that the leading names of a selector lead to, as it is written.
fn found_by_serde<'t>(text: &'t str, steps: &[Step]) -> Option<&'t str> {
    let Some((Step::Name(name), rest)) = steps.split_first() else {
        return Some(text);
    };
    // Of members with the same name the last one is kept.
    let members: HashMap<String, &RawValue> = serde_json::from_str(text).ok()?;
    found_by_serde(members.get(name)?.get(), rest)
}

/// All fields at once, none that is nested, and every other one.
fn extractors(selectors: &Selectors) -> Vec<Extractor> {
    let slots = selectors.iter().map(|(slot, _)| slot);
    let some: Vec<Slot> = slots.step_by(2).collect();
    vec![
        Extractor::new(selectors),
        Extractor::for_slots(selectors, &[]),
        Extractor::for_slots(selectors, &some),
    ]
}

/// Fields and members of `text` by all ways and by `serde_json`; whether the text was read as
/// compact.
#[track_caller]
fn compare(extractors: &[Extractor], slots: &[(Slot, Selector)], text: &str) -> bool {
    let found = extractors
        .iter()
        .map(|extractor| compare_one(extractor, slots, text));
    let found: Vec<bool> = found.collect();
    assert!(found.iter().all(|one| *one == found[0]), "{text}");
    found[0]
}

#[track_caller]
fn compare_one(extractor: &Extractor, slots: &[(Slot, Selector)], text: &str) -> bool {
    let mut places = Places::default();
    let behind = format!("{text},{{\"a\":1}}]}}");
    let taken = extractor.read_compact(behind.as_bytes(), 0, usize::MAX, &mut places);
    assert!(taken.is_none_or(|end| end == text.len()), "{text}");
    let mut walked_places = Places::default();
    let spaced = format!(" {text}");
    let walked = extractor.read(&spaced, &mut walked_places).expect("valid");
    let fields = extractor.read(text, &mut places).expect("valid");
    for (slot, selector) in slots {
        let expected = found_by_serde(text, selector.steps()).map(str::as_bytes);
        assert_eq!(fields.raw(*slot), expected, "{selector} in {text}");
        assert_eq!(walked.raw(*slot), expected, "{selector} walked in {text}");
    }
    assert!(walked.members().is_none());
    if let Some(members) = fields.members() {
        let members: Vec<_> = members
            .map(|(name, value)| (name.into(), value.node()))
            .collect();
        let message = fields.message();
        let expected = message
            .members()
            .map(|(name, node)| (name.decode().as_bytes().to_vec(), node));
        assert_eq!(members, expected.collect::<Vec<_>>(), "{text}");
    }
    assert_eq!(fields.members().is_some(), taken.is_some(), "{text}");
    taken.is_some()
}

fn slots(selectors: &Selectors) -> Vec<(Slot, Selector)> {
    let all = selectors.iter();
    all.map(|(slot, selector)| (slot, selector.clone()))
        .collect()
}

/// The text with white space between its tokens.
fn with_space(text: &str) -> String {
    let (mut out, mut quoted, mut escaped) = (String::new(), false, false);
    for c in text.chars() {
        let was_quoted = quoted;
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        let token = !was_quoted && "{}[]:,".contains(c);
        if token {
            out.push('\n');
        }
        out.push(c);
        if token {
            out.push_str(" \t");
        }
    }
    out.trim().to_owned()
}

/// Texts between quotes, some as long as a block of the scanner or longer.
fn string() -> impl Strategy<Value = String> {
    let short = select(
        &[
            "",
            "a",
            r"\u0061",
            r#"\""#,
            r"\\",
            r"\ud83d\ude00",
            "é",
            "{\\\"a\\\":",
            "😀",
        ][..],
    );
    let long = (
        50_usize..140,
        select(&["x", "é", r"\\", r#"\""#, ",", "{"][..]),
    );
    let text = prop_oneof![
        4 => short.prop_map(str::to_owned),
        1 => long.prop_map(|(count, text)| text.repeat(count)),
    ];
    text.prop_map(|text| format!("\"{text}\""))
}

/// JSON in compact form: repeated and escaped keys, huge numbers, long strings, deep nests.
fn value() -> impl Strategy<Value = String> {
    let word = select(
        &[
            "null",
            "true",
            "false",
            "0",
            "-0.0",
            "1e999",
            "-1E+99999",
            "1e-400",
            "12.5",
            "123456789012345678901234567890123456789012345678901234567890123456789012345678901",
        ][..],
    );
    let deep = (1_usize..100, any::<bool>()).prop_map(|(depth, objects)| match objects {
        true => format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth)),
        false => format!("{}{}", "[".repeat(depth), "]".repeat(depth)),
    });
    let leaf = prop_oneof![3 => word.prop_map(str::to_owned), 4 => string(), 1 => deep];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            1 => vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            4 => object(inner),
        ]
    })
}

fn object(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let name = prop_oneof![
        8 => select(&["a", "b", "c", "a.b", "é", "", "ab", "eventName"][..]).prop_map(|name| format!("\"{name}\"")),
        1 => select(&[r"\u0061", r"\u00e9", r"a\u002eb", r"\u0062"][..]).prop_map(|name| format!("\"{name}\"")),
        1 => string(),
    ];
    vec((name, value), 0..6).prop_map(|members| {
        let members = members
            .iter()
            .map(|(name, value)| format!("{name}:{value}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    })
}

const SELECTORS: &[&str] = &[
    "$.a",
    "$.b",
    "$.a.b",
    "$.a.a.a",
    "$.a.a.a.b",
    "$.b.a",
    "$.['a.b']",
    "$.é",
    "$.é.a",
    "$.ab",
    "$.eventName",
    "$.c[0].a",
    "$.a.c[*]",
    "$.b.*",
];

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// The same, for a file that is longer than the reader's window.
fn read(rules: &RuleSet, file: &str, whole_bytes: usize) -> Vec<(u64, Vec<usize>, String)> {
    let limits = Limits {
        whole_bytes,
        ..Limits::default()
    };
    let options = Options {
        limits,
        ..Options::default()
    };
    let mut found = Vec::new();
    let name = Object {
        name: "file",
        folder: None,
    };
    let inspection = inspect(name, &gzip(file.as_bytes()), rules, &options, |hit| {
        found.push((hit.number, hit.rules.to_vec(), hit.record.text().to_owned()));
    });
    assert!(
        inspection.is_complete() && inspection.tally.balances(),
        "{inspection:?}"
    );
    found
}

/// What a file of these records should give.
fn one_by_one(rules: &RuleSet, records: &[String]) -> Vec<(u64, Vec<usize>, String)> {
    let verdicts = records.iter().enumerate().map(|(number, text)| {
        match rules.evaluate(text, None).expect("valid") {
            Verdict::Record { matches } => (number as u64, matches, text.clone()),
            Verdict::Foreign(_) => (number as u64, Vec::new(), text.clone()),
        }
    });
    verdicts
        .filter(|(_, matches, _)| !matches.is_empty())
        .collect()
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn fields_are_those_of_serde(text in object(value())) {
        let mut selectors = Selectors::default();
        for selector in SELECTORS {
            selectors.add(&Selector::parse(selector).unwrap());
        }
        let extractors = extractors(&selectors);
        let slots = slots(&selectors);
        compare(&extractors, &slots, &text);
        let spaced = with_space(&text);
        compare(&extractors, &slots, &spaced);
    }
}

proptest! {
    #![proptest_config(config(12))]

    /// About 400 KiB a file, so that records lie across the ends of windows at any place.
    #[test]
    fn a_long_file_is_the_same_whole_and_in_pieces(
        bodies in vec((object(value()), any::<bool>(), 0_usize..6_000), 150..200),
        between in select(&[",", " ,\n"][..]),
    ) {
        let rules = support::rule_set(&[
            ("a", "title: A\nseverity: low\npattern: '{ $.a.b = * || $.a IS NULL }'\n"),
            ("b", "title: B\nseverity: low\npattern: '{ $.b NOT EXISTS && $.eventSource = s }'\n"),
            ("c", "title: C\nseverity: low\npattern: '{ $.a = \"a\" || $.end = x*z }'\n"),
        ]);
        let records: Vec<String> = bodies.iter().map(|(body, spaced, pad)| {
            let pad = "\\u0061é{".repeat(pad / 8);
            let comma = if body == "{}" { "" } else { "," };
            let text = format!(
                r#"{{"eventVersion":"1","eventSource":"s","pad":"{pad}"{comma}{},"end":"xyz"}}"#,
                &body[1..body.len() - 1],
            );
            if *spaced { with_space(&text) } else { text }
        }).collect();
        let file = format!(r#"{{"Records":[{}]}}"#, records.join(between));
        prop_assert!(file.len() > 300 << 10, "{}", file.len());
        let expected = one_by_one(&rules, &records);
        prop_assert_eq!(expected.len(), records.len());
        prop_assert!(read(&rules, &file, usize::MAX) == expected);
        prop_assert!(read(&rules, &file, 0) == expected);
    }
}

/// Every record of the shared corpus; of files with more than 3,000 every 20th.
fn corpus(shared: &Path) -> Vec<String> {
    let mut records = Vec::new();
    for entry in std::fs::read_dir(shared.join("corpus/records")).expect("readable") {
        let path = entry.expect("readable").path();
        let name = path.to_string_lossy().into_owned();
        if !name.ends_with(".jsonl.gz") || name.contains(".meta.") {
            continue;
        }
        let mut text = String::new();
        let file = std::fs::File::open(&path).expect("readable");
        flate2::read::GzDecoder::new(file)
            .read_to_string(&mut text)
            .expect("gzip");
        let lines: Vec<&str> = text.lines().collect();
        let step = if lines.len() > 3_000 { 20 } else { 1 };
        records.extend(lines.iter().step_by(step).map(|line| (*line).to_owned()));
    }
    records
}

/// The shipped rules, and the valid patterns of the shared list as rules.
fn many_rules(shared: &Path) -> RuleSet {
    let real = std::fs::read_to_string(shared.join("pattern/real_patterns.jsonl")).expect("there");
    let mut sources = shipped_rules();
    for (number, line) in real.lines().enumerate() {
        let real: Value = serde_json::from_str(line).expect("JSON");
        if real["valid"] == true {
            let rule = json!({"title": "Real", "severity": "low", "pattern": real["pattern"]});
            sources.push(RuleSource {
                file: format!("real-{number}.yaml"),
                text: rule.to_string(),
            });
        }
    }
    let set = RuleSet::load(&sources, &shipped_lists().expect("valid"));
    set.unwrap_or_else(|faults| panic!("{faults}"))
}

/// Numbers are their spelling: of whole ones that is the text that patterns see.
fn tree(value: &Value) -> Tree {
    match value {
        Value::Null => Tree::Null,
        Value::Bool(value) => Tree::Bool(*value),
        Value::Number(number) => Tree::String(number.to_string()),
        Value::String(text) => Tree::String(text.clone()),
        Value::Array(items) => Tree::Array(items.iter().map(tree).collect()),
        Value::Object(members) => {
            let members = members.iter();
            Tree::Object(
                members
                    .map(|(key, value)| (key.clone(), tree(value)))
                    .collect(),
            )
        }
    }
}

/// Whether a pattern asks for nothing but texts, presence and the like: the naive evaluator knows
/// only the numbers and regular expressions that random patterns are made of.
fn is_plain(ast: &Ast) -> bool {
    fn all(expr: &Expr<Condition>) -> bool {
        match expr {
            Expr::Test(leaf) => match &leaf.node.test {
                Test::Compare(comparison) => matches!(comparison.operand.node, Operand::Text(_)),
                _ => true,
            },
            Expr::All(parts) | Expr::Any(parts) => parts.iter().all(all),
        }
    }
    match ast {
        Ast::Json(expr) => all(expr),
        Ast::Terms(_) | Ast::Delimited(_) => true,
        Ast::Regex(_) => false,
    }
}

/// A record of the corpus is as plain as can be asked about one pattern.
fn holds(pattern: &Pattern, text: &str, tree: &Tree) -> bool {
    match is_plain(pattern.ast()) {
        true => naive::matches(pattern.ast(), text, Some(tree)),
        false => matches(pattern, text),
    }
}

#[test]
fn fields_of_the_corpus_are_those_of_serde() {
    let Some(shared) = shared() else { return };
    let rules = many_rules(&shared);
    let mut selectors = Selectors::default();
    for rule in rules.rules() {
        rule.pattern.compile(&mut selectors);
        for (selector, _) in rule.where_in.iter().chain(&rule.where_not_in) {
            selectors.add(selector);
        }
    }
    let (extractors, slots) = (extractors(&selectors), slots(&selectors));
    let records = corpus(&shared);
    let mut compact = 0;
    for text in &records {
        compact += usize::from(compare(&extractors, &slots, text));
        let spaced = with_space(text);
        assert!(!compare(&extractors, &slots, &spaced));
    }
    assert!(
        compact * 2 > records.len(),
        "{compact} of {}",
        records.len()
    );
}

#[test]
fn rules_on_the_corpus_match_as_the_naive_evaluator_says() {
    let Some(shared) = shared() else { return };
    let rules = many_rules(&shared);
    // Lists and exceptions have tests of their own, in tests/rules_index.rs.
    let plain = |at: &usize| {
        let rule = &rules.rules()[*at];
        rule.where_in.is_empty() && rule.where_not_in.is_empty() && rule.exceptions.is_empty()
    };
    let judged: Vec<usize> = (0..rules.rules().len()).filter(plain).collect();
    let records = corpus(&shared);
    let mut found = 0;
    for text in &records {
        let tree = tree(&serde_json::from_str(text).expect("JSON"));
        let Verdict::Record { mut matches } = rules.evaluate(text, None).expect("valid") else {
            continue;
        };
        matches.retain(plain);
        let expected: Vec<usize> = judged
            .iter()
            .copied()
            .filter(|at| holds(&rules.rules()[*at].pattern, text, &tree))
            .collect();
        found += matches.len();
        assert_eq!(matches, expected, "{text}");
    }
    assert!(
        found > 1_000,
        "{found} matches in {} records",
        records.len()
    );
    // The same in one log file.
    let file = format!(r#"{{"Records":[{}]}}"#, records.join(","));
    let expected = one_by_one(&rules, &records);
    assert!(read(&rules, &file, usize::MAX) == expected);
    assert!(read(&rules, &file, 0) == expected);
}
