//! Matches and alerts on standard output: text for people, JSON lines for programs.

use std::io::{self, Write};
use std::sync::Arc;

use clap::ValueEnum;
use serde::Serialize;
use trailwarden::alert::{Alert, Facts};
use trailwarden::inspect::Match;
use trailwarden::local::message;
use trailwarden::rules::{Rule, Severity};

/// `--format`
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// `--emit`
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Emit {
    /// What the function would send: matches counted and merged.
    Alerts,
    /// Every matching record, once for each rule.
    Matches,
}

/// A match as a JSON line.
#[derive(Serialize)]
struct MatchLine<'m> {
    rule: &'m str,
    severity: Severity,
    event_id: Option<&'m str>,
    event_time: Option<String>,
    event_source: Option<&'m str>,
    event_name: Option<&'m str>,
    object: &'m str,
    record: u64,
}

/// Writes one match of one rule.
pub fn write_match(
    out: &mut impl Write,
    format: Format,
    rule: &Rule,
    object: &Arc<str>,
    found: &Match<'_>,
) -> io::Result<()> {
    let text = |name: &str| found.record.text_at(&[name]);
    let (id, source, name) = (text("eventID"), text("eventSource"), text("eventName"));
    let time = text("eventTime").map(String::from);
    if format == Format::Json {
        let line = MatchLine {
            rule: &rule.id,
            severity: rule.severity,
            event_id: id.as_deref(),
            event_time: time,
            event_source: source.as_deref(),
            event_name: name.as_deref(),
            object,
            record: found.number,
        };
        return json_line(out, &line);
    }
    let facts = Facts::of(&found.record, object, found.number);
    let place = [
        facts.principal.id.as_str(),
        facts.account.as_deref().unwrap_or("-"),
        facts.region.as_deref().unwrap_or("-"),
    ];
    let line = format!(
        "{}  {:<13} {}  {}  {}  {}  {object} record {}",
        time.as_deref().unwrap_or("-"),
        rule.severity.name(),
        rule.id,
        facts.event(),
        place.join(" "),
        facts.outcome,
        found.number
    );
    writeln!(out, "{}", line.replace(char::is_control, "\u{fffd}"))
}

/// Writes one alert.
pub fn write_alert(out: &mut impl Write, format: Format, alert: &Alert) -> io::Result<()> {
    match format {
        Format::Json => json_line(out, &alert.line()),
        Format::Text => writeln!(out, "{}", message(alert)),
    }
}

fn json_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value).map_err(io::Error::from)?;
    out.write_all(b"\n")
}
