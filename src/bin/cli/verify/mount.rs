//! Which bucket a folder is a copy of.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use trailwarden::integrity::{Content, DigestName, Place};
use trailwarden::local::read_file;

use super::disk::OBJECT_BYTES;

/// A folder that stands for a bucket, or for what lies below a prefix of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Bucket name.
    pub bucket: String,
    /// Empty, or ends with `/`.
    pub prefix: String,
    /// Where its objects are.
    pub folder: PathBuf,
}

/// Finds out what a folder is a copy of: its first digest that can be read says where it was.
pub fn guess(folder: &Path) -> Result<Vec<Mount>> {
    let mut files = Vec::new();
    let digest = |path: &Path| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| DigestName::parse(name).is_some())
    };
    walk(folder, &mut |path| {
        if digest(path) {
            files.push(path.to_owned());
        }
        files.len() < 1000
    })
    .with_context(|| format!("cannot read {}", folder.display()))?;
    for path in &files {
        let content = read_file(path, OBJECT_BYTES)
            .ok()
            .and_then(|bytes| Content::open(&bytes).ok());
        let relative = path.strip_prefix(folder).ok().and_then(Path::to_str);
        let (Some(content), Some(relative)) = (content, relative) else {
            continue;
        };
        let Place { bucket, key } = content.digest.place;
        if relative == format!("{bucket}/{key}") {
            return buckets(folder);
        }
        if let Some(prefix) = key.strip_suffix(relative) {
            return Ok(vec![Mount {
                bucket,
                prefix: prefix.to_owned(),
                folder: folder.to_owned(),
            }]);
        }
    }
    // Without a digest the name of the bucket does not matter: nothing is attested anyway.
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    Ok(vec![Mount {
        bucket: name.into_owned(),
        prefix: String::new(),
        folder: folder.to_owned(),
    }])
}

/// Every folder in `folder` is a bucket.
fn buckets(folder: &Path) -> Result<Vec<Mount>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.path().is_dir() {
            found.push(Mount {
                bucket: entry.file_name().to_string_lossy().into_owned(),
                prefix: String::new(),
                folder: entry.path(),
            });
        }
    }
    found.sort_by(|one, other| one.bucket.cmp(&other.bucket));
    Ok(found)
}

/// Calls `found` with every file below a folder until it returns false. Links are not followed
/// into folders, so that there is an end.
fn walk(folder: &Path, found: &mut dyn FnMut(&Path) -> bool) -> std::io::Result<bool> {
    let mut entries = fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let go_on = if entry.file_type()?.is_dir() {
            walk(&path, found)?
        } else {
            found(&path)
        };
        if !go_on {
            return Ok(false);
        }
    }
    Ok(true)
}
