//! What whole processes cost beside one that only reads and inflates the same files: the figures
//! that the program is held to.
//!
//! ```text
//! make bench                       about 400 MB in files of 700 records, 200 MB in files of 50 MB,
//!                                  2,000 files of 20 records
//! BENCH_TARGET_ROUNDS=9 make bench 5 by default
//! ```
//!
//! Every round runs every process once, one behind the other, so that a busy machine disturbs all
//! of them alike. Measured is CPU time (user and system) and peak memory as the operating system
//! counts them, wall time only where it says so; quoted are medians.

#[path = "../scan/generate.rs"]
mod generate;
mod process;
mod report;
mod rule_sets;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use generate::Kind;
use process::{measure, scan};
use report::{Report, Row};
use rule_sets::RuleSets;

const MAIN: Kind = Kind {
    megabytes: 400,
    per_file: 700,
};
const LARGE: Kind = Kind {
    megabytes: 200,
    per_file: 35_000,
};
const TINY: Kind = Kind {
    megabytes: 59,
    per_file: 20,
};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["inflate", folder] => process::inflate(folder.as_ref()),
        ["inspect", folder, rules, hash] => {
            process::inspect(folder.as_ref(), rules.as_ref(), hash == "hash")
        }
        _ => all(),
    }
}

/// This program again, as one of the processes that are measured.
fn this(arguments: &[&std::ffi::OsStr]) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(arguments);
    Ok(command)
}

fn all() -> Result<()> {
    let rounds = rounds()?;
    let rules = RuleSets::write(&report::records(&process::files(&MAIN.files()?.0)?, 3)?)?;
    let mut report = Report::new(rounds);
    volumes(&mut report, &rules)?;
    report.rules(&rules, &MAIN.files()?.0)?;
    report.threads(&rules, &MAIN.files()?.0)?;
    report.start()?;
    report.memory(&rules)
}

fn rounds() -> Result<usize> {
    match std::env::var("BENCH_TARGET_ROUNDS") {
        Ok(text) => text.parse().context("BENCH_TARGET_ROUNDS"),
        Err(_) => Ok(5),
    }
}

/// Reading, inflating and everything else on three kinds of volume.
fn volumes(report: &mut Report, rules: &RuleSets) -> Result<()> {
    for (name, kind, target) in [
        ("files of 700 records", MAIN, 0.70),
        ("files of 50 MB", LARGE, 0.75),
        ("files of 20 records", TINY, 0.65),
    ] {
        let folder: PathBuf = kind.files()?.0;
        let (path, sixty) = (folder.as_os_str(), rules.sixty.as_os_str());
        let mut rows: Vec<Row<'_>> = vec![
            ("read, inflate", None, Vec::new()),
            ("inspect", Some(target), Vec::new()),
            ("scan --emit matches", Some(target), Vec::new()),
            ("scan", Some(target), Vec::new()),
            ("inspect and hash", Some(0.42), Vec::new()),
        ];
        for _ in 0..report.rounds {
            let commands = [
                this(&["inflate".as_ref(), path])?,
                this(&["inspect".as_ref(), path, sixty, "-".as_ref()])?,
                scan(
                    &folder,
                    &rules.sixty,
                    &["--emit", "matches", "--format", "json"],
                ),
                scan(&folder, &rules.sixty, &["--format", "json"]),
                this(&["inspect".as_ref(), path, sixty, "hash".as_ref()])?,
            ];
            for (mut command, (_, _, costs)) in commands.into_iter().zip(&mut rows) {
                costs.push(measure(&mut command)?);
            }
        }
        report.volume(name, &folder, &rows)?;
    }
    Ok(())
}
