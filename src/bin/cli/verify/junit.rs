//! The report as JUnit XML. A test case is an object, a range of time, or what could not be looked at.

use std::collections::BTreeSet;
use std::io::{self, Write};

use trailwarden::integrity::{Kind, ObjectFinding, Overall, RangeFinding};

use super::missed::Missed;
use super::report::is_open;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"trailwarden verify\">\n";

/// Writes an object.
pub fn object(out: &mut impl Write, finding: &ObjectFinding, first: bool) -> io::Result<()> {
    if first {
        out.write_all(HEAD.as_bytes())?;
    }
    let class = match finding.kind {
        Kind::Digest => "digest",
        Kind::BackfillDigest => "backfill_digest",
        Kind::Log => "log",
    };
    let element = match finding.weight {
        Overall::Valid | Overall::Warning => None,
        Overall::Incomplete => Some("error"),
        Overall::Invalid => Some("failure"),
    };
    case(
        out,
        class,
        &finding.object,
        element,
        finding.verdict.word(),
        &finding.reason,
    )
}

/// Writes ranges, what is not there at all, what could not be looked at, and the end.
pub fn end(
    out: &mut impl Write,
    ranges: &[RangeFinding],
    missed: &[Missed],
    troubles: &BTreeSet<String>,
    empty: bool,
) -> io::Result<()> {
    if empty {
        out.write_all(HEAD.as_bytes())?;
    }
    for range in ranges {
        let trail = range.trail.as_deref().unwrap_or("-");
        let name = format!(
            "{} {} {trail} {} to {}",
            range.account, range.region, range.from, range.to
        );
        let element = is_open(range).then_some("error");
        let state = range.state.word();
        let reason = range.reason.as_deref().unwrap_or(state);
        case(out, "range", &name, element, state, reason)?;
    }
    for Missed { what, text } in missed {
        case(out, "range", what, Some("error"), "nothing_found", text)?;
    }
    for trouble in troubles {
        case(
            out,
            "trouble",
            trouble,
            Some("error"),
            "not_looked_at",
            trouble,
        )?;
    }
    out.write_all(b"</testsuite>\n</testsuites>\n")
}

fn case(
    out: &mut impl Write,
    class: &str,
    name: &str,
    element: Option<&str>,
    word: &str,
    reason: &str,
) -> io::Result<()> {
    let (name, reason) = (escaped(name), escaped(reason));
    match element {
        None => writeln!(out, "<testcase classname=\"{class}\" name=\"{name}\"/>"),
        Some(element) => writeln!(
            out,
            "<testcase classname=\"{class}\" name=\"{name}\"><{element} type=\"{word}\" message=\"{reason}\"/></testcase>"
        ),
    }
}

/// Text for an attribute. XML 1.0 has no way to write most control characters.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other if other.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}
