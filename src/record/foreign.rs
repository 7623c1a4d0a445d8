//! JSON that stands where a CloudTrail record should, and is none: notifications, stream records
//! and envelopes have the same `{"Records":[…]}` shape and share some field names.

use super::Record;

/// What the object is when it is not a CloudTrail record; `None` when it is one.
///
/// An event source is a service's domain name in CloudTrail and `aws:…` in everything that
/// invokes a Lambda function, and every CloudTrail record has at least one of the names below.
pub fn describe(record: &Record<'_>) -> Option<&'static str> {
    let has = |name: &str| record.node(&[name]).is_some();
    let source = record
        .text_at(&["eventSource"])
        .or_else(|| record.text_at(&["EventSource"]));
    if let Some(kind) = source
        .as_deref()
        .and_then(|source| source.strip_prefix("aws:"))
    {
        return Some(match kind {
            "s3" => "an S3 event notification",
            "sns" => "an SNS notification",
            "sqs" => "an SQS message",
            _ => "a Lambda event, not a CloudTrail record",
        });
    }
    if [
        "eventVersion",
        "eventName",
        "eventSource",
        "eventType",
        "eventCategory",
    ]
    .into_iter()
    .any(has)
    {
        return None;
    }
    Some(match () {
        () if has("digestStartTime") || has("digestEndTime") => "a CloudTrail digest file",
        () if has("detail-type") || has("detail") => "an EventBridge event",
        () if has("awslogs") || has("logEvents") => "a CloudWatch Logs subscription message",
        () if has("Events") => "an answer of LookupEvents",
        () if has("Service") && has("Bucket") => "S3's test message",
        () => "not a CloudTrail record: none of its fields is there",
    })
}
