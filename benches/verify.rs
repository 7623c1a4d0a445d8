//! What `trailwarden verify` of a copy on disk costs, as a share of what cannot be avoided: reading
//! the same log files, inflating them and taking their SHA-256.
//!
//! ```text
//! make bench                                  about 100 MB in files of about 700 records
//! BENCH_MB=200 BENCH_PER_FILE=600 make bench  other volumes
//! BENCH_ROUNDS=15 make bench                  9 by default
//! ```
//!
//! The files are those of `events/day.py`, with digests that a test key signs. Every round
//! runs every method once. CPU time is compared, on a machine that others use; of wall times the
//! smallest.
#![expect(
    clippy::indexing_slicing,
    reason = "a failure here is a failed benchmark"
)]

#[path = "scan/clock.rs"]
mod clock;
#[path = "../tests/support/mod.rs"]
mod support;
#[path = "../tests/support/trail.rs"]
mod trail;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use libdeflater::Decompressor;
use ring::digest::{SHA256, digest};
use trail::{BUCKET, Trail, at};
use trailwarden::logfile::{KeyKind, classify};

/// Log files in an hour, as CloudTrail delivers them to a quiet trail.
const AN_HOUR: usize = 12;

struct Copy {
    folder: PathBuf,
    logs: Vec<PathBuf>,
    bytes: usize,
    as_of: String,
}

fn main() -> Result<()> {
    let copy = signed(&generated()?)?;
    let rounds = setting("BENCH_ROUNDS", 9)?;
    println!(
        "{} log files, {:.1} MB inflated; {rounds} rounds\n",
        copy.logs.len(),
        copy.bytes as f64 / 1e6
    );
    let (mut least, mut wall) = ([f64::MAX; 2], f64::MAX);
    for _ in 0..rounds {
        least[0] = least[0].min(cpu(|| unavoidable(&copy))?);
        let start = Instant::now();
        least[1] = least[1].min(cpu(|| verify(&copy))?);
        wall = wall.min(start.elapsed().as_secs_f64());
    }
    let megabytes = copy.bytes as f64 / 1e6;
    for (name, seconds) in ["read, inflate, SHA-256", "trailwarden verify"]
        .iter()
        .zip(least)
    {
        println!(
            "{name:<24} {:>7.1} ms CPU {:>7.0} MB/s",
            seconds * 1e3,
            megabytes / seconds
        );
    }
    println!(
        "\nverify / unavoidable: {:.2} of CPU time",
        least[1] / least[0]
    );
    println!(
        "verify takes {:.1} ms of wall time, {:.2} of the unavoidable on one core",
        wall * 1e3,
        wall / least[0]
    );
    Ok(())
}

fn cpu(run: impl FnOnce() -> Result<()>) -> Result<f64> {
    let start = clock::cpu_time()?;
    run()?;
    let spent: Duration = clock::cpu_time()?.saturating_sub(start);
    Ok(spent.as_secs_f64())
}

/// A whole number from the environment.
fn setting(name: &str, default: usize) -> Result<usize> {
    match std::env::var(name) {
        Ok(text) => text.parse().with_context(|| format!("{name}={text}")),
        Err(_) => Ok(default),
    }
}

/// The folder of log files, which is made when it is not there.
fn generated() -> Result<PathBuf> {
    let (megabytes, per_file) = (setting("BENCH_MB", 100)?, setting("BENCH_PER_FILE", 700)?);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("bench-verify/{megabytes}MB-{per_file}-a-file"));
    if !folder.exists() {
        println!("Generating {} ...", folder.display());
        let unfinished = folder.with_extension("unfinished");
        // A record has about 1,280 bytes.
        let status = Command::new("python3")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("events/day.py"))
            .args(["--records", &(megabytes * 780).to_string()])
            .args(["--per-file", &per_file.to_string()])
            .arg("--out")
            .arg(&unfinished)
            .status()
            .context("cannot start python3")?;
        ensure!(status.success(), "the generator failed ({status})");
        std::fs::rename(&unfinished, &folder)?;
    }
    Ok(folder)
}

/// Log files below a folder, in a stable order.
fn log_files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries: Result<Vec<_>, _> = std::fs::read_dir(folder)?.collect();
    let mut paths: Vec<PathBuf> = entries?.iter().map(std::fs::DirEntry::path).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            log_files(&path, found)?;
        } else if matches!(classify(&path.to_string_lossy()), KeyKind::LogFile(_)) {
            found.push(path);
        }
    }
    Ok(())
}

/// Writes the log files as a trail, with digests.
fn signed(files: &Path) -> Result<Copy> {
    let folder = files.with_extension("signed");
    let mut paths = Vec::new();
    log_files(files, &mut paths)?;
    let (mut decompressor, mut bytes) = (Decompressor::new(), 0);
    let mut made = Trail::new(0, 0);
    for (hour, paths) in paths.chunks(AN_HOUR).enumerate() {
        let mut inflated = Vec::new();
        for path in paths {
            let (stored, mut text) = (std::fs::read(path)?, Vec::new());
            inflate(&stored, &mut decompressor, &mut text)?;
            bytes += text.len();
            inflated.push((stored, text));
        }
        let files = inflated.iter();
        let files = files.map(|(stored, text)| (stored.clone(), text.as_slice()));
        made.add_files(i64::try_from(hour)?, files.collect(), hour == 0);
    }
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    made.write(&folder);
    let logs = made.hours.iter().flat_map(|hour| &hour.logs);
    Ok(Copy {
        logs: logs.map(|key| folder.join(BUCKET).join(key)).collect(),
        bytes,
        as_of: at(i64::try_from(made.hours.len())?, 2400).to_string(),
        folder,
    })
}

fn unavoidable(copy: &Copy) -> Result<()> {
    let (mut decompressor, mut buffer) = (Decompressor::new(), Vec::new());
    let mut seen = 0;
    for path in &copy.logs {
        let stored = std::fs::read(path)?;
        let length = inflate(&stored, &mut decompressor, &mut buffer)?;
        std::hint::black_box(digest(&SHA256, &buffer[..length]));
        seen += length;
    }
    ensure!(seen == copy.bytes, "{seen} of {} bytes", copy.bytes);
    Ok(())
}

/// Inflates into the front of `buffer`, which grows as it must; how many bytes.
fn inflate(stored: &[u8], with: &mut Decompressor, buffer: &mut Vec<u8>) -> Result<usize> {
    let size = stored.last_chunk::<4>().context("no gzip trailer")?;
    let size = usize::try_from(u32::from_le_bytes(*size))?;
    buffer.resize(buffer.len().max(size), 0);
    Ok(with.gzip_decompress(stored, &mut buffer[..size])?)
}

fn verify(copy: &Copy) -> Result<()> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailwarden"));
    command
        .current_dir(&copy.folder)
        .args(["verify", BUCKET, "--public-keys", "keys.json"])
        .args(["--object-metadata", "manifest.json", "--as-of", &copy.as_of])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let (status, _) = clock::run(&mut command)?;
    ensure!(status.success(), "verify failed ({status})");
    Ok(())
}
