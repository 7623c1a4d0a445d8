//! The rules that the index finds are those that match one by one, as plainly judged.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is what it is for"
)]

#[path = "pattern/generate.rs"]
#[expect(dead_code, reason = "this file uses some of it")]
mod generate;
#[path = "pattern/naive.rs"]
mod naive;
#[path = "pattern/regex.rs"]
mod regex;

use std::cell::Cell;

use naive::{NUMBERS, Tree};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use serde_json::json;
use trailwarden::pattern::{Pattern, Selector};
use trailwarden::rules::{Lists, RuleSet, RuleSource, Verdict};

const EXPIRES: &str = "2026-06-01";
const BEFORE: &str = "2026-05-01T00:00:00Z";
const TIMES: &[Option<&str>] = &[None, Some(BEFORE), Some("2026-07-01T00:00:00Z")];
/// Fields that records have often, of every sort that sieves and index tell apart.
const SELECTORS: &[&str] = &[
    "$.eventName",
    "$.eventName",
    "$.errorCode",
    "$.errorCode",
    "$.eventSource",
    "$.userIdentity.type",
    "$.readOnly",
    "$.userIdentity",
    "$.userIdentity.a",
    "$.userIdentity.a.b",
    "$.userIdentity.a[*]",
    "$.errorCode.*",
    "$.errorCode[0]",
];
/// Values of lists; a `*` stands for anything.
const VALUES: &[&str] = &["a", "b", "ab", "a*", "*b", "1", "1.0", "é", "\"", "\\", ""];

/// A rule in pieces.
#[derive(Debug, Clone)]
struct Parts {
    pattern: String,
    where_in: Option<List>,
    where_not_in: Option<List>,
    exception: Option<(String, bool)>,
}

/// A selector of one node, and values.
type List = (&'static str, Vec<&'static str>);

fn selector() -> impl Strategy<Value = String> {
    prop_oneof![
        5 => select(SELECTORS).prop_map(str::to_owned),
        1 => generate::selector(),
    ]
}

fn pattern() -> impl Strategy<Value = String> {
    let plain = (
        select(&["=", "!=", "="][..]),
        select(&["a", "b", "ab", "a*", "ab*", "b*", "iam*", "1", "*"][..]),
    )
        .prop_map(|(op, operand)| format!("{op}{operand}"));
    let word = select(&[" IS NULL", " IS TRUE", " IS FALSE", " NOT EXISTS"][..]);
    let test =
        prop_oneof![4 => plain, 3 => generate::comparison(), 2 => word.prop_map(str::to_owned)];
    let condition = (selector(), test).prop_map(|(selector, test)| selector + &test);
    // One field again and again, as people write: `$.a = x || $.a = y`.
    let run = (
        selector(),
        select(&["=", "!="][..]),
        select(&["&&", "||"][..]),
        vec(select(&["a", "b", "ab", "ab*", "1"][..]), 2..5),
    )
        .prop_map(|(selector, op, joint, operands)| {
            let tests = operands.iter();
            let tests: Vec<_> = tests
                .map(|operand| format!("{selector}{op}{operand}"))
                .collect();
            format!("{{ {} }}", tests.join(joint))
        });
    prop_oneof![
        4 => run,
        9 => generate::expr(condition).prop_map(|expr| format!("{{ {expr} }}")),
        1 => generate::pattern(),
    ]
}

fn list() -> impl Strategy<Value = List> {
    let single = select(&SELECTORS[..9]);
    (single, vec(select(VALUES), 1..6))
}

fn rule() -> impl Strategy<Value = Parts> {
    (
        pattern(),
        option::weighted(0.2, list()),
        option::weighted(0.2, list()),
        option::weighted(0.2, (pattern(), any::<bool>())),
    )
        .prop_map(|(pattern, where_in, where_not_in, exception)| Parts {
            pattern,
            where_in,
            where_not_in,
            exception,
        })
}

