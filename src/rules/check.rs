//! A rule's own tests, run by the engine that evaluates log files.

use super::{RuleSet, Verdict};

/// The outcome of one test of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestOutcome {
    /// The rule's id.
    pub rule: String,
    /// The test's name.
    pub test: String,
    /// What the rule should say.
    pub expected: bool,
    /// What it says; the error when the record cannot be evaluated.
    pub actual: Result<bool, String>,
}

impl TestOutcome {
    /// Whether the rule says what it should.
    pub fn passed(&self) -> bool {
        self.actual == Ok(self.expected)
    }
}

/// Runs the tests of all enabled rules. Thresholds are not looked at: a test says whether one
/// record counts.
pub fn run_tests(set: &RuleSet) -> Vec<TestOutcome> {
    let enabled = set
        .rules()
        .iter()
        .enumerate()
        .filter(|(_, rule)| rule.enabled);
    enabled
        .flat_map(|(index, rule)| {
            rule.tests.iter().map(move |test| TestOutcome {
                rule: rule.id.clone(),
                test: test.name.clone(),
                expected: test.matches,
                actual: match set.evaluate(&test.record, None) {
                    Ok(Verdict::Record { matches }) => Ok(matches.contains(&index)),
                    Ok(Verdict::Foreign(reason)) => Err(reason.to_owned()),
                    Err(error) => Err(error.to_string()),
                },
            })
        })
        .collect()
}
