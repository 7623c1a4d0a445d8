//! `trailwarden scan`: evaluate files and folders.

mod evaluate;
mod workers;

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use trailwarden::alert::Findings;
use trailwarden::inspect::{Inspection, Options, Tally};
use trailwarden::record::EventTime;
use trailwarden::rules::{RuleSet, Severity};

use super::End as Exit;
use super::find;
use super::output::{Emit, Format};
use super::progress;
use super::rule_files::RuleFiles;
use super::summary::Summary;
use super::telling::{self, Telling};
use super::time;
use evaluate::{End, Evaluated, Evaluator, Memory};

/// Evaluates log files and prints what the Lambda function would alert on.
#[derive(Parser)]
pub struct Args {
    /// Files or folders: CloudTrail log files, gzip or plain, JSON lines, exported records.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    rules: RuleFiles,
    /// Only events at or after this time (RFC 3339, or a date: its first second, UTC).
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<EventTime>,
    /// Only events before this time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<EventTime>,
    /// What to print for each finding.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// What to print.
    #[arg(long, value_enum, default_value = "alerts")]
    emit: Emit,
    /// Keep state in this file: what was evaluated, counted and told is not counted or told again.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["since", "until"])]
    state: Option<PathBuf>,
    /// Exit with 1 only for findings of at least this severity.
    #[arg(long, value_name = "SEVERITY", default_value = "informational")]
    fail_on: Severity,
    /// Files that are evaluated at once; as many as there are processors when not given.
    #[arg(long, value_name = "NUMBER")]
    threads: Option<NonZero<usize>>,
}

/// Runs the command.
///
/// # Errors
/// When nothing can be evaluated: paths, rules or options are wrong, or the output is closed.
pub fn run(args: &Args) -> Result<Exit> {
    let rules = args.rules.load()?;
    report_stale(&rules);
    if let (Some(since), Some(until)) = (args.since, args.until)
        && since >= until
    {
        bail!("`--since` is not before `--until`: nothing lies between them");
    }
    if args.state.is_some() && args.emit == Emit::Matches {
        bail!("`--state` is for alerts: with `--emit matches` nothing is counted");
    }
    let files = find::files(&args.paths);
    if files.is_empty() {
        bail!("there is no file in the named folders");
    }
    let options = Options {
        since: args.since,
        until: args.until,
        limits: evaluate::limits(),
        without_hash: args.state.is_none(),
    };
    let evaluator = Evaluator {
        rules: &rules,
        options,
        emit: args.emit,
        format: args.format,
        large: Mutex::default(),
    };
    let out = BufWriter::new(std::io::stdout());
    let mut scan = Scan {
        args,
        rules: &rules,
        out,
        telling: Telling::new(args.state.as_deref(), args.format)?,
        tally: Tally::default(),
        found: BTreeMap::new(),
    };
    let bar = progress::bar(files.len());
    workers::in_order(
        &files,
        args.threads.unwrap_or_else(processors),
        Memory::default,
        |memory, file| evaluator.file(memory, file),
        |evaluated| {
            bar.suspend(|| scan.take(evaluated))?;
            bar.inc(1);
            Ok(())
        },
    )?;
    bar.finish_and_clear();
    scan.end()
}

fn processors() -> NonZero<usize> {
    std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN)
}

/// What files lead to, taken in one by one in their order.
struct Scan<'a, W> {
    args: &'a Args,
    rules: &'a RuleSet,
    out: W,
    telling: Telling,
    tally: Tally,
    found: BTreeMap<Severity, usize>,
}

impl<W: Write + Send> Scan<'_, W> {
    fn take(&mut self, file: Evaluated<'_>) -> Result<()> {
        let name = &*file.name;
        match file.end {
            End::Skipped(reason) => self.tally.skip_file(reason),
            End::Failed(error) => {
                self.tally.fail_file();
                eprintln!("error: {}: {error}", shown(name));
            }
            End::Inspected {
                inspection,
                findings,
                matches,
            } => {
                report(name, &inspection);
                self.tell((file.path, name), &inspection, *findings)?;
                let written = self.out.write_all(&matches.lines);
                let written = written.and(matches.error.map_or(Ok(()), Err));
                written.context("cannot write to standard output")?;
                for (severity, count) in matches.found {
                    *self.found.entry(severity).or_default() += count;
                }
            }
        }
        Ok(())
    }

    fn tell(
        &mut self,
        place: (&Path, &str),
        inspection: &Inspection,
        findings: Findings,
    ) -> Result<()> {
        let rules = self.rules.rules();
        match self.telling.file(rules, place, inspection, findings)? {
            telling::File::Known => self.tally.skip_file("evaluated before"),
            telling::File::New => self.tally += &inspection.tally,
        }
        Ok(())
    }

    fn end(mut self) -> Result<Exit> {
        let (alerts, by_severity) = self.telling.end(self.rules.rules())?.told();
        for (severity, count) in by_severity {
            *self.found.entry(severity).or_default() += count;
        }
        self.out
            .flush()
            .context("cannot write to standard output")?;
        let incomplete = self.tally.files_failed > 0 || self.tally.records_malformed > 0;
        let found = self
            .found
            .keys()
            .any(|severity| *severity >= self.args.fail_on);
        Summary {
            tally: self.tally,
            alerts,
            found: self.found,
        }
        .print(self.args.format);
        Ok(match (incomplete, found) {
            (true, _) => Exit::Incomplete,
            (false, true) => Exit::Found,
            (false, false) => Exit::Clean,
        })
    }
}

/// Says on standard error which exceptions have ended, by today's date.
fn report_stale(rules: &RuleSet) {
    let now = telling::now();
    for rule in rules.rules() {
        for exception in rule.stale_exceptions(now) {
            let end = exception.expires.unwrap_or_default();
            let owner = exception.owner.iter().map(|owner| format!(" ({owner})"));
            eprintln!(
                "warning: {}: the exception `{}`{} ended at {} and applies to no later event; renew it or take it out",
                shown(&rule.file),
                shown(&exception.reason),
                shown(&owner.collect::<String>()),
                EventTime::from_seconds(end)
            );
        }
    }
}

/// Says on standard error what of a file could not be evaluated, and where.
fn report(name: &str, inspection: &Inspection) {
    let name = shown(name);
    for problem in &inspection.problems {
        eprintln!(
            "error: {name}: record {} at byte {} is malformed: {}",
            problem.number, problem.offset, problem.reason
        );
    }
    let more = inspection
        .tally
        .records_malformed
        .saturating_sub(inspection.problems.len() as u64);
    if more > 0 {
        eprintln!("error: {name}: {more} more records are malformed");
    }
    if let Some(fault) = &inspection.fault {
        eprintln!("error: {name}: {fault}");
    }
    if let Some(reason) = inspection.foreign {
        eprintln!("skipped: {name}: {reason}");
    }
}

/// A file's name for a terminal: control characters in it are not obeyed.
fn shown(name: &str) -> String {
    name.replace(char::is_control, "\u{fffd}")
}
