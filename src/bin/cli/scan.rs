//! `trailwarden scan`: evaluate files and folders.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use trailwarden::alert::Findings;
use trailwarden::inspect::{Inspection, Object, Options, Tally, inspect};
use trailwarden::local::{read_file, read_rules};
use trailwarden::logfile::{Folder, Limits};
use trailwarden::record::EventTime;
use trailwarden::rules::{RuleSet, Severity, closest, shipped_lists, shipped_rules};

use super::End;
use super::find::{self, Plan};
use super::output::{Emit, Format, write_match};
use super::progress;
use super::summary::Summary;
use super::telling::{self, Telling};

/// Evaluates log files and prints what the Lambda function would alert on.
#[derive(Parser)]
pub struct Args {
    /// Files or folders: CloudTrail log files, gzip or plain, JSON lines, exported records.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// A folder of rule files to use in place of the shipped ones.
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// Set a list of the rules, such as `approved-regions=eu-west-1,eu-central-1`.
    #[arg(long = "list", value_name = "NAME=VALUE,…")]
    lists: Vec<String>,
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
}

/// A time, or a date for its first second in UTC.
fn time(text: &str) -> Result<EventTime, String> {
    let whole = if text.contains('T') {
        text.to_owned()
    } else {
        format!("{text}T00:00:00Z")
    };
    whole
        .parse()
        .map_err(|_| format!("`{text}` is neither a time such as 2026-11-21T06:35:00Z nor a date"))
}

/// Runs the command.
///
/// # Errors
/// When nothing can be evaluated: paths, rules or options are wrong, or the output is closed.
pub fn run(args: &Args) -> Result<End> {
    let rules = load_rules(args)?;
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
        // Files on disk were chosen by the user, and plain ones are as long as they are.
        limits: Limits {
            object_bytes: 1 << 30,
            ..Limits::default()
        },
        without_hash: args.state.is_none(),
    };
    let out = BufWriter::new(std::io::stdout());
    let mut scan = Scan {
        args,
        rules,
        options,
        out,
        telling: Telling::new(args.state.as_deref(), args.format)?,
        tally: Tally::default(),
        found: BTreeMap::new(),
    };
    let bar = progress::bar(files.len());
    for file in &files {
        bar.suspend(|| scan.file(file))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    scan.end()
}

fn load_rules(args: &Args) -> Result<RuleSet> {
    let (sources, mut lists) = match &args.rules {
        Some(folder) => read_rules(folder)?,
        None => (shipped_rules(), shipped_lists()?),
    };
    for setting in &args.lists {
        let Some((name, values)) = setting.split_once('=') else {
            bail!("`--list {setting}` has no `=`; write NAME=VALUE,VALUE");
        };
        if lists.get(name).is_none() {
            let hint = closest(name, lists.names()).map(|near| format!(", did you mean `{near}`?"));
            bail!("there is no list `{name}`{}", hint.unwrap_or_default());
        }
        let values = values
            .split(',')
            .map(str::trim)
            .filter(|value| !value.is_empty());
        lists.set(name, values.map(str::to_owned).collect());
    }
    let rules = RuleSet::load(&sources, &lists)?;
    if !rules.rules().iter().any(|rule| rule.enabled) {
        bail!("every rule is switched off by `enabled: false`");
    }
    Ok(rules)
}

struct Scan<'a, W> {
    args: &'a Args,
    rules: RuleSet,
    options: Options,
    out: W,
    telling: Telling,
    tally: Tally,
    found: BTreeMap<Severity, usize>,
}

impl<W: Write + Send> Scan<'_, W> {
    fn file(&mut self, file: &find::Found) -> Result<()> {
        let name: Arc<str> = file.path.display().to_string().into();
        let folder = match &file.plan {
            Plan::Evaluate(folder) => *folder,
            Plan::Skip(reason) => {
                self.tally.skip_file(reason);
                return Ok(());
            }
            Plan::Fail(error) => return self.failed(&name, error),
        };
        match read_file(&file.path, self.options.limits.object_bytes) {
            Ok(stored) => self.log_file((&file.path, &name), folder, &stored),
            Err(error) => self.failed(&name, &error.to_string()),
        }
    }

    fn failed(&mut self, name: &str, error: &str) -> Result<()> {
        self.tally.fail_file();
        eprintln!("error: {}: {error}", shown(name));
        Ok(())
    }

    fn log_file(
        &mut self,
        (path, name): (&Path, &Arc<str>),
        folder: Option<Folder>,
        stored: &[u8],
    ) -> Result<()> {
        let (rules, args) = (&self.rules, self.args);
        let mut findings = Findings::default();
        let (out, found) = (&mut self.out, &mut self.found);
        let mut written = Ok(());
        let object = Object { name, folder };
        let inspection = inspect(object, stored, rules, &self.options, |hit| {
            match args.emit {
                Emit::Alerts => {
                    findings.add(rules.rules(), name, &hit.record, hit.number, hit.rules)
                }
                Emit::Matches => {
                    for rule in hit
                        .rules
                        .iter()
                        .filter_map(|index| rules.rules().get(*index))
                    {
                        *found.entry(rule.severity).or_default() += 1;
                        if written.is_ok() {
                            written = write_match(out, args.format, rule, name, hit);
                        }
                    }
                }
            }
        });
        report(name, &inspection);
        let place = (path, &**name);
        let file = self
            .telling
            .file(rules.rules(), place, &inspection, findings)?;
        if file == telling::File::Known {
            self.tally.skip_file("evaluated before");
        } else {
            self.tally += &inspection.tally;
        }
        written.context("cannot write to standard output")
    }

    fn end(mut self) -> Result<End> {
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
            (true, _) => End::Incomplete,
            (false, true) => End::Found,
            (false, false) => End::Clean,
        })
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
