//! State in one DynamoDB table.
//!
//! One item for each thing, named by the partition key `id` alone, so that keys spread over the
//! table's partitions as evenly as their names do, and every read and write names its item. What
//! waits for somebody has the attributes of the sparse index `waiting` too, and only for as long
//! as it waits. Nothing is ever scanned.
//!
//! | `id` | `body` | `revision` | in the index (`queue`, `ready_at`) | `expires_at` |
//! |---|---|---|---|---|
//! | `object#BUCKET/KEY` | [`Entry`](crate::ports::Entry), JSON | of the entry | `unlisted#N`, when somebody is to ask for its digest; until a digest lists it | 90 days after the last evaluation |
//! | `group#RULE#FINGERPRINT` | [`GroupState`](crate::alert::GroupState), bytes | version of the state | `due#N`, when it is due; while something is held back | [`Change::expires`](crate::ports::Change::expires); absent while something is held back |
//! | `alert#ID` | [`Message`](crate::ports::Message), JSON | absent | `pending#N`, end of its claim; until it is sent | 90 days after it was sent; absent before |
//! | `chains#ACCOUNT#REGION` | [`Watch`](crate::integrity::Watch), JSON | of the chains | `chains#0`, when somebody is to look | never |
//! | `key#REGION#FINGERPRINT` | [`KeyRing`](crate::integrity::KeyRing) of one key, JSON | absent | never | never |
//!
//! `N` is one of 4 (`keys::SHARDS`), by the hash of the id, because a queue as one partition would bound
//! how many alerts a second can become due. Times are seconds since 1970, UTC.
//!
//! Sizes: an item holds 400 kB (DynamoDB developer guide, "Quotas in Amazon DynamoDB"). The core
//! keeps what it stores well below. If a body is longer than `items::BODY_BYTES` all the same, storing it
//! is an error that says of what; it is never cut.

mod alert_log;
mod batch;
mod chains;
mod errors;
mod items;
mod keys;
mod ledger;
mod queue;
mod revised;
mod windows;

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;

/// The table.
#[derive(Debug, Clone)]
pub struct DynamoDb {
    client: Client,
    table: String,
}

impl DynamoDb {
    /// This table over a client, which is to be made with [`DynamoDb::config`].
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// How the table is asked. DynamoDB answers in milliseconds or not at all, and refuses in
    /// bursts: short timeouts, and more tries than the SDK makes by default. What a cancelled
    /// transaction says is tried again too when it may pass.
    pub fn config(shared: &SdkConfig) -> Builder {
        let retries = RetryConfig::standard()
            .with_max_attempts(6)
            .with_initial_backoff(Duration::from_millis(50));
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .read_timeout(Duration::from_secs(5))
            .operation_attempt_timeout(Duration::from_secs(5))
            .build();
        Builder::from(shared)
            .retry_config(retries)
            .timeout_config(timeouts)
            .retry_classifier(errors::MayPass)
    }
}
