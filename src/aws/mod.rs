//! The ports in AWS, and what invokes the function.

mod bucket;
mod clients;
mod cloudtrail;
mod dynamodb;
mod event;
mod s3;
mod said;
mod sns;

pub use bucket::{Fetched, Listed, TrailBuckets};
pub use clients::Clients;
pub use cloudtrail::CloudTrailKeys;
pub use dynamodb::DynamoDb;
pub use event::{NotOurs, Notification, decode};
pub use s3::S3;
pub use sns::Sns;
