//! `--start` and `--end`: silence and gaps that reach into the range, and what explains them.

use crate::trail::{REGION, Trail, at, log_key};
use crate::{Copy, digest_elsewhere, findings, log_filed, support};

#[test]
fn what_went_silent_before_the_range_is_stale_in_it() {
    let mut trail = Trail::new(4, 1);
    trail.put(&digest_elsewhere("us-east-1", "20261110T031500Z"), "{}");
    let copy = Copy::of(trail);
    let verify = |more: &[&str]| {
        let options = ["--object-metadata", "manifest.json"];
        copy.verify_with(&[&options[..], more].concat())
    };
    let range = |of: &str, from: &str, to: &str| format!("{of} {from} {to}");
    // Only the other region is silent.
    let start = "2026-11-20T07:00:00Z";
    let as_of = "2026-11-20T10:20:00Z";
    let (code, verdicts) = verify(&["--start", start, "--as-of", as_of]);
    assert_eq!((code, verdicts.overall.as_str()), (Some(3), "incomplete"));
    assert_eq!(findings(&verdicts), [range("stale", start, as_of)]);
    // With an end before now.
    let end = "2026-11-20T08:00:00Z";
    let (code, verdicts) = verify(&["--start", start, "--end", end, "--as-of", as_of]);
    assert_eq!(code, Some(3));
    assert_eq!(findings(&verdicts), [range("stale", start, end)]);
    // A forged digest after the end does not make the chain go on.
    let mut forged = copy.trail.clone();
    forged.put(&digest_elsewhere(REGION, "20261121T050000Z"), "{}");
    let (_, verdicts) = Copy::of(forged).verify_with(&[
        "--object-metadata",
        "manifest.json",
        "--region",
        REGION,
        "--start",
        "2026-11-20T12:00:00Z",
        "--end",
        "2026-11-20T14:00:00Z",
        "--as-of",
        "2026-11-21T06:30:00Z",
    ]);
    let silent = range("stale", "2026-11-20T12:00:00Z", "2026-11-20T14:00:00Z");
    assert_eq!(findings(&verdicts), [silent]);
    // Both are.
    let (start, as_of) = ("2026-11-21T00:00:00Z", "2026-11-21T06:30:00Z");
    let (code, verdicts) = verify(&["--start", start, "--as-of", as_of]);
    assert_eq!(code, Some(3));
    assert_eq!(
        findings(&verdicts),
        [range("stale", start, as_of), range("stale", start, as_of)]
    );
    let (code, _, errors) = copy.run(&["--start", start, "--as-of", as_of]);
    assert_eq!(code, Some(3));
    assert!(!errors.contains("nothing found"), "{errors}");
    // Not yet overdue, and what lies there waits for its digest.
    let options = ["--start", "2026-11-20T10:00:00Z"];
    let mut trail = Trail::new(4, 1);
    trail.put(&log_key(at(4, 1200), "fresh00000000000"), "{}");
    let (_, verdicts) = Copy::of(trail).verify(&options);
    assert_eq!(findings(&verdicts), ["log pending 20261120T1000Z"]);
}

#[test]
fn a_gap_that_began_before_the_range_is_a_gap_in_it() {
    let mut trail = Trail::new(2, 1);
    trail.add(5, 1, true);
    let start = "2026-11-20T07:41:18Z";
    // The same name, at the very beginning of the range.
    trail.put(&log_key(at(2, 1), "early00000000000"), "{}");
    trail.put(&log_key(at(2, 600), "lost000000000000"), "{}");
    let copy = Copy::of(trail);
    let verify = |more: &[&str]| {
        let options = ["--object-metadata", "manifest.json", "--start", start];
        let as_of = ["--as-of", "2026-11-20T12:30:00Z"];
        copy.verify_with(&[&options[..], &as_of[..], more].concat())
    };
    let (code, verdicts) = verify(&[]);
    assert_eq!(code, Some(3));
    assert_eq!(
        findings(&verdicts),
        [
            "log uncovered 20261120T0750Z".to_owned(),
            format!("gap {start} 2026-11-20T10:41:17Z")
        ]
    );
    // The other end: nothing in the range, and the chain starts anew after it.
    let (code, verdicts) = verify(&["--end", "2026-11-20T09:00:00Z"]);
    assert_eq!(code, Some(3));
    assert_eq!(
        findings(&verdicts),
        [
            "log uncovered 20261120T0750Z".to_owned(),
            format!("gap {start} 2026-11-20T10:41:17Z")
        ]
    );
}

