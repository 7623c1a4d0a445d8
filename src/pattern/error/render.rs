//! Errors and warnings for people: the line, and a caret under what is wrong with it.

use unicode_width::UnicodeWidthStr;

use super::super::ast::Span;
use super::ParseErrors;
use super::printable::printable;

/// Characters of the source shown on either side of a fault; patterns may be 1024 characters long.
const CONTEXT: usize = 60;

impl ParseErrors {
    /// Every error with the line it is on, `label` (a file name, say) before the line, and carets
    /// under the fault:
    ///
    /// ```text
    /// error: expected a comparison, found `==`
    ///  rules/root-login.yaml: { $.eventName == DeleteTrail }
    ///                                       ^^ filter patterns write `=`
    /// ```
    pub fn render(&self, source: &str, label: &str) -> String {
        let reports = self.iter().map(|error| Report {
            title: format!("error: {}", error.kind),
            help: error.kind.help(),
            span: &error.span,
        });
        render(reports, source, label)
    }
}

/// What is said about a place in a pattern.
pub(in crate::pattern) struct Report<'r> {
    pub title: String,
    pub help: Option<String>,
    pub span: &'r Span,
}

/// Each report with its line and carets.
pub(in crate::pattern) fn render<'r>(
    reports: impl Iterator<Item = Report<'r>>,
    source: &str,
    label: &str,
) -> String {
    let reports: Vec<_> = reports.map(|report| report.render(source, label)).collect();
    reports.join("\n")
}

impl Report<'_> {
    fn render(&self, source: &str, label: &str) -> String {
        let label = match label {
            "" => String::new(),
            label => format!("{}: ", printable(label)),
        };
        let Excerpt { line, before, wide } = Excerpt::new(source, self.span);
        let indent = blank(&label) + &blank(&before);
        let carets = "^".repeat(wide);
        let help = match &self.help {
            Some(help) => format!(" {}", printable(help)),
            None => String::new(),
        };
        let title = printable(&self.title);
        format!("{title}\n {label}{line}\n {indent}{carets}{help}\n")
    }
}

/// The part of a line that is shown.
struct Excerpt {
    line: String,
    /// What stands before the fault.
    before: String,
    /// Carets to draw.
    wide: usize,
}

impl Excerpt {
    fn new(source: &str, span: &Span) -> Excerpt {
        let part = |range: Span| source.get(range).unwrap_or_default();
        let head = part(0..span.start);
        let line_start = head.rfind('\n').map_or(0, |at| at + 1);
        let before = part(line_start..span.start);
        let fault = part(span.clone()).lines().next().unwrap_or_default();
        let after = part(span.start + fault.len()..source.len())
            .lines()
            .next()
            .unwrap_or_default();
        let fault = printable(&shorten(fault, CONTEXT * 2)).into_owned();
        let before = match before.char_indices().rev().nth(CONTEXT) {
            Some((at, c)) => format!("…{}", before.get(at + c.len_utf8()..).unwrap_or_default()),
            None => before.to_owned(),
        };
        let before = printable(&before).into_owned();
        let after = shorten(after, CONTEXT);
        Excerpt {
            line: format!("{before}{fault}{}", printable(&after)),
            wide: fault.width().max(1),
            before,
        }
    }
}

/// Blanks as wide as a text; its tabs stay.
fn blank(text: &str) -> String {
    let parts: Vec<_> = text
        .split('\t')
        .map(|part| " ".repeat(part.width()))
        .collect();
    parts.join("\t")
}

fn shorten(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A text in one line of at most so many characters.
pub(in crate::pattern) fn on_one_line(text: &str, longest: usize) -> String {
    let mut line = String::new();
    for c in text.chars().take(longest) {
        match c {
            ' ' => line.push(c),
            c if c.is_control() || c.is_whitespace() => line.extend(c.escape_default()),
            c => line.push(c),
        }
    }
    if text.chars().nth(longest).is_some() {
        line.push('…');
    }
    line
}
