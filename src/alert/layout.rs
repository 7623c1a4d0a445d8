//! Lines, lists and wrapped prose of a plain text mail.

use std::fmt::Write as _;

use super::plain::line;

/// Characters of a line of prose.
const COLUMNS: usize = 76;

/// Entries of a list that are spelt out.
const LISTED: usize = 5;

/// Characters of one value taken from a record.
pub(super) const VALUE: usize = 300;

/// A text that grows line by line.
pub(super) struct Text<'o> {
    pub(super) out: &'o mut String,
}

impl Text<'_> {
    pub(super) fn line(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "{text}");
    }

    /// A named line; left out when there is nothing to say.
    pub(super) fn field(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.line(format_args!("{name:<9}{value}"));
        }
    }

    /// Titled prose, wrapped; left out when there is none.
    pub(super) fn paragraph(&mut self, title: &str, text: &str) {
        if !text.is_empty() {
            self.line(format_args!("\n{title}"));
            for wrapped in wrap(&line(text, 4_000)) {
                self.line(format_args!("  {wrapped}"));
            }
        }
    }
}
/// Breaks text between words into lines of at most [`COLUMNS`] characters.
fn wrap(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut current = String::new();
    for word in text.split_whitespace() {
        if !current.is_empty() && current.chars().count() + 1 + word.chars().count() > COLUMNS {
            lines.push(std::mem::take(&mut current));
        }
        if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
    }
    lines.push(current);
    lines
}

/// A name, with how often when that says something.
pub(super) fn counted(name: &str, count: usize, of: usize) -> String {
    if of == 1 {
        name.to_owned()
    } else {
        format!("{name} ({count})")
    }
}

/// The first values of a list, and how many more there are.
pub(super) fn list(values: &[String]) -> String {
    let shown: Vec<String> = values
        .iter()
        .take(LISTED)
        .map(|value| line(value, VALUE))
        .collect();
    match values.len().checked_sub(LISTED) {
        Some(more) if more > 0 => format!("{} and {more} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}
