//! A copy of a bucket on disk.

use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, bail};
use trailwarden::integrity::{KeyRing, Place, Unfetched};
use trailwarden::local::read_file;
use trailwarden::ports::FetchError;
use trailwarden::record::EventTime;

use super::manifest::Manifest;
use super::mount::{self, Mount, Taken};
use super::source::{Closed, Done, Listed, Objects, Source, Stored, Want};
use super::tree::{self, Visitor};

/// No object of a trail is as long as this.
pub const OBJECT_BYTES: u64 = 1 << 30;

/// Folders as buckets.
pub struct Disk {
    taken: Taken,
    /// Where other buckets of the same trail may lie, each in a folder of its name.
    beside: Option<PathBuf>,
    metadata: Option<Manifest>,
    /// Asks for keys.
    remote_keys: Option<Box<super::target::RemoteKeys>>,
}

impl Disk {
    /// Opens a copy. Of which bucket and prefix it is stands in `copy_of`, or is taken from its
    /// digests.
    pub fn open(
        folder: &Path,
        copy_of: Option<(&str, &str)>,
        metadata: Option<Manifest>,
        remote_keys: Option<Box<super::target::RemoteKeys>>,
    ) -> Result<Self> {
        if !folder.is_dir() {
            bail!("{} is not a folder", folder.display());
        }
        let taken = match copy_of {
            Some((bucket, prefix)) => mount::copy_of(folder, bucket, prefix)?,
            None => mount::guess(folder)?,
        };
        let beside = match taken.mounts.as_slice() {
            [one] if one.prefix.is_empty() && one.folder.ends_with(&one.bucket) => {
                one.folder.parent().map(Path::to_owned)
            }
            _ => None,
        };
        Ok(Self {
            taken,
            beside,
            metadata,
            remote_keys,
        })
    }

    /// What the folder is taken for.
    pub fn taken(&self) -> &Taken {
        &self.taken
    }

    fn mounts(&self, bucket: &str) -> impl Iterator<Item = &Mount> {
        let mounts = self.taken.mounts.iter();
        mounts.filter(move |mount| mount.bucket == bucket)
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
        for mount in self.mounts(bucket) {
            if let Some(rest) = key.strip_prefix(mount.prefix.as_str()) {
                return Some(mount.folder.join(rest));
            }
            // A folder above the mount, on the way down to it.
            if key.ends_with('/') && mount.prefix.starts_with(key) {
                return None;
            }
        }
        let known = self.mounts(bucket).next().is_some();
        let beside = self.beside.as_ref().filter(|_| !known)?;
        Some(beside.join(bucket).join(key))
    }

    /// Whether the copy has this bucket, or some of it.
    fn has(&self, bucket: &str) -> bool {
        let beside = || self.path(bucket, "").is_some_and(|path| path.exists());
        self.mounts(bucket).next().is_some() || beside()
    }

    fn read(&self, place: &Place) -> Result<Vec<u8>, Unfetched> {
        let outside = || Unfetched::Unreadable("its place is not in this copy".to_owned());
        let path = self.path(&place.bucket, &place.key).ok_or_else(outside)?;
        read_file(&path, OBJECT_BYTES).map_err(|error| match error {
            FetchError::NotFound if !self.has(&place.bucket) => outside(),
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
        let entries = tree::entries(&path);
        let entries = entries.map_err(|error| format!("{}: {error}", path.display()))?;
        let folders = entries.iter().filter(|entry| entry.is_folder);
        Ok(folders
            .map(|entry| format!("{prefix}{}/", entry.name))
            .collect())
    }

    fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
        until: Option<&str>,
    ) -> Result<Objects, String> {
        let Some(path) = self.path(bucket, prefix) else {
            return Err("it is not in this copy".to_owned());
        };
        if !self.has(bucket) {
            return Err(format!("bucket {bucket} is not in this copy"));
        }
        let mut lister = Lister {
            after,
            until,
            objects: Objects::default(),
        };
        tree::walk(&path, prefix, &mut lister);
        Ok(lister.objects)
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
struct Lister<'a> {
    after: Option<&'a str>,
    until: Option<&'a str>,
    objects: Objects,
}

impl Visitor for Lister<'_> {
    fn enters(&self, key: &str) -> bool {
        // Everything in it starts with `key`.
        let passed = |after: &str| key < after && !after.starts_with(key);
        !self.after.is_some_and(passed) && self.until.is_none_or(|until| key < until)
    }

    fn file(&mut self, key: String, _path: &Path) -> bool {
        let key_in_bounds = self.after.is_none_or(|after| key.as_str() > after)
            && self.until.is_none_or(|until| key.as_str() < until);
        if key_in_bounds {
            self.objects.found.push(Listed { key });
        }
        true
    }

    fn closed(&mut self, key: &str, path: &Path, error: &std::io::Error) {
        self.objects.closed.push(Closed {
            key: key.to_owned(),
            reason: format!("{}: {error}", path.display()),
        });
    }
}
