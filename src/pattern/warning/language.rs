//! The texts that an operand accepts.

use super::super::regex::Regex;
use super::super::text::TextTest;

/// A set of texts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Language<'p> {
    /// Every `*` stands for any run of characters; without one, a single text.
    Glob(&'p str),
    Regex(&'p Regex),
}

impl<'p> Language<'p> {
    /// The only text of the language, if it is a single one.
    pub fn only(&self) -> Option<&'p str> {
        match self {
            Language::Glob(text) if !text.contains('*') => Some(text),
            _ => None,
        }
    }

    pub fn is_everything(&self) -> bool {
        match self {
            Language::Glob(text) => !text.is_empty() && text.bytes().all(|b| b == b'*'),
            Language::Regex(regex) => regex.is_found_everywhere(),
        }
    }

    pub fn is_nothing(&self) -> bool {
        matches!(self, Language::Regex(regex) if regex.is_found_nowhere())
    }

    fn accepts(&self, text: &str) -> bool {
        match self {
            Language::Glob(glob) => TextTest::glob(glob).matches(text),
            Language::Regex(regex) => regex.is_match(text),
        }
    }

    /// Whether every text of this language is one of the other. A glob is within another if that
    /// accepts it as a text, for then stars, which no literal part accepts, are accepted by stars.
    pub fn is_within(&self, other: &Language<'_>) -> bool {
        match (self, other) {
            (Language::Glob(text), Language::Glob(_)) => other.accepts(text),
            (Language::Regex(one), Language::Regex(other)) => one == other,
            _ => self.only().is_some_and(|text| other.accepts(text)),
        }
    }

    /// Whether the two have no text in common.
    pub fn is_apart_from(&self, other: &Language<'_>) -> bool {
        match (self.only(), other.only()) {
            (Some(text), _) => !other.accepts(text),
            (_, Some(text)) => !self.accepts(text),
            _ => match (self, other) {
                (Language::Glob(one), Language::Glob(other)) => ends_differ(one, other),
                _ => false,
            },
        }
    }
}

/// Whether what stands before the first star, or after the last, cannot be the same text.
fn ends_differ(one: &str, other: &str) -> bool {
    let head = |glob: &'_ str| glob.split('*').next().unwrap_or_default().len();
    let tail = |glob: &'_ str| glob.rsplit('*').next().unwrap_or_default().len();
    let heads = head(one).min(head(other));
    let tails = tail(one).min(tail(other));
    let (one, other) = (one.as_bytes(), other.as_bytes());
    one.get(..heads) != other.get(..heads)
        || one.get(one.len() - tails..) != other.get(other.len() - tails..)
}
