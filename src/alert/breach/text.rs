//! What the mail of a breach says in another way than that of a rule's alert.

use super::SOURCE;
use crate::alert::Alert;
use crate::alert::layout::{Text, VALUE};
use crate::alert::plain::line;

/// Whether the alert is about the trail itself.
pub(in crate::alert) fn is_breach(alert: &Alert) -> bool {
    let first = alert.samples.first();
    first.is_some_and(|facts| facts.source.as_deref() == Some(SOURCE))
}

/// What is counted, in the singular and the plural.
pub(in crate::alert) fn unit(alert: &Alert) -> (&'static str, &'static str) {
    match is_breach(alert) {
        true => ("object", "objects"),
        false => ("event", "events"),
    }
}

/// An event's name, or a check's verdict.
pub(in crate::alert) fn event_text<'n>(alert: &Alert, name: &'n str) -> &'n str {
    let verdict = name.split_once(':').filter(|_| is_breach(alert));
    verdict.map_or(name, |(_, verdict)| verdict)
}

/// What is wrong with which object, and how that is known.
pub(in crate::alert) fn objects(text: &mut Text<'_>, alert: &Alert) {
    text.line(format_args!("\nEvidence"));
    for facts in &alert.samples {
        text.line(format_args!("  {}", line(&facts.object, 1_024)));
        for (name, value) in &facts.parameters {
            text.line(format_args!("    {name:<21}{}", line(value, VALUE)));
        }
    }
    let more = alert.count.saturating_sub(alert.samples.len());
    if more > 0 {
        text.line(format_args!("  and {more} more"));
    }
}
