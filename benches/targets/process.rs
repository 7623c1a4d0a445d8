//! The processes that are measured, and what they cost.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use libdeflater::Decompressor;
use trailwarden::inspect::{Object, Options, inspect_with};
use trailwarden::local::read_rules;
use trailwarden::logfile::{KeyKind, Scratch, classify};
use trailwarden::rules::RuleSet;
use wait4::Wait4 as _;

/// What one run of a process took.
#[derive(Clone, Copy)]
pub struct Cost {
    pub cpu: Duration,
    pub wall: Duration,
    /// Bytes.
    pub peak: u64,
}

/// Runs a process to its end.
pub fn measure(command: &mut Command) -> Result<Cost> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let child = command.spawn().context("cannot start the process")?;
    let end = child.wait4().context("cannot wait for the process")?;
    // 1: something was found.
    ensure!(matches!(end.status.code(), Some(0 | 1)), "{}", end.status);
    Ok(Cost {
        cpu: end.rusage.utime + end.rusage.stime,
        wall: start.elapsed(),
        peak: end.rusage.maxrss,
    })
}

/// `trailwarden scan` on one thread.
pub fn scan(folder: &Path, rules: &Path, more: &[&str]) -> Command {
    let mut scan = Command::new(env!("CARGO_BIN_EXE_trailwarden"));
    scan.arg("scan").arg(folder).arg("--rules").arg(rules);
    if !more.contains(&"--threads") {
        scan.args(["--threads", "1"]);
    }
    scan.args(more);
    scan
}

/// Log files below a folder.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if let KeyKind::LogFile(_) = classify(&path.to_string_lossy()) {
                found.push(path);
            }
        }
    }
    ensure!(!found.is_empty(), "no log files in {}", folder.display());
    Ok(found)
}

/// Reads and inflates every file with libdeflate, CRC checked, in memory that is used again.
pub fn inflate(folder: &Path) -> Result<()> {
    let (mut stored, mut inflated) = (Vec::new(), Vec::new());
    let mut decompressor = Decompressor::new();
    for path in files(folder)? {
        trailwarden::local::read_file_into(&path, u64::MAX - 1, &mut stored)?;
        let length = trailwarden::logfile::promised_length(&stored).context("no gzip trailer")?;
        if inflated.len() < length {
            inflated.resize(length, 0);
        }
        decompressor.gzip_decompress(&stored, &mut inflated)?;
        black_box(&mut inflated);
    }
    Ok(())
}

/// Reads and evaluates every file as the function does, and drops what is found.
pub fn inspect(folder: &Path, rules: &Path, hash: bool) -> Result<()> {
    let (sources, lists) = read_rules(rules)?;
    let rules = RuleSet::load(&sources, &lists)?;
    let options = Options {
        without_hash: !hash,
        ..Options::default()
    };
    let (mut stored, mut scratch) = (Vec::new(), Scratch::default());
    for path in files(folder)? {
        trailwarden::local::read_file_into(&path, u64::MAX - 1, &mut stored)?;
        let name = path.to_string_lossy();
        let object = Object {
            name: &name,
            folder: None,
        };
        let inspection = inspect_with(&mut scratch, object, &stored, &rules, &options, |found| {
            black_box(found);
        });
        ensure!(inspection.is_complete(), "{name}: {:?}", inspection.fault);
    }
    Ok(())
}
