//! What is wrong with a pattern: a kind, a place, a way out.

mod help;
mod kind;
mod printable;
mod regex;
mod render;

use std::fmt;

use thiserror::Error;

use super::ast::Span;

pub use kind::ParseErrorKind;
pub use regex::RegexFault;
pub(super) use render::{Report, on_one_line, render};

/// Everything that is wrong with a pattern, in the order of its text; at least one error.
///
/// CloudWatch answers InvalidParameterException and names the first fault at best (filter pattern
/// spec 1.7 and 6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseErrors {
    errors: Vec<ParseError>,
}

/// One fault of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind} at byte {}", .span.start)]
pub struct ParseError {
    /// What is wrong.
    pub kind: ParseErrorKind,
    /// The bytes of the pattern that are to blame; empty where something is missing.
    pub span: Span,
}

impl ParseErrors {
    pub(super) fn new(mut errors: Vec<ParseError>) -> ParseErrors {
        errors.sort_by_key(|error| error.span.start);
        ParseErrors { errors }
    }

    /// The errors, in the order of the text.
    pub fn iter(&self) -> std::slice::Iter<'_, ParseError> {
        self.errors.iter()
    }
}

impl<'e> IntoIterator for &'e ParseErrors {
    type Item = &'e ParseError;
    type IntoIter = std::slice::Iter<'e, ParseError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for ParseErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            let separator = if index > 0 { "; " } else { "" };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ParseErrors {}