#[test]
fn a_gap_is_explained_by_the_call_that_made_it() {
    let stop = r#"{"Records":[{"eventTime":"2026-11-20T07:40:00Z","eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","requestParameters":{"name":"test_trail"}}]}"#;
    for (text, expected) in [
        (
            stop,
            "StopLogging at 2026-11-20T07:40:00Z is in the log files before it",
        ),
        (
            "{}",
            "no StopLogging, UpdateTrail or DeleteTrail is in the log files before it",
        ),
    ] {
        let mut trail = Trail::new(1, 1);
        trail.add_files(
            1,
            vec![(support::gzip(text.as_bytes()), text.as_bytes())],
            false,
        );
        trail.add(5, 1, true);
        let copy = Copy::of(trail);
        let options = [
            "--object-metadata",
            "manifest.json",
            "--as-of",
            "2026-11-20T12:30:00Z",
        ];
        for (format, more) in [("text", "gap "), ("json", "\"gap\""), ("junit", "\"gap\"")] {
            // Also when the gap began before the range.
            for start in [&[][..], &["--start", "2026-11-20T08:00:00Z"]] {
                let (code, output, _) =
                    copy.run(&[&options[..], start, &["--format", format]].concat());
                assert_eq!(code, Some(3));
                let line = output.lines().find(|line| line.contains(more)).unwrap();
                assert!(line.contains(expected), "{line}");
            }
        }
    }
}

#[test]
fn what_the_digest_after_the_range_may_list_is_not_called_unlisted() {
    // A log file every five minutes; the last digest in the range ends at 09:41:17.
    let until = |hours| {
        let mut trail = Trail::new(hours, 11);
        trail.put(&log_key(at(2, 1500), "injected00000000"), "{}");
        trail
    };
    let (second, third) = (until(5).hours[4].digest.clone(), until(7));
    let mut junk = third.clone();
    junk.put(&second, "junk");
    let mut lost = third.clone();
    lost.objects.remove(&second).unwrap();
    let end = ["--end", "2026-11-20T09:30:00Z"];
    for trail in [third, until(6), until(5), junk, lost] {
        let copy = Copy::of(trail);
        for metadata in [&["--object-metadata", "manifest.json"][..], &[]] {
            let as_of = ["--as-of", "2026-11-20T13:20:00Z"];
            let (_, verdicts) = copy.verify_with(&[&end[..], &as_of, metadata].concat());
            let mut unlisted = findings(&verdicts);
            unlisted.retain(|found| found.starts_with("log unreferenced"));
            assert_eq!(unlisted, ["log unreferenced 20261120T0805Z"]);
        }
    }
    // A healthy copy is valid.
    let copy = Copy::of(Trail::new(5, 11));
    let as_of = ["--as-of", "2026-11-20T13:20:00Z"];
    let (code, verdicts) = copy.verify_with(&[&end[..], &as_of].concat());
    assert_eq!((code, verdicts.overall.as_str()), (Some(0), "valid"));
    // What was asked for and may be listed there cannot be verified.
    let mut trail = until(5);
    trail.object(&second).bytes.truncate(20);
    trail.put(&log_key(at(3, 3480), "edge000000000000"), "{}");
    let (_, verdicts) = Copy::of(trail).verify(&["--end", "2026-11-20T09:41:00Z"]);
    let edge = "log unverifiable 20261120T0935Z".to_owned();
    assert!(findings(&verdicts).contains(&edge), "{verdicts:?}");
}

