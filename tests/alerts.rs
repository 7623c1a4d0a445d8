//! What people read: subjects and bodies are golden files, and stay harmless and short whatever
//! a record holds.
#![expect(clippy::expect_used, reason = "a failure here is a failed test")]

mod support;

use std::path::Path;

use proptest::prelude::*;
use support::{log_file, record, rule_set};
use trailwarden::alert::{Alert, Breach, BreachFound, Findings, attributes, body, subject};
use trailwarden::inspect::{Bounds, Object, Options, Recorder, inspect};
use trailwarden::local::{MemoryState, wait};
use trailwarden::rules::RuleSet;

const RULE: &str = "title: Logging was stopped\nseverity: critical\npattern: '{ $.eventName = \"*\" }'\n\
    description: Nothing that happens from now on is recorded.\nrunbook: Start it again, then ask who and why.\n";

fn alerts(rules: &RuleSet, files: &[(&str, String)]) -> Vec<Alert> {
    let mut findings = Findings::default();
    for (name, text) in files {
        inspect(
            Object { name, folder: None },
            text.as_bytes(),
            rules,
            &Options::default(),
            |found| {
                findings.add(
                    rules.rules(),
                    name,
                    &found.record,
                    found.number,
                    found.rules,
                )
            },
        );
    }
    support::settle(rules, findings)
}

#[track_caller]
fn assert_mail(name: &str, rule: &str, records: &[String]) {
    let rules = rule_set(&[("trail-stopped", rule)]);
    let [alert] = alerts(&rules, &[("s3://trail/file.json.gz", log_file(records))])
        .try_into()
        .expect("one alert");
    let mail = format!("Subject: {}\n\n{}", subject(&alert), body(&alert));
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/alerts/{name}.txt"));
    snapbox::assert_data_eq!(mail, snapbox::Data::read_from(&golden, None).raw());
}

/// Breaches of a trail's integrity as they are told.
#[track_caller]
fn assert_breach(name: &str, breaches: &[BreachFound]) {
    let mut findings = Findings::default();
    breaches
        .iter()
        .for_each(|breach| findings.add_breach(breach));
    let inbox = support::Inbox::default();
    let recorder = Recorder::new(MemoryState::default(), &inbox, Bounds::NONE);
    assert!(wait(recorder.settle(&Breach::rules(), findings, 0)).is_done());
    let [alert] = inbox.take().try_into().expect("one alert");
    let mail = format!("Subject: {}\n\n{}", subject(&alert), body(&alert));
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/alerts/{name}.txt"));
    snapbox::assert_data_eq!(mail, snapbox::Data::read_from(&golden, None).raw());
}

fn tampered(number: u32) -> BreachFound {
    let key = format!("AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/21/{number}.json.gz");
    BreachFound {
        breach: Breach::LogFileTampered,
        object: format!("s3://trail/{key}"),
        apart: "0b".to_owned(),
        account: "111122223333".to_owned(),
        region: "eu-west-1".to_owned(),
        time: "2026-11-21T06:35:00Z".parse().ok(),
        verdict: "hash_mismatch",
        details: vec![
            ("signed sha256", "a0".repeat(32)),
            ("found sha256", "0b".repeat(32)),
            ("digest", "s3://trail/AWSLogs/digest.json.gz".to_owned()),
            (
                "signer's fingerprint",
                "67b9fa73676d86966b449dd677850753".to_owned(),
            ),
        ],
    }
}

#[test]
fn a_changed_log_file() {
    assert_breach("tampered", &[tampered(1)]);
}

#[test]
fn many_changed_log_files() {
    let many: Vec<BreachFound> = (0..9).map(tampered).collect();
    assert_breach("many-tampered", &many);
}

#[test]
fn a_silent_trail() {
    let silent = BreachFound {
        breach: Breach::DigestOverdue,
        object: "s3://trail/AWSLogs/last-digest.json.gz".to_owned(),
        apart: String::new(),
        verdict: "stale",
        details: vec![
            ("trail", "management\nSubject: all is well".to_owned()),
            ("last digest ends", "2026-11-21T06:41:17Z".to_owned()),
        ],
        ..tampered(1)
    };
    assert_breach("silent-trail", &[silent]);
}

#[test]
fn hours_that_could_not_be_listed() {
    let unseen = BreachFound {
        breach: Breach::DigestsNotListed,
        verdict: "not listed",
        details: vec![
            ("from", "2026-11-20T06:41:17Z".to_owned()),
            ("to", "2026-11-21T21:41:17Z".to_owned()),
            ("reason", "fetch: access denied".to_owned()),
        ],
        ..tampered(1)
    };
    assert_breach("not-listed", &[unseen]);
}

