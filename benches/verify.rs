//! What `trailwarden verify` of a copy on disk costs, as a share of what cannot be avoided: reading
//! the same log files, inflating them and taking their SHA-256.
//!
//! ```text
//! make bench                                  about 100 MB in files of about 700 records
//! BENCH_MB=200 BENCH_PER_FILE=600 make bench  other volumes
//! BENCH_ROUNDS=15 make bench                  9 by default
//! ```
//!
//! The files are those of the benchmark `scan`, with digests that a test key signs. Every round
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
#[path = "scan/volume.rs"]
#[allow(
    dead_code,
    clippy::allow_attributes,
    reason = "the other benchmark uses all of it"
)]
mod volume;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use libdeflater::Decompressor;
use ring::digest::{SHA256, digest};
use trail::{BUCKET, Trail, at};
use volume::{Volume, setting};

/// Log files in an hour, as CloudTrail delivers them to a quiet trail.
const AN_HOUR: usize = 12;

struct Copy {
    folder: PathBuf,
    logs: Vec<PathBuf>,
    bytes: usize,
    as_of: String,
}

fn main() -> Result<()> {
    Volume::generate()?;
    let copy = signed()?;
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

/// Writes the volume as a trail, and lets go of it.
fn signed() -> Result<Copy> {
    let volume = Volume::read()?;
    let folder = volume.folder.with_extension("signed");
    let mut made = Trail::new(0, 0);
    for (hour, files) in volume.files.chunks(AN_HOUR).enumerate() {
        let files = files
            .iter()
            .map(|file| (file.stored.clone(), file.inflated.as_slice()));
        made.add_files(i64::try_from(hour)?, files.collect(), hour == 0);
    }
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    made.write(&folder);
    let logs = made.hours.iter().flat_map(|hour| &hour.logs);
    Ok(Copy {
        logs: logs.map(|key| folder.join(BUCKET).join(key)).collect(),
        bytes: volume.bytes,
        as_of: at(i64::try_from(made.hours.len())?, 2400).to_string(),
        folder,
    })
}

fn unavoidable(copy: &Copy) -> Result<()> {
    let (mut decompressor, mut buffer) = (Decompressor::new(), Vec::new());
    let mut seen = 0;
    for path in &copy.logs {
        seen += hashed(path, &mut decompressor, &mut buffer)?;
    }
    ensure!(seen == copy.bytes, "{seen} of {} bytes", copy.bytes);
    Ok(())
}

fn hashed(path: &Path, decompressor: &mut Decompressor, buffer: &mut Vec<u8>) -> Result<usize> {
    let stored = std::fs::read(path)?;
    let size = stored.last_chunk::<4>().context("no gzip trailer")?;
    let size = usize::try_from(u32::from_le_bytes(*size))?;
    buffer.resize(buffer.len().max(size), 0);
    let length = decompressor.gzip_decompress(&stored, &mut buffer[..size])?;
    std::hint::black_box(digest(&SHA256, &buffer[..length]));
    Ok(length)
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
