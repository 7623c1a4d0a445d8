//! The examples of docs/PATTERNS.md, for `tests/reference.rs` and `make oracle`: fenced blocks of
//! `key: value` lines, and the rows of two kinds of tables.

use std::collections::BTreeMap;

/// The values that a message gives to the columns of a pattern, by `$name`.
pub type Values = BTreeMap<String, String>;

/// A pattern, and what the text says of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Example {
    /// The line of the text, from 1.
    pub line: usize,
    pub pattern: String,
    /// At least one; all of them errors, or none.
    pub claims: Vec<Claim>,
}

/// What the text says of a pattern.
#[derive(Debug, PartialEq, Eq)]
pub enum Claim {
    /// `match:`, and `values:` behind it.
    Match {
        message: String,
        values: Option<Values>,
    },
    /// `no match:`
    NoMatch(String),
    /// `error:`, one for each that is reported.
    Error(String),
    /// `warning:`, one for each that is reported.
    Warning(String),
}

/// The tables that hold examples, by how their first line begins. Others are prose.
const MATCHING: &str = "| Pattern | Matches | Does not match |";
const REFUSED: &str = "| Pattern | Error |";
const WARNED: &str = "| Pattern | Warning |";

/// Reads all examples.
///
/// # Errors
/// When an example is malformed; the message names its line.
pub fn examples(markdown: &str) -> Result<Vec<Example>, String> {
    let mut examples = Vec::new();
    let mut lines = (1..).zip(markdown.lines()).peekable();
    while let Some((number, line)) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let body = lines.by_ref().map(|(_, line)| line);
            let body: Vec<_> = body.take_while(|line| *line != "```").collect();
            match language {
                "pattern" => examples.push(block(number, &body)?),
                "text" | "sh" => {}
                other => return Err(format!("line {number}: a block of `{other}`")),
            }
        } else if [MATCHING, REFUSED, WARNED]
            .iter()
            .any(|header| line.starts_with(header))
        {
            lines.next();
            while let Some((number, row)) = lines.next_if(|(_, row)| row.starts_with('|')) {
                examples.push(table_row(number, line, row)?);
            }
        }
    }
    Ok(examples)
}

fn block(line: usize, body: &[&str]) -> Result<Example, String> {
    let fault = |what: &str| Err(format!("line {line}: {what}"));
    let mut fields: Vec<(&str, String)> = Vec::new();
    for text in body {
        if let (Some(more), Some((_, value))) = (text.strip_prefix(' '), fields.last_mut()) {
            value.push('\n');
            value.push_str(more.trim_start());
        } else if let Some((key, value)) = text.split_once(':') {
            fields.push((key, value.trim_start().to_owned()));
        } else {
            return fault("a line without a key");
        }
    }
    let mut fields = fields.into_iter();
    let Some(("pattern", pattern)) = fields.next() else {
        return fault("the first line is not `pattern:`");
    };
    let mut claims = Vec::new();
    for (key, value) in fields {
        match (key, claims.last_mut()) {
            ("match", _) => claims.push(Claim::Match {
                message: value,
                values: None,
            }),
            ("no match", _) => claims.push(Claim::NoMatch(value)),
            ("error", _) => claims.push(Claim::Error(value)),
            ("warning", _) => claims.push(Claim::Warning(value)),
            ("values", Some(Claim::Match { values, .. })) => match serde_json::from_str(&value) {
                Ok(read) => *values = Some(read),
                Err(error) => return fault(&format!("values: {error}")),
            },
            _ => return fault(&format!("`{key}:` means nothing here")),
        }
    }
    sound(line, pattern, claims)
}

fn table_row(line: usize, header: &str, row: &str) -> Result<Example, String> {
    let cells = cells(row);
    let mut patterns = cells.get(1).map_or(Vec::new(), |cell| code(cell));
    let pattern = match (patterns.pop(), patterns.is_empty()) {
        (Some(pattern), true) => pattern,
        _ => return Err(format!("line {line}: not one pattern in the first column")),
    };
    let second = cells.get(2).map_or("", String::as_str);
    let third = cells.get(3).map_or("", String::as_str);
    let claims = if header.starts_with(REFUSED) {
        vec![Claim::Error(second.to_owned())]
    } else if header.starts_with(WARNED) {
        vec![Claim::Warning(second.to_owned())]
    } else {
        let matching = code(second).into_iter().map(|message| Claim::Match {
            message,
            values: None,
        });
        let others = code(third).into_iter().map(Claim::NoMatch);
        matching.chain(others).collect()
    };
    sound(line, pattern, claims)
}

fn sound(line: usize, pattern: String, claims: Vec<Claim>) -> Result<Example, String> {
    let errors = claims
        .iter()
        .filter(|claim| matches!(claim, Claim::Error(_)));
    match errors.count() {
        _ if claims.is_empty() => Err(format!("line {line}: nothing is said of the pattern")),
        errors if errors > 0 && errors < claims.len() => Err(format!(
            "line {line}: a pattern with errors matches nothing"
        )),
        _ => Ok(Example {
            line,
            pattern,
            claims,
        }),
    }
}

/// The cells of a row, the empty one before the first bar included; `\|` is a bar.
fn cells(row: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut chars = row.chars().peekable();
    while let Some(c) = chars.next() {
        let bar = c == '\\' && chars.peek() == Some(&'|');
        match (c, cells.last_mut()) {
            ('\\', Some(cell)) if bar => cell.extend(chars.next()),
            ('|', _) => cells.push(String::new()),
            (c, Some(cell)) => cell.push(c),
            (_, None) => {}
        }
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// The code in a text, as Markdown reads it: between runs of as many backticks.
pub fn code(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        let opened = rest.get(at..).unwrap_or_default();
        let inner = opened.trim_start_matches('`');
        let ticks = "`".repeat(opened.len() - inner.len());
        let Some((span, after)) = inner.split_once(&ticks) else {
            break;
        };
        let bare = span
            .strip_prefix(' ')
            .and_then(|span| span.strip_suffix(' '));
        found.push(bare.unwrap_or(span).to_owned());
        rest = after;
    }
    found
}