/// Each kind reads well: its words are whole sentences, and say what to do.
#[test]
fn every_kind_of_breach_says_what_to_do() {
    for rule in Breach::rules() {
        let length = rule.title.len();
        assert!((10..=76).contains(&length), "{}: {length}", rule.title);
        for text in [&rule.description, &rule.runbook] {
            assert!(text.len() > 60 && text.ends_with('.'), "{text}");
            assert!(!text.contains("  "), "{text}");
        }
    }
}

fn at(id: &str, minute: u32, name: &str, more: &str) -> String {
    record(id, &format!("2026-11-21T06:{minute:02}:00Z"), name, more)
}

#[test]
fn one_event() {
    let more = r#""userAgent":"aws-cli/2.31.2","requestParameters":{"name":"management","deep":{"x":[1,{"y":"z"}]}},"resources":[{"ARN":"arn:aws:cloudtrail:us-east-1:111122223333:trail/management"}]"#;
    assert_mail("one-event", RULE, &[at("1", 1, "StopLogging", more)]);
}

#[test]
fn a_denied_event() {
    let more =
        r#""errorCode":"AccessDenied","errorMessage":"User dana may not do that"#.to_owned() + "\"";
    assert_mail("denied", RULE, &[at("1", 1, "StopLogging", &more)]);
}

#[test]
fn many_events() {
    let rule = format!("{RULE}threshold: {{ count: 3, within: 1h, group_by: [account] }}\n");
    let other = |i: u32| {
        at(
            &i.to_string(),
            i,
            if i.is_multiple_of(3) {
                "DeleteTrail"
            } else {
                "StopLogging"
            },
            "",
        )
        .replace("user/dana", &format!("user/u{i}"))
    };
    assert_mail(
        "many-events",
        &rule,
        &(0..12).map(other).collect::<Vec<_>>(),
    );
}

#[test]
fn a_record_with_nothing_in_it() {
    assert_mail(
        "bare",
        RULE,
        &[r#"{"eventVersion":"1.11","eventName":"StopLogging"}"#.to_owned()],
    );
}

#[test]
fn secrets_and_tricks() {
    let more = r#""userAgent":"x\nSubject: all is well\u202e","requestParameters":{"password":"hunter2","masterUserPassword":{"a":"hunter2"},"note":"line\r\n.\r\nFROM: boss"}"#;
    let record = at("1", 1, "StopLogging", more);
    let rules = rule_set(&[("x", RULE)]);
    let [alert] = alerts(&rules, &[("f", log_file(std::slice::from_ref(&record)))])
        .try_into()
        .expect("one alert");
    let text = body(&alert);
    assert!(
        !text.contains("hunter2") && !text.contains('\u{202e}') && !text.contains("\nSubject"),
        "{text}"
    );
    assert_mail("tricks", RULE, &[record]);
}

#[test]
fn the_order_of_files_and_copies_change_nothing() {
    let rules = rule_set(&[("x", RULE)]);
    let files = [
        (
            "b.json",
            log_file(&[at("1", 1, "StopLogging", ""), at("2", 2, "StopLogging", "")]),
        ),
        (
            "a.json",
            log_file(&[
                at("2", 2, "StopLogging", ""),
                at("3", 59, "StopLogging", ""),
            ]),
        ),
        ("c.json", log_file(&[at("1", 1, "StopLogging", "")])),
    ];
    let expected = alerts(&rules, &files);
    assert_eq!((expected.len(), expected[0].count), (1, 3));
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let shuffled: Vec<_> = order.iter().map(|i| files[*i].clone()).collect();
        assert_eq!(alerts(&rules, &shuffled), expected);
    }
}

#[test]
fn copies_that_differ_count_the_same_in_any_order() {
    let rule = "title: T\nseverity: low\npattern: '{ $.eventName = \"*\" }'\n\
                threshold: { count: 3, within: 1h, group_by: [], distinct: $.eventName }\n";
    let rules = rule_set(&[("x", rule)]);
    let files = [
        ("a", log_file(&[at("x", 1, "N1", ""), at("y", 2, "N2", "")])),
        ("b", log_file(&[at("x", 1, "N3", ""), at("y", 2, "N2", "")])),
        ("c", log_file(&[at("z", 3, "N1", "")])),
    ];
    let expected = alerts(&rules, &files);
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let shuffled: Vec<_> = order.iter().map(|i| files[*i].clone()).collect();
        assert_eq!(alerts(&rules, &shuffled), expected);
    }
}

