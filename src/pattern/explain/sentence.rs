//! A whole pattern in English, and its tree.

use std::fmt;

use super::super::Kind;
use super::super::ast::{Ast, Sign};
use super::clause::{Clause, Join};
use super::phrase::{SCALAR, printed};

/// A pattern in words. `Display` prints the words, a blank line and the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    words: String,
    root: Clause,
}

impl Explanation {
    pub(super) fn new(ast: &Ast, source: &str) -> Explanation {
        let root = Clause::of_pattern(ast, source);
        let mut words = sentence(&root, Kind::of(source));
        words.extend(ignored(ast));
        Explanation { words, root }
    }

    /// What the pattern matches, in English: a sentence or, where that would be a long one, a list
    /// over several lines.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// The clause that is the whole pattern.
    pub fn root(&self) -> &Clause {
        &self.root
    }

    /// The clauses, one a line, parts below what they are parts of.
    pub fn tree(&self) -> String {
        let mut lines = Vec::new();
        tree_lines(&self.root, 0, &mut lines);
        lines.join("\n")
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n\n{}\n", self.words, self.tree())
    }
}

fn tree_lines(clause: &Clause, depth: usize, lines: &mut Vec<String>) {
    lines.push(format!(
        "{:indent$}{}",
        "",
        clause.label(),
        indent = depth * 2
    ));
    for part in clause.parts() {
        tree_lines(part, depth + 1, lines);
    }
}

fn sentence(root: &Clause, kind: Kind) -> String {
    let messages = match kind {
        Kind::Json => "JSON objects",
        Kind::Delimited => "lines",
        Kind::Terms | Kind::Regex => "messages",
    };
    if root.join() == Join::All && root.parts().is_empty() {
        return "Matches every message.".to_owned();
    }
    if let Some(words) = in_line(root) {
        return format!("Matches {messages} in which {words}.");
    }
    let mut lines = vec![format!("Matches {messages} in which {}", opening(root))];
    bullets(root, 0, &mut lines);
    lines.join("\n")
}

fn opening(clause: &Clause) -> &'static str {
    match clause.join() {
        Join::Any => "any of these holds:",
        _ => "all of these hold:",
    }
}

fn bullets(clause: &Clause, depth: usize, lines: &mut Vec<String>) {
    for part in clause.parts() {
        let indent = " ".repeat(depth * 2);
        match in_line(part) {
            Some(words) => lines.push(format!("{indent}- {words}")),
            None => {
                lines.push(format!("{indent}- {}", opening(part)));
                bullets(part, depth + 1, lines);
            }
        }
    }
}

/// A clause that reads well without a list: about one subject, or of few conditions.
fn in_line(clause: &Clause) -> Option<String> {
    const FEW: usize = 3;
    let conjunction = match clause.join() {
        Join::One => return Some(clause.words().to_owned()),
        Join::All => "and",
        Join::Any => "or",
    };
    let parts = clause.parts();
    if parts.iter().any(|part| part.join() != Join::One) {
        return None;
    }
    let (first, last) = (parts.first()?, parts.last()?);
    let subject = first.phrase().subject();
    let is_one_subject = parts.iter().all(|part| part.phrase().subject() == subject);
    let are_several = parts.iter().any(|part| part.phrase().again().is_some());
    if is_one_subject && !are_several {
        let said = |part: &Clause| part.phrase().predicate().to_owned();
        return Some(format!("{subject}{}", strung(parts, conjunction, said)));
    }
    let mut words: Vec<_> = parts.iter().map(Clause::words).collect();
    if is_one_subject && clause.join() == Join::All {
        let again = parts.iter().map(|part| part.phrase().again());
        for (words, again) in words.iter_mut().zip(again).skip(1) {
            *words = again.unwrap_or(words);
        }
    }
    let joined = words.join(&format!(", {conjunction} "));
    (parts.len() <= FEW && !last.words().is_empty()).then_some(joined)
}

/// `is a, b or c`; `starts with a or ends with b`: what all say alike is said once.
fn strung(parts: &[Clause], conjunction: &str, said: impl Fn(&Clause) -> String) -> String {
    let mut said: Vec<String> = parts.iter().map(said).collect();
    let is_value = |text: &String| text.starts_with("is `");
    let repeated = match conjunction {
        "or" if said.iter().all(is_value) => "is ",
        "and" if said.iter().all(|text| text.starts_with(SCALAR)) => SCALAR,
        _ => "",
    };
    for text in said.iter_mut().skip(1) {
        text.replace_range(..repeated.len(), "");
    }
    let last = said.pop().unwrap_or_default();
    match said.is_empty() {
        true => last,
        false => format!("{} {conjunction} {last}", said.join(", ")),
    }
}

/// What a pattern of terms asks in vain (filter pattern spec 3.4).
fn ignored(ast: &Ast) -> Option<String> {
    let Ast::Terms(terms) = ast else { return None };
    let optional = |sign: Sign| sign == Sign::Optional;
    if terms.iter().all(|term| optional(term.node.sign)) {
        return None;
    }
    let ignored = terms.iter().filter(|term| optional(term.node.sign));
    let ignored: Vec<_> = ignored.map(|term| format!("`{}`", printed(term))).collect();
    let verb = if ignored.len() == 1 { "is" } else { "are" };
    (!ignored.is_empty()).then(|| {
        let ignored = ignored.join(", ");
        format!(" {ignored} {verb} ignored next to terms of other kinds.")
    })
}
