//! `trailwarden explain`: a pattern in words, and why a record matches it or does not.

use std::io::Write as _;

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use serde_json::{Value, json};
use trailwarden::pattern::{Clause, Finding, Pattern, Selector, Verdict, Warning};
use trailwarden::record::ALWAYS_PRESENT;

use super::End;
use super::match_messages::parse;
use super::messages;
use super::output::Format;

/// Says what a filter pattern means; for a record, the truth of every clause, the value it saw,
/// and the fewest clauses that stand between the record and a match.
///
/// Exits with 0; with a record or message, 0 when it matches and 1 when it does not; 2 on errors.
#[derive(Parser)]
pub struct Args {
    /// A filter pattern, such as '{ $.errorCode = "AccessDenied*" }'.
    #[arg(value_name = "PATTERN", allow_hyphen_values = true)]
    pattern: String,
    /// A file with a CloudTrail record, or a log file.
    #[arg(long, value_name = "FILE", conflicts_with = "message")]
    record: Option<String>,
    /// Which record of the file, counted from 0.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "record")]
    number: u64,
    /// A message in place of a record.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    message: Option<String>,
    /// What to print.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Runs the command.
///
/// # Errors
/// When the pattern is not valid, the record cannot be read, or the output is closed.
pub fn run(args: &Args) -> Result<End> {
    let pattern = parse(&args.pattern)?;
    let always_present: Vec<Selector> = ALWAYS_PRESENT
        .iter()
        .filter_map(|text| Selector::parse(text).ok())
        .collect();
    let warnings = pattern.warnings(&always_present);
    let message = match (&args.record, &args.message) {
        (Some(file), _) => Some(record(file, args.number)?),
        (None, message) => message.clone(),
    };
    let verdict = message.map(|message| pattern.explain_message(&message));
    let text = match args.format {
        Format::Json => document(&pattern, warnings.iter(), verdict.as_ref()).to_string(),
        Format::Text => {
            let explanation = match &verdict {
                Some(verdict) => verdict.to_string(),
                None => pattern.explain().to_string(),
            };
            let warnings = warnings.render(pattern.source(), "pattern");
            [explanation, warnings]
                .iter()
                .map(|part| part.trim_end())
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join("\n\n")
        }
    };
    writeln!(std::io::stdout(), "{text}").context("cannot write to standard output")?;
    Ok(match verdict {
        Some(verdict) if !verdict.matches() => End::Nothing,
        _ => End::Matched,
    })
}

/// The text of one record of a log file.
fn record(file: &str, number: u64) -> Result<String> {
    let (mut found, mut count) = (None, 0);
    messages::records(file, |message| {
        count += 1;
        if message.number == number {
            found = Some(message.text.to_owned());
        }
        Ok(())
    })?;
    match found {
        Some(text) => Ok(text),
        None => bail!("`{file}` has no record {number}; it has {count}"),
    }
}

fn document<'w>(
    pattern: &Pattern,
    warnings: impl Iterator<Item = &'w Warning>,
    verdict: Option<&Verdict>,
) -> Value {
    let explanation = pattern.explain();
    let warnings: Vec<Value> = warnings
        .map(|warning| json!({ "message": warning.kind.to_string(), "help": warning.kind.help(), "span": span(&warning.span) }))
        .collect();
    json!({
        "pattern": pattern.source(),
        "words": explanation.words(),
        "tree": clause(explanation.root()),
        "warnings": warnings,
        "verdict": verdict.map(|verdict| json!({
            "matches": verdict.matches(),
            "obstacle": verdict.obstacle(),
            "tree": finding(verdict.root()),
            "nearest_miss": verdict.nearest_miss().iter().map(|near| near.text()).collect::<Vec<_>>(),
        })),
    })
}

fn clause(clause: &Clause) -> Value {
    json!({
        "join": clause.join().as_str(),
        "text": clause.text(),
        "words": clause.words(),
        "span": span(clause.span()),
        "parts": clause.parts().iter().map(self::clause).collect::<Vec<_>>(),
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "join": finding.join().as_str(),
        "text": finding.text(),
        "span": span(finding.span()),
        "holds": finding.holds(),
        "saw": finding.saw().map(|saw| json!({ "kind": saw.kind.as_str(), "text": saw.text })),
        "why": finding.why(),
        "parts": finding.parts().iter().map(self::finding).collect::<Vec<_>>(),
    })
}

/// Offsets in bytes into the pattern.
fn span(span: &std::ops::Range<usize>) -> [usize; 2] {
    [span.start, span.end]
}
