//! From the findings of files to alerts on standard output, with or without state between runs.

use std::io::{BufWriter, Stdout};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, anyhow};
use trailwarden::alert::Findings;
use trailwarden::inspect::{Bounds, Inspection, Recorder, State, Told};
use trailwarden::local::{FileState, MemoryState, wait};
use trailwarden::ports::ObjectRef;
use trailwarden::rules::Rule;

use super::output::{Alerts, Format};

type Output = Alerts<BufWriter<Stdout>>;

/// Matches that a scan without state keeps before it counts them.
const KEPT: usize = 2_000_000;

/// Tells what files lead to.
pub enum Telling {
    /// All files are one delivery: what they bring is told at the end, once for each burst.
    Once {
        /// Forgotten with the process.
        recorder: Recorder<MemoryState, Output>,
        /// Of all files so far.
        findings: Box<Findings>,
    },
    /// Each file is a delivery, as in the function, and nothing is counted or told twice.
    Kept(Recorder<FileState, Output>),
}

/// What became of a file.
#[derive(PartialEq, Eq)]
pub enum File {
    /// It was taken in.
    New,
    /// This content of it was evaluated before.
    Known,
}

impl Telling {
    /// With the state in this file, or none.
    ///
    /// # Errors
    /// When the file is no state, cannot be read or written, or is in use.
    pub fn new(state: Option<&Path>, format: Format) -> Result<Self> {
        let sink = Alerts::new(BufWriter::new(std::io::stdout()), format);
        let Some(path) = state else {
            let recorder = Recorder::new(MemoryState::default(), sink, Bounds::NONE);
            let findings = Box::default();
            return Ok(Self::Once { recorder, findings });
        };
        let open = FileState::open(path, now());
        let state =
            open.with_context(|| format!("cannot use the state in `{}`", path.display()))?;
        Ok(Self::Kept(Recorder::new(state, sink, Bounds::default())))
    }

    /// Takes in what was found in a file.
    ///
    /// # Errors
    /// When the output is closed or the state cannot be written: nothing after it can count.
    pub fn file(
        &mut self,
        rules: &[Rule],
        (path, name): (&Path, &str),
        inspection: &Inspection,
        found: Findings,
    ) -> Result<File> {
        match self {
            Self::Once { recorder, findings } => {
                findings.absorb(found);
                if findings.len() > KEPT {
                    let findings = std::mem::take(&mut **findings);
                    done(wait(recorder.settle(rules, findings, now())))?;
                }
                Ok(File::New)
            }
            Self::Kept(recorder) => wait(kept(recorder, rules, (path, name), inspection, found)),
        }
    }

    /// Tells what is held back, as a last sweep would.
    ///
    /// # Errors
    /// As for a file.
    pub fn end(self, rules: &[Rule]) -> Result<Output> {
        match self {
            Self::Once { recorder, findings } => {
                done(wait(recorder.settle(rules, *findings, now())))?;
                last_sweep(recorder)
            }
            Self::Kept(recorder) => last_sweep(recorder),
        }
    }
}

fn last_sweep<T: State>(recorder: Recorder<T, Output>) -> Result<Output> {
    done(wait(recorder.sweep(now(), true)))?;
    Ok(recorder.into_sink())
}

async fn kept(
    recorder: &Recorder<FileState, Output>,
    rules: &[Rule],
    (path, name): (&Path, &str),
    inspection: &Inspection,
    found: Findings,
) -> Result<File> {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let object = ObjectRef {
        bucket: String::new(),
        key: whole.display().to_string(),
        version: None,
        etag: None,
    };
    let entry = recorder.entry(&object).await?;
    let sha256 = inspection.sha256.map(|hash| hash.to_string());
    if sha256.is_some_and(|sha256| entry.of_content(&sha256).is_some()) {
        return Ok(File::Known);
    }
    let mut entered = None;
    if inspection.is_complete() {
        let ended = recorder
            .done(entry, &object, (name, inspection), &found, now())
            .await;
        done(ended.told)?;
        entered = ended.entry;
    }
    done(recorder.settle(rules, found, now()).await)?;
    if let Some(entry) = entered {
        recorder.enter(&entry, &object).await?;
    }
    Ok(File::New)
}

/// An error for what could not be told or recorded.
fn done(told: Told) -> Result<()> {
    if let Some(error) = told.failed.into_iter().next() {
        return Err(anyhow!(error).context("cannot use the state"));
    }
    match told.unpublished.into_iter().next() {
        Some((_, error)) => Err(anyhow!(error).context("cannot write to standard output")),
        None => Ok(()),
    }
}

/// Seconds since 1970, UTC.
pub fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
}
