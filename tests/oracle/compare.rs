//! Table, engine and service side by side.

use std::collections::BTreeMap;
use std::fmt;

use trailwarden::pattern::{Message, Pattern, Selectors, matches};

use crate::examples::Values;
use crate::service::Reply;
use crate::tables::{Expected, Outcome, Question};

/// A place where the three do not say the same.
pub struct Difference<'q> {
    question: &'q Question,
    /// None, where it is about the pattern alone.
    message: Option<&'q str>,
    table: Answer,
    engine: Answer,
    service: Answer,
}

#[derive(PartialEq, Eq)]
enum Answer {
    /// For the reason that the service gives.
    Refused(String),
    Taken,
    NoMatch,
    Match(Values),
    /// A match of a message that was not sent.
    Unasked(String),
}

/// Compares the service's reply about some messages of a question.
pub fn differences<'q>(
    question: &'q Question,
    messages: &[&'q str],
    reply: &Reply,
) -> Vec<Difference<'q>> {
    let parsed = Pattern::parse(&question.pattern);
    let (outcomes, pattern, found) = match (&question.expected, &parsed, reply) {
        (Expected::Refused, Err(_), Reply::Refused(_)) => return Vec::new(),
        (Expected::Taken(outcomes), Ok(pattern), Reply::Matches(found)) => {
            (outcomes, pattern, found)
        }
        (expected, parsed, reply) => {
            return vec![Difference {
                question,
                message: None,
                table: match expected {
                    Expected::Refused => Answer::Refused(String::new()),
                    Expected::Taken(_) => Answer::Taken,
                },
                engine: match parsed {
                    Err(_) => Answer::Refused(String::new()),
                    Ok(_) => Answer::Taken,
                },
                service: match reply {
                    Reply::Refused(reason) => Answer::Refused(reason.clone()),
                    Reply::Matches(_) => Answer::Taken,
                },
            }];
        }
    };
    let about = messages.iter().filter_map(|&message| {
        let engine = answer(pattern, message);
        let table = match outcomes.get(message)? {
            Outcome::NoMatch => Answer::NoMatch,
            Outcome::Match(Some(values)) => Answer::Match(values.clone()),
            // Where the table has no values, the engine's are compared.
            Outcome::Match(None) => match &engine {
                Answer::Match(values) => Answer::Match(values.clone()),
                _ => Answer::Match(Values::new()),
            },
        };
        let service = match found.get(message) {
            Some(values) => Answer::Match(values.clone()),
            None => Answer::NoMatch,
        };
        let agree = table == service && engine == service;
        (!agree).then_some(Difference {
            question,
            message: Some(message),
            table,
            engine,
            service,
        })
    });
    about.chain(unasked(question, messages, found)).collect()
}

/// A message that the service returns and that it was not given.
fn unasked<'q>(
    question: &'q Question,
    messages: &[&str],
    found: &BTreeMap<String, Values>,
) -> Option<Difference<'q>> {
    let message = found
        .keys()
        .find(|message| !messages.contains(&message.as_str()))?;
    Some(Difference {
        question,
        message: None,
        table: Answer::Taken,
        engine: Answer::Taken,
        service: Answer::Unasked(message.clone()),
    })
}

/// The engine's answer.
fn answer(pattern: &Pattern, message: &str) -> Answer {
    if !matches(pattern, message) {
        return Answer::NoMatch;
    }
    let matcher = pattern.compile(&mut Selectors::default());
    let values = matcher.extract(&Message {
        text: message,
        fields: None,
    });
    let values = values.into_iter();
    Answer::Match(
        values
            .map(|(name, value)| (format!("${name}"), value.to_owned()))
            .collect(),
    )
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.question.place)?;
        writeln!(f, "  pattern  {}", one_line(&self.question.pattern))?;
        if let Some(message) = self.message {
            writeln!(f, "  message  {}", one_line(message))?;
        }
        writeln!(f, "  table    {}", self.table)?;
        if self.engine != self.table {
            writeln!(f, "  engine   {}", self.engine)?;
        }
        writeln!(f, "  service  {}", self.service)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Refused(reason) if reason.is_empty() => f.write_str("refused"),
            Answer::Refused(reason) => write!(f, "refused: {}", one_line(reason)),
            Answer::Taken => f.write_str("taken"),
            Answer::NoMatch => f.write_str("no match"),
            Answer::Unasked(message) => {
                write!(f, "match of what was not asked: {}", one_line(message))
            }
            Answer::Match(values) if values.is_empty() => f.write_str("match"),
            Answer::Match(values) => {
                let values = serde_json::to_string(values).map_err(|_| fmt::Error)?;
                write!(f, "match {values}")
            }
        }
    }
}

/// Without the characters that would break the line.
fn one_line(text: &str) -> String {
    let mut line = String::new();
    for c in text.chars() {
        match c {
            c if c.is_control() => line.extend(c.escape_default()),
            c => line.push(c),
        }
    }
    line
}
