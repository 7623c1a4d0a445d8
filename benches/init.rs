//! From the start of the function's process to its first request for work, beside a function that
//! does nothing: the part of a cold start that is ours.
//!
//! ```text
//! make bench-init
//! ```
//!
//! The benchmark stands in for Lambda's Runtime API and answers nothing: a process has started when
//! it asks. Both take turns. Wall time, which is what a cold start is; so the machine should be idle.

use std::io::Read as _;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use lambda_runtime::{Error, LambdaEvent, service_fn};

const ROUNDS: usize = 41;

fn main() -> Result<()> {
    if std::env::args().any(|argument| argument == "bare") {
        return bare();
    }
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let this = std::env::current_exe()?;
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(until_first_poll(
            &listener,
            Command::new(&this).arg("bare"),
        )?);
        let function = env!("CARGO_BIN_EXE_lambda");
        ours.push(until_first_poll(&listener, &mut Command::new(function))?);
    }
    let (bare, ours) = (milliseconds(bare), milliseconds(ours));
    println!("process start to first request for work, median and best of {ROUNDS} rounds");
    println!(
        "  a function that does nothing  {:>6.2} ms {:>6.2} ms",
        bare.0, bare.1
    );
    println!(
        "  trailwarden                   {:>6.2} ms {:>6.2} ms",
        ours.0, ours.1
    );
    println!(
        "  ratio                         {:>6.2}    {:>6.2}    held to 1.3",
        ours.0 / bare.0,
        ours.1 / bare.1
    );
    Ok(())
}

/// The other function.
#[tokio::main(flavor = "current_thread")]
async fn bare() -> Result<()> {
    let handle = |_: LambdaEvent<serde_json::Value>| async { Ok::<_, Error>(()) };
    let run = lambda_runtime::run(service_fn(handle)).await;
    run.map_err(|error| anyhow::anyhow!("{error}"))
}

/// Starts a function, waits for its first request for work, and ends it.
fn until_first_poll(listener: &TcpListener, command: &mut Command) -> Result<Duration> {
    let api = listener.local_addr()?.to_string();
    let start = Instant::now();
    let mut child = command
        .env("AWS_LAMBDA_RUNTIME_API", api)
        .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_REGION", "eu-west-1")
        .env(
            "TRAILWARDEN_TOPIC_ARN",
            "arn:aws:sns:eu-west-1:111122223333:alerts",
        )
        .env("TRAILWARDEN_TABLE", "state")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let (mut stream, _) = listener.accept()?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut request = [0; 64];
    let read = stream.read(&mut request)?;
    let took = start.elapsed();
    child.kill()?;
    child.wait()?;
    let request = request.get(..read).context("nothing was read")?;
    let wanted: &[u8] = b"GET /2018-06-01/runtime/invocation/next";
    ensure!(
        request.starts_with(wanted),
        "asked for {}",
        request.escape_ascii()
    );
    Ok(took)
}

/// Median and best.
fn milliseconds(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort();
    let at = |index: usize| {
        times
            .get(index)
            .map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    };
    (at(times.len() / 2), at(0))
}
