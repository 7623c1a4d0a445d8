//! Alerts on standard output, as a person would receive them.

use std::io::Write as _;

use crate::alert::{Alert, body, subject};
use crate::ports::{AlertSink, PublishError};

/// The terminal as the alerts' channel.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal;

impl AlertSink for Terminal {
    async fn publish(&self, alert: &Alert) -> Result<(), PublishError> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", message(alert))
            .and_then(|()| out.flush())
            .map_err(|error| PublishError(error.into()))
    }
}

/// An alert laid out like a mail.
pub fn message(alert: &Alert) -> String {
    let rule = "─".repeat(78);
    format!("{rule}\nSubject: {}\n\n{}", subject(alert), body(alert))
}
