//! The files in memory.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use libdeflater::Decompressor;
use trailwarden::logfile::{Folder, KeyKind, Limits, LogFile, Scratch, classify};
use trailwarden::pattern::Extractor;

/// Log files in memory.
pub struct Volume {
    pub folder: PathBuf,
    pub files: Vec<StoredFile>,
    pub stored_bytes: usize,
    /// Inflated.
    pub bytes: usize,
    pub records: usize,
}

/// One log file, as stored and inflated.
pub struct StoredFile {
    pub name: String,
    pub folder: Folder,
    pub stored: Vec<u8>,
    pub inflated: Vec<u8>,
}

/// A whole number from the environment.
pub fn setting(name: &str, default: usize) -> Result<usize> {
    match std::env::var(name) {
        Ok(text) => text.parse().with_context(|| format!("{name}={text}")),
        Err(_) => Ok(default),
    }
}

impl Volume {
    /// Reads the files, and everything that the methods are checked against.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut volume = Self {
            folder: folder.to_owned(),
            files: Vec::new(),
            stored_bytes: 0,
            bytes: 0,
            records: 0,
        };
        volume.read_folder(&volume.folder.clone())?;
        ensure!(
            !volume.files.is_empty(),
            "no log files in {}",
            volume.folder.display()
        );
        Ok(volume)
    }

    fn read_folder(&mut self, folder: &Path) -> Result<()> {
        let entries: Result<Vec<_>, _> = std::fs::read_dir(folder)?.collect();
        let mut paths: Vec<PathBuf> = entries?.iter().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                self.read_folder(&path)?;
            } else if let KeyKind::LogFile(name) = classify(&path.to_string_lossy()) {
                let stored = std::fs::read(&path)?;
                self.add(StoredFile {
                    name: path.display().to_string(),
                    folder: name.folder,
                    inflated: inflate(&stored).with_context(|| path.display().to_string())?,
                    stored,
                })?;
            }
        }
        Ok(())
    }

    fn add(&mut self, file: StoredFile) -> Result<()> {
        self.stored_bytes += file.stored.len();
        self.bytes += file.inflated.len();
        let mut scratch = Scratch::default();
        let mut reader = LogFile::open(&file.inflated, Limits::default(), false, &mut scratch)?;
        let no_fields = Extractor::default();
        while reader.next(&no_fields).is_some() {
            self.records += 1;
        }
        self.files.push(file);
        Ok(())
    }
}

impl fmt::Display for Volume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (files, records) = (self.files.len(), self.records);
        let (stored, bytes) = (self.stored_bytes as f64, self.bytes as f64);
        write!(
            f,
            "{files} files, {records} records, {:.1} MB, gzip {:.1}:1",
            bytes / 1e6,
            bytes / stored
        )
    }
}

/// Inflates one gzip member whose trailer is to be trusted: the generator wrote it.
fn inflate(stored: &[u8]) -> Result<Vec<u8>> {
    let size = stored.last_chunk::<4>().context("no gzip trailer")?;
    let mut inflated = vec![0; usize::try_from(u32::from_le_bytes(*size))?];
    Decompressor::new().gzip_decompress(stored, &mut inflated)?;
    Ok(inflated)
}
