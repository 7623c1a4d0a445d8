//! Log files: every shape is split into the records it holds, every fault is named with its
//! place, and nothing readable is lost.
#![expect(
    clippy::string_slice,
    clippy::expect_used,
    reason = "a failure here is a failed test"
)]

mod support;

use proptest::prelude::*;
use support::{gzip, log_file, record};
use trailwarden::logfile::{Fault, Item, Limits, LogFile, Scratch, Summary};
use trailwarden::pattern::Extractor;

#[derive(Debug, PartialEq)]
enum Seen {
    Record(String),
    Bad(u64, String),
}

/// Reads a file piece by piece, and at once where that can be done: both see the same.
fn read_with(stored: &[u8], limits: Limits) -> (Vec<Seen>, Summary) {
    let in_pieces = Limits {
        whole_bytes: 0,
        ..limits
    };
    let [at_once, pieces] = [limits, in_pieces].map(|limits| try_read(stored, limits));
    assert_eq!(at_once, pieces);
    at_once.expect("the file opens")
}

fn try_read(stored: &[u8], limits: Limits) -> Result<(Vec<Seen>, Summary), Fault> {
    let mut scratch = Scratch::default();
    let mut file = LogFile::open(stored, limits, true, &mut scratch)?;
    let mut seen = Vec::new();
    let mut numbers = 0;
    let no_fields = Extractor::default();
    while let Some(item) = file.next(&no_fields) {
        match item {
            Item::Record {
                json,
                offset,
                number,
                ..
            } => {
                assert_eq!(number, numbers);
                assert!(offset < 1 << 32);
                let text = String::from_utf8(json.to_vec()).expect("UTF-8");
                seen.push(Seen::Record(text));
            }
            Item::Malformed {
                offset,
                number,
                reason,
            } => {
                assert_eq!(number, numbers);
                seen.push(Seen::Bad(offset, reason));
            }
        }
        numbers += 1;
    }
    Ok((seen, file.finish()))
}

fn read(stored: &[u8]) -> (Vec<Seen>, Summary) {
    read_with(stored, Limits::default())
}

fn good(seen: &[Seen]) -> Vec<&str> {
    seen.iter()
        .filter_map(|seen| {
            if let Seen::Record(text) = seen {
                Some(text.as_str())
            } else {
                None
            }
        })
        .collect()
}

fn bad(seen: &[Seen]) -> Vec<(u64, &str)> {
    seen.iter()
        .filter_map(|seen| {
            if let Seen::Bad(at, reason) = seen {
                Some((*at, reason.as_str()))
            } else {
                None
            }
        })
        .collect()
}

