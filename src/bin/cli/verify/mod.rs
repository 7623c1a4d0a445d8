//! `trailwarden verify`: is the trail what CloudTrail signed, and is all of it there?

mod asked;
#[cfg(feature = "aws")]
mod bucket;
mod days;
mod digests;
mod discover;
mod disk;
mod junit;
mod key_files;
mod logs;
mod manifest;
mod missed;
mod mount;
mod names;
mod report;
mod run;
mod source;
mod target;
mod text;
mod tree;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use trailwarden::integrity::{Overall, Scope, TrailArn};
use trailwarden::record::EventTime;
use trailwarden::rules::Seconds;

use self::asked::asked;
use self::discover::{Found, Group, Wanted, discover};
use self::key_files::{KeyFile, KeyFiles};
use self::missed::missed;
use self::report::{Format, Report};
use self::run::{Presence, Run};
use self::source::Source;
use self::target::{Targets, s3_uri, source};
use super::{End, progress, time};

/// Verifies digests and log files against what CloudTrail signed.
#[derive(Parser)]
#[command(
    after_help = "Exit codes: 0 valid or warning, 1 invalid, 3 incomplete (gaps, nothing found, \
                        something cannot be read), 2 an error."
)]
pub struct Args {
    /// `s3://bucket` or `s3://bucket/prefix`, or a folder with a copy of one.
    #[arg(value_name = "WHERE")]
    target: String,
    /// Only the digests of this trail; those of other trails are told apart.
    #[arg(long, value_name = "ARN")]
    trail_arn: Option<TrailArn>,
    /// Only this account. May be given several times.
    #[arg(long = "account", value_name = "ID")]
    accounts: Vec<String>,
    /// Only this region. May be given several times.
    #[arg(long = "region", value_name = "REGION")]
    regions: Vec<String>,
    /// Only digests that end at or after this time (RFC 3339, or a date: its first second, UTC).
    #[arg(long, value_name = "TIME", value_parser = time)]
    start: Option<EventTime>,
    /// Only digests that begin at or before this time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    end: Option<EventTime>,
    /// What time it is, for what is overdue or too young. Default: now.
    #[arg(long, value_name = "TIME", value_parser = time)]
    as_of: Option<EventTime>,
    /// How long after the end of the newest digest the next one is overdue.
    #[arg(long, value_name = "DURATION", default_value = "2h")]
    overdue: Seconds,
    /// Public keys, as `aws cloudtrail list-public-keys` prints them. May be given several times.
    /// For a bucket, CloudTrail is asked for those that are in none; for a copy it is not.
    #[arg(long = "public-keys", value_name = "FILE")]
    public_keys: Vec<PathBuf>,
    /// Add the public keys that were fetched or given to a file, for `--public-keys` later.
    #[arg(long, value_name = "FILE")]
    save_keys: Option<PathBuf>,
    /// Metadata of digests, which copies on disk lose: `{"buckets": {BUCKET: {"objects": {KEY:
    /// {"metadata": {…}}}}}}`. docs/INTEGRITY.md says how to make it.
    #[arg(long, value_name = "FILE")]
    object_metadata: Option<PathBuf>,
    /// Of what a folder is a copy, when its digests are not to be believed about it.
    #[arg(long, value_name = "S3-URI")]
    copy_of: Option<String>,
    /// How to print.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// List valid objects in text, too.
    #[arg(long)]
    verbose: bool,
    /// How many digests are held at a time. Four days of one trail's.
    #[arg(long, hide = true, value_name = "DIGESTS", default_value = "96")]
    piece: std::num::NonZeroUsize,
}

/// Runs the command.
///
/// # Errors
/// When nothing can be verified: options are wrong, the place cannot be read, or the output is
/// closed.
pub fn run(args: &Args) -> Result<End> {
    let scope = scope(args)?;
    let given = KeyFiles::read(&args.public_keys, s3_uri(&args.target)?.is_some())?;
    let key_file = args.save_keys.as_deref().map(KeyFile::open).transpose()?;
    let kept = Mutex::new(given.keys.clone());
    let (source, targets) = source(args)?;
    let report = Report::new(args.format, args.verbose, progress::spinner("objects"));
    let found = find(args, source.as_ref(), &targets, &report);
    if found.is_empty() && report.is_troubled() {
        bail!("nothing in {} can be looked at", args.target);
    }
    let run = Run {
        source: source.as_ref(),
        scope: &scope,
        report: &report,
        given: &given,
        kept: &kept,
        piece: args.piece.get(),
    };
    let missed = missed(args, &every_group(&run, &found));
    let kept = kept.into_inner().unwrap_or_default();
    // Keys are saved even when nobody reads the report any more.
    let saved = key_file.map(|file| file.add(&kept)).transpose();
    let overall = report.end(&asked(args, &scope, &targets, &kept), &missed);
    let overall = overall.context("cannot write to standard output")?;
    if let (Some(false), Some(path)) = (saved?, &args.save_keys) {
        eprintln!(
            "no public key was fetched, so {} is not written",
            path.display()
        );
    }
    for missed in &missed {
        eprintln!("{}", missed.text);
    }
    Ok(match overall {
        Overall::Valid | Overall::Warning => End::Verified,
        Overall::Incomplete => End::Unproven,
        Overall::Invalid => End::Invalid,
    })
}

fn scope(args: &Args) -> Result<Scope> {
    if let (Some(start), Some(end)) = (args.start, args.end)
        && start >= end
    {
        bail!("`--start` is not before `--end`: nothing lies between them");
    }
    for account in &args.accounts {
        if !trailwarden::integrity::is_account(account) {
            bail!("`--account {account}` is not an account's 12 digits");
        }
    }
    for region in &args.regions {
        if !trailwarden::integrity::is_region(region) {
            bail!(
                "`--region {region}` is not a region such as eu-west-1; `--region` names one, and \
                 may be given several times"
            );
        }
    }
    let now = || jiff::Timestamp::now().as_second();
    let as_of = args.as_of.unwrap_or_else(|| EventTime::from_seconds(now()));
    Ok(Scope {
        trail: args.trail_arn.clone(),
        from: args.start,
        until: args.end,
        as_of,
        overdue: i64::from(args.overdue.0),
    })
}

fn find(args: &Args, source: &dyn Source, targets: &Targets, report: &Report) -> Found {
    let wanted = Wanted {
        accounts: &args.accounts,
        regions: &args.regions,
    };
    let mut found = Found::new();
    for (bucket, prefix) in targets {
        let trouble = |text: String| report.trouble(&text);
        let more = discover(source, bucket, prefix, &wanted, &trouble);
        for (group, roots) in more {
            found.entry(group).or_default().extend(roots);
        }
    }
    found
}

/// Verifies all groups, several at a time.
fn every_group(run: &Run<'_>, found: &Found) -> BTreeMap<Group, Presence> {
    let groups: Vec<_> = found.iter().collect();
    let next = AtomicUsize::new(0);
    let there = Mutex::new(BTreeMap::new());
    let work = || {
        loop {
            let turn = next.fetch_add(1, Ordering::Relaxed);
            let Some((group, roots)) = groups.get(turn) else {
                return;
            };
            let presence = run.group(turn, group, roots);
            let mut there = there.lock().unwrap_or_else(PoisonError::into_inner);
            there.insert((*group).clone(), presence);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..run.source.at_a_time().min(groups.len()) {
            scope.spawn(work);
        }
        work();
    });
    there.into_inner().unwrap_or_else(PoisonError::into_inner)
}
