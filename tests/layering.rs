//! A layer imports only what stands to its right in the map of `src/lib.rs`.
#![expect(clippy::expect_used, reason = "a failure here is a failed test")]

use std::path::{Path, PathBuf};

/// Each layer with what it may import.
const LAYERS: [(&str, &[&str]); 12] = [
    ("pattern", &[]),
    ("record", &["pattern"]),
    ("logfile", &["pattern", "record"]),
    ("integrity", &["record", "logfile"]),
    ("windows", &[]),
    ("rules", &["pattern", "record", "logfile"]),
    (
        "alert",
        &["pattern", "record", "logfile", "rules", "windows"],
    ),
    ("ports", &["record", "alert", "integrity"]),
    (
        "inspect",
        &[
            "pattern",
            "record",
            "logfile",
            "integrity",
            "rules",
            "windows",
            "alert",
            "ports",
        ],
    ),
    ("config", &["inspect", "logfile", "rules"]),
    (
        "local",
        &["logfile", "integrity", "record", "rules", "alert", "ports"],
    ),
    ("aws", &["integrity", "record", "alert", "ports"]),
];

/// What the layers right of `ports` must not touch: files, the network, clocks, the environment.
const OUTSIDE: [&str; 9] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "tokio",
    "aws_",
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn sources(layer: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    if root.join(layer).is_dir() {
        files(&root.join(layer), &mut found);
    } else {
        found.push(root.join(format!("{layer}.rs")));
    }
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("readable");
        // Unit tests may do what they like.
        let code = text
            .split("#[cfg(test)]")
            .next()
            .unwrap_or_default()
            .to_owned();
        (path, code)
    };
    found.into_iter().map(read).collect()
}

#[test]
fn layers_import_to_the_right_only() {
    for (layer, allowed) in LAYERS {
        for (path, code) in sources(layer) {
            for rest in code.split("crate::").skip(1) {
                let module = rest
                    .split(|c: char| !c.is_alphanumeric() && c != '_')
                    .next()
                    .unwrap_or_default();
                let fine = module == layer || allowed.contains(&module);
                assert!(
                    fine,
                    "{}: `{layer}` must not import `{module}`",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn every_module_is_a_layer() {
    let lib = include_str!("../src/lib.rs");
    let modules: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    for module in &modules {
        assert!(
            LAYERS.iter().any(|(layer, _)| layer == module),
            "`{module}` is no layer"
        );
    }
    assert_eq!(modules.len(), LAYERS.len());
}

#[test]
fn the_core_touches_nothing_outside() {
    for layer in [
        "pattern",
        "record",
        "logfile",
        "integrity",
        "windows",
        "rules",
        "alert",
        "ports",
        "inspect",
        "config",
    ] {
        for (path, code) in sources(layer) {
            for outside in OUTSIDE {
                assert!(
                    !code.contains(outside),
                    "{}: `{outside}` in the core",
                    path.display()
                );
            }
        }
    }
}
