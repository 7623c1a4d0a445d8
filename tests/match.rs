//! `trailwarden match` as a user runs it: the real binary over the tables and over files.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod support;

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use support::{gzip, log_file, record, shared, texts};
use tempfile::TempDir;

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("trailwarden"));
    command.arg("match").args(args);
    command
}

fn run(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    texts(
        command(args)
            .current_dir(folder)
            .stdin(Stdio::null())
            .output()
            .unwrap(),
    )
}

fn here(args: &[&str]) -> (Option<i32>, String, String) {
    run(Path::new("."), args)
}

/// A row of the shared table: the exit code says what the service says.
fn disagreement(row: &Value) -> Option<String> {
    let (pattern, message) = (
        row["pattern"].as_str()?,
        row["message"].as_str().unwrap_or_default(),
    );
    // An argument cannot hold a NUL character.
    if pattern.contains('\0') || message.contains('\0') {
        return None;
    }
    let expected = match &row["expect"] {
        Value::Bool(true) => 0,
        Value::Bool(false) => 1,
        _ => 2,
    };
    let output = command(&["--json", "--message", message, "--", pattern])
        .output()
        .unwrap();
    let wrong = output.status.code() != Some(expected);
    wrong.then(|| format!("{row}: exit {:?}", output.status.code()))
}

#[test]
fn every_line_of_the_table_is_answered() {
    let Some(shared) = shared() else { return };
    let table = std::fs::read_to_string(shared.join("pattern/cases.jsonl")).expect("readable");
    let rows: Vec<Value> = table
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert!(rows.len() > 2_000);
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let parts: Vec<_> = rows
            .chunks(rows.len().div_ceil(4))
            .map(|part| scope.spawn(|| part.iter().filter_map(disagreement).collect::<Vec<_>>()))
            .collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().expect("no panic"))
            .collect()
    });
    assert!(wrong.is_empty(), "{} rows: {wrong:#?}", wrong.len());
}

#[test]
fn messages_are_matched_and_counted() {
    let messages = [
        "--message",
        "an ERROR",
        "--message",
        "fine",
        "--message",
        "-ERROR",
    ];
    let with = |more: &[&str]| here(&[&["ERROR"], more, &messages].concat());
    assert_eq!(
        with(&[]),
        (Some(0), "an ERROR\n-ERROR\n".to_owned(), String::new())
    );
    assert_eq!(with(&["--invert"]).1, "fine\n");
    assert_eq!(with(&["--count"]).1, "2\n");
    assert_eq!(
        with(&["--count", "--invert", "--json"]).1,
        "{\"count\":1,\"file\":\"\"}\n"
    );
    assert_eq!(
        here(&["nothing", "--message", "x"]),
        (Some(1), String::new(), String::new())
    );
    assert_eq!(
        here(&["-ERROR", "--message", "x"]).0,
        Some(0),
        "a pattern may start with a hyphen"
    );
}

#[test]
fn files_are_read_line_by_line() {
    let folder = TempDir::new().unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    put("a.log", b"one ERROR\nfine\nlast ERROR");
    put("b.log", b"\nERROR b\n");
    put("bad.log", b"ERROR 1\n\xff\xfe\nERROR 3\n");
    let run = |args: &[&str]| run(folder.path(), args);
    assert_eq!(run(&["ERROR", "a.log"]).1, "one ERROR\nlast ERROR\n");
    assert_eq!(
        run(&["ERROR", "a.log", "b.log"]).1,
        "a.log:one ERROR\na.log:last ERROR\nb.log:ERROR b\n"
    );
    assert_eq!(
        run(&["ERROR", "a.log", "b.log", "--count"]).1,
        "a.log:2\nb.log:1\n"
    );
    assert_eq!(
        run(&["", "b.log", "--count"]).1,
        "2\n",
        "the empty pattern matches empty lines too"
    );
    let line: Value = serde_json::from_str(run(&["b", "b.log", "--json"]).1.trim()).expect("JSON");
    assert_eq!(
        line,
        json!({ "file": "b.log", "line": 2, "message": "ERROR b" })
    );
    let (code, out, errors) = run(&["ERROR", "bad.log", "nowhere.log", "a.log", "--count"]);
    assert_eq!(
        (code, out.as_str()),
        (Some(2), "bad.log:2\nnowhere.log:0\na.log:2\n")
    );
    assert!(
        errors.contains("bad.log:2: not UTF-8") && errors.contains("cannot read `nowhere.log`"),
        "{errors}"
    );
}

#[test]
fn standard_input_is_read_when_no_file_is_named() {
    let output = assert_cmd::Command::cargo_bin("trailwarden")
        .unwrap()
        .args(["match", "ERROR"])
        .write_stdin("ERROR\nx\n")
        .output()
        .unwrap();
    assert_eq!(
        texts(output),
        (Some(0), "ERROR\n".to_owned(), String::new())
    );
}

#[test]
fn records_of_log_files_are_messages() {
    let folder = TempDir::new().unwrap();
    let one = |id: &str, name: &str| record(id, "2026-11-21T06:00:00Z", name, "");
    let text = log_file(&[one("1", "ListUsers"), one("2", "StopLogging")]);
    std::fs::write(folder.path().join("a.json.gz"), gzip(text.as_bytes())).unwrap();
    std::fs::write(
        folder.path().join("cut.json"),
        text.strip_suffix("3\"}]}").expect("the end"),
    )
    .unwrap();
    let run = |args: &[&str]| run(folder.path(), args);
    let (code, out, _) = run(&[
        "{ $.eventName = Stop* }",
        "a.json.gz",
        "--records",
        "--json",
    ]);
    let line: Value = serde_json::from_str(out.trim()).expect("one JSON line");
    assert_eq!(
        (code, &line["record"], &line["message"]),
        (Some(0), &1.into(), &one("2", "StopLogging").into())
    );
    let (code, out, errors) = run(&[
        "{ $.eventName = List* }",
        "cut.json",
        "--records",
        "--count",
    ]);
    assert_eq!((code, out.as_str()), (Some(2), "1\n"), "{errors}");
    assert!(errors.contains("cut.json: record 1 at byte"), "{errors}");
    assert!(
        run(&["x", "a.json.gz"]).2.contains("--records"),
        "a hint for gzip"
    );
}

#[test]
fn columns_are_extracted_as_the_service_names_them() {
    let message = "127.0.0.1 - frank [10/Oct/2026] \"GET /x\" 500 9";
    let args = [
        "[ip, id, user, ..., status = 5*, size]",
        "--extract",
        "--message",
        message,
    ];
    assert_eq!(
        here(&args).1,
        "$ip=127.0.0.1\t$id=-\t$user=frank\t$4=10/Oct/2026\t$5=GET /x\t$status=500\t$size=9\n"
    );
    let line: Value =
        serde_json::from_str(here(&[&args[..], &["--json"]].concat()).1.trim()).expect("JSON");
    assert_eq!(line["extracted"]["$status"], "500");
    let (code, _, errors) = here(&["ERROR", "--extract", "--message", "x"]);
    assert!(
        code == Some(2) && errors.contains("space-delimited"),
        "{errors}"
    );
}

#[test]
fn a_bad_pattern_is_shown_with_a_caret() {
    let (code, out, errors) = here(&[
        "{ $.eventName == DeleteTrail && $.x = 'a' }",
        "--message",
        "x",
    ]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        errors.starts_with("error: expected a comparison, found `==`\n pattern: { $.eventName == "),
        "{errors}"
    );
    assert_eq!(errors.matches("error: ").count(), 2, "{errors}");
}
