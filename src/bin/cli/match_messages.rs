//! `trailwarden match`: grep for filter patterns.

use std::io::{BufWriter, Write};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Parser;
use serde_json::{Map, Value, json};
use trailwarden::pattern::{self, Extractor, Kind, Matcher, Pattern, Places, Selectors};

use super::End;
use super::messages::{self, Message};

/// Prints the messages that a CloudWatch filter pattern matches.
///
/// Exits with 0 when some message matches, 1 when none does, 2 when the pattern or an input is bad.
#[derive(Parser)]
pub struct Args {
    /// A filter pattern, such as '{ $.errorCode = "AccessDenied*" }'.
    #[arg(value_name = "PATTERN", allow_hyphen_values = true)]
    pattern: String,
    /// Files with a message a line; standard input when none is named, or for `-`.
    #[arg(value_name = "FILE", conflicts_with = "messages")]
    files: Vec<String>,
    /// A message; may be given several times.
    #[arg(long = "message", value_name = "TEXT", allow_hyphen_values = true)]
    messages: Vec<String>,
    /// The files are CloudTrail log files; each record is a message.
    #[arg(long, conflicts_with = "messages")]
    records: bool,
    /// Print JSON lines that say where each message stands.
    #[arg(long)]
    json: bool,
    /// Print the number of messages, not the messages.
    #[arg(long)]
    count: bool,
    /// Print the messages that do not match.
    #[arg(long)]
    invert: bool,
    /// Print what the columns of a space-delimited pattern hold, as TestMetricFilter reports it.
    #[arg(long, conflicts_with_all = ["count", "invert"])]
    extract: bool,
}

/// Runs the command.
///
/// # Errors
/// When the pattern is not valid, an input cannot be read, or the output is closed.
pub fn run(args: &Args) -> Result<End> {
    let pattern = parse(&args.pattern)?;
    if args.extract && pattern.kind() != Kind::Delimited {
        bail!("`--extract` is for space-delimited patterns, such as `[ip, user, status = 5*]`");
    }
    let out = BufWriter::new(std::io::stdout().lock());
    let mut grep = Grep {
        args,
        engine: Engine::new(&pattern),
        out,
        found: 0,
        several: args.files.len() > 1,
    };
    let bad = grep.inputs()?;
    grep.out
        .flush()
        .context("cannot write to standard output")?;
    Ok(match (bad, grep.found) {
        (0, 0) => End::Nothing,
        (0, _) => End::Matched,
        _ => End::Incomplete,
    })
}

/// Reads a pattern of the command line.
///
/// # Errors
/// With a caret under each fault.
pub fn parse(text: &str) -> Result<Pattern> {
    Pattern::parse(text).map_err(|errors| {
        let rendered = errors.render(text, "pattern");
        // It says `error:` before each fault, and so does `main` before the first.
        anyhow!("{}", rendered.trim_end().trim_start_matches("error: "))
    })
}

/// A pattern with what it takes to match many messages.
struct Engine {
    matcher: Matcher,
    extractor: Extractor,
    is_json: bool,
}

impl Engine {
    fn new(pattern: &Pattern) -> Self {
        let mut selectors = Selectors::default();
        let matcher = pattern.compile(&mut selectors);
        Self {
            matcher,
            extractor: Extractor::new(&selectors),
            is_json: pattern.kind() == Kind::Json,
        }
    }

    fn matches(&self, text: &str) -> bool {
        let mut places = Places::default();
        let fields = match self.is_json {
            true => self.extractor.read(text, &mut places).ok(),
            false => None,
        };
        self.matcher.matches(&pattern::Message { text, fields })
    }
}

struct Grep<'a, W> {
    args: &'a Args,
    engine: Engine,
    out: W,
    found: u64,
    /// Lines are printed with the name of their file.
    several: bool,
}

impl<W: Write> Grep<'_, W> {
    /// Reads every input, whatever happens to the others; how many of them, or of their lines, are
    /// bad.
    fn inputs(&mut self) -> Result<u64> {
        if !self.args.messages.is_empty() {
            for (number, text) in self.args.messages.iter().enumerate() {
                self.message(&Message {
                    file: "",
                    number: number as u64 + 1,
                    text,
                })?;
            }
            self.counted("", 0)?;
            return Ok(0);
        }
        let standard_input = ["-".to_owned()];
        let files = if self.args.files.is_empty() {
            &standard_input[..]
        } else {
            &self.args.files
        };
        let mut bad = 0;
        for file in files {
            let before = self.found;
            let read = match self.args.records {
                true => messages::records(file, |message| self.message(message)),
                false => messages::lines(file, |message| self.message(message)),
            };
            match read {
                Ok(faults) => bad += faults,
                Err(error) if super::is_closed_pipe(&error) => return Err(error),
                Err(error) => {
                    bad += 1;
                    eprintln!("error: {error:#}");
                }
            }
            self.counted(file, before)?;
        }
        Ok(bad)
    }

    fn message(&mut self, message: &Message<'_>) -> Result<()> {
        if self.engine.matches(message.text) == self.args.invert {
            return Ok(());
        }
        self.found += 1;
        if self.args.count {
            return Ok(());
        }
        let line = match (self.args.json, self.args.extract) {
            (true, _) => self.json(message).to_string(),
            (false, true) => columns(&self.extracted(message)),
            (false, false) => message.text.to_owned(),
        };
        let prefix = if self.several && !self.args.json {
            format!("{}:", message.file)
        } else {
            String::new()
        };
        writeln!(self.out, "{prefix}{line}").context("cannot write to standard output")
    }

    fn counted(&mut self, file: &str, before: u64) -> Result<()> {
        let count = self.found - before;
        let line = match (self.args.count, self.args.json, self.several) {
            (false, ..) => return Ok(()),
            (_, true, _) => json!({ "count": count, "file": file }).to_string(),
            (_, _, true) => format!("{file}:{count}"),
            (_, _, false) => count.to_string(),
        };
        writeln!(self.out, "{line}").context("cannot write to standard output")
    }

    fn extracted(&self, message: &Message<'_>) -> Vec<(String, String)> {
        let found = self.engine.matcher.extract(&pattern::Message {
            text: message.text,
            fields: None,
        });
        found
            .into_iter()
            .map(|(name, value)| (format!("${name}"), value.to_owned()))
            .collect()
    }

    fn json(&self, message: &Message<'_>) -> Value {
        let place = if self.args.records { "record" } else { "line" };
        let mut line = Map::new();
        if !message.file.is_empty() {
            line.insert("file".to_owned(), message.file.into());
        }
        line.insert(place.to_owned(), message.number.into());
        line.insert("message".to_owned(), message.text.into());
        if self.args.extract {
            let values = self
                .extracted(message)
                .into_iter()
                .map(|(name, value)| (name, Value::from(value)));
            line.insert("extracted".to_owned(), Value::Object(values.collect()));
        }
        Value::Object(line)
    }
}

/// `$1=…` pairs with tabs between them.
fn columns(extracted: &[(String, String)]) -> String {
    let pairs: Vec<String> = extracted
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("\t")
}
