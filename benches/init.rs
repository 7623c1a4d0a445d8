//! From the start of the function's process to its first request for work, and to its first answer,
//! beside a function that does nothing: the part of a cold start that is ours.
//!
//! ```text
//! make bench-init
//! ```
//!
//! The benchmark stands in for Lambda's Runtime API and answers nothing: a process has started when
//! it asks. Both take turns. Wall time, which is what a cold start is; so the machine should be idle.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
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
        bare.push(start(&listener, Command::new(&this).arg("bare"))?);
        let function = env!("CARGO_BIN_EXE_lambda");
        ours.push(start(&listener, &mut Command::new(function))?);
    }
    println!("from process start, median and best of {ROUNDS} rounds");
    let of = |times: &[Times], which: fn(&Times) -> Duration| {
        milliseconds(times.iter().map(which).collect())
    };
    for (what, which) in [
        (
            "to the first request for work",
            (|times| times.request) as fn(&Times) -> Duration,
        ),
        ("to the first answer", |times| times.answer),
    ] {
        let (bare, ours) = (of(&bare, which), of(&ours, which));
        println!("  {what}");
        for (who, (median, best)) in [
            ("a function that does nothing", bare),
            ("trailwarden", ours),
        ] {
            println!("    {who:<28}  {median:>6.2} ms {best:>6.2} ms");
        }
        let (median, best) = (ours.0 / bare.0, ours.1 / bare.1);
        println!("    {:<28}  {median:>6.2}    {best:>6.2}", "ratio");
    }
    println!("  the first ratio is held to 1.3");
    Ok(())
}

/// How long a function took from the start of its process.
struct Times {
    request: Duration,
    answer: Duration,
}

/// The other function.
#[tokio::main(flavor = "current_thread")]
async fn bare() -> Result<()> {
    let handle = |_: LambdaEvent<serde_json::Value>| async { Ok::<_, Error>(()) };
    let run = lambda_runtime::run(service_fn(handle)).await;
    run.map_err(|error| anyhow::anyhow!("{error}"))
}

/// Starts a function, waits for its first request for work, and for its answer to an object that is
/// no log file; then ends it.
fn start(listener: &TcpListener, command: &mut Command) -> Result<Times> {
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
    let mut stream = listener.accept()?.0;
    let asked = read_until(&mut stream, "\r\n\r\n")?;
    let request = start.elapsed();
    let wanted = "GET /2018-06-01/runtime/invocation/next";
    ensure!(asked.starts_with(wanted), "asked for {asked}");
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\nLambda-Runtime-Deadline-Ms: 9999999999999\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:111122223333:function:bench\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{EVENT}",
        EVENT.len()
    )?;
    // The answer may come over the connection that asked, or over another one.
    listener.set_nonblocking(true)?;
    let answer = loop {
        stream.set_read_timeout(Some(Duration::from_millis(1)))?;
        match read_until(
            &mut stream,
            "POST /2018-06-01/runtime/invocation/1/response",
        ) {
            Ok(_) => break start.elapsed(),
            Err(error) if start.elapsed() > Duration::from_secs(10) => return Err(error),
            Err(_) => {}
        }
        if let Ok((another, _)) = listener.accept() {
            another.set_nonblocking(false)?;
            stream = another;
        }
    };
    listener.set_nonblocking(false)?;
    child.kill()?;
    child.wait()?;
    Ok(Times { request, answer })
}

/// What S3 says of an object that is no log file: it needs nothing of AWS.
const EVENT: &str = r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","awsRegion":"eu-west-1","s3":{"bucket":{"name":"trail"},"object":{"key":"readme.txt","size":1}}}]}"#;

/// Reads until the text is there.
fn read_until(stream: &mut TcpStream, text: &str) -> Result<String> {
    let mut all = Vec::new();
    let mut part = [0; 1024];
    loop {
        let read = stream.read(&mut part)?;
        ensure!(read > 0, "the function hung up");
        all.extend_from_slice(part.get(..read).context("too much was read")?);
        let so_far = String::from_utf8_lossy(&all);
        if so_far.contains(text) {
            return Ok(so_far.into_owned());
        }
    }
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