/// A record of CloudTrail with anything in it, and when it happened.
fn record() -> impl Strategy<Value = (Tree, Option<&'static str>)> {
    let often = || {
        let text = select(&["a", "b", "ab", "1", "aab"][..]);
        prop_oneof![
            3 => text.clone().prop_map(|text| Tree::String(text.to_owned())),
            1 => generate::tree(),
            1 => vec(generate::tree(), 0..3).prop_map(Tree::Array),
            1 => text.prop_map(|text| Tree::Array(vec![Tree::String(text.to_owned())])),
        ]
    };
    let field = |chance| option::weighted(chance, often());
    let fields = (field(0.8), field(0.6), field(0.6), field(0.6), field(0.4));
    let source = select(&["a", "b", "ab", "iam.amazonaws.com"][..]);
    let seed = (generate::object(), source, fields, select(TIMES));
    (seed, any::<bool>()).prop_map(|((object, source, fields, time), behind)| {
        let text = |text: &str| Tree::String(text.to_owned());
        let mut members = match object {
            Tree::Object(members) => members,
            _ => panic!("an object"),
        };
        let (name, error, a, kind, read_only) = fields;
        let identity = [("a", a), ("type", kind)].into_iter();
        let identity: Vec<_> = identity
            .filter_map(|(key, value)| Some((key.to_owned(), value?)))
            .collect();
        let identity = (!identity.is_empty()).then_some(Tree::Object(identity));
        let found = [
            ("eventVersion", Some(text("1.11"))),
            ("eventSource", Some(text(source))),
            ("eventName", name),
            ("errorCode", error),
            ("readOnly", read_only),
            ("userIdentity", identity),
            ("eventTime", time.map(text)),
        ];
        let at = if behind { members.len() } else { 0 };
        let found = found.into_iter();
        members.splice(
            at..at,
            found.filter_map(|(key, value)| Some((key.to_owned(), value?))),
        );
        (Tree::Object(members), time)
    })
}

impl Parts {
    /// Whether all its patterns are within CloudWatch's limits.
    fn is_legal(&self) -> bool {
        let exception = self.exception.iter().map(|(pattern, _)| pattern);
        let mut all = exception.chain([&self.pattern]);
        all.all(|pattern| Pattern::parse(pattern).is_ok())
    }

    /// JSON is YAML.
    fn source(&self, number: usize) -> RuleSource {
        let mut rule = json!({ "title": "One", "severity": "low", "pattern": self.pattern });
        let mut lists = json!({});
        for (key, list) in [
            ("where_in", &self.where_in),
            ("where_not_in", &self.where_not_in),
        ] {
            if let Some((selector, values)) = list {
                rule[key] = json!({ *selector: key });
                lists[key] = json!(values);
                rule["lists"] = lists.clone();
            }
        }
        if let Some((pattern, expires)) = &self.exception {
            let mut exception = json!({ "pattern": pattern, "reason": "known" });
            if *expires {
                exception["expires"] = json!(EXPIRES);
            }
            rule["exceptions"] = json!([exception]);
        }
        RuleSource {
            file: format!("rule-{number}.yaml"),
            text: rule.to_string(),
        }
    }

    /// Whether the rule matches, as docs/RULES.md says it.
    fn matches(&self, text: &str, tree: &Tree, time: Option<&str>) -> bool {
        let pattern = |source: &str| {
            let pattern = Pattern::parse(source).unwrap();
            naive::matches(pattern.ast(), text, Some(tree))
        };
        let excepted = self
            .exception
            .as_ref()
            .is_some_and(|(source, expires)| pattern(source) && (!expires || time == Some(BEFORE)));
        let is_in = |list: &List| {
            let selector = Selector::parse(list.0).unwrap();
            let found = naive::select(tree, selector.steps());
            let text = match found.first()? {
                Tree::String(text) => text,
                Tree::Number(index) => NUMBERS[*index].1,
                _ => return None,
            };
            let equal = |value: &&str| naive::glob(value.as_bytes(), text.as_bytes());
            Some(list.1.iter().any(equal))
        };
        pattern(&self.pattern)
            && self.where_in.iter().all(|list| is_in(list) == Some(true))
            && self
                .where_not_in
                .iter()
                .all(|list| is_in(list) == Some(false))
            && !excepted
    }
}