fn some_records(count: usize) -> Vec<String> {
    let one = |i: usize| {
        record(
            &format!("id-{i}"),
            "2026-11-21T06:35:00Z",
            "ListUsers",
            &format!(r#""n":{i},"s":"a,b]}}{{\"\\""#),
        )
    };
    (0..count).map(one).collect()
}

#[track_caller]
fn assert_reads(text: &str, records: &[String]) {
    for stored in [text.as_bytes().to_vec(), gzip(text.as_bytes())] {
        let (seen, summary) = read(&stored);
        assert_eq!(
            seen,
            records
                .iter()
                .cloned()
                .map(Seen::Record)
                .collect::<Vec<_>>(),
            "{text}"
        );
        assert_eq!(
            (summary.fault, summary.inflated),
            (None, text.len() as u64),
            "{text}"
        );
    }
}

#[test]
fn every_shape_gives_its_records() {
    let records = some_records(3);
    let [a, b, c] = records.as_slice() else {
        panic!("three")
    };
    assert_reads(&log_file(&records), &records);
    assert_reads(
        &format!(r#"{{"a":{{"Records":[1]}},"Records":[{a},{b},{c}],"z":[{{}}]}}"#),
        &records,
    );
    assert_reads(
        &format!(" {{ \"Records\" : [ {a} ,\n {b},{c} ] }}\n"),
        &records,
    );
    assert_reads(&format!("[{a},{b},{c}]"), &records);
    assert_reads(&format!("{a}\n{b}\r\n{c}\n"), &records);
    assert_reads(
        &format!("{}\n{}", log_file(&records[..2]), log_file(&records[2..])),
        &records,
    );
    assert_reads(a, &records[..1]);
    assert_reads(r#"{"Records":[]}"#, &[]);
    assert_reads("{}", &["{}".to_owned()]);
}

#[test]
fn separators_are_lenient() {
    let records = some_records(2);
    assert_reads(
        &format!(r#"{{"Records":[{}{},,]}}"#, records[0], records[1]),
        &records,
    );
}

#[test]
fn a_bad_record_costs_only_itself() {
    let [a, b] = [
        some_records(1).remove(0),
        record("id-9", "2026-11-21T06:36:00Z", "StopLogging", ""),
    ];
    let whole = some_records(1).remove(0);
    for damaged in [
        whole.replace("\"us-east-1\"", "us-east-1"), // a lost pair of quotes
        whole.replace("\"us-east-1\"", "\"us-east-1"), // one lost quote
        whole.replacen('}', "", 1),                  // a lost bracket
        whole.replacen('{', "", 1),
        whole.replacen("{\"", "\u{0}", 1), // strings turned inside out
        format!("{whole}}}"),              // a bracket too many
        whole.replace("1.11", "1.11\u{1}"), // a control character
        whole.replace("1.11", "1\\q"),     // a bad escape
        whole.replace("\"n\":0", "\"n\":01"),
        whole[..whole.len() / 2].to_owned(), // cut in the middle
        "null".to_owned(),
        "17".to_owned(),
        "\"text\"".to_owned(),
        "[1,2]".to_owned(),
        "garbage".to_owned(),
        "{".to_owned(),
        "]".to_owned(),
        "\"".to_owned(),
    ] {
        let text = log_file(&[a.clone(), damaged.clone(), b.clone()]);
        let (seen, summary) = read(text.as_bytes());
        let found = good(&seen);
        assert!(
            found.contains(&a.as_str()) && found.contains(&b.as_str()),
            "{damaged}\n{seen:?}\n{summary:?}"
        );
        assert!(!bad(&seen).is_empty(), "{damaged}: nothing was reported");
        let at = (r#"{"Records":["#.len() + a.len() + 1) as u64;
        assert!(
            bad(&seen)[0].0 >= at && bad(&seen)[0].0 <= at + damaged.len() as u64 + 1,
            "{damaged}: {seen:?}"
        );
    }
}

#[test]
fn invalid_utf8_is_malformed_where_it_stands() {
    let [a, b, c] = [0, 1, 2].map(|i| some_records(3).remove(i));
    let mut bytes = log_file(&[a.clone(), b.clone(), c.clone()]).into_bytes();
    let at = String::from_utf8_lossy(&bytes).find("id-1").expect("there");
    bytes[at] = 0xff;
    let (seen, _) = read(&bytes);
    assert_eq!(good(&seen), [a.as_str(), c.as_str()]);
    assert!(bad(&seen)[0].1.contains("UTF-8"), "{seen:?}");
}

#[test]
fn bad_lines_cost_only_themselves() {
    let records = some_records(2);
    let text = format!("{}\nnot json\n{{\"cut\":\n{}\n", records[0], records[1]);
    let (seen, summary) = read(text.as_bytes());
    assert_eq!(good(&seen), [records[0].as_str(), records[1].as_str()]);
    assert_eq!((bad(&seen).len(), summary.fault), (2, None), "{seen:?}");
}

#[test]
fn what_is_not_json_is_one_fault() {
    for text in ["hello", "<html>", "# readme\n\nlines\n", " \n"] {
        let (seen, summary) = read(text.as_bytes());
        assert!(
            seen.is_empty() && matches!(summary.fault, Some(Fault::Structure { .. })),
            "{text}: {seen:?} {summary:?}"
        );
    }
    assert!(matches!(
        try_read(b"", Limits::default()).err(),
        Some(Fault::Empty)
    ));
    let (seen, summary) = read(&gzip(b""));
    assert!(seen.is_empty() && summary.fault.is_some());
}

#[test]
fn every_cut_of_a_gzip_file_is_a_fault_and_loses_no_whole_record() {
    let records = some_records(40);
    let text = log_file(&records);
    let stored = gzip(text.as_bytes());
    for cut in 1..stored.len() {
        let Ok((seen, summary)) = try_read(&stored[..cut], Limits::default()) else {
            continue;
        };
        let found = good(&seen);
        let count = found.len();
        assert_eq!(found, records[..count]);
        assert!(summary.fault.is_some(), "cut at {cut}");
        let whole = text[..usize::try_from(summary.inflated).expect("small")]
            .matches(r#""n":"#)
            .count();
        assert!(count + 1 >= whole, "cut at {cut}: {count} of {whole}");
    }
}

#[test]
fn every_flipped_byte_of_a_gzip_file_is_a_fault() {
    let text = log_file(&some_records(2));
    let stored = gzip(text.as_bytes());
    let (_, whole) = read(&stored);
    // Bytes 4 to 9 of the header (time, flags of the compressor, system) carry no content.
    for at in (0..4).chain(10..stored.len()) {
        let mut damaged = stored.clone();
        damaged[at] ^= 0x10;
        let Ok((_, summary)) = try_read(&damaged, Limits::default()) else {
            continue;
        };
        // Bits that carry nothing: a flag of the header, the padding of the last deflate byte.
        let harmless = summary.sha256 == whole.sha256 && (at == 3 || at == stored.len() - 9);
        assert!(summary.fault.is_some() || harmless, "byte {at}");
    }
}

#[test]
fn bytes_behind_the_member_are_a_fault_and_not_evaluated() {
    let records = some_records(2);
    let stored = gzip(log_file(&records[..1]).as_bytes());
    let trailer = stored[stored.len() - 8..].to_vec();
    for tail in [
        b"x".to_vec(),
        // Whoever looks for the length at the file's end finds the right one.
        trailer,
        vec![0; 512],
        gzip(log_file(&records[1..]).as_bytes()),
    ] {
        let (seen, summary) = read(&[stored.clone(), tail.clone()].concat());
        assert_eq!(good(&seen), [records[0].as_str()]);
        let (offset, bytes) = (stored.len() as u64, tail.len() as u64);
        assert_eq!(summary.fault, Some(Fault::TrailingBytes { offset, bytes }));
    }
}

#[test]
fn the_hash_is_that_of_the_inflated_bytes() {
    let text = log_file(&some_records(700));
    let expected = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    for stored in [text.as_bytes().to_vec(), gzip(text.as_bytes())] {
        let (_, summary) = read(&stored);
        let hash = summary.sha256.expect("it was asked for");
        assert_eq!(hash.0, expected.as_ref());
    }
}

#[test]
fn limits_are_errors_that_say_which() {
    let stored = gzip(log_file(&some_records(3_000)).as_bytes());
    let fault = |limits: Limits| match try_read(&stored, limits) {
        Err(fault) => fault.to_string(),
        Ok((_, summary)) => summary
            .fault
            .map(|fault| fault.to_string())
            .unwrap_or_default(),
    };
    let defaults = Limits::default();
    assert_eq!(fault(defaults), "");
    assert!(
        fault(Limits {
            object_bytes: 100,
            ..defaults
        })
        .contains("100 stored bytes")
    );
    assert!(
        fault(Limits {
            inflated_bytes: 100_000,
            ..defaults
        })
        .contains("100000 inflated bytes")
    );
    assert!(
        fault(Limits {
            ratio: 2,
            ratio_from: 1_000,
            ..defaults
        })
        .contains("2 inflated bytes for each stored byte")
    );
}

#[test]
fn a_bomb_is_cut_off_early() {
    let bomb = gzip(&vec![b' '; 200 << 20]);
    let (seen, summary) = read(&bomb);
    assert!(seen.is_empty());
    assert!(
        matches!(summary.fault, Some(Fault::OverLimit { limit: 250, .. })),
        "{summary:?}"
    );
    assert!(summary.inflated < 80 << 20, "{summary:?}");
}

#[test]
fn nothing_inside_an_oversized_record_is_a_record() {
    let records = some_records(2);
    let forged = record("FORGED", "2026-11-21T06:35:00Z", "StopLogging", "");
    let limits = Limits {
        record_bytes: 4_000,
        ..Limits::default()
    };
    let long = format!(
        r#"{{"eventName":"x","requestParameters":{{"a":[{forged},{forged}],"b":"{}"}}}}"#,
        "x".repeat(60_000)
    );
    let deep = format!(
        r#"{{"eventName":"x","a":[{forged}],"b":{}{}}}"#,
        "[".repeat(130),
        "]".repeat(130)
    );
    for bad_record in [long, deep] {
        let text = log_file(&[records[0].clone(), bad_record, records[1].clone()]);
        let (seen, summary) = read_with(text.as_bytes(), limits);
        assert_eq!(good(&seen), [records[0].as_str(), records[1].as_str()]);
        assert_eq!((bad(&seen).len(), summary.fault), (1, None));
    }
}

#[test]
fn damage_before_the_records_costs_none_of_them() {
    let records = some_records(2);
    let text = format!(r#"{{"x":bad,"Records" : [{}]}}"#, records.join(","));
    let (seen, summary) = read(text.as_bytes());
    assert_eq!(
        (good(&seen), bad(&seen).len(), summary.fault),
        (vec![records[0].as_str(), records[1].as_str()], 1, None)
    );
}

#[test]
fn a_damaged_first_line_costs_no_other_line() {
    let records = some_records(2);
    let nested = record(
        "3",
        "2026-11-21T06:35:00Z",
        "PutRecords",
        r#""requestParameters":{"Records":[1]}"#,
    );
    let text = format!("{{bad\n{}\n{}\n{nested}\n", records[0], records[1]);
    let (seen, summary) = read(text.as_bytes());
    assert_eq!(
        good(&seen),
        [records[0].as_str(), &records[1], &nested],
        "{seen:?}"
    );
    assert_eq!((bad(&seen).len(), summary.fault), (1, None));
}

#[test]
fn a_byte_order_mark_is_passed() {
    let records = some_records(1);
    let (seen, summary) = read(format!("\u{feff}{}", log_file(&records)).as_bytes());
    assert_eq!(
        (good(&seen), summary.fault),
        (vec![records[0].as_str()], None)
    );
}

/// Each bad element is passed with work in proportion to its length, or the file is given up.
#[test]
fn damage_all_over_takes_linear_time() {
    let text = format!(
        r#"{{"Records":[{}]}}"#,
        r#"{"a",{"eventName":"x"},"#.repeat(20_000)
    );
    let start = std::time::Instant::now();
    let (seen, _) = read(text.as_bytes());
    assert!(seen.len() > 1_000);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn an_endless_line_needs_no_memory() {
    let text = format!("{{bad {}\n{}", "x".repeat(20 << 20), some_records(1)[0]);
    let (seen, _) = read(&gzip(text.as_bytes()));
    assert_eq!((good(&seen).len(), bad(&seen).len()), (1, 1));
}

#[test]
fn an_endless_record_is_malformed_and_its_neighbours_are_read() {
    let records = some_records(2);
    let limits = Limits {
        record_bytes: 4_000,
        ..Limits::default()
    };
    for long in [
        format!(r#"{{"eventName":"{}"}}"#, "x".repeat(9_000)),
        format!(r#"{{"a":{}{}}}"#, "[".repeat(300), "]".repeat(300)),
    ] {
        let text = log_file(&[records[0].clone(), long, records[1].clone()]);
        let (seen, summary) = read_with(text.as_bytes(), limits);
        assert_eq!((bad(&seen).len(), summary.fault), (1, None), "{seen:?}");
        assert_eq!(good(&seen), [records[0].as_str(), records[1].as_str()]);
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        r#"[a-z{}\[\],:"\\ é\u{1}]{0,12}"#.prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map("[a-z\"\\]},]{0,6}", inner, 0..4)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever stands in the records, and however they are written, they come back as they were.
    #[test]
    fn records_come_back(values in prop::collection::vec(json(), 0..6), pretty in any::<bool>(), lines in any::<bool>()) {
        let records: Vec<String> = values.iter().map(|value| {
            let member = if pretty { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
            format!(r#"{{"eventName":{}}}"#, member.expect("JSON"))
        }).collect();
        let text = if lines { records.join("\n") } else { log_file(&records) };
        prop_assume!(!text.is_empty());
        let (seen, summary) = read(&gzip(text.as_bytes()));
        prop_assert_eq!(good(&seen), records.iter().map(String::as_str).collect::<Vec<_>>());
        prop_assert_eq!(summary.fault, None);
    }

    /// Damage anywhere never panics, never hangs, and never costs a record that it did not touch.
    #[test]
    fn damage_costs_no_other_record(at in 0_usize..4_000, with in any::<u8>(), cut in 0_usize..3) {
        let records = some_records(8);
        let mut bytes = log_file(&records).into_bytes();
        let at = at % bytes.len();
        bytes.splice(at..(at + cut).min(bytes.len()), [with]);
        let (seen, _) = read(&bytes);
        let found = good(&seen);
        let lost = records.iter().filter(|record| !found.contains(&record.as_str())).count();
        // A change between two records can touch both; one before the first bracket can make the
        // file something else altogether.
        prop_assume!(at > 12);
        prop_assert!(lost <= 2, "{} lost: {:?}", lost, seen);
    }
}
