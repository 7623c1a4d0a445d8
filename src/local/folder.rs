//! Folders as buckets.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Component, Path, PathBuf};

use crate::ports::{FetchError, ObjectRef, ObjectStore};

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
    async fn fetch(&self, object: &ObjectRef, limit: u64) -> Result<Vec<u8>, FetchError> {
        let path = self.path(object).ok_or(FetchError::NotFound)?;
        read_file(&path, limit)
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
    let unavailable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => FetchError::NotFound,
        ErrorKind::PermissionDenied => FetchError::Denied(error.into()),
        _ => FetchError::Unavailable(error.into()),
    };
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
