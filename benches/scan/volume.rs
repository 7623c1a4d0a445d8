//! The files: generated once, then read into memory.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

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
    /// Writes the files, unless they are there; whether it had to.
    pub fn generate() -> Result<bool> {
        let (folder, mut generator) = generator()?;
        if folder.exists() {
            return Ok(false);
        }
        let unfinished = folder.with_extension("unfinished");
        if unfinished.exists() {
            std::fs::remove_dir_all(&unfinished)?;
        }
        println!("Generating {} ...", folder.display());
        let status = generator.arg("--out").arg(&unfinished).status();
        let status = status.context("cannot start python3")?;
        ensure!(status.success(), "the generator failed ({status})");
        std::fs::rename(&unfinished, &folder)?;
        Ok(true)
    }

    /// Reads the files, and everything that the methods are checked against.
    pub fn read() -> Result<Self> {
        let mut volume = Self {
            folder: folder()?,
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

/// Where the files lie.
pub fn folder() -> Result<PathBuf> {
    generator().map(|(folder, _)| folder)
}

/// Where the files belong, and what writes them: the shared generator, which resamples real
/// records, when it is there, and ours, which makes them up, otherwise.
fn generator() -> Result<(PathBuf, Command)> {
    let megabytes = setting("BENCH_MB", 100)?;
    let per_file = setting("BENCH_PER_FILE", 700)?;
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("TRAILWARDEN_SHARED")
        .map_or_else(|| home.join("../shared"), PathBuf::from);
    let corpus = shared.join("corpus");
    let mut command = Command::new("python3");
    let source = if corpus.join("tools/make_corpus.py").exists() {
        command
            .arg(corpus.join("tools/make_corpus.py"))
            .arg("--records")
            .arg(corpus.join("records"));
        command
            .args(["--seed", "1", "--bytes"])
            .arg(format!("{megabytes}M"));
        command.arg("--per-file").arg(format!("fixed:{per_file}"));
        "real"
    } else {
        // A record of ours has about 1,280 bytes.
        command
            .arg(home.join("events/day.py"))
            .arg("--records")
            .arg((megabytes * 780).to_string());
        command.arg("--per-file").arg(per_file.to_string());
        "ours"
    };
    let name = format!("{source}-{megabytes}MB-{per_file}-a-file");
    Ok((
        Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("bench")
            .join(name),
        command,
    ))
}
