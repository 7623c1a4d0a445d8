//! An alert as plain text: a subject and a body that a person can act on.
//!
//! Limits are Amazon SNS's (API reference, Publish): a subject of up to 100 printable ASCII
//! characters, a message of up to 256 KB. Every list is cut far below that.

use super::breach::{event_text, is_breach, objects, unit};
use super::layout::{Text, VALUE, counted, list};
use super::plain::{ascii, line};
use super::{Alert, Facts, Outcome};

/// Characters of a subject.
const SUBJECT: usize = 100;

/// The subject of an alert's mail: severity, title, who and where.
pub fn subject(alert: &Alert) -> String {
    let who = alert
        .samples
        .first()
        .map(|facts| facts.principal.short_name().to_owned())
        .unwrap_or_default();
    let who = match alert.principals.len() {
        0 | 1 => who,
        more => format!("{who} and {} more", more - 1),
    };
    let account = alert
        .accounts
        .first()
        .map(|account| format!(" in {account}"))
        .unwrap_or_default();
    let (one, many) = unit(alert);
    let count = match (alert.count, alert.follows) {
        (1, false) => String::new(),
        (1, true) => format!(" (1 more {one})"),
        (count, false) => format!(" ({count} {many})"),
        (count, true) => format!(" ({count} more {many})"),
    };
    let severity = alert.severity.name().to_uppercase();
    let who = match who.is_empty() {
        true => String::new(),
        false => format!(": {who}"),
    };
    ascii(
        &format!("[{severity}] {}{who}{account}{count}", alert.title),
        SUBJECT,
    )
}

/// Names and values for subscription filters: `severity`, `rule`, `alert_id`, and the first
/// `account` and `region`. A name without a value is left out, as SNS refuses empty ones.
pub fn attributes(alert: &Alert) -> Vec<(&'static str, String)> {
    let first = |values: &[String]| {
        values
            .first()
            .map(|value| ascii(value, SUBJECT))
            .unwrap_or_default()
    };
    let mut named = vec![
        ("severity", alert.severity.name().to_owned()),
        ("rule", alert.rule.clone()),
        ("alert_id", alert.id.clone()),
        ("account", first(&alert.accounts)),
        ("region", first(&alert.regions)),
    ];
    named.retain(|(_, value)| !value.is_empty());
    named
}

/// The body of an alert's mail.
pub fn body(alert: &Alert) -> String {
    let mut out = String::new();
    let mut text = Text { out: &mut out };
    text.line(format_args!(
        "{}: {}",
        alert.severity.name().to_uppercase(),
        line(&alert.title, VALUE)
    ));
    text.line(format_args!("{}", headline(alert)));
    text.line(format_args!(""));
    facts(&mut text, alert);
    text.paragraph("Why it matters", &alert.description);
    text.paragraph("What to do", &alert.runbook);
    if is_breach(alert) {
        objects(&mut text, alert);
    } else {
        events(&mut text, alert);
        evidence(&mut text, alert);
    }
    identity(&mut text, alert);
    out
}

fn headline(alert: &Alert) -> String {
    let (one, many) = unit(alert);
    let events = match (alert.count, alert.follows) {
        (1, false) => format!("1 {one}"),
        (1, true) => format!("1 more {one}, after an alert that was already sent"),
        (count, false) => format!("{count} {many}"),
        (count, true) => format!("{count} more {many}, after an alert that was already sent"),
    };
    let events = match alert.stands_for {
        0 | 1 => events,
        alerts => format!("{events}, in place of {alerts} alerts: the rule has too many to send"),
    };
    match &alert.threshold {
        Some(threshold) => format!("Rule {}: {events}; it alerts on {threshold}", alert.rule),
        None if is_breach(alert) => format!("Check {}: {events}", alert.rule),
        None => format!("Rule {}: {events}", alert.rule),
    }
}

