//! What a filter pattern costs: to read and compile one of the greatest length, and to match a
//! record. CPU time of one thread, of many rounds the best and the median.
//!
//! ```text
//! make bench
//! ```

use std::hint::black_box;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use cpu_time::ThreadTime;
use trailwarden::pattern::{Extractor, Message, Pattern, Places, Selectors};
use trailwarden::rules::shipped_rules;

/// Rounds of each measurement.
const ROUNDS: usize = 51;

/// Characters that CloudWatch allows (filter pattern spec 1.2).
const LONGEST: usize = 1_024;

/// A record of usual length and shape, written for this benchmark.
const RECORD: &str = r#"{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROA4EXAMPLE:deploy","arn":"arn:aws:sts::111122223333:assumed-role/Deploy/deploy","accountId":"111122223333","accessKeyId":"ASIAIOSFODNN7EXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA4EXAMPLE","arn":"arn:aws:iam::111122223333:role/Deploy","accountId":"111122223333","userName":"Deploy"},"attributes":{"creationDate":"2026-11-21T06:00:00Z","mfaAuthenticated":"false"}}},"eventTime":"2026-11-21T06:35:00Z","eventSource":"ec2.amazonaws.com","eventName":"DescribeInstances","awsRegion":"eu-central-1","sourceIPAddress":"198.51.100.7","userAgent":"aws-sdk-go-v2/1.38.0 os/linux lang/go#1.24.5 api/ec2","requestParameters":{"instancesSet":{},"filterSet":{"items":[{"name":"tag:service","valueSet":{"items":[{"value":"orders"}]}}]}},"responseElements":null,"requestID":"6f0b8d5e-3a1c-4c58-9d4e-2b7f6a1c0d9e","eventID":"0d9c7c1e-55f2-4c8e-8f83-6f1a2b3c4d5e","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"ec2.eu-central-1.amazonaws.com"}}"#;

fn main() -> Result<()> {
    println!(
        "\nto read and compile a pattern of {LONGEST} characters: best and median of {ROUNDS} rounds"
    );
    for (kind, part, ends) in [
        ("terms", "alpha beta ", ("", "")),
        ("JSON, one selector", "$.a=b1||", ("{", "$.a=1}")),
        (
            "JSON, many selectors",
            "$.a.b?.c = \"x?*\" || ",
            ("{ ", "$.a = 1 }"),
        ),
        ("JSON, parentheses", "(", ("{", "")),
        ("space-delimited", "c?=1*,", ("[", "z]")),
        ("regex, letters", "aZ0_", ("%", "%")),
        ("regex, classes", "[a-f0-9]+.", ("%", "%")),
    ] {
        let source = longest(part, ends);
        ensure!(source.chars().count() <= LONGEST, "{kind}: too long");
        let pattern = Pattern::parse(&source);
        pattern.map_err(|errors| anyhow::anyhow!("{}", errors.render(&source, kind)))?;
        let times = rounds(1, || {
            let pattern = Pattern::parse(black_box(&source));
            black_box(pattern.map(|pattern| pattern.compile(&mut Selectors::default()))).is_ok()
        });
        row(kind, &times)?;
    }
    println!(
        "\nto decide one record of {} bytes: best and median of {ROUNDS} rounds",
        RECORD.len()
    );
    one_by_one()
}

/// A pattern of the greatest length, or just below, made of one part again and again; `?` in the
/// part is a number that counts.
fn longest(part: &str, (first, last): (&str, &str)) -> String {
    let mut source = first.to_owned();
    if part == "(" {
        let deep = 400;
        return format!("{{{}$.a = 1{}}}", "(".repeat(deep), ")".repeat(deep));
    }
    for number in 10_u32.. {
        let next = part.replace('?', &number.to_string());
        if source.len() + next.len() + last.len() > LONGEST {
            break;
        }
        source.push_str(&next);
    }
    source + last
}

/// Each shipped rule's pattern by itself: its fields read from the record, then decided.
fn one_by_one() -> Result<()> {
    let mut all = Vec::new();
    for source in shipped_rules() {
        let rule = trailwarden::rules::parse_rule(&source.file, &source.text)?;
        let mut selectors = Selectors::default();
        let matcher = rule.pattern.compile(&mut selectors);
        let extractor = Extractor::new(&selectors);
        let mut places = Places::default();
        let read = rounds(1_000, || {
            extractor.read(black_box(RECORD), &mut places).is_ok()
        });
        let message = Message {
            text: RECORD,
            fields: Some(extractor.read(RECORD, &mut places)?),
        };
        let decide = rounds(1_000, || matcher.matches(black_box(&message)));
        all.push((rule.id, read, decide));
    }
    for (id, read, decide) in &all {
        row(&format!("{id}: read its fields"), read)?;
        row(&format!("{id}: decide"), decide)?;
    }
    Ok(())
}

/// CPU time of one call, in each round of so many.
fn rounds(calls: u32, mut work: impl FnMut() -> bool) -> Vec<Duration> {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = ThreadTime::now();
            for _ in 0..calls {
                black_box(work());
            }
            start.elapsed() / calls
        })
        .collect();
    times.sort();
    times
}

fn row(name: &str, times: &[Duration]) -> Result<()> {
    let micros = |time: &Duration| time.as_secs_f64() * 1e6;
    let best = times.first().map(micros).context("no rounds")?;
    let median = times
        .get(times.len() / 2)
        .map(micros)
        .context("no rounds")?;
    println!("{name:<58} {best:9.2} µs {median:9.2} µs");
    Ok(())
}
