//! Invocation payloads: ours are read, everybody else's are handled or refused by name.
#![cfg(feature = "aws")]
#![expect(clippy::expect_used, reason = "a failure here is a failed test")]

mod support;

use std::path::Path;

use support::shared;
use trailwarden::aws::decode;
use trailwarden::logfile::{KeyKind, classify};

fn ours(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("events")
        .join(name);
    std::fs::read_to_string(path).expect("it is shipped")
}

#[test]
fn our_payloads_name_their_objects() {
    let one = decode(&ours("s3-put.json")).expect("a notification");
    assert!(
        matches!(classify(&one.objects[0].key), KeyKind::LogFile(_)),
        "{one:?}"
    );
    let many = decode(&ours("s3-put-many.json")).expect("a notification");
    let kinds = |wanted: fn(&KeyKind<'_>) -> bool| {
        many.objects
            .iter()
            .filter(|object| wanted(&classify(&object.key)))
            .count()
    };
    assert!(
        kinds(|kind| matches!(kind, KeyKind::LogFile(_))) >= 2,
        "{many:?}"
    );
    assert!(
        kinds(|kind| matches!(kind, KeyKind::Digest)) >= 1,
        "{many:?}"
    );
    assert!(
        kinds(|kind| matches!(kind, KeyKind::Foreign(_))) >= 1,
        "{many:?}"
    );
    assert!(
        many.objects.iter().any(|object| object.key.contains(' ')),
        "an encoded key: {many:?}"
    );
    let test = decode(&ours("s3-test-event.json")).expect("accepted");
    assert_eq!((test.objects.len(), test.ignored.len()), (0, 1));
    let sweep = decode(&ours("sweep.json")).expect("accepted");
    assert!(sweep.sweep && sweep.objects.is_empty());
    assert!(decode(r#"{"trailwarden":"sweep the floor"}"#).is_err());
}

/// A schedule that sends something else would leave summaries untold, silently.
#[test]
fn the_template_sends_the_sweep_that_we_read() {
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("template.yaml");
    let text = std::fs::read_to_string(template).expect("it is shipped");
    let inputs = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Input: '")?.strip_suffix('\''));
    for input in inputs {
        assert!(decode(input).is_ok_and(|read| read.sweep), "{input}");
    }
}

#[test]
fn every_envelope_is_handled_or_refused_with_a_reason() {
    let Some(shared) = shared() else { return };
    let mut handled = 0;
    for entry in std::fs::read_dir(shared.join("corpus/envelopes")).expect("readable") {
        let path = entry.expect("readable").path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("UTF-8");
        let expected = match name.as_str() {
            "lambda_example-s3-event.json"
            | "s3chain_s3-event-object-created.json"
            | "s3chain_s3-event-urlencoded-key.json" => "objects",
            "s3chain_s3-test-event.json" => "ignored",
            _ => "refused",
        };
        let actual = match decode(&text) {
            Ok(read) if !read.objects.is_empty() && read.faults.is_empty() => "objects",
            Ok(read) if !read.ignored.is_empty() && read.faults.is_empty() => "ignored",
            Ok(read) if !read.faults.is_empty() => "refused",
            Ok(read) => panic!("{name}: silently nothing: {read:?}"),
            Err(refused) => {
                assert!(!refused.found.is_empty());
                "refused"
            }
        };
        assert_eq!(actual, expected, "{name}");
        handled += usize::from(actual == "objects");
    }
    assert_eq!(handled, 3);
}
