//! What invoked the function → the objects to evaluate.
//!
//! Format: Amazon S3 user guide, "Event message structure". Each record is read on its own, so
//! that one which cannot be read never stops its neighbours.

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::ports::ObjectRef;

/// What a notification says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Notification {
    /// Objects that were created, in its order.
    pub objects: Vec<ObjectRef>,
    /// It is the schedule's: tell what was held back and what could not be told.
    pub sweep: bool,
    /// What was left alone, with the reason: S3's test message, removals.
    pub ignored: Vec<String>,
    /// Records that could not be read: they fail the invocation once the rest is done.
    pub faults: Vec<String>,
}

/// A payload that is no notification of S3.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "this payload is {found}; the function takes S3 event notifications, sent by the bucket itself, and its schedule's sweeps"
)]
pub struct NotOurs {
    /// What it looks like.
    pub found: String,
}

#[derive(Deserialize)]
struct Payload<'p> {
    #[serde(borrow, rename = "Records")]
    records: Option<Vec<&'p RawValue>>,
    #[serde(borrow, rename = "Event")]
    event: Option<&'p RawValue>,
    #[serde(borrow, rename = "detail-type")]
    detail_type: Option<&'p RawValue>,
    #[serde(borrow)]
    awslogs: Option<&'p RawValue>,
    #[serde(borrow, rename = "eventVersion")]
    event_version: Option<&'p RawValue>,
    /// What the schedule of `template.yaml` sends.
    #[serde(borrow)]
    trailwarden: Option<&'p RawValue>,
}

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "eventSource", alias = "EventSource")]
    source: Option<String>,
    #[serde(rename = "eventName")]
    name: Option<String>,
    s3: Option<S3>,
}

#[derive(Deserialize)]
struct S3 {
    bucket: Bucket,
    object: Object,
}

#[derive(Deserialize)]
struct Bucket {
    name: String,
}

#[derive(Deserialize)]
struct Object {
    key: String,
    #[serde(rename = "eTag")]
    etag: Option<String>,
    #[serde(rename = "versionId")]
    version: Option<String>,
}

/// Reads an invocation's payload.
///
/// # Errors
/// When it is something else than a notification of S3 as a whole.
pub fn decode(payload: &str) -> Result<Notification, NotOurs> {
    let not_ours = |found: &str| NotOurs {
        found: found.to_owned(),
    };
    let read: Payload<'_> = match serde_json::from_str(payload) {
        Ok(read) => read,
        Err(error) if error.is_syntax() || error.is_eof() => {
            return Err(not_ours(&format!("not JSON ({error})")));
        }
        Err(_) => return Err(not_ours("not a JSON object with a list of `Records`")),
    };
    if let Some(records) = read.records {
        return records_of(&records);
    }
    if let Some(task) = read.trailwarden {
        return match task.get() {
            r#""sweep""# => Ok(Notification {
                sweep: true,
                ..Notification::default()
            }),
            other => Err(not_ours(&format!(
                "a task for trailwarden it does not know, {other}"
            ))),
        };
    }
    match read.event {
        Some(event) if event.get() == r#""s3:TestEvent""# => {
            let ignored = vec!["S3's test message, sent when a notification is set up".to_owned()];
            return Ok(Notification {
                ignored,
                ..Notification::default()
            });
        }
        _ => {}
    }
    Err(not_ours(if read.detail_type.is_some() {
        "an EventBridge event"
    } else if read.awslogs.is_some() {
        "a CloudWatch Logs subscription message"
    } else if read.event_version.is_some() {
        "a CloudTrail record by itself"
    } else {
        "of no known kind"
    }))
}

fn records_of(records: &[&RawValue]) -> Result<Notification, NotOurs> {
    let mut notification = Notification::default();
    let mut foreign = None;
    for (number, raw) in records.iter().enumerate() {
        match serde_json::from_str::<Record>(raw.get()) {
            Err(error) => notification
                .faults
                .push(format!("record {number} of the notification: {error}")),
            Ok(record) => match record.source.as_deref() {
                Some("aws:s3") => object_of(number, record, &mut notification),
                Some("aws:sns") => foreign = Some("an SNS notification"),
                Some("aws:sqs") => foreign = Some("a batch of SQS messages"),
                _ => notification.faults.push(format!(
                    "record {number} of the notification is not from S3"
                )),
            },
        }
    }
    match foreign {
        Some(found) => Err(NotOurs {
            found: found.to_owned(),
        }),
        None if records.is_empty() => Err(NotOurs {
            found: "an empty list of records".to_owned(),
        }),
        None => Ok(notification),
    }
}

