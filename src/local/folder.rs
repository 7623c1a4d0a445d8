//! Folders as buckets.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Component, Path, PathBuf};

use crate::ports::{FetchError, Fetched, ObjectRef, ObjectStore};

/// An object store whose buckets are the folders below one root.
#[derive(Debug, Clone)]
pub struct Folders {
    root: PathBuf,
}

impl Folders {
    /// Buckets are the folders in `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The file of an object. Keys come from notifications, so one that would leave its bucket
    /// names no file.
    fn path(&self, object: &ObjectRef) -> Option<PathBuf> {
        let relative = Path::new(&object.bucket).join(&object.key);
        let inside = relative
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        inside.then(|| self.root.join(relative))
    }
}

impl ObjectStore for Folders {
    async fn fetch(&self, object: &ObjectRef, limit: u64) -> Result<Fetched, FetchError> {
        let path = self.path(object).ok_or(FetchError::NotFound)?;
        Ok(Fetched {
            bytes: read_file(&path, limit)?,
            ..Fetched::default()
        })
    }

    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: &str,
    ) -> Result<Vec<String>, FetchError> {
        let mut keys = Vec::new();
        // Only folders are looked at that may hold such keys.
        let (folder, _) = prefix.rsplit_once('/').unwrap_or_default();
        let object = ObjectRef {
            bucket: bucket.to_owned(),
            key: folder.to_owned(),
            version: None,
            etag: None,
        };
        let path = self.path(&object).ok_or(FetchError::NotFound)?;
        keys_below(&path, folder, &mut keys).map_err(unavailable)?;
        keys.retain(|key| key.starts_with(prefix) && key.as_str() > after);
        keys.sort();
        Ok(keys)
    }
}

/// The keys of all files below a folder; none when it is not there.
fn keys_below(path: &Path, key: &str, keys: &mut Vec<String>) -> std::io::Result<()> {
    let entries = match std::fs::read_dir(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let key = match key.is_empty() {
            true => name.to_owned(),
            false => format!("{key}/{name}"),
        };
        match entry.file_type()?.is_dir() {
            true => keys_below(&entry.path(), &key, keys)?,
            false => keys.push(key),
        }
    }
    Ok(())
}

fn unavailable(error: std::io::Error) -> FetchError {
    match error.kind() {
        ErrorKind::NotFound => FetchError::NotFound,
        ErrorKind::PermissionDenied => FetchError::Denied(error.into()),
        _ => FetchError::Unavailable(error.into()),
    }
}

/// Reads a whole file of at most `limit` bytes.
///
/// # Errors
/// As an object store's.
pub fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, FetchError> {
    let mut bytes = Vec::new();
    read_file_into(path, limit, &mut bytes)?;
    Ok(bytes)
}

/// [`read_file`] into memory that is there already, in place of what it holds.
///
/// # Errors
/// As an object store's.
pub fn read_file_into(path: &Path, limit: u64, bytes: &mut Vec<u8>) -> Result<(), FetchError> {
    let file = File::open(path).map_err(unavailable)?;
    bytes.clear();
    // One byte more than the limit tells a file that is too long, even while it grows.
    file.take(limit.saturating_add(1))
        .read_to_end(bytes)
        .map_err(unavailable)?;
    let read = bytes.len() as u64;
    if read > limit {
        let length = std::fs::metadata(path).map_or(read, |data| data.len());
        return Err(FetchError::TooLarge {
            bytes: length,
            limit,
        });
    }
    Ok(())
}
