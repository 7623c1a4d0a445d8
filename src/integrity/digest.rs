//! A digest's JSON (digest spec section 3). It is read for what it says; what is hashed and signed
//! are the stored bytes, which are never written anew.

use serde::{Deserialize, Serialize};

use super::Place;
use crate::logfile::{Sha256, read_hex};
use crate::record::EventTime;

/// CloudTrail's list of the log files that it delivered in a range of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// `awsAccountId`.
    pub account: String,
    /// Start of the range of delivery times.
    pub start: EventTime,
    /// Its end.
    pub end: EventTime,
    /// The end as it is written, which is what was signed.
    pub end_text: String,
    /// Where CloudTrail put it.
    pub place: Place,
    /// Of the key that signed it.
    pub fingerprint: String,
    /// The digest before; `None` in the first one after validation or logging was started.
    pub previous: Option<Link>,
    /// Log files, in no order.
    pub logs: Vec<LogEntry>,
}

/// What a digest says of the one before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Where it is.
    pub place: Place,
    /// Of its inflated bytes; `None` when the algorithm is not known here.
    pub sha256: Option<Sha256>,
    /// Its signature, in hexadecimal, as written.
    pub signature: String,
}

/// What a digest says of a log file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Where it is.
    pub place: Place,
    /// Of its inflated bytes; `None` when the algorithm is not known here.
    pub sha256: Option<Sha256>,
}

/// Why bytes are no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotADigest {
    /// Not JSON, or without a member that every digest has.
    #[error("not a digest's JSON: {0}")]
    Json(String),
    /// A time, hash or algorithm that cannot be understood.
    #[error("`{member}` is not understood: `{value}`")]
    Value {
        /// The member's name.
        member: &'static str,
        /// Its value.
        value: String,
    },
    /// Some of the members about the previous digest are null and some are not.
    #[error("the members about the previous digest are null in part")]
    HalfALink,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    #[serde(rename = "awsAccountId")]
    account: String,
    digest_start_time: String,
    digest_end_time: String,
    digest_s3_bucket: String,
    digest_s3_object: String,
    digest_public_key_fingerprint: String,
    digest_signature_algorithm: String,
    previous_digest_s3_bucket: Option<String>,
    previous_digest_s3_object: Option<String>,
    previous_digest_hash_value: Option<String>,
    previous_digest_hash_algorithm: Option<String>,
    previous_digest_signature: Option<String>,
    log_files: Vec<File>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    s3_bucket: String,
    s3_object: String,
    hash_value: String,
    hash_algorithm: String,
}

/// The one algorithm that digests have been signed with.
pub const SIGNATURE_ALGORITHM: &str = "SHA256withRSA";

impl Digest {
    /// Reads the inflated bytes of a digest. Unknown members are ignored.
    ///
    /// # Errors
    /// When the bytes are no digest.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotADigest> {
        let document: Document =
            serde_json::from_slice(bytes).map_err(|error| NotADigest::Json(error.to_string()))?;
        if document.digest_signature_algorithm != SIGNATURE_ALGORITHM {
            return Err(NotADigest::Value {
                member: "digestSignatureAlgorithm",
                value: document.digest_signature_algorithm,
            });
        }
        let start = time("digestStartTime", &document.digest_start_time)?;
        let end = time("digestEndTime", &document.digest_end_time)?;
        if start > end {
            return Err(NotADigest::Value {
                member: "digestStartTime",
                value: document.digest_start_time,
            });
        }
        let previous = link(
            document.previous_digest_s3_bucket,
            document.previous_digest_s3_object,
            document.previous_digest_hash_value,
            document.previous_digest_hash_algorithm,
            document.previous_digest_signature,
        )?;
        bounded("digestS3Object", &document.digest_s3_object, KEY)?;
        bounded(
            "digestPublicKeyFingerprint",
            &document.digest_public_key_fingerprint,
            KEY,
        )?;
        let entry = |file: File| LogEntry {
            sha256: hash(&file.hash_algorithm, &file.hash_value),
            place: Place {
                bucket: file.s3_bucket,
                key: file.s3_object,
            },
        };
        Ok(Self {
            account: document.account,
            start,
            end,
            end_text: document.digest_end_time,
            place: Place {
                bucket: document.digest_s3_bucket,
                key: document.digest_s3_object,
            },
            fingerprint: document.digest_public_key_fingerprint,
            previous,
            logs: document.log_files.into_iter().map(entry).collect(),
        })
    }

    /// What CloudTrail signs (digest spec section 4).
    pub fn string_to_sign(&self, sha256: &Sha256) -> String {
        let signature = self.previous.as_ref().map(|link| link.signature.as_str());
        format!(
            "{}\n{}/{}\n{sha256}\n{}",
            self.end_text,
            self.place.bucket,
            self.place.key,
            signature.unwrap_or("null")
        )
    }
}

fn link(
    bucket: Option<String>,
    key: Option<String>,
    value: Option<String>,
    algorithm: Option<String>,
    signature: Option<String>,
) -> Result<Option<Link>, NotADigest> {
    match (bucket, key, value, algorithm, signature) {
        (None, None, None, None, None) => Ok(None),
        (Some(bucket), Some(key), Some(value), Some(algorithm), Some(signature)) => {
            bounded("previousDigestS3Bucket", &bucket, KEY)?;
            bounded("previousDigestS3Object", &key, KEY)?;
            if !is_signature(&signature) {
                return Err(NotADigest::Value {
                    member: "previousDigestSignature",
                    value: format!("{} bytes", signature.len()),
                });
            }
            Ok(Some(Link {
                place: Place { bucket, key },
                sha256: hash(&algorithm, &value),
                signature,
            }))
        }
        _ => Err(NotADigest::HalfALink),
    }
}

/// Bytes of a key at most (Amazon S3 user guide, "Naming Amazon S3 objects").
const KEY: usize = 1_024;

/// Hexadecimal digits of a signature at most: of a key of 8,192 bits, the longest that is verified.
const SIGNATURE: usize = 2_048;

/// Whether a text may be a signature: hexadecimal, and no longer than any.
pub fn is_signature(text: &str) -> bool {
    text.len() <= SIGNATURE && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Part of a digest is remembered, whoever wrote it.
fn bounded(member: &'static str, text: &str, most: usize) -> Result<(), NotADigest> {
    match text.len() <= most && !text.contains(char::is_control) {
        true => Ok(()),
        false => Err(NotADigest::Value {
            member,
            value: format!("{} bytes", text.len()),
        }),
    }
}

fn time(member: &'static str, text: &str) -> Result<EventTime, NotADigest> {
    text.parse().map_err(|_| NotADigest::Value {
        member,
        value: text.to_owned(),
    })
}

fn hash(algorithm: &str, value: &str) -> Option<Sha256> {
    let mut bytes = [0; 32];
    (algorithm == "SHA-256" && read_hex(value, &mut bytes)).then_some(Sha256(bytes))
}