/// CloudTrail's are UUIDs; a forged record may have anything.
#[test]
fn long_event_ids_tell_events_apart_and_stay_short() {
    let rules = rule_set(&[("trail-stopped", RULE)]);
    let id = |last: char| format!("{}{last}", "e".repeat(300_000));
    let records = [
        at(&id('a'), 1, "X", ""),
        at(&id('b'), 2, "X", ""),
        at(&id('a'), 1, "X", ""),
    ];
    let [alert] = alerts(&rules, &[("a", log_file(&records))])
        .try_into()
        .expect("one alert");
    assert_eq!(alert.count, 2);
    let bytes = serde_json::to_vec(&alert).expect("JSON").len();
    assert!(bytes < 20_000, "{bytes}");
}

/// The path of a user may have 512 characters (AWS IAM user guide, "IAM and AWS STS quotas").
#[test]
fn long_names_that_begin_alike_are_different_principals() {
    let rule = format!("{RULE}threshold: {{ count: 2, within: 15m }}\n");
    let rules = rule_set(&[("trail-stopped", &rule)]);
    let path = "p".repeat(300);
    let by = |id: u32, user: u32| {
        let plain = at(&id.to_string(), id, "StopLogging", "");
        plain.replace("user/dana", &format!("user/{path}/user-{user}"))
    };
    let one_each: Vec<String> = (0..4).map(|user| by(user, user)).collect();
    assert_eq!(alerts(&rules, &[("a", log_file(&one_each))]).len(), 0);
    let two_of_one = [by(0, 1), by(1, 1), by(2, 2)];
    let [alert] = alerts(&rules, &[("a", log_file(&two_of_one))])
        .try_into()
        .expect("one alert");
    assert_eq!(alert.count, 2);
}

/// Whoever writes records chooses the texts: control characters take six bytes each in state.
#[test]
fn an_alert_that_stands_for_many_fits_into_an_item() {
    let rules = rule_set(&[("trail-stopped", RULE)]);
    let hostile = |number: u32| {
        let long = format!("{number}{}", "\u{1}".repeat(600));
        let long = serde_json::to_string(&long).expect("a text");
        let arn = "\"arn:aws:iam::111122223333:user/dana\"";
        let plain = at(&number.to_string(), number % 60, "StopLogging", "");
        let plain = plain.replace(arn, &long).replace("\"us-east-1\"", &long);
        plain.replace("\"203.0.113.9\"", &long)
    };
    let records: Vec<String> = (0..300).map(hostile).collect();
    let mut all = alerts(&rules, &[("s3://trail/a", log_file(&records))]).into_iter();
    let together = all.next().expect("300 alerts").together(all);
    assert_eq!((together.stands_for, together.count), (300, 300));
    let bytes = serde_json::to_vec(&together).expect("JSON").len();
    assert!(bytes <= 200_000, "{bytes}");
}

#[test]
fn a_fingerprint_names_the_group_and_an_id_the_alert() {
    let rules = rule_set(&[("x", RULE)]);
    let day =
        |id: &str, day: u32| record(id, &format!("2026-11-{day}T06:00:00Z"), "StopLogging", "");
    let found = alerts(&rules, &[("f", log_file(&[day("1", 20), day("2", 21)]))]);
    assert_eq!(found.len(), 2, "a day apart are two alerts");
    assert_eq!(found[0].fingerprint, found[1].fingerprint);
    assert_ne!(found[0].id, found[1].id);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is in the fields, a mail stays within SNS's limits and keeps its shape.
    #[test]
    fn mails_stay_within_their_limits(texts in prop::collection::vec(any::<String>(), 6), length in 0_usize..2_000, many in 1_u32..8) {
        let long = format!("{}{}", texts[0], "é\u{202e}\n".repeat(length));
        let quoted = |text: &str| serde_json::to_string(text).expect("JSON");
        let more = format!(
            r#""userAgent":{},"errorCode":{},"errorMessage":{},"requestParameters":{{{}:{},"b":[{}]}}"#,
            quoted(&long), quoted(&texts[1]), quoted(&long), quoted(&texts[2]), quoted(&long), quoted(&texts[3])
        );
        let records: Vec<String> = (0..many)
            .map(|i| at(&i.to_string(), i % 60, "StopLogging", &more).replace("\"us-east-1\"", &quoted(&format!("r{i}{long}"))))
            .map(|text| text.replace("\"203.0.113.9\"", &quoted(&texts[4])))
            .collect();
        let rules = rule_set(&[("x", RULE)]);
        for alert in alerts(&rules, &[("f", log_file(&records))]) {
            let (subject, body) = (subject(&alert), body(&alert));
            prop_assert!(subject.len() <= 100 && subject.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{subject}");
            prop_assert!(!subject.starts_with(' '));
            prop_assert!(body.len() < 64 * 1024, "{} bytes", body.len());
            prop_assert!(attributes(&alert).iter().all(|(_, value)| !value.is_empty() && value.len() <= 100));
            let tricks = body.contains(['\u{202e}', '\r']);
            prop_assert!(!tricks, "{}", body);
        }
    }
}