/// How often rules were asked about, and how often they matched: those that the index finds, and
/// the others.
#[derive(Default)]
struct Counts {
    indexed: Cell<(u32, u32)>,
    others: Cell<(u32, u32)>,
}

impl Counts {
    fn add(&self, set: &RuleSet, expected: &[usize]) {
        let unindexed = set.unindexed();
        for at in 0..set.rules().len() {
            let counts = match unindexed.contains(&at) {
                true => &self.others,
                false => &self.indexed,
            };
            let (asked, found) = counts.get();
            counts.set((asked + 1, found + u32::from(expected.contains(&at))));
        }
    }

    fn check(&self) {
        for (asked, found) in [self.indexed.get(), self.others.get()] {
            eprintln!("{found} of {asked}");
            assert!(asked > 3_000, "{asked} questions");
            assert!(
                found * 40 > asked && found * 10 < asked * 9,
                "{found} of {asked}"
            );
        }
    }
}

#[test]
fn the_index_finds_what_matches_one_by_one() {
    let config = ProptestConfig {
        cases: 600,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let counts = Counts::default();
    // Few rules fit into one word of a set, many do not.
    let rules = prop_oneof![19 => vec(rule(), 1..16), 1 => vec(rule(), 60..140)];
    let strategy = (rules, vec((record(), any::<u64>()), 6));
    let outcome = TestRunner::new(config).run(&strategy, |(mut rules, records)| {
        rules.retain(Parts::is_legal);
        let sources = rules.iter().enumerate();
        let sources: Vec<_> = sources.map(|(number, rule)| rule.source(number)).collect();
        let set =
            RuleSet::load(&sources, &Lists::default()).unwrap_or_else(|faults| panic!("{faults}"));
        let mut seen = Vec::new();
        for ((tree, time), seed) in records {
            let text = match seed % 2 {
                0 => generate::compact_json(&tree),
                _ => generate::json(&tree, seed),
            };
            let expected: Vec<usize> = (0..rules.len())
                .filter(|at| rules[*at].matches(&text, &tree, time))
                .collect();
            counts.add(&set, &expected);
            let verdict = set.evaluate(&text, None).expect("valid");
            let expected = Verdict::Record { matches: expected };
            prop_assert_eq!(&verdict, &expected, "{}", text);
            seen.push((text, expected));
        }
        // Now that all values were met.
        for (text, expected) in seen.iter().rev() {
            let verdict = set.evaluate(text, None).expect("valid");
            prop_assert_eq!(&verdict, expected, "{} again", text);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    counts.check();
}

/// More values than are remembered, of every length, each again and again.
#[test]
fn however_many_values_there_are_answers_stay_the_same() {
    let rules = [
        ("$.eventName = Name1000", 1),
        ("$.eventName = *7", 2),
        ("$.errorCode = 0*5", 3),
    ];
    let sources: Vec<_> = rules
        .iter()
        .map(|(pattern, number)| RuleSource {
            file: format!("rule-{number}.yaml"),
            text:
                json!({ "title": "One", "severity": "low", "pattern": format!("{{ {pattern} }}") })
                    .to_string(),
        })
        .collect();
    let set = RuleSet::load(&sources, &Lists::default()).unwrap();
    let mut found = [0; 3];
    for round in 0..3 {
        for number in 0..5_000 {
            // In another order the second time.
            let number = if round == 1 { 4_999 - number } else { number };
            let code = format!("{number:0width$}", width = number % 200);
            let text = json!({
                "eventVersion": "1.11",
                "eventSource": "ec2.amazonaws.com",
                "eventName": format!("Name{number}"),
                "errorCode": code,
            })
            .to_string();
            let expected = [
                number == 1_000,
                number % 10 == 7,
                code.starts_with('0') && code.ends_with('5'),
            ];
            let expected: Vec<usize> = (0..3).filter(|at| expected[*at]).collect();
            expected.iter().for_each(|at| found[*at] += 1);
            let verdict = set.evaluate(&text, None).unwrap();
            assert_eq!(verdict, Verdict::Record { matches: expected }, "{text}");
        }
    }
    assert!(found.iter().all(|found| *found > 0), "{found:?}");
}
