//! What was named and is not there.

use crate::trail::{ACCOUNT, ARN, BUCKET, REGION, Trail};
use crate::{Copy, digest_elsewhere, findings};

#[test]
fn nothing_found_is_not_valid() {
    let copy = Copy::of(Trail::new(1, 1));
    let late = [
        "--start",
        "2026-11-20T07:00:00Z",
        "--as-of",
        "2026-11-20T08:00:00Z",
    ];
    let early = ["--end", "2026-01-01", "--as-of", "2026-11-20T08:00:00Z"];
    let typo = ARN.replace("test_trail", "test-trail");
    let abroad = ARN.replace("eu-west-1", "us-east-1");
    let theirs = ARN.replace(ACCOUNT, "444455556666");
    for (options, expected) in [
        (
            &["--account", "444455556666", "--region", "us-west-2"][..],
            "no digest and no log file in account 444455556666, region us-west-2 of test-trail-logs".to_owned(),
        ),
        (&late, "no digest and no log file in test-trail-logs from 2026-11-20T07:00:00Z on".to_owned()),
        (&early, "no digest and no log file in test-trail-logs up to 2026-01-01T00:00:00Z".to_owned()),
        (&["--trail-arn", &typo], format!("no digest of trail {typo} in test-trail-logs")),
        (&["--trail-arn", &abroad], format!("no digest of trail {abroad} in test-trail-logs")),
        (&["--trail-arn", &theirs], format!("no digest of trail {theirs} in test-trail-logs")),
    ] {
        let (code, output, errors) = copy.run(options);
        assert_eq!(code, Some(3), "{options:?} {output} {errors}");
        assert!(errors.ends_with(&format!("nothing found: {expected}\n")), "{errors}");
        assert!(output.contains("incomplete"), "{output}");
        let (_, output, _) = copy.run(&[options, &["--format", "junit"]].concat());
        assert!(output.contains(&format!("nothing found: {expected}\"/>")), "{output}");
    }
}

#[test]
fn what_was_named_and_is_not_there_is_told_beside_what_is() {
    let copy = Copy::of(Trail::new(1, 1));
    let as_of = "2026-11-20T07:00:00Z";
    let metadata = ["--object-metadata", "manifest.json", "--as-of", as_of];
    let region = ["--region", REGION, "--region", "us-west-2"];
    let account = ["--account", "444455556666", "--account", ACCOUNT];
    for (named, expected) in [
        (
            region,
            "nothing found: no digest and no log file in region us-west-2 of test-trail-logs\n",
        ),
        (
            account,
            "nothing found: no digest and no log file in account 444455556666 of test-trail-logs\n",
        ),
    ] {
        let (code, output, errors) = copy.run(&[metadata, named].concat());
        assert_eq!(code, Some(3), "{output} {errors}");
        assert!(errors.ends_with(expected), "{errors}");
        assert!(
            output.contains("digests              1: 1 valid"),
            "{output}"
        );
    }
}

#[test]
fn what_was_named_may_wait_for_its_first_digest_in_the_range() {
    let mut trail = Trail::new(2, 1);
    let mut elsewhere = trail.hours[0].document.clone();
    elsewhere["digestS3Object"] = digest_elsewhere("us-east-1", "20261120T072000Z").into();
    elsewhere["digestEndTime"] = "2026-11-20T07:20:00Z".into();
    elsewhere["logFiles"] = Vec::<String>::new().into();
    trail.sign_and_put(elsewhere, Vec::new());
    let copy = Copy::of(trail);
    let region = ["--region", REGION, "--region", "us-east-1"];
    let start = ["--start", "2026-11-20T07:30:00Z"];
    let (code, output, errors) = copy.run(
        &[
            &["--object-metadata", "manifest.json"][..],
            &["--as-of", "2026-11-20T08:00:00Z"],
            &region,
            &start,
        ]
        .concat(),
    );
    assert_eq!(code, Some(0), "{output} {errors}");
    // But when that is all, nothing is proven.
    let (code, _, errors) = copy.run(
        &[
            &["--as-of", "2026-11-20T08:00:00Z"][..],
            &region[2..],
            &start,
        ]
        .concat(),
    );
    assert_eq!(code, Some(3));
    assert!(errors.contains("nothing found"), "{errors}");
}

#[test]
fn options_that_can_mean_nothing_are_refused() {
    let copy = Copy::of(Trail::new(1, 1));
    for (options, expected) in [
        (
            &["--start", "2026-11-21", "--end", "2026-11-20"][..],
            "`--start` is not before `--end`",
        ),
        (&["--trail-arn", "test_trail"], "is not a trail's ARN"),
        (&["--account", "1"], "is not an account's 12 digits"),
        (
            &["--region", "EU-WEST-1"],
            "is not a region such as eu-west-1",
        ),
        (
            &["--region", "eu-west-1,us-east-1"],
            "is not a region such as eu-west-1",
        ),
        (
            &["--region", "ireland"],
            "is not a region such as eu-west-1",
        ),
    ] {
        let (code, _, errors) = copy.run(options);
        assert_eq!(code, Some(2), "{errors}");
        assert!(errors.contains(expected), "{errors}");
    }
}

#[test]
fn a_trail_whose_prefix_is_awslogs_is_found_alone_and_beside_another() {
    for (prefix, beside) in [
        ("AWSLogs/", false),
        ("AWSLogs/", true),
        ("a/AWSLogs/", true),
    ] {
        let mut trail = Trail::new(2, 1);
        let there = trail.objects.clone();
        if !beside {
            trail.objects.clear();
        }
        let moved = |(key, object)| (format!("{prefix}{key}"), object);
        trail.objects.extend(there.into_iter().map(moved));
        let place = format!("s3://{BUCKET}");
        let (code, verdicts) = Copy::of(trail).verify(&["--copy-of", &place]);
        assert_eq!((code, verdicts.overall.as_str()), (Some(1), "invalid"));
        // That they were made for another place shows that they were found.
        let found = findings(&verdicts);
        let moved = found
            .iter()
            .filter(|found| found.starts_with("digest moved"));
        assert_eq!(moved.count(), 2, "{found:?}");
    }
}
