//! What a scan costs, stage by stage, and as a share of the speed of merely inflating.
//!
//! ```text
//! make bench                                           about 100 MB in files of about 700 records
//! BENCH_MB=200 BENCH_PER_FILE=35000 make bench         other volumes
//! BENCH_ROUNDS=15 make bench                           9 by default
//! ```
//!
//! Every round runs every method once over the same files, so that a busy machine disturbs all of
//! them alike. Measured is CPU time. All methods run on one thread on files in memory; only the
//! last is a process of its own, which reads them from the page cache.

mod clock;
mod generate;
mod methods;
mod table;
mod volume;

use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, ensure};

use generate::Kind;
use methods::{METHODS, Stage};
use volume::{Volume, setting};

fn main() -> Result<ExitCode> {
    let kind = Kind {
        megabytes: setting("BENCH_MB", 100)?,
        per_file: setting("BENCH_PER_FILE", 700)?,
    };
    let (folder, is_new) = kind.files()?;
    if is_new {
        // The peak memory of child processes is that of the largest, so far the generator.
        let again = Command::new(std::env::current_exe()?).status();
        let again = again.context("cannot start the benchmark again")?;
        return Ok(if again.success() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    }
    // Before the files are read: a child's peak starts at what its parent held.
    let peak = methods::scan(&folder)? as f64;

    let mut stage = Stage::new(Volume::read(&folder)?)?;
    let rounds = setting("BENCH_ROUNDS", 9)?;
    println!("{}", stage.volume);
    println!("{} shipped rules, {rounds} rounds\n", stage.rules());

    let mut times = vec![Vec::new(); METHODS.len()];
    warm_up(&mut stage)?;
    for _ in 0..rounds {
        for (method, times) in METHODS.iter().zip(&mut times) {
            let start = clock::cpu_time()?;
            (method.run)(&mut stage)?;
            times.push(clock::cpu_time()?.saturating_sub(start).as_secs_f64());
        }
    }
    table::print(&stage.volume, &times);
    println!("\npeak memory of the process: {:.1} MB", peak / 1e6);
    Ok(ExitCode::SUCCESS)
}

/// Runs every method once, and makes sure that all of them do the whole work.
fn warm_up(stage: &mut Stage) -> Result<()> {
    for method in &METHODS {
        let name = method.name;
        let seen = (method.run)(stage).with_context(|| name.to_owned())?;
        let Volume { bytes, records, .. } = stage.volume;
        ensure!(
            seen.bytes == bytes,
            "{name}: {} of {bytes} bytes",
            seen.bytes
        );
        let counted = seen.records.unwrap_or(records);
        ensure!(counted == records, "{name}: {counted} of {records} records");
        if let Some(matches) = seen.matches {
            println!("{matches} matches with {name}");
        }
    }
    Ok(())
}
