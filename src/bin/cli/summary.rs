//! The end of a scan on standard error: what was met and what became of it. The counts balance.

use std::collections::BTreeMap;

use serde::Serialize;
use trailwarden::inspect::Tally;
use trailwarden::rules::Severity;

use super::output::Format;

/// Everything a scan counted.
#[derive(Serialize)]
pub struct Summary {
    /// Files and records.
    #[serde(flatten)]
    pub tally: Tally,
    /// Alerts.
    pub alerts: usize,
    /// Alerts or matches, whichever were asked for, by severity.
    pub found: BTreeMap<Severity, usize>,
}

impl Summary {
    /// Prints it on standard error, in the format of the output.
    pub fn print(&self, format: Format) {
        match format {
            Format::Json => eprintln!("{}", serde_json::json!({ "summary": self })),
            Format::Text => eprintln!("{}", self.text()),
        }
    }

    fn text(&self) -> String {
        let Tally {
            files,
            files_evaluated,
            files_failed,
            records,
            ..
        } = &self.tally;
        let tally = &self.tally;
        let found: Vec<String> = self
            .found
            .iter()
            .rev()
            .map(|(severity, count)| format!("{} {severity}", grouped(*count as u64)))
            .collect();
        let found = if found.is_empty() {
            "none".to_owned()
        } else {
            found.join(", ")
        };
        format!(
            "files    {}: {} evaluated, {} failed, {}\n\
             records  {}: {} matched, {} clean, {} malformed, {}\n\
             bytes    {} stored, {} inflated\n\
             found    {found}; {} matches, {} alerts",
            grouped(*files),
            grouped(*files_evaluated),
            grouped(*files_failed),
            skipped(&tally.files_skipped),
            grouped(*records),
            grouped(tally.records_matched),
            grouped(tally.records_clean),
            grouped(tally.records_malformed),
            skipped(&tally.records_skipped),
            grouped(tally.stored_bytes),
            grouped(tally.inflated_bytes),
            grouped(tally.matches),
            grouped(self.alerts as u64),
        )
    }
}

fn skipped(reasons: &BTreeMap<String, u64>) -> String {
    let total = grouped(reasons.values().sum());
    if reasons.is_empty() {
        return format!("{total} skipped");
    }
    let list: Vec<String> = reasons
        .iter()
        .map(|(reason, count)| format!("{} {reason}", grouped(*count)))
        .collect();
    format!("{total} skipped ({})", list.join("; "))
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(super::grouped(number), text);
        }
    }
}
