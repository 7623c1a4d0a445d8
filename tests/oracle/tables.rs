//! What the service is to be asked, and what the tables say it answers.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::examples::{Claim, Values, examples};

/// A pattern with all that the tables say of it.
#[derive(Debug)]
pub struct Question {
    pub pattern: String,
    /// Where it was found first.
    pub place: String,
    pub expected: Expected,
}

/// What the tables say of a pattern.
#[derive(Debug, PartialEq, Eq)]
pub enum Expected {
    /// It is refused.
    Refused,
    /// It is taken, and this is its answer for each message.
    Taken(BTreeMap<String, Outcome>),
}

/// What the tables say of a pattern and a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    NoMatch,
    /// With the values of the columns, where the table has them.
    Match(Option<Values>),
}

/// The tables of this repository, and the shared one where it is at hand.
pub fn ours() -> Result<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tables = vec![root.join("docs/PATTERNS.md")];
    for entry in fs::read_dir(root.join("tests/pattern"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "jsonl") {
            tables.push(path);
        }
    }
    tables.sort();
    let shared = std::env::var_os("TRAILWARDEN_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| root.join("../shared"));
    let shared = shared.join("pattern/cases.jsonl");
    if shared.is_file() {
        tables.push(shared);
    }
    Ok(tables)
}

/// The questions of several tables, each pattern once.
pub fn read(tables: &[PathBuf]) -> Result<Vec<Question>> {
    let mut questions = Questions::default();
    for table in tables {
        let text = fs::read_to_string(table)
            .with_context(|| format!("cannot read {}", table.display()))?;
        let name = table.strip_prefix(env!("CARGO_MANIFEST_DIR"));
        let name = name.unwrap_or(table).display();
        if table.extension().is_some_and(|ending| ending == "md") {
            for example in examples(&text).map_err(anyhow::Error::msg)? {
                let place = format!("{name}:{}", example.line);
                let said = example.claims.into_iter().filter_map(said).collect();
                questions.add(example.pattern, place, said)?;
            }
            continue;
        }
        for (number, line) in (1..).zip(text.lines()) {
            let place = format!("{name}:{number}");
            let row: Row = serde_json::from_str(line).with_context(|| place.clone())?;
            let (pattern, said) = row.read().with_context(|| place.clone())?;
            questions.add(pattern, place, said)?;
        }
    }
    Ok(questions.list)
}

/// A message and the outcome; none, where the pattern is refused whatever the message.
type Said = Option<(String, Outcome)>;

/// None, where the service has nothing to say of it.
fn said(claim: Claim) -> Option<Said> {
    match claim {
        Claim::Match { message, values } => Some(Some((message, Outcome::Match(values)))),
        Claim::NoMatch(message) => Some(Some((message, Outcome::NoMatch))),
        Claim::Error(_) => Some(None),
        Claim::Warning(_) => None,
    }
}

#[derive(Default)]
struct Questions {
    list: Vec<Question>,
    known: HashMap<String, usize>,
}

impl Questions {
    fn add(&mut self, pattern: String, place: String, said: Vec<Said>) -> Result<()> {
        let refused = said.contains(&None);
        let mut said = said.into_iter().flatten();
        let index = *self.known.entry(pattern.clone()).or_insert_with(|| {
            self.list.push(Question {
                pattern,
                place: place.clone(),
                expected: match refused {
                    true => Expected::Refused,
                    false => Expected::Taken(BTreeMap::new()),
                },
            });
            self.list.len() - 1
        });
        let question = self.list.get_mut(index).context("no question")?;
        let agrees = match &mut question.expected {
            Expected::Refused => refused,
            Expected::Taken(outcomes) => !refused && said.all(|said| note(outcomes, said)),
        };
        if !agrees {
            bail!("{place} contradicts {}", question.place);
        }
        Ok(())
    }
}

/// Adds what is said of a message; whether it agrees with what was said before.
fn note(outcomes: &mut BTreeMap<String, Outcome>, (message, outcome): (String, Outcome)) -> bool {
    let known = outcomes.entry(message).or_insert_with(|| outcome.clone());
    match (&*known, &outcome) {
        (Outcome::Match(_), Outcome::Match(None)) => true,
        (Outcome::Match(None), Outcome::Match(_)) => {
            *known = outcome;
            true
        }
        (known, outcome) => known == outcome,
    }
}

/// A row of a table: one of `tests/pattern/`, with many messages or none, or one of the shared
/// table, with one.
#[derive(Deserialize)]
struct Row {
    pattern: String,
    yes: Option<Vec<Box<RawValue>>>,
    no: Option<Vec<Box<RawValue>>>,
    message: Option<String>,
    expect: Option<serde_json::Value>,
    extracted: Option<Values>,
}

impl Row {
    fn read(self) -> Result<(String, Vec<Said>)> {
        let said = match (self.message, self.expect, self.yes, self.no) {
            (Some(message), Some(expect), None, None) => vec![match expect.as_bool() {
                None => None,
                Some(false) => Some((message, Outcome::NoMatch)),
                Some(true) => Some((message, Outcome::Match(self.extracted))),
            }],
            (None, None, Some(yes), Some(no)) => {
                let mut said = Vec::new();
                for (messages, outcome) in [(yes, Outcome::Match(None)), (no, Outcome::NoMatch)] {
                    for message in messages {
                        said.push(Some((text(&message)?, outcome.clone())));
                    }
                }
                said
            }
            (None, None, None, None) => vec![None],
            _ => bail!("neither messages nor a message and what to expect"),
        };
        Ok((self.pattern, said))
    }
}

/// A message that stands as JSON is that text; one that stands as a string is what it holds.
fn text(raw: &RawValue) -> Result<String> {
    Ok(match raw.get().starts_with('"') {
        true => serde_json::from_str(raw.get())?,
        false => raw.get().to_owned(),
    })
}