#[test]
fn only_what_cloudtrail_signed_explains_a_gap() {
    let stop = r#"{"Records":[{"eventTime":"2026-11-20T07:40:00Z","eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","requestParameters":{"name":"test_trail"}}]}"#;
    let mut trail = Trail::new(2, 1);
    trail.add(5, 1, true);
    let log = trail.hours[1].logs[0].clone();
    trail.put(&log, stop);
    let copy = Copy::of(trail);
    for start in [&[][..], &["--start", "2026-11-20T08:00:00Z"]] {
        let as_of = ["--as-of", "2026-11-20T12:30:00Z"];
        let options = [&["--object-metadata", "manifest.json"], &as_of[..], start].concat();
        let (_, output, _) = copy.run(&options);
        let gap = output.lines().find(|line| line.starts_with("gap "));
        assert!(!gap.unwrap().contains("before it"), "{output}");
    }
}

#[test]
fn a_log_file_in_the_folder_of_the_day_before_does_not_slip_through_daily_ranges() {
    let mut trail = Trail::new(60, 1);
    trail.put(&log_filed("2026/11/20", "20261121T1240Z"), "{}");
    // Near midnight the folder is that of the next day.
    trail.put(&log_filed("2026/11/22", "20261121T2355Z"), "{}");
    let copy = Copy::of(trail);
    let verify = |start: &str, end: &str| {
        let (_, verdicts) = copy.verify(&["--start", start, "--end", end]);
        findings(&verdicts)
    };
    let misfiled = ["log unreferenced 20261121T1240Z"];
    assert_eq!(verify("2026-11-20", "2026-11-21"), misfiled);
    let near = ["log unreferenced 20261121T2355Z"];
    assert_eq!(verify("2026-11-21", "2026-11-22"), near);
}

#[test]
fn a_name_before_the_range_does_not_hide_silence() {
    let verify = |trail: &Trail, start: &str, as_of: &str| {
        let options = ["--start", start, "--as-of", as_of];
        let copy = Copy::of(trail.clone());
        let metadata = ["--object-metadata", "manifest.json"];
        [&metadata[..], &[]].map(|metadata| {
            let (code, verdicts) = copy.verify_with(&[&options[..], metadata].concat());
            (code, findings(&verdicts))
        })
    };
    let silent = |start: &str, as_of: &str| {
        let found = (Some(3), vec![format!("stale {start} {as_of}")]);
        [found.clone(), found]
    };
    let trail = Trail::new(4, 1);
    // The next digest is not yet due, and the last one is genuine, or cannot be proven in a copy.
    let (start, as_of) = ("2026-11-20T10:00:00Z", "2026-11-20T10:20:00Z");
    // Nothing at all is found in the range, which is told apart.
    let nothing = (Some(3), Vec::new());
    assert_eq!(
        verify(&trail, start, as_of),
        [nothing.clone(), nothing.clone()]
    );
    // One that is none does not stand for it, and does not make it worse.
    let mut junk = trail.clone();
    junk.put(&digest_elsewhere(REGION, "20261120T095959Z"), "{}");
    assert_eq!(verify(&junk, start, as_of), [nothing.clone(), nothing]);
    // It is overdue, whatever is put before the range.
    let (start, as_of) = ("2026-11-20T11:30:00Z", "2026-11-20T12:00:00Z");
    assert_eq!(verify(&trail, start, as_of), silent(start, as_of));
    let copied = trail.hours[3].document.to_string();
    for text in ["{}", &copied] {
        let mut junk = trail.clone();
        junk.put(&digest_elsewhere(REGION, "20261120T112959Z"), text);
        assert_eq!(verify(&junk, start, as_of), silent(start, as_of));
        // Nobody reads any number of them.
        for second in 10..50 {
            junk.put(
                &digest_elsewhere(REGION, &format!("20261120T1128{second}Z")),
                text,
            );
        }
        assert_eq!(verify(&junk, start, as_of), silent(start, as_of));
    }
}
