//! Alerts to an SNS topic.

use aws_sdk_sns::Client;
use aws_sdk_sns::error::DisplayErrorContext;
use aws_sdk_sns::types::MessageAttributeValue;

use crate::alert::{Alert, attributes, body, subject};
use crate::ports::{AlertSink, PublishError};

/// The topic that people subscribe to.
#[derive(Debug, Clone)]
pub struct Sns {
    client: Client,
    topic_arn: String,
}

impl Sns {
    /// Publishes to the topic over a client, which retries what may pass.
    pub fn new(client: Client, topic_arn: String) -> Self {
        Self { client, topic_arn }
    }
}

impl AlertSink for Sns {
    /// One message, with attributes for subscription filters.
    async fn publish(&self, alert: &Alert) -> Result<(), PublishError> {
        let mut request = self
            .client
            .publish()
            .topic_arn(&self.topic_arn)
            .subject(subject(alert))
            .message(body(alert));
        for (name, value) in attributes(alert) {
            request = request.message_attributes(name, text(&value)?);
        }
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(PublishError(DisplayErrorContext(&error).to_string().into())),
        }
    }
}

fn text(value: &str) -> Result<MessageAttributeValue, PublishError> {
    let attribute = MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build();
    attribute.map_err(|error| PublishError(error.into()))
}
