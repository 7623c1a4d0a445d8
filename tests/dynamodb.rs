//! State in DynamoDB: the contract of stores and what it costs, over an endpoint that speaks the
//! real protocol, and what DynamoDB may answer instead.
#![cfg(feature = "aws")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failure here is a failed test"
)]

#[path = "state/chains.rs"]
mod chains;
#[path = "dynamodb/concurrency.rs"]
mod concurrency;
#[allow(
    dead_code,
    clippy::allow_attributes,
    reason = "shared with the other stores' tests"
)]
#[path = "state/contract.rs"]
mod contract;
#[path = "dynamodb/digests.rs"]
mod digests;
#[path = "dynamodb/endpoint.rs"]
mod endpoint;
#[path = "dynamodb/faults.rs"]
mod faults;
#[allow(
    dead_code,
    clippy::allow_attributes,
    reason = "shared with the pipeline's tests"
)]
#[path = "state/flaky.rs"]
mod flaky;
#[path = "dynamodb/requests.rs"]
mod requests;
#[path = "dynamodb/script.rs"]
mod script;
#[path = "support/trail.rs"]
mod signed_trail;
mod support;
#[path = "dynamodb/trail.rs"]
mod trail;