/// Who, what, where, when, from where, with what outcome.
fn facts(text: &mut Text<'_>, alert: &Alert) {
    let Some(first) = alert.samples.first() else {
        return;
    };
    text.field("Who", &list(&alert.principals));
    text.field("", &who_details(alert, first));
    let events: Vec<String> = alert
        .events
        .iter()
        .map(|event| counted(event_text(alert, &event.name), event.count, alert.count))
        .collect();
    text.field("What", &list(&events));
    if alert.count == 1 && !is_breach(alert) {
        let parameters = first
            .parameters
            .iter()
            .map(|(name, value)| format!("{name}={}", line(value, VALUE)));
        text.field("", &list(&parameters.collect::<Vec<_>>()));
        text.field("", &list(&first.resources));
    }
    let region = if alert.regions.is_empty() {
        String::new()
    } else {
        format!(", region {}", list(&alert.regions))
    };
    let account = if alert.accounts.is_empty() {
        "unknown".to_owned()
    } else {
        list(&alert.accounts)
    };
    text.field("Where", &format!("account {account}{region}"));
    text.field("When", &when(alert));
    text.field("From", &from(alert, first));
    let outcomes: Vec<String> = alert
        .outcomes
        .iter()
        .map(|(outcome, count)| counted(outcome, *count, alert.count))
        .collect();
    text.field("Outcome", &list(&outcomes));
    if let Outcome::Failed {
        message: Some(message),
        ..
    } = &first.outcome
    {
        text.field("", &line(message, VALUE));
    }
}

fn who_details(alert: &Alert, first: &Facts) -> String {
    if alert.principals.len() > 1 {
        return String::new();
    }
    let named = |name: &str, value: &Option<String>| {
        value
            .as_deref()
            .map(|value| format!("{name} {}", line(value, VALUE)))
    };
    let details = [
        first
            .principal
            .kind
            .as_deref()
            .map(|kind| line(kind, VALUE)),
        named("session", &first.principal.session),
        named("access key", &first.access_key),
        named("MFA", &first.mfa),
    ];
    details.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn when(alert: &Alert) -> String {
    match (alert.first_event_time, alert.last_event_time) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last} (UTC)"),
        (Some(first), _) => format!("{first} (UTC)"),
        (None, _) if is_breach(alert) => String::new(),
        (None, _) => "the records have no time".to_owned(),
    }
}

fn from(alert: &Alert, first: &Facts) -> String {
    let agent = match &first.user_agent {
        Some(agent) if alert.count == 1 => format!(", {}", line(agent, VALUE)),
        _ => String::new(),
    };
    format!("{}{agent}", list(&alert.source_ips))
}

fn events(text: &mut Text<'_>, alert: &Alert) {
    if alert.count == 1 {
        return;
    }
    text.line(format_args!(
        "\nFirst {} of {} events",
        alert.samples.len(),
        alert.count
    ));
    for facts in &alert.samples {
        let time = facts
            .time
            .map_or_else(|| "-".to_owned(), |time| time.to_string());
        let region = facts.region.as_deref().unwrap_or("-");
        let event = format!("{} {region} {}", facts.event(), facts.outcome);
        text.line(format_args!("  {time}  {}", line(&event, VALUE)));
        let parameters = facts
            .parameters
            .iter()
            .map(|(name, value)| format!("{name}={}", line(value, 80)));
        let parameters = list(&parameters.collect::<Vec<_>>());
        if !parameters.is_empty() {
            text.line(format_args!("      {parameters}"));
        }
    }
}

fn evidence(text: &mut Text<'_>, alert: &Alert) {
    text.line(format_args!("\nEvidence"));
    for facts in &alert.samples {
        let id = facts.event_id.as_deref().unwrap_or("no event id");
        let object = line(&facts.object, 1_024);
        text.line(format_args!(
            "  {}  record {} of {object}",
            line(id, VALUE),
            facts.record
        ));
    }
    let more = alert.count - alert.samples.len();
    if more > 0 {
        text.line(format_args!(
            "  and {more} more; log files in all: {}",
            alert.objects.len()
        ));
    }
}

fn identity(text: &mut Text<'_>, alert: &Alert) {
    let (id, fingerprint) = (&alert.id, &alert.fingerprint);
    text.line(format_args!("  alert {id}, fingerprint {fingerprint}"));
}
