//! Explanations: golden files in `explain/`, a pattern and then messages in each, and what they say
//! against what the matcher does.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use snapbox::{Assert, Data};
use trailwarden::pattern::{Finding, Join, Verdict, matches};

use super::generate;
use super::properties::{config, parse};

#[test]
fn every_kind_of_pattern_is_explained() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/pattern/explain");
    let assert = Assert::new().action_env("SNAPSHOTS").normalize_paths(false);
    let mut found = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let input = entry.unwrap().path();
        if input.extension().is_none_or(|extension| extension != "in") {
            continue;
        }
        let text = fs::read_to_string(&input).unwrap();
        let mut lines = text.lines();
        let pattern = parse(lines.next().unwrap());
        let mut explained = pattern.explain().to_string();
        for message in lines {
            let verdict = pattern.explain_message(message);
            write!(explained, "\n> {message}\n{verdict}").unwrap();
        }
        found += 1;
        assert.eq(
            explained,
            Data::read_from(&input.with_extension("out"), None),
        );
    }
    assert!(found > 15, "found only {found}");
}

/// The conditions of a tree, in order.
fn conditions<'f>(finding: &'f Finding, found: &mut Vec<&'f Finding>) {
    if finding.join() == Join::One {
        found.push(finding);
    }
    for part in finding.parts() {
        conditions(part, found);
    }
}

/// Whether the tree holds when the conditions have other truths.
fn holds(finding: &Finding, truths: &mut impl Iterator<Item = bool>) -> bool {
    let mut parts = || {
        let parts = finding.parts().iter();
        parts.map(|part| holds(part, truths)).collect::<Vec<_>>()
    };
    match finding.join() {
        Join::One => truths.next().unwrap(),
        Join::All => !parts().contains(&false),
        Join::Any => parts().contains(&true),
    }
}

fn check(source: &str, message: &str) -> Result<(), TestCaseError> {
    let pattern = parse(source);
    let verdict = pattern.explain_message(message);
    prop_assert_eq!(
        verdict.matches(),
        matches(&pattern, message),
        "{} | {}",
        source,
        message
    );
    let mut all = Vec::new();
    conditions(verdict.root(), &mut all);
    let near = verdict.nearest_miss();
    if verdict.obstacle().is_none() {
        let flipped = all
            .iter()
            .map(|finding| finding.holds() != finding.is_near());
        prop_assert!(holds(verdict.root(), &mut { flipped }), "{}", verdict);
        prop_assert_eq!(near.len(), fewest_flips(&verdict, &all), "{}", verdict);
    }
    // Nothing to compare, but nothing may panic.
    pattern.explain().to_string();
    Ok(())
}

/// The size of the smallest set of conditions whose other truth makes the tree hold, by trying all.
fn fewest_flips(verdict: &Verdict, all: &[&Finding]) -> usize {
    let sets = 0_u32..1 << all.len();
    let sufficient = sets.filter(|set| {
        let truths = all
            .iter()
            .enumerate()
            .map(|(index, finding)| finding.holds() != (set >> index & 1 == 1));
        holds(verdict.root(), &mut { truths })
    });
    // A condition that is asked for twice counts once.
    let sizes = sufficient.map(|set| {
        let flipped = all.iter().enumerate();
        let flipped = flipped.filter(|(index, _)| set >> index & 1 == 1);
        let said = flipped.map(|(_, finding)| (finding.text(), finding.words()));
        said.collect::<std::collections::BTreeSet<_>>().len()
    });
    sizes.min().unwrap()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn json_is_explained_as_it_is_matched(
        source in generate::json_pattern(),
        messages in prop::collection::vec((generate::object(), any::<u64>()), 4),
    ) {
        for (tree, seed) in messages {
            check(&source, &generate::json(&tree, seed))?;
        }
        check(&source, "no JSON")?;
    }

    #[test]
    fn lines_are_explained_as_they_are_matched(
        source in prop_oneof![
            generate::delimited_pattern().prop_filter("few conditions", |source| {
                source.matches("column_").count() < 12
            }),
            generate::terms_pattern(),
            generate::regex().prop_map(|regex| format!("%{regex}%")),
        ],
        lines in prop::collection::vec(generate::line(), 4),
    ) {
        for line in lines {
            check(&source, &line)?;
        }
    }
}
