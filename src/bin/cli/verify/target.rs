//! What is verified: a bucket, or a copy on disk and the bucket that it is a copy of.

use std::path::Path;

use anyhow::{Result, bail};
use trailwarden::integrity::KeyRing;
use trailwarden::record::EventTime;

use super::Args;
use super::disk::Disk;
use super::manifest::Manifest;
use super::mount::Taken;
use super::source::Source;

/// Asks for the public keys of a region and time.
pub(super) type RemoteKeys =
    dyn Fn(&str, EventTime, EventTime) -> std::result::Result<KeyRing, String> + Send + Sync;

/// Buckets and prefixes.
pub(super) type Targets = Vec<(String, String)>;

/// Where objects are, and what of it is asked for.
///
/// # Errors
/// When options contradict each other, or the place cannot be opened.
pub(super) fn source(args: &Args) -> Result<(Box<dyn Source>, Targets)> {
    if let Some((bucket, prefix)) = s3_uri(&args.target)? {
        for (option, given) in [
            ("--object-metadata", args.object_metadata.is_some()),
            ("--copy-of", args.copy_of.is_some()),
        ] {
            if given {
                bail!("`{option}` is for copies on disk; a bucket has what it says");
            }
        }
        return bucket_source().map(|source| (source, vec![(bucket, prefix)]));
    }
    let copy_of = match args.copy_of.as_deref().map(s3_uri) {
        Some(Ok(None)) => bail!("`--copy-of` takes a place such as s3://bucket/prefix"),
        Some(uri) => uri?,
        None => None,
    };
    let manifest = args.object_metadata.as_deref().map(Manifest::read);
    // What files are for is to do without AWS.
    let remote = match args.public_keys.is_empty() {
        true => remote_keys()?,
        false => None,
    };
    let copy_of = copy_of.as_ref();
    let disk = Disk::open(
        Path::new(&args.target),
        copy_of.map(|(bucket, prefix)| (bucket.as_str(), prefix.as_str())),
        manifest.transpose()?,
        remote,
    )?;
    let Taken { targets, said, .. } = disk.taken();
    let targets = targets.clone();
    if !said {
        eprintln!(
            "no digest in {} says of which bucket it is a copy",
            args.target
        );
    } else if args.copy_of.is_none() {
        for (bucket, prefix) in &targets {
            eprintln!("taken for a copy of s3://{bucket}/{prefix} (`--copy-of` says otherwise)");
        }
    }
    Ok((Box::new(disk), targets))
}

/// `s3://bucket/prefix`, the prefix empty or with a closing `/`.
pub(super) fn s3_uri(text: &str) -> Result<Option<(String, String)>> {
    let Some(rest) = text.strip_prefix("s3://") else {
        return Ok(None);
    };
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    if bucket.is_empty() {
        bail!("`{text}` names no bucket");
    }
    let prefix = match prefix.is_empty() || prefix.ends_with('/') {
        true => prefix.to_owned(),
        false => format!("{prefix}/"),
    };
    Ok(Some((bucket.to_owned(), prefix)))
}

#[cfg(feature = "aws")]
fn bucket_source() -> Result<Box<dyn Source>> {
    Ok(Box::new(super::bucket::Buckets::open()?))
}

#[cfg(feature = "aws")]
fn remote_keys() -> Result<Option<Box<RemoteKeys>>> {
    super::bucket::remote_keys().map(Some)
}

#[cfg(not(feature = "aws"))]
fn bucket_source() -> Result<Box<dyn Source>> {
    bail!(
        "this trailwarden was built without the feature `aws`, so it cannot read s3://; copy the \
         bucket to a folder and verify that"
    )
}

#[cfg(not(feature = "aws"))]
fn remote_keys() -> Result<Option<Box<RemoteKeys>>> {
    bail!(
        "`--public-keys FILE` is needed: this trailwarden was built without the feature `aws`, so \
         it cannot ask CloudTrail for them"
    )
}
