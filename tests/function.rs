//! The function as Lambda starts it: the real binary, with a stand-in for the Runtime API that hands
//! out work and takes answers (AWS Lambda developer guide, "Using the Lambda runtime API").
#![cfg(feature = "aws")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that panics has failed, which is what it is for"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

const TOPIC: (&str, &str) = (
    "TRAILWARDEN_TOPIC_ARN",
    "arn:aws:sns:eu-west-1:111122223333:alerts",
);
const TABLE: (&str, &str) = ("TRAILWARDEN_TABLE", "state");

/// What S3 says of an object that is no log file: it needs nothing of AWS.
const EVENT: &str = r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","awsRegion":"eu-west-1","s3":{"bucket":{"name":"trail"},"object":{"key":"readme.txt","size":1}}}]}"#;

/// What became of the invocations, and the function's log.
struct Answers {
    /// `response` or `error`, and what was sent.
    answers: Vec<(String, String)>,
    log: String,
}

/// Runs the function for two events.
fn run(vars: &[(&str, &str)]) -> Answers {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_lambda"))
        .env_clear()
        .env(
            "AWS_LAMBDA_RUNTIME_API",
            listener.local_addr().unwrap().to_string(),
        )
        .env("AWS_LAMBDA_FUNCTION_NAME", "test")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_REGION", "eu-west-1")
        .envs(vars.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut answers = Vec::new();
    while answers.len() < 2 {
        let (mut stream, _) = listener.accept().unwrap();
        while answers.len() < 2 {
            let Some((path, body)) = request(&stream) else {
                break;
            };
            if path.ends_with("/invocation/next") {
                let id = answers.len();
                write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: {id}\r\n\
                     Lambda-Runtime-Deadline-Ms: 9999999999999\r\n\
                     Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:111122223333:function:test\r\n\
                     Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{EVENT}",
                    EVENT.len()
                )
                .unwrap();
            } else {
                let kind = path.rsplit('/').next().unwrap().to_owned();
                answers.push((kind, body));
                write!(stream, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n").unwrap();
            }
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let mut log = String::new();
    child.stdout.unwrap().read_to_string(&mut log).unwrap();
    Answers { answers, log }
}

/// Path and body of the next request; none when the function has hung up.
fn request(stream: &TcpStream) -> Option<(String, String)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let (mut length, mut chunked) = (0, false);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let header = header.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        chunked |= header == "transfer-encoding: chunked";
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut body = String::from_utf8(body).unwrap();
    while chunked {
        let mut size = String::new();
        reader.read_line(&mut size).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk).ok()?;
        body.push_str(std::str::from_utf8(&chunk[..size]).unwrap());
        chunked = size > 0;
    }
    Some((path, body))
}

fn rule(folder: &Path, text: &str) {
    std::fs::write(folder.join("a-rule.yaml"), text).unwrap();
}

#[test]
fn what_is_configured_right_works() {
    let Answers { answers, log } = run(&[TOPIC, TABLE]);
    for (kind, body) in answers {
        assert_eq!(kind, "response", "{body}");
    }
    assert_eq!(log.matches("\"started\"").count(), 1, "{log}");
    assert_eq!(log.matches("\"skipped\"").count(), 2, "{log}");
}

/// Rules are read after Lambda was asked for work, so what is wrong with them fails the work.
#[test]
fn a_faulty_configuration_fails_every_invocation_and_names_every_fault() {
    let folder = tempfile::tempdir().unwrap();
    rule(folder.path(), "pattern: '{ $.eventName = }'\n");
    let rules = folder.path().to_str().unwrap();
    let Answers { answers, log } = run(&[
        TABLE,
        ("TRAILWARDEN_RULES_DIR", rules),
        ("TRAILWARDEN_LISST", "x"),
    ]);
    for (kind, body) in answers {
        assert_eq!(kind, "error", "{body}");
        for fault in ["TRAILWARDEN_TOPIC_ARN", "TRAILWARDEN_LISST", "a-rule.yaml"] {
            assert!(body.contains(fault), "{fault} in {body}");
        }
    }
    assert!(log.contains("the function cannot work"), "{log}");
}

#[test]
fn exceptions_that_have_ended_are_named_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    rule(
        folder.path(),
        "title: A rule\nseverity: low\ndescription: Of this test.\nrunbook: None.\n\
         pattern: '{ $.eventName = \"A\" }'\n\
         exceptions:\n  - pattern: '{ $.sourceIPAddress = \"198.51.100.*\" }'\n    reason: The office\n    expires: 2020-01-01\n",
    );
    let rules = folder.path().to_str().unwrap();
    let Answers { log, .. } = run(&[TOPIC, TABLE, ("TRAILWARDEN_RULES_DIR", rules)]);
    assert!(log.contains("a-rule: The office"), "{log}");
    assert!(log.contains("\"stale_exceptions\":1"), "{log}");
}
