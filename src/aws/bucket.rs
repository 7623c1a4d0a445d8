//! Buckets of trails, as verification reads them: listings, and objects with their metadata.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_s3::Client;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

use super::Clients;
use super::s3::{fetch_error, metadata, read_body};
use super::said::said;
use crate::integrity::{Metadata, Place};
use crate::ports::FetchError;

/// An object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Key, decoded.
    pub key: String,
    /// Stored bytes.
    pub size: u64,
}

/// An object. What it holds of the memory that may be in use is given back when it is dropped.
#[derive(Debug)]
pub struct Fetched {
    /// Exactly as stored.
    pub bytes: Vec<u8>,
    /// What its metadata say.
    pub metadata: Metadata,
    _room: OwnedSemaphorePermit,
}

/// Buckets, each asked in its own region.
#[derive(Debug)]
pub struct TrailBuckets {
    clients: Clients,
    buckets: Mutex<HashMap<String, Client>>,
    /// KiB that bodies may hold at a time.
    room: Arc<Semaphore>,
    kib: u32,
}

/// Where a bucket's region is asked for when none is configured.
const DEFAULT_REGION: &str = "us-east-1";

impl TrailBuckets {
    /// Bodies hold at most so many MiB at a time; one that is larger alone waits for all of it.
    pub fn new(clients: Clients, mib: u16) -> Self {
        let kib = u32::from(mib) * 1024;
        Self {
            clients,
            buckets: Mutex::new(HashMap::new()),
            room: Arc::new(Semaphore::new(
                usize::try_from(kib).unwrap_or(usize::MAX >> 4),
            )),
            kib,
        }
    }

    /// The client for a bucket's region, which S3 tells even to those who may not list the bucket
    /// (Amazon S3 API reference, HeadBucket).
    async fn client(&self, bucket: &str) -> Client {
        let mut buckets = self.buckets.lock().await;
        if let Some(client) = buckets.get(bucket) {
            return client.clone();
        }
        let configured = self.clients.region().unwrap_or(DEFAULT_REGION);
        let client = self.clients.s3_in(configured);
        let region = match client.head_bucket().bucket(bucket).send().await {
            Ok(answer) => answer.bucket_region().map(str::to_owned),
            Err(error) => error
                .raw_response()
                .and_then(|response| response.headers().get("x-amz-bucket-region"))
                .map(str::to_owned),
        };
        let client = match region {
            Some(region) if region != configured => self.clients.s3_in(&region),
            _ => client,
        };
        buckets.insert(bucket.to_owned(), client.clone());
        client
    }

    /// Folders directly below a prefix, with a closing `/`.
    ///
    /// # Errors
    /// With what S3 says.
    pub async fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, String> {
        let request = self.client(bucket).await.list_objects_v2();
        let mut pages = request
            .bucket(bucket)
            .prefix(prefix)
            .delimiter("/")
            .into_paginator()
            .send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| said(&error))?;
            let folders = page.common_prefixes().iter();
            found.extend(folders.filter_map(|folder| folder.prefix().map(str::to_owned)));
        }
        Ok(found)
    }

    /// All objects below a prefix whose keys are above `after` and below `until`.
    ///
    /// # Errors
    /// With what S3 says.
    pub async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
        until: Option<&str>,
    ) -> Result<Vec<Listed>, String> {
        let request = self.client(bucket).await.list_objects_v2();
        let mut pages = request
            .bucket(bucket)
            .prefix(prefix)
            .set_start_after(after.map(str::to_owned))
            .into_paginator()
            .send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            for object in page.map_err(|error| said(&error))?.contents() {
                let Some(key) = object.key() else { continue };
                if until.is_some_and(|until| key >= until) {
                    return Ok(found);
                }
                let size = object.size().and_then(|size| u64::try_from(size).ok());
                found.push(Listed {
                    key: key.to_owned(),
                    size: size.unwrap_or_default(),
                });
            }
        }
        Ok(found)
    }

    /// An object of at most `limit` bytes. Waits, once its length is known, until there is room.
    ///
    /// # Errors
    /// As an object store's.
    pub async fn get(&self, place: &Place, limit: u64) -> Result<Fetched, FetchError> {
        let request = self.client(&place.bucket).await.get_object();
        let answer = request
            .bucket(&place.bucket)
            .key(&place.key)
            .send()
            .await
            .map_err(fetch_error)?;
        let metadata = metadata(&answer);
        let length = answer.content_length().unwrap_or_default();
        let kib = u32::try_from(length / 1024 + 1).unwrap_or(self.kib);
        let room = Arc::clone(&self.room)
            .acquire_many_owned(kib.min(self.kib))
            .await
            .map_err(|error| FetchError::Unavailable(error.into()))?;
        Ok(Fetched {
            bytes: read_body(answer, limit).await?,
            metadata,
            _room: room,
        })
    }
}
