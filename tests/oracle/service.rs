//! `TestMetricFilter` of CloudWatch Logs.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_cloudwatchlogs::Client;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::examples::Values;

/// Messages that one request may hold (AWS API reference, TestMetricFilter).
pub const BATCH: usize = 50;

/// A little more than a fifth of a second: an account may send five requests a second (AWS user guide,
/// CloudWatch Logs quotas).
const PACE: Duration = Duration::from_millis(220);

/// The service, or what `AWS_ENDPOINT_URL_CLOUDWATCH_LOGS` says.
pub struct Service {
    client: Client,
    pace: Interval,
}

/// What the service says of a pattern and some messages.
#[derive(Debug, PartialEq, Eq)]
pub enum Reply {
    /// It does not take the pattern, for this reason.
    Refused(String),
    /// It takes it, and these messages match, with the values of the columns.
    Matches(BTreeMap<String, Values>),
}

impl Service {
    /// Region and credentials come from where the SDK finds them.
    pub async fn from_env() -> Self {
        let http = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .operation_attempt_timeout(Duration::from_secs(30))
            .build();
        // The quota is the account's, and others use it too: throttling is to be expected.
        let config = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(6))
            .load()
            .await;
        let mut pace = interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            client: Client::new(&config),
            pace,
        }
    }

    /// Asks about one to [`BATCH`] different messages, none of them empty.
    ///
    /// # Errors
    /// When there is no answer, whatever was tried.
    pub async fn ask(&mut self, pattern: &str, messages: &[&str]) -> Result<Reply> {
        self.pace.tick().await;
        let request = self.client.test_metric_filter().filter_pattern(pattern);
        let messages = messages.iter().map(|&message| message.to_owned());
        let sent = request.set_log_event_messages(Some(messages.collect()));
        let output = match sent.send().await {
            Ok(output) => output,
            Err(error) => {
                let said = error.as_service_error();
                if let Some(said) = said.filter(|said| said.is_invalid_parameter_exception()) {
                    let text = said.meta().message().unwrap_or("without a reason");
                    return Ok(Reply::Refused(text.to_owned()));
                }
                return Err(error.into());
            }
        };
        let mut matches = BTreeMap::new();
        for record in output.matches() {
            // By text and not by number: whether numbers start at 0 or 1 is not documented.
            let message = record
                .event_message()
                .context("a match without its message")?;
            let values = record.extracted_values().cloned().unwrap_or_default();
            matches.insert(message.to_owned(), values.into_iter().collect());
        }
        Ok(Reply::Matches(matches))
    }
}
