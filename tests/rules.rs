//! The shipped rules answer their own tests, and what is wrong with a rule file is said with its
//! place.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failure here is a failed test"
)]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use support::{record, rule_set};
use trailwarden::pattern::Selector;
use trailwarden::record::ALWAYS_PRESENT;
use trailwarden::rules::{
    Lists, RuleSet, RuleSource, Severity, Verdict, run_tests, shipped_lists, shipped_rules,
};

fn shipped() -> RuleSet {
    let lists = shipped_lists().expect("the lists are valid");
    RuleSet::load(&shipped_rules(), &lists).unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn the_embedded_rules_are_those_of_the_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let (on_disk, lists) = trailwarden::local::read_rules(&folder).expect("the folder is readable");
    let texts = |rules: &[RuleSource]| {
        rules
            .iter()
            .map(|rule| rule.text.clone())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(texts(&on_disk), texts(&shipped_rules()));
    assert_eq!(lists, shipped_lists().expect("valid"));
}

#[test]
fn shipped_rules_pass_their_tests() {
    let set = shipped();
    let outcomes = run_tests(&set);
    let failed: Vec<_> = outcomes
        .iter()
        .filter(|outcome| !outcome.passed())
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
    for rule in set.rules() {
        let tests = |matches: bool| {
            rule.tests
                .iter()
                .filter(|test| test.matches == matches)
                .count()
        };
        assert!(
            tests(true) >= 2 && tests(false) >= 3,
            "{} needs more tests",
            rule.id
        );
    }
}

#[test]
fn shipped_rules_say_what_to_do() {
    for rule in shipped().rules() {
        assert!(
            !rule.description.is_empty() && !rule.runbook.is_empty() && !rule.tags.is_empty(),
            "{}",
            rule.id
        );
        assert!(
            rule.title.is_ascii() && rule.title.len() <= 60 && !rule.title.ends_with('.'),
            "{}",
            rule.id
        );
    }
}

#[test]
fn shipped_patterns_mean_what_they_seem_to() {
    let present: Vec<Selector> = ALWAYS_PRESENT
        .iter()
        .map(|text| Selector::parse(text).expect("valid"))
        .collect();
    let mut said = Vec::new();
    for rule in shipped().rules() {
        let patterns = std::iter::once(&rule.pattern)
            .chain(rule.exceptions.iter().map(|exception| &exception.pattern));
        said.extend(patterns.map(|pattern| {
            pattern
                .warnings(&present)
                .render(pattern.source(), &rule.id)
        }));
    }
    said.retain(|warning| !warning.is_empty());
    assert!(said.is_empty(), "{}", said.join("\n"));
}

#[test]
fn every_family_is_covered() {
    let set = shipped();
    let ids: Vec<&str> = set.rules().iter().map(|rule| rule.id.as_str()).collect();
    for family in [
        "console-signin",
        "access-denied",
        "iam-policy",
        "s3-bucket-policy",
        "region-unapproved",
        "ec2-instances",
        "root-account",
        "cloudtrail-",
    ] {
        assert!(
            ids.iter().any(|id| id.starts_with(family)),
            "{family}: {ids:?}"
        );
    }
}

fn matches(set: &RuleSet, text: &str) -> Vec<String> {
    match set.evaluate(text, None) {
        Ok(Verdict::Record { matches }) => matches
            .iter()
            .map(|index| set.rules()[*index].id.clone())
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn lists_and_exceptions_narrow_a_rule() {
    let set = rule_set(&[(
        "away",
        "title: Away\nseverity: low\npattern: '{ $.eventName = \"*\" }'\n\
         where_not_in: { $.awsRegion: homes }\nwhere_in: { $.eventSource: sources }\n\
         lists: { homes: [eu-*, us-west-2], sources: [iam.amazonaws.com] }\n\
         exceptions: [{ pattern: '{ $.eventName = List* }', reason: reads }]\n",
    )]);
    let at = |region: &str, name: &str| {
        matches(
            &set,
            &record("1", "2026-11-21T06:35:00Z", name, "").replace("us-east-1", region),
        )
    };
    assert_eq!(at("us-east-1", "CreateUser"), ["away"]);
    assert!(at("us-west-2", "CreateUser").is_empty());
    assert!(at("eu-north-1", "CreateUser").is_empty());
    assert!(at("us-east-1", "ListUsers").is_empty());
}

#[test]
fn an_exception_ends_with_its_day() {
    let rule = "title: X\nseverity: low\npattern: '{ $.eventName = X }'\n\
                exceptions: [{ pattern: '{ $.eventName = X }', reason: r, expires: 2026-11-21 }]\n";
    let set = rule_set(&[("x", rule)]);
    assert!(matches(&set, &record("1", "2026-11-21T23:59:59Z", "X", "")).is_empty());
    assert_eq!(
        matches(&set, &record("1", "2026-11-22T00:00:00Z", "X", "")),
        ["x"]
    );
    assert_eq!(
        matches(
            &set,
            r#"{"eventVersion":"1","eventSource":"s","eventName":"X"}"#
        ),
        ["x"],
        "no time: rather too many"
    );
}

#[test]
fn disabled_rules_and_other_folders_are_left_out() {
    use trailwarden::logfile::Folder;
    let rule =
        |more: &str| format!("title: X\nseverity: low\npattern: '{{ $.eventName = X }}'\n{more}\n");
    let set = rule_set(&[
        ("off", &rule("enabled: false")),
        ("insight", &rule("log_folders: [CloudTrail-Insight]")),
    ]);
    let text = record("1", "2026-11-21T06:35:00Z", "X", "");
    let count = |folder| match set.evaluate(&text, folder) {
        Ok(Verdict::Record { matches }) => matches.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (
            count(None),
            count(Some(Folder::Insight)),
            count(Some(Folder::CloudTrail))
        ),
        (1, 1, 0)
    );
}

#[test]
fn severities_are_ordered_as_people_mean_them() {
    assert!(Severity::Critical > Severity::High && Severity::Low > Severity::Informational);
}

/// Every `tests/rules/<fault>.yaml` is loaded as a rule; what is said about it is beside it.
#[test]
fn faults_of_rule_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules");
    let mut lists = Lists::default();
    lists.set("approved-regions", vec!["eu-west-1".to_owned()]);
    lists.set("empty", Vec::new());
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).expect("the folder is there") {
        let path = entry.expect("readable").path();
        if path.extension().is_none_or(|ending| ending != "yaml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("readable");
        let file = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let faults = match RuleSet::load(&[RuleSource { file, text }], &lists) {
            Ok(_) => panic!("{} has no fault", path.display()),
            Err(faults) => format!("{faults}\n"),
        };
        snapbox::assert_data_eq!(
            faults,
            snapbox::Data::read_from(&path.with_extension("out"), None)
        );
        seen += 1;
    }
    assert!(seen >= 15, "{seen} files");
}

#[test]
fn two_rules_cannot_have_one_id() {
    let text = "title: X\nseverity: low\npattern: '{ $.eventName = X }'\n".to_owned();
    let source = |folder: &str| RuleSource {
        file: format!("{folder}/x.yaml"),
        text: text.clone(),
    };
    let faults = RuleSet::load(&[source("a"), source("b")], &Lists::default())
        .err()
        .expect("a fault");
    assert_eq!(
        faults.to_string(),
        "b/x.yaml: there is already a rule `x`, in a/x.yaml"
    );
}
