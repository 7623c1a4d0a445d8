//! Any text as a rule file: it is read, or has faults with their places; what is read compiles, or
//! has faults; and its own tests run.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailwarden::rules::{RuleSet, RuleSource, parse_rule, run_tests, shipped_lists};

fuzz_target!(|text: &str| {
    let file = "rules/fuzz.yaml";
    if let Err(faults) = parse_rule(file, text) {
        assert!(!faults.0.is_empty());
        assert!(faults.to_string().starts_with(file), "{faults}");
        return;
    }
    let lists = shipped_lists().expect("the shipped lists are well formed");
    let source = RuleSource {
        file: file.to_owned(),
        text: text.to_owned(),
    };
    match RuleSet::load(&[source], &lists) {
        Ok(set) => {
            run_tests(&set);
        }
        Err(faults) => assert!(!faults.0.is_empty()),
    }
});
