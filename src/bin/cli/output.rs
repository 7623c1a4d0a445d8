//! Matches and alerts on standard output: text for people, JSON lines for programs.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use clap::ValueEnum;
use serde::Serialize;
use trailwarden::alert::{Alert, Facts};
use trailwarden::inspect::Match;
use trailwarden::local::message;
use trailwarden::ports::{AlertSink, PublishError};
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

/// Alerts as they are told: the command line's channel.
pub struct Alerts<W> {
    out: Mutex<(W, BTreeMap<Severity, usize>)>,
    format: Format,
}

impl<W: Write + Send> Alerts<W> {
    /// To this output.
    pub fn new(out: W, format: Format) -> Self {
        Self {
            out: Mutex::new((out, BTreeMap::new())),
            format,
        }
    }

    /// How many there were, in all and by severity.
    pub fn told(self) -> (usize, BTreeMap<Severity, usize>) {
        let (_, told) = self
            .out
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        (told.values().sum(), told)
    }
}

impl<W: Write + Send> AlertSink for Alerts<W> {
    /// Flushed before it is said to be out, because then it counts as told.
    async fn publish(&self, alert: &Alert) -> Result<(), PublishError> {
        let mut place = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let (out, told) = &mut *place;
        match self.format {
            Format::Json => json_line(out, &alert.line()),
            Format::Text => writeln!(out, "{}", message(alert)),
        }
        .and_then(|()| out.flush())
        .map_err(|error| PublishError(error.into()))?;
        *told.entry(alert.severity).or_default() += 1;
        Ok(())
    }
}

fn json_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value).map_err(io::Error::from)?;
    out.write_all(b"\n")
}
