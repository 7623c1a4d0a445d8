//! Log files from S3.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Error;

use super::said::said;
use crate::integrity::Metadata;
use crate::ports::{FetchError, Fetched, ObjectRef, ObjectStore};

/// The object store of AWS.
#[derive(Debug, Clone)]
pub struct S3(Client);

impl S3 {
    /// Over a client, which retries what may pass.
    pub fn new(client: Client) -> Self {
        Self(client)
    }
}

impl ObjectStore for S3 {
    async fn fetch(&self, object: &ObjectRef, limit: u64) -> Result<Fetched, FetchError> {
        let request = self.0.get_object().bucket(&object.bucket).key(&object.key);
        let answer = request
            .set_version_id(object.version.clone())
            .send()
            .await
            .map_err(fetch_error)?;
        let etag = answer.e_tag().map(|tag| tag.trim_matches('"').to_owned());
        // A bucket that never kept versions names none, and one that stopped says `null`.
        let version = answer.version_id().filter(|version| *version != "null");
        Ok(Fetched {
            version: version.map(str::to_owned),
            etag,
            metadata: metadata(&answer),
            bytes: read_body(answer, limit).await?,
        })
    }

    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: &str,
    ) -> Result<Vec<String>, FetchError> {
        let request = self.0.list_objects_v2().bucket(bucket).prefix(prefix);
        let answer = request
            .start_after(after)
            .send()
            .await
            .map_err(list_error)?;
        let objects = answer.contents.unwrap_or_default().into_iter();
        Ok(objects.filter_map(|object| object.key).collect())
    }
}

fn list_error(error: SdkError<ListObjectsV2Error>) -> FetchError {
    let status = error
        .raw_response()
        .map(|response| response.status().as_u16());
    let text = said(&error);
    match status {
        Some(404) => FetchError::NotFound,
        Some(301 | 401 | 403) => FetchError::Denied(text.into()),
        _ => FetchError::Unavailable(text.into()),
    }
}

/// What an object's metadata say of a digest.
pub(super) fn metadata(answer: &GetObjectOutput) -> Metadata {
    let pair = |name: &str| answer.metadata().and_then(|pairs| pairs.get(name)).cloned();
    Metadata {
        signature: pair("signature"),
        algorithm: pair("signature-algorithm"),
        generated: pair("backfill-generation-timestamp").and_then(|time| time.parse().ok()),
    }
}

/// Reads the body to its announced end, and never more than `limit` bytes of it.
pub(super) async fn read_body(answer: GetObjectOutput, limit: u64) -> Result<Vec<u8>, FetchError> {
    let announced = answer
        .content_length()
        .and_then(|length| u64::try_from(length).ok());
    if let Some(bytes) = announced
        && bytes > limit
    {
        return Err(FetchError::TooLarge { bytes, limit });
    }
    let mut body = answer.body;
    let mut bytes = Vec::with_capacity(
        announced
            .and_then(|length| usize::try_from(length).ok())
            .unwrap_or_default(),
    );
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| FetchError::Unavailable(error.into()))?;
        let length = (bytes.len() + chunk.len()) as u64;
        if length > limit {
            return Err(FetchError::TooLarge {
                bytes: length,
                limit,
            });
        }
        bytes.extend_from_slice(&chunk);
    }
    match announced {
        Some(length) if length != bytes.len() as u64 => Err(FetchError::Unavailable(
            format!("{} of {length} bytes came", bytes.len()).into(),
        )),
        _ => Ok(bytes),
    }
}

/// Sorts an error by what the caller can do. Without `s3:ListBucket`, S3 says AccessDenied for a
/// key that does not exist, too (Amazon S3 API reference, GetObject).
pub(super) fn fetch_error(error: SdkError<GetObjectError>) -> FetchError {
    let status = error
        .raw_response()
        .map(|response| response.status().as_u16());
    let missing = match error.as_service_error() {
        Some(GetObjectError::NoSuchKey(_)) => true,
        Some(other) => matches!(
            other.code(),
            Some("NoSuchBucket" | "NoSuchVersion" | "NotFound")
        ),
        None => false,
    };
    let text = said(&error);
    match status {
        _ if missing => FetchError::NotFound,
        // 301: the bucket is in another region, where it is not asked. Trying again changes nothing.
        Some(301 | 401 | 403) => FetchError::Denied(text.into()),
        _ => FetchError::Unavailable(text.into()),
    }
}