fn object_of(number: usize, record: Record, notification: &mut Notification) {
    let name = record.name.unwrap_or_default();
    if !name.starts_with("ObjectCreated:") && !name.starts_with("s3:ObjectCreated:") {
        notification
            .ignored
            .push(format!("record {number}: {name} creates no object"));
        return;
    }
    let Some(S3 { bucket, object }) = record.s3 else {
        notification.faults.push(format!(
            "record {number} of the notification names no object"
        ));
        return;
    };
    match decode_key(&object.key) {
        Some(key) => {
            let known = |text: Option<String>| text.filter(|text| !text.is_empty());
            notification.objects.push(ObjectRef {
                bucket: bucket.name,
                key,
                version: known(object.version),
                etag: known(object.etag),
            });
        }
        None => notification.faults.push(format!(
            "record {number}: the key `{}` is not UTF-8",
            object.key
        )),
    }
}

/// Keys in notifications are URL-encoded as forms are: a blank is a `+`.
fn decode_key(key: &str) -> Option<String> {
    let spaced = key.replace('+', " ");
    percent_decode_str(&spaced)
        .decode_utf8()
        .ok()
        .map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(key: &str) -> String {
        format!(
            r#"{{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{{"bucket":{{"name":"b"}},"object":{{"key":"{key}"}}}}}}"#
        )
    }

    #[test]
    fn keys_are_decoded() {
        for (key, decoded) in [
            ("a/b.gz", "a/b.gz"),
            ("a+b%2Bc%20d", "a b+c d"),
            ("%C3%A9%3D", "é="),
        ] {
            let read = decode(&format!(r#"{{"Records":[{}]}}"#, put(key))).expect("a notification");
            assert_eq!(read.objects[0].key, decoded);
        }
    }

    #[test]
    fn one_bad_record_leaves_its_neighbours() {
        let bad = r#"{"eventSource":"aws:s3","eventName":"ObjectCreated:Put"}"#;
        let removed = r#"{"eventSource":"aws:s3","eventName":"ObjectRemoved:Delete","s3":{"bucket":{"name":"b"},"object":{"key":"k"}}}"#;
        let payload = format!(
            r#"{{"Records":[{},{bad},7,{{"eventSource":"aws:kinesis"}},{removed},{},{}]}}"#,
            put("a"),
            put("%FF"),
            put("b")
        );
        let read = decode(&payload).expect("a notification");
        let keys: Vec<&str> = read
            .objects
            .iter()
            .map(|object| object.key.as_str())
            .collect();
        assert_eq!(
            (keys, read.faults.len(), read.ignored.len()),
            (vec!["a", "b"], 4, 1),
            "{read:?}"
        );
    }

    #[test]
    fn other_payloads_are_refused_by_name() {
        for (payload, found) in [
            (
                r#"{"Records":[{"EventSource":"aws:sns"}]}"#,
                "an SNS notification",
            ),
            (
                r#"{"Records":[{"eventSource":"aws:sqs"}]}"#,
                "a batch of SQS messages",
            ),
            (
                r#"{"detail-type":"Object Created"}"#,
                "an EventBridge event",
            ),
            (
                r#"{"awslogs":{"data":""}}"#,
                "a CloudWatch Logs subscription message",
            ),
            (r#"{"Records":[]}"#, "an empty list of records"),
            ("{}", "of no known kind"),
            ("[]", "not a JSON object with a list of `Records`"),
            (
                r#"{"Records":7}"#,
                "not a JSON object with a list of `Records`",
            ),
        ] {
            assert_eq!(
                decode(payload),
                Err(NotOurs {
                    found: found.to_owned()
                }),
                "{payload}"
            );
        }
        assert!(decode("{").is_err_and(|error| error.found.starts_with("not JSON")));
    }

    #[test]
    fn the_test_message_is_no_fault() {
        let read = decode(r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}"#)
            .expect("accepted");
        assert_eq!(
            (read.objects.len(), read.ignored.len(), read.faults.len()),
            (0, 1, 0)
        );
    }
}
