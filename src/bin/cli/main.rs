//! The command line. Exit codes, the same for every command: 0 nothing found, 1 found, 2 error.

mod find;
mod output;
mod progress;
mod scan;
mod summary;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
}

fn main() -> ExitCode {
    let Cli {
        command: Command::Scan(args),
    } = Cli::parse();
    match scan::run(&args) {
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
