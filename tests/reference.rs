//! docs/PATTERNS.md is true: every example in it is run.
#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

#[path = "oracle/examples.rs"]
mod examples;

use examples::{Claim, Example, Values, code, examples};
use trailwarden::pattern::{Message, Pattern, Selector, Selectors, matches};
use trailwarden::record::ALWAYS_PRESENT;

const REFERENCE: &str = include_str!("../docs/PATTERNS.md");

fn reference() -> Vec<Example> {
    examples(REFERENCE).unwrap()
}

#[test]
fn every_example_holds() {
    let reference = reference();
    assert!(reference.len() > 150, "found only {}", reference.len());
    let mut wrong = Vec::new();
    for example in reference {
        for fault in faults(&example) {
            let Example { line, pattern, .. } = &example;
            wrong.push(format!("docs/PATTERNS.md:{line}: {pattern}\n  {fault}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where the engine says otherwise than the text.
fn faults(example: &Example) -> Vec<String> {
    let pattern = match Pattern::parse(&example.pattern) {
        Ok(pattern) => pattern,
        Err(errors) => {
            let errors: Vec<_> = errors.iter().map(|error| error.kind.to_string()).collect();
            let expected = example.claims.iter().map(|claim| match claim {
                Claim::Error(error) => error,
                _ => "that it is taken",
            });
            return match errors.iter().map(String::as_str).eq(expected) {
                true => Vec::new(),
                false => vec![format!("refused: {}", errors.join("; "))],
            };
        }
    };
    let fault = |claim: &Claim| match claim {
        Claim::Error(error) => Some(format!("taken, not: {error}")),
        Claim::Warning(_) => None,
        Claim::NoMatch(message) => {
            matches(&pattern, message).then(|| format!("matches: {message}"))
        }
        Claim::Match { message, .. } if !matches(&pattern, message) => {
            Some(format!("does not match: {message}"))
        }
        Claim::Match { message, values } => {
            let found = extracted(&pattern, message);
            let same = values.as_ref().is_none_or(|values| *values == found);
            (!same).then(|| format!("extracts: {found:?}"))
        }
    };
    let claims = example.claims.iter().filter_map(fault);
    claims.chain(other_warnings(example, &pattern)).collect()
}

/// The warnings, where the text has others. Where it has none, it says nothing of them.
fn other_warnings(example: &Example, pattern: &Pattern) -> Option<String> {
    let expected: Vec<&str> = example
        .claims
        .iter()
        .filter_map(|claim| match claim {
            Claim::Warning(warning) => Some(warning.as_str()),
            _ => None,
        })
        .collect();
    let always_present = ALWAYS_PRESENT.map(|text| Selector::parse(text).unwrap());
    let warnings = pattern.warnings(&always_present);
    let found: Vec<String> = warnings
        .iter()
        .map(|warning| warning.kind.to_string())
        .collect();
    let differ = !expected.is_empty() && found != expected;
    differ.then(|| format!("warns: {}", found.join("; ")))
}

fn extracted(pattern: &Pattern, text: &str) -> Values {
    let matcher = pattern.compile(&mut Selectors::default());
    let values = matcher.extract(&Message { text, fields: None }).into_iter();
    values
        .map(|(name, value)| (format!("${name}"), value.to_owned()))
        .collect()
}

#[test]
fn every_surprise_comes_first_and_has_an_example() {
    let lines: Vec<&str> = REFERENCE.lines().collect();
    let line_of = |heading: &str| lines.iter().position(|line| *line == heading).unwrap() + 1;
    let (start, end) = (line_of("## Surprises"), line_of("## Terms"));
    let headings = |from: &usize| (start..end).contains(from);
    let mut starts: Vec<usize> = (1..)
        .zip(&lines)
        .filter(|(number, line)| headings(number) && line.starts_with("### "))
        .map(|(number, _)| number)
        .collect();
    assert!(starts.len() > 12, "only {} surprises", starts.len());
    starts.push(end);
    let examples = reference();
    for (from, to) in starts.iter().zip(starts.iter().skip(1)) {
        let mut held = examples.iter().map(|example| example.line);
        let found = held.any(|line| (from..to).contains(&&line));
        assert!(
            found,
            "docs/PATTERNS.md:{from}: a surprise without an example"
        );
    }
}

/// What looks like a pattern and is not an example is at least a pattern.
#[test]
fn patterns_in_running_text_are_patterns() {
    let examples = reference();
    let mut unknown = Vec::new();
    let mut fenced = false;
    for (number, line) in (1..).zip(REFERENCE.lines()) {
        fenced ^= line.starts_with("```");
        let line = line.replace("\\|", "|");
        for code in code(&line).iter().filter(|_| !fenced) {
            let looks = [("{ $", " }"), ("%", "%"), ("[", "]")]
                .iter()
                .any(|(open, close)| code.starts_with(open) && code.ends_with(close));
            // Steps of selectors, and `%` alone, are spoken of too.
            let looks = looks && code.len() > "[*]".len() && !code.starts_with("['");
            let known = examples.iter().any(|example| example.pattern == *code);
            if looks && !known && Pattern::parse(code).is_err() {
                unknown.push(format!("docs/PATTERNS.md:{number}: {code}"));
            }
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

#[test]
fn rendered_errors_are_what_is_printed() {
    let source = "{ $.eventName == StopLogging AND $.awsRegion = 'eu-west-1' }";
    let rendered = Pattern::parse(source)
        .unwrap_err()
        .render(source, "pattern");
    assert!(REFERENCE.contains(&rendered), "{rendered}");
}

#[test]
fn blocks_and_tables_are_read() {
    let block = "```pattern\npattern:  { $.a = 1\n          && $.b = 2 }\nmatch:    [1]\n\
                 values:   {\"$a\": \"1\"}\nno match: x: y\nwarning:  z\n```\n";
    let matching = "| Pattern | Matches | Does not match |\n|---|---|---|\n\
                    | `%a\\|b%` | `a`, `` `b` `` | |\n";
    let refused =
        "| Pattern | Error | More |\n|---|---|---|\n| `{` | `\\|\\|` is missing | `x` |\n";
    let warned = "| Pattern | Warning |\n|---|---|\n| `a-b` | odd |\n";
    let read = examples(&[block, matching, refused, warned].join("\n")).unwrap();
    let example = |line, pattern: &str, claims| Example {
        line,
        pattern: pattern.to_owned(),
        claims,
    };
    let found = |message: &str, values| Claim::Match {
        message: message.to_owned(),
        values,
    };
    let values = Values::from([("$a".to_owned(), "1".to_owned())]);
    let claims = vec![
        found("[1]", Some(values)),
        Claim::NoMatch("x: y".to_owned()),
        Claim::Warning("z".to_owned()),
    ];
    let expected = [
        example(1, "{ $.a = 1\n&& $.b = 2 }", claims),
        example(12, "%a|b%", vec![found("a", None), found("`b`", None)]),
        example(16, "{", vec![Claim::Error("`||` is missing".to_owned())]),
        example(20, "a-b", vec![Claim::Warning("odd".to_owned())]),
    ];
    assert_eq!(read, expected);
}

#[test]
fn malformed_examples_are_faults() {
    let table = "| Pattern | Matches | Does not match |\n|---|---|---|\n";
    for (text, fault) in [
        (
            "```pattern\nmatch: x\n```",
            "the first line is not `pattern:`",
        ),
        (
            "```pattern\npattern: x\n```",
            "nothing is said of the pattern",
        ),
        (
            "```pattern\npattern: x\nmatches: x\n```",
            "`matches:` means nothing here",
        ),
        (
            "```pattern\npattern: x\nvalues: {}\n```",
            "`values:` means nothing here",
        ),
        (
            "```pattern\npattern: x\nmatch: x\nvalues: 1\n```",
            "values: invalid type",
        ),
        (
            "```pattern\npattern: x\nnonsense\n```",
            "a line without a key",
        ),
        (
            "```pattern\npattern: x\nmatch: x\nerror: y\n```",
            "a pattern with errors matches nothing",
        ),
        (
            "```pattrn\npattern: x\nmatch: x\n```",
            "a block of `pattrn`",
        ),
        (
            &format!("{table}| x | `x` | |"),
            "not one pattern in the first column",
        ),
        (
            &format!("{table}| `x` | x | |"),
            "nothing is said of the pattern",
        ),
    ] {
        let said = examples(text).unwrap_err();
        assert!(said.contains(fault), "{text}\n{said}");
    }
}

#[test]
fn examples_can_fail() {
    let matching =
        "| Pattern | Matches | Does not match |\n|---|---|---|\n| `ERR` | `x` | `ERROR` |\n";
    let refused = "| Pattern | Error |\n|---|---|\n| `ERR` | nonsense |\n| `ERR*` | nonsense |\n";
    let warned = "| Pattern | Warning |\n|---|---|\n| `ERR` | nonsense |\n| `a-b` | nonsense |\n";
    let values = "```pattern\npattern: [a]\nmatch: x y\nvalues: {\"$a\": \"x\"}\n```\n";
    let read = examples(&[matching, refused, warned, values].join("\n")).unwrap();
    let found: Vec<usize> = read.iter().map(|example| faults(example).len()).collect();
    assert_eq!(found, [2, 1, 1, 1, 1, 1]);
}
