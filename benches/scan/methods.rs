//! What is measured: each method does a little more than the one before, or one stage alone.

use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use flate2::{Decompress, FlushDecompress, Status};
use libdeflater::Decompressor;
use ring::digest::{SHA256, digest};
use trailwarden::inspect::{Object, Options, inspect_with};
use trailwarden::logfile::{Limits, LogFile, Scratch};
use trailwarden::pattern::Extractor;
use trailwarden::rules::{Lists, RuleFaults, RuleSet, shipped_lists, shipped_rules};

use crate::clock;
use crate::volume::Volume;

/// One way to go over the volume.
pub struct Method {
    pub name: &'static str,
    pub run: fn(&mut Stage) -> Result<Seen>,
}

/// The first is what the others are compared with.
pub const METHODS: [Method; 9] = [
    Method {
        name: "inflate, libdeflate",
        run: libdeflate,
    },
    Method {
        name: "inflate, zlib-rs",
        run: zlib_rs,
    },
    Method {
        name: "SHA-256 alone",
        run: hash,
    },
    Method {
        name: "LogFile",
        run: log_file,
    },
    Method {
        name: "split only",
        run: |stage| split(stage),
    },
    Method {
        name: "inspect, no rules",
        run: |stage| inspect_all(stage, false, true),
    },
    Method {
        name: "inspect, shipped rules",
        run: |stage| inspect_all(stage, true, true),
    },
    Method {
        name: "inspect, shipped, hash",
        run: |stage| inspect_all(stage, true, false),
    },
    Method {
        name: "trailwarden scan",
        run: process,
    },
];

/// What a method met, so that none of them is fast by doing less.
#[derive(Default)]
pub struct Seen {
    /// Inflated.
    pub bytes: usize,
    pub records: Option<usize>,
    pub matches: Option<u64>,
}

/// What the methods work with.
pub struct Stage {
    pub volume: Volume,
    no_rules: RuleSet,
    shipped: RuleSet,
    libdeflate: Decompressor,
    zlib_rs: Decompress,
    /// As long as the largest inflated file.
    buffer: Vec<u8>,
    scratch: Scratch,
}

impl Stage {
    pub fn new(volume: Volume) -> Result<Self> {
        let largest = volume.files.iter().map(|file| file.inflated.len()).max();
        let lists = shipped_lists().map_err(RuleFaults::from)?;
        Ok(Self {
            volume,
            no_rules: RuleSet::load(&[], &Lists::default())?,
            shipped: RuleSet::load(&shipped_rules(), &lists)?,
            libdeflate: Decompressor::new(),
            zlib_rs: Decompress::new(false),
            buffer: vec![0; largest.unwrap_or_default()],
            scratch: Scratch::default(),
        })
    }

    pub fn rules(&self) -> usize {
        self.shipped.rules().len()
    }
}

/// Whole buffers, the CRC checked.
fn libdeflate(stage: &mut Stage) -> Result<Seen> {
    let mut seen = Seen::default();
    for file in &stage.volume.files {
        seen.bytes += stage
            .libdeflate
            .gzip_decompress(&file.stored, &mut stage.buffer)?;
        black_box(&mut stage.buffer);
    }
    Ok(seen)
}

/// Whole buffers, no CRC: what our inflater uses, at its best.
fn zlib_rs(stage: &mut Stage) -> Result<Seen> {
    let mut seen = Seen::default();
    for file in &stage.volume.files {
        // The generators write no optional header fields.
        let deflated = file.stored.get(10..).context("no gzip header")?;
        stage.zlib_rs.reset(false);
        let status =
            stage
                .zlib_rs
                .decompress(deflated, &mut stage.buffer, FlushDecompress::Finish)?;
        ensure!(status == Status::StreamEnd, "{}: {status:?}", file.name);
        seen.bytes += usize::try_from(stage.zlib_rs.total_out())?;
        black_box(&mut stage.buffer);
    }
    Ok(seen)
}

fn hash(stage: &mut Stage) -> Result<Seen> {
    let mut seen = Seen::default();
    for file in &stage.volume.files {
        black_box(digest(&SHA256, &file.inflated));
        seen.bytes += file.inflated.len();
    }
    Ok(seen)
}

/// Inflated, hashed, split into valid records.
fn log_file(stage: &mut Stage) -> Result<Seen> {
    let (mut bytes, mut records) = (0, 0);
    let no_fields = Extractor::default();
    for file in &stage.volume.files {
        let mut reader = LogFile::open(&file.stored, Limits::default(), true, &mut stage.scratch)?;
        while let Some(item) = reader.next(&no_fields) {
            black_box(item);
            records += 1;
        }
        let summary = reader.finish();
        ensure!(
            summary.fault.is_none(),
            "{}: {:?}",
            file.name,
            summary.fault
        );
        bytes += usize::try_from(summary.inflated)?;
    }
    Ok(Seen {
        bytes,
        records: Some(records),
        matches: None,
    })
}

fn split(stage: &mut Stage) -> Result<Seen> {
    let (mut bytes, mut records) = (0, 0);
    let no_fields = Extractor::default();
    for file in &stage.volume.files {
        let mut reader = LogFile::open(&file.stored, Limits::default(), false, &mut stage.scratch)?;
        while let Some(item) = reader.next(&no_fields) {
            black_box(item);
            records += 1;
        }
        bytes += usize::try_from(reader.finish().inflated)?;
    }
    Ok(Seen {
        bytes,
        records: Some(records),
        matches: None,
    })
}

/// What both binaries do with a file. Without rules a record is still read for the fields that
/// tell whether it is one.
fn inspect_all(stage: &mut Stage, shipped: bool, without_hash: bool) -> Result<Seen> {
    let rules = if shipped {
        &stage.shipped
    } else {
        &stage.no_rules
    };
    let (mut bytes, mut records, mut matches) = (0, 0, 0);
    for file in &stage.volume.files {
        let object = Object {
            name: &file.name,
            folder: Some(file.folder),
        };
        let inspection = inspect_with(
            &mut stage.scratch,
            object,
            &file.stored,
            rules,
            &Options {
                without_hash,
                ..Options::default()
            },
            |found| {
                black_box(found);
            },
        );
        ensure!(
            inspection.is_complete(),
            "{}: {:?}",
            file.name,
            inspection.fault
        );
        bytes += usize::try_from(inspection.tally.inflated_bytes)?;
        records += usize::try_from(inspection.tally.records)?;
        matches += inspection.tally.matches;
    }
    Ok(Seen {
        bytes,
        records: Some(records),
        matches: Some(matches),
    })
}

/// The command line as a whole: start, rules, reading files, alerts as text.
fn process(stage: &mut Stage) -> Result<Seen> {
    scan(&stage.volume.folder)?;
    Ok(Seen {
        bytes: stage.volume.bytes,
        ..Seen::default()
    })
}

/// Runs `trailwarden scan` to its end; the bytes of memory that it held at its peak.
pub fn scan(folder: &Path) -> Result<u64> {
    let mut scan = Command::new(env!("CARGO_BIN_EXE_trailwarden"));
    scan.arg("scan")
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let (end, peak) = clock::run(&mut scan)?;
    // 1: something was found.
    ensure!(matches!(end.code(), Some(0 | 1)), "trailwarden scan: {end}");
    Ok(peak)
}
