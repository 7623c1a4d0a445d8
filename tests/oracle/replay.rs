//! `make oracle`: asks the real CloudWatch Logs what our tables say that it answers.
//!
//! Every pattern and message of the tables goes to `TestMetricFilter`, which needs no log group; the
//! caller needs a region, credentials and `logs:TestMetricFilter`. Differences are printed as they are
//! found. Tables may be named as arguments; else it is those of this repository, the examples of
//! docs/PATTERNS.md, and the shared one where it is at hand.
//!
//! Exits with 0 when all agree, 1 when there is a difference, 2 when not everything could be asked.

mod compare;
mod examples;
mod service;
mod tables;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use service::{BATCH, Service};
use tables::{Expected, Question};

/// Sent where the table has no message, because a request needs one.
const ANY_MESSAGE: &str = "any message";

#[derive(Default)]
struct Summary {
    patterns: usize,
    messages: usize,
    requests: usize,
    /// Messages that cannot be sent.
    empty: usize,
    differences: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut summary = Summary::default();
    let result = replay(&mut summary).await;
    let Summary {
        patterns,
        messages,
        requests,
        empty,
        differences,
    } = summary;
    if empty > 0 {
        println!("empty messages, which TestMetricFilter does not take, left out: {empty}");
    }
    println!("asked: {patterns} patterns, {messages} messages, {requests} requests");
    println!("differences: {differences}");
    match (result, differences) {
        (Err(error), _) => {
            eprintln!("error: stopped: {error:#}");
            ExitCode::from(2)
        }
        (Ok(()), 0) => ExitCode::SUCCESS,
        (Ok(()), _) => ExitCode::from(1),
    }
}

async fn replay(summary: &mut Summary) -> Result<()> {
    let mut tables: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if tables.is_empty() {
        tables = tables::ours()?;
    }
    let questions = tables::read(&tables)?;
    eprintln!(
        "asking about {} patterns, at most five a second",
        questions.len()
    );
    let mut service = Service::from_env().await;
    for question in &questions {
        ask(question, &mut service, summary).await?;
    }
    Ok(())
}

async fn ask(question: &Question, service: &mut Service, summary: &mut Summary) -> Result<()> {
    let mut messages: Vec<&str> = match &question.expected {
        Expected::Refused => Vec::new(),
        Expected::Taken(outcomes) => outcomes.keys().map(String::as_str).collect(),
    };
    let all = messages.len();
    messages.retain(|message| !message.is_empty());
    summary.empty += all - messages.len();
    let asked = messages.len();
    if messages.is_empty() {
        messages.push(ANY_MESSAGE);
    }
    for batch in messages.chunks(BATCH) {
        let reply = service.ask(&question.pattern, batch).await?;
        summary.requests += 1;
        let differences = compare::differences(question, batch, &reply);
        summary.differences += differences.len();
        for difference in differences {
            print!("{difference}");
        }
    }
    summary.messages += asked;
    summary.patterns += 1;
    Ok(())
}
