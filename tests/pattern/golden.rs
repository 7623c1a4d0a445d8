//! Every fault has a pair of files in `errors/`: a pattern, and what its author is told about it.
//! `SNAPSHOTS=overwrite cargo test` writes the answers; read the difference.

use std::fs;
use std::path::PathBuf;

use snapbox::{Assert, Data};
use trailwarden::pattern::{Limits, Pattern};

#[test]
fn every_fault_is_explained() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/pattern/errors");
    let assert = Assert::new().action_env("SNAPSHOTS").normalize_paths(false);
    let mut inputs: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "in"))
        .collect();
    inputs.sort();
    assert!(inputs.len() > 100, "found only {}", inputs.len());
    for input in inputs {
        let text = fs::read_to_string(&input).unwrap();
        let source = text.strip_suffix('\n').unwrap_or(&text);
        let name = input.file_stem().unwrap().to_str().unwrap();
        let errors = Pattern::parse_with(source, &limits(name)).expect_err(name);
        for error in &errors {
            assert!(source.get(error.span.clone()).is_some(), "{name}: {error}");
        }
        let expected = Data::read_from(&input.with_extension("out"), None);
        assert.eq(errors.render(source, "rules/a.yaml"), expected);
    }
}

/// CloudWatch's, except where a pattern of 1024 characters could not show the fault.
fn limits(name: &str) -> Limits {
    match name {
        "too_deep" => Limits {
            max_depth: 4,
            ..Limits::default()
        },
        _ => Limits::default(),
    }
}
