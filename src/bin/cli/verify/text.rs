//! The report for people.

use std::collections::BTreeSet;
use std::io::{self, Write};

use trailwarden::integrity::{Kind, ObjectFinding, Overall, RangeFinding, State, Verdict};

use super::report::{Counts, merged};

/// Writes an object: those that are not as they should be, or all.
pub fn object(out: &mut impl Write, finding: &ObjectFinding, all: bool) -> io::Result<()> {
    let quiet = matches!(finding.verdict, Verdict::Valid | Verdict::OtherTrail)
        && finding.weight == Overall::Valid;
    if quiet && !all {
        return Ok(());
    }
    let line = format!(
        "{:<20} {}  {}",
        finding.verdict.word(),
        finding.object,
        finding.reason
    );
    writeln!(out, "{}", line.replace(char::is_control, "\u{fffd}"))
}

/// Writes ranges, what could not be looked at, counts, what was asked, and the result.
pub fn end(
    out: &mut impl Write,
    asked: &[(&str, String)],
    ranges: &[RangeFinding],
    troubles: &BTreeSet<String>,
    counts: &Counts,
    overall: Overall,
) -> io::Result<()> {
    for range in merged(ranges) {
        let RangeFinding {
            account,
            region,
            trail,
            from,
            to,
            state,
            reason,
        } = &range;
        let trail = trail.as_deref().unwrap_or("-");
        let line = format!(
            "{:<20} {from} to {to}  {account} {region} {trail}{}",
            state.word(),
            reason
                .as_deref()
                .map_or_else(|| remark(*state).to_owned(), |reason| format!("  {reason}"))
        );
        writeln!(out, "{}", line.replace(char::is_control, "\u{fffd}"))?;
    }
    for trouble in troubles {
        writeln!(out, "{:<20} {trouble}", "not looked at")?;
    }
    write_counts(out, counts)?;
    for (name, value) in asked {
        let line = format!("{name:<20} {value}");
        writeln!(out, "{}", line.replace(char::is_control, "\u{fffd}"))?;
    }
    writeln!(
        out,
        "{:<20} {}: {}",
        "result",
        overall.word(),
        meaning(overall)
    )
}

/// Objects of each kind by verdict.
fn write_counts(out: &mut impl Write, counts: &Counts) -> io::Result<()> {
    for (kind, name) in [
        (Kind::Digest, "digests"),
        (Kind::BackfillDigest, "backfill digests"),
        (Kind::Log, "log files"),
    ] {
        let of_kind: Vec<_> = counts.iter().filter(|((of, _), _)| *of == kind).collect();
        let total: u64 = of_kind.iter().map(|(_, count)| **count).sum();
        if total == 0 && kind == Kind::BackfillDigest {
            continue;
        }
        let parts: Vec<String> = of_kind
            .iter()
            .map(|((_, verdict), count)| format!("{count} {}", verdict.word()))
            .collect();
        let parts = match parts.is_empty() {
            true => String::new(),
            false => format!(": {}", parts.join(", ")),
        };
        writeln!(out, "{name:<20} {total}{parts}")?;
    }
    Ok(())
}

fn remark(state: State) -> &'static str {
    match state {
        State::Attested => "",
        State::DigestMissing => "  a digest of this time is gone or cannot be read",
        State::DigestInvalid => "  the digest of this time cannot be trusted",
        State::Gap => {
            "  no digest was made: validation or logging was off, or digests were deleted"
        }
        State::Stale => {
            "  no digest yet, and one should be there: late, deleted, or logging stopped"
        }
    }
}

fn meaning(overall: Overall) -> &'static str {
    match overall {
        Overall::Valid => {
            "every digest and every log file that it lists is as CloudTrail signed it"
        }
        Overall::Warning => "what CloudTrail signed is intact; something beside it was altered",
        Overall::Incomplete => "nothing is proven wrong, and not everything could be proven",
        Overall::Invalid => "something is not what CloudTrail signed, or is gone",
    }
}
