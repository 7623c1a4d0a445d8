//! The ports in AWS, and what invokes the function.

mod clients;
mod dynamodb;
mod event;
mod s3;
mod sns;

pub use clients::Clients;
pub use dynamodb::DynamoDb;
pub use event::{NotOurs, Notification, decode};
pub use s3::S3;
pub use sns::Sns;
