//! Which bucket a folder is a copy of.

use std::path::{Path, PathBuf};

use anyhow::Result;
use trailwarden::integrity::{Content, DigestName, Place};
use trailwarden::local::read_file;

use super::disk::OBJECT_BYTES;
use super::tree::{self, Visitor};

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

/// The first files that are named like digests, with their keys.
#[derive(Default)]
struct Digests(Vec<(String, PathBuf)>);

impl Visitor for Digests {
    fn enters(&self, _key: &str) -> bool {
        true
    }

    fn file(&mut self, key: String, path: &Path) -> bool {
        if DigestName::parse(&key).is_some() {
            self.0.push((key, path.to_owned()));
        }
        self.0.len() < 1000
    }

    /// Whoever looks for what was asked comes by here, too, and tells.
    fn closed(&mut self, _key: &str, _path: &Path, _error: &std::io::Error) {}
}

/// Finds out what a folder is a copy of: its first digest that can be read says where it was.
pub fn guess(folder: &Path) -> Result<Vec<Mount>> {
    let mut digests = Digests::default();
    tree::walk(folder, "", &mut digests);
    for (relative, path) in &digests.0 {
        let content = read_file(path, OBJECT_BYTES)
            .ok()
            .and_then(|bytes| Content::open(&bytes).ok());
        let Some(content) = content else {
            continue;
        };
        let Place { bucket, key } = content.digest.place;
        if *relative == format!("{bucket}/{key}") {
            return buckets(folder);
        }
        if let Some(prefix) = key.strip_suffix(relative.as_str()) {
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
    for entry in tree::entries(folder)? {
        if entry.is_folder {
            found.push(Mount {
                bucket: entry.name,
                prefix: String::new(),
                folder: entry.path,
            });
        }
    }
    Ok(found)
}
