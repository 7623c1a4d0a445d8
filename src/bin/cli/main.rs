//! The command line. Exit code 2 is an error in every command; each says what 0 and 1 are.

mod end;
mod explain;
mod find;
mod match_messages;
mod messages;
mod output;
mod progress;
mod rule_files;
mod rules;
mod scan;
mod summary;
mod telling;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use end::End;
use trailwarden::record::EventTime;

/// Evaluates CloudTrail with CloudWatch filter patterns.
#[derive(Parser)]
#[command(name = "trailwarden", version, about, long_about = None)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Evaluate log files: what the Lambda function would alert on.
    Scan(scan::Args),
    /// Verify digests and log files against what CloudTrail signed.
    Verify(verify::Args),
    /// Print the messages that a filter pattern matches: grep for filter patterns.
    Match(match_messages::Args),
    /// Say what a filter pattern means, and why a record matches it or does not.
    Explain(explain::Args),
    /// Say which rules there are, and how a record finds them.
    Rules(rules::Args),
}

fn main() -> ExitCode {
    let ended = match Cli::parse().command {
        Command::Scan(args) => scan::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Match(args) => match_messages::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Rules(args) => rules::run(&args),
    };
    match ended {
        Ok(end) => end.into(),
        Err(error) if is_closed_pipe(&error) => ExitCode::from(2),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whoever reads the output has had enough: nothing to complain about.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
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
