//! The AWS clients of one process, over one HTTP client.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use super::DynamoDb;

/// Variables that point the SDK at another endpoint than AWS's.
const ENDPOINTS: [&str; 2] = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"];

/// Credentials, region and HTTP client, from the environment as the SDK reads it.
#[derive(Debug, Clone)]
pub struct Clients {
    config: SdkConfig,
    path_style: bool,
}

impl Clients {
    /// Reads the SDK's own variables. `vars` are the process's, for the one thing that the SDK
    /// has no variable for: an own endpoint has no host name for each bucket.
    pub async fn from_env(vars: impl IntoIterator<Item = (String, String)>) -> Self {
        let http = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        // Silence must become an error well before the function's own time runs out.
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(3))
            .read_timeout(Duration::from_secs(20))
            .operation_attempt_timeout(Duration::from_secs(30))
            .build();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            .timeout_config(timeouts)
            .load()
            .await;
        let path_style = vars
            .into_iter()
            .any(|(name, value)| ENDPOINTS.contains(&name.as_str()) && !value.is_empty());
        Self { config, path_style }
    }

    /// S3.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let config =
            aws_sdk_s3::config::Builder::from(&self.config).force_path_style(self.path_style);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// S3 in a region: a bucket answers in its own.
    pub fn s3_in(&self, region: &str) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.config)
            .region(Region::new(region.to_owned()))
            .force_path_style(self.path_style);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// CloudTrail in a region: each has its own keys.
    pub fn cloudtrail_in(&self, region: &str) -> aws_sdk_cloudtrail::Client {
        let config = aws_sdk_cloudtrail::config::Builder::from(&self.config)
            .region(Region::new(region.to_owned()));
        aws_sdk_cloudtrail::Client::from_conf(config.build())
    }

    /// The region that is configured, if any.
    pub fn region(&self) -> Option<&str> {
        self.config.region().map(Region::as_ref)
    }

    /// DynamoDB, as the table of state is to be asked.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::from_conf(DynamoDb::config(&self.config).build())
    }

    /// SNS.
    pub fn sns(&self) -> aws_sdk_sns::Client {
        aws_sdk_sns::Client::new(&self.config)
    }
}
