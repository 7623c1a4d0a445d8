//! Messages to match: lines of text, or the records of log files.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _, stdin};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use trailwarden::local::read_file;
use trailwarden::logfile::{Item, Limits, LogFile, Scratch};
use trailwarden::pattern::Extractor;

/// The longest line, in bytes. CloudWatch takes events of up to 1 MB.
const LINE: u64 = 16 << 20;

/// One message and where it stands.
pub struct Message<'m> {
    /// The file; `-` for standard input, empty for the command line.
    pub file: &'m str,
    /// 1-based number of a line, 0-based number of a record, as log files count them.
    pub number: u64,
    /// What is matched.
    pub text: &'m str,
}

/// Hands every line of a file (`-` for standard input) to `on`. A line that is not UTF-8 is an
/// error at its place; the others are read all the same.
///
/// # Errors
/// When the file cannot be read, or `on` fails. The number of lines that are not UTF-8 otherwise.
pub fn lines(file: &str, mut on: impl FnMut(&Message<'_>) -> Result<()>) -> Result<u64> {
    let read = || format!("cannot read `{file}`");
    let mut input: Box<dyn BufRead> = match file {
        "-" => Box::new(stdin().lock()),
        _ => Box::new(BufReader::new(File::open(file).with_context(read)?)),
    };
    let (mut line, mut number, mut bad) = (Vec::new(), 0, 0);
    loop {
        line.clear();
        let length = (&mut input)
            .take(LINE)
            .read_until(b'\n', &mut line)
            .with_context(read)?;
        if length == 0 {
            return Ok(bad);
        }
        number += 1;
        if length as u64 == LINE {
            bail!("{file}:{number}: the line is longer than {LINE} bytes");
        }
        match std::str::from_utf8(line.strip_suffix(b"\n").unwrap_or(&line)) {
            Ok(text) => on(&Message { file, number, text })?,
            Err(error) => {
                bad += 1;
                let hint = if line.starts_with(&[0x1f, 0x8b]) {
                    "; for gzip log files give --records"
                } else {
                    ""
                };
                eprintln!(
                    "error: {file}:{number}: not UTF-8 at byte {} of the line{hint}",
                    error.valid_up_to()
                );
            }
        }
    }
}

/// Hands every record of a log file to `on`, as `scan` would read it.
///
/// # Errors
/// When the file cannot be read, or `on` fails. The number of malformed records otherwise; a file
/// that cannot be read to its end counts as one more.
pub fn records(file: &str, mut on: impl FnMut(&Message<'_>) -> Result<()>) -> Result<u64> {
    let read = || format!("cannot read `{file}`");
    let stored = match file {
        "-" => {
            let mut bytes = Vec::new();
            stdin().lock().read_to_end(&mut bytes).with_context(read)?;
            bytes
        }
        _ => read_file(Path::new(file), Limits::default().object_bytes).with_context(read)?,
    };
    let mut scratch = Scratch::default();
    let mut records =
        LogFile::open(&stored, Limits::default(), false, &mut scratch).with_context(read)?;
    let mut bad = 0;
    let no_fields = Extractor::default();
    while let Some(item) = records.next(&no_fields) {
        match item {
            Item::Record { json, number, .. } => {
                let text = std::str::from_utf8(json).with_context(read)?;
                on(&Message { file, number, text })?;
            }
            Item::Malformed {
                offset,
                number,
                reason,
            } => {
                bad += 1;
                eprintln!("error: {file}: record {number} at byte {offset} is malformed: {reason}");
            }
        }
    }
    if let Some(fault) = records.finish().fault {
        bad += 1;
        eprintln!("error: {file}: {fault}");
    }
    Ok(bad)
}
