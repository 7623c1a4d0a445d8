//! A copy of a bucket on disk.

use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, bail};
use trailwarden::integrity::{KeyRing, Place, Unfetched};
use trailwarden::local::read_file;
use trailwarden::ports::FetchError;
use trailwarden::record::EventTime;

use super::manifest::Manifest;
use super::mount::{Mount, guess};
use super::source::{Done, Listed, Source, Stored, Want};

/// No object of a trail is as long as this.
pub const OBJECT_BYTES: u64 = 1 << 30;

/// Folders as buckets.
pub struct Disk {
    mounts: Vec<Mount>,
    /// Where other buckets of the same trail may lie, each in a folder of its name.
    beside: Option<PathBuf>,
    metadata: Option<Manifest>,
    /// Asks for keys.
    remote_keys: Option<Box<super::RemoteKeys>>,
}

impl Disk {
    /// Opens a copy. Of which bucket and prefix it is stands in `copy_of`, or is taken from its
    /// digests.
    pub fn open(
        folder: &Path,
        copy_of: Option<(&str, &str)>,
        metadata: Option<Manifest>,
        remote_keys: Option<Box<super::RemoteKeys>>,
    ) -> Result<Self> {
        if !folder.is_dir() {
            bail!("{} is not a folder", folder.display());
        }
        let mounts = match copy_of {
            Some((bucket, prefix)) => vec![Mount {
                bucket: bucket.to_owned(),
                prefix: prefix.to_owned(),
                folder: folder.to_owned(),
            }],
            None => guess(folder)?,
        };
        let beside = match mounts.as_slice() {
            [one] if one.prefix.is_empty() && folder.ends_with(&one.bucket) => {
                folder.parent().map(Path::to_owned)
            }
            _ => None,
        };
        Ok(Self {
            mounts,
            beside,
            metadata,
            remote_keys,
        })
    }

    /// The buckets and prefixes that the copy stands for.
    pub fn targets(&self) -> Vec<(String, String)> {
        self.mounts
            .iter()
            .map(|mount| (mount.bucket.clone(), mount.prefix.clone()))
            .collect()
    }

    /// The file or folder of a key.
    fn path(&self, bucket: &str, key: &str) -> Option<PathBuf> {
        let inside = |key: &str| {
            let mut parts = Path::new(key).components();
            parts.all(|part| matches!(part, Component::Normal(_)))
        };
        if !inside(key) || !inside(bucket) {
            return None;
        }
        for mount in self.mounts.iter().filter(|mount| mount.bucket == bucket) {
            if let Some(rest) = key.strip_prefix(mount.prefix.as_str()) {
                return Some(mount.folder.join(rest));
            }
            // A folder above the mount, on the way down to it.
            if key.ends_with('/') && mount.prefix.starts_with(key) {
                return None;
            }
        }
        let known = self.mounts.iter().any(|mount| mount.bucket == bucket);
        let beside = self.beside.as_ref().filter(|_| !known)?;
        Some(beside.join(bucket).join(key))
    }

    fn read(&self, place: &Place) -> Result<Vec<u8>, Unfetched> {
        let path = self
            .path(&place.bucket, &place.key)
            .ok_or(Unfetched::Missing)?;
        read_file(&path, OBJECT_BYTES).map_err(|error| match error {
            FetchError::NotFound => Unfetched::Missing,
            other => Unfetched::Unreadable(other.to_string()),
        })
    }
}

impl Source for Disk {
    fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, String> {
        let Some(path) = self.path(bucket, prefix) else {
            return Ok(Vec::new());
        };
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(format!("{}: {error}", path.display())),
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| format!("{}: {error}", path.display()))?;
            if entry.path().is_dir() {
                let name = entry.file_name().to_string_lossy().into_owned();
                found.push(format!("{prefix}{name}/"));
            }
        }
        found.sort();
        Ok(found)
    }

    fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
        until: Option<&str>,
    ) -> Result<Vec<Listed>, String> {
        let Some(path) = self.path(bucket, prefix) else {
            return Err("it is not in this copy".to_owned());
        };
        let known = self.mounts.iter().any(|mount| mount.bucket == bucket);
        let there = self.path(bucket, "").is_some_and(|path| path.exists());
        if !known && !there {
            return Err(format!("bucket {bucket} is not in this copy"));
        }
        let mut found = Vec::new();
        list_folder(&path, prefix, (after, until), &mut found)?;
        found.sort_by(|one, other| one.key.cmp(&other.key));
        Ok(found)
    }

    fn fetch(&self, wants: &[Want], done: &Done<'_>) {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let next = AtomicUsize::new(0);
        let work = || {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(want) = wants.get(index) else { return };
                let read = self.read(&want.place);
                let stored = read.as_ref().map(|bytes| Stored {
                    bytes,
                    metadata: self
                        .metadata
                        .as_ref()
                        .and_then(|manifest| manifest.of(&want.place)),
                });
                done(index, stored.map_err(Clone::clone));
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads.min(wants.len()) {
                scope.spawn(work);
            }
            work();
        });
    }

    fn keys(&self, region: &str, from: EventTime, to: EventTime) -> Result<KeyRing, String> {
        match &self.remote_keys {
            Some(remote) => remote(region, from, to),
            None => Ok(KeyRing::default()),
        }
    }

    fn at_a_time(&self) -> usize {
        1
    }
}

/// Lists the files below a folder, without looking into folders outside the bounds.
fn list_folder(
    folder: &Path,
    prefix: &str,
    bounds: (Option<&str>, Option<&str>),
    found: &mut Vec<Listed>,
) -> Result<(), String> {
    let trouble = |error: std::io::Error| format!("{}: {error}", folder.display());
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(trouble(error)),
    };
    let (after, until) = bounds;
    for entry in entries {
        let entry = entry.map_err(trouble)?;
        let key = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if until.is_some_and(|until| key.as_str() >= until) {
            continue;
        }
        let kind = entry.file_type().map_err(trouble)?;
        if kind.is_dir() {
            let below = format!("{key}/");
            // Everything in it starts with `below`.
            let passed =
                after.is_some_and(|after| below.as_str() < after && !after.starts_with(&below));
            if !passed {
                list_folder(&entry.path(), &below, bounds, found)?;
            }
        } else if after.is_none_or(|after| key.as_str() > after) {
            found.push(Listed { key });
        }
    }
    Ok(())
}
