//! The regular expressions of filter patterns: a small part of Java's (filter pattern spec 2).
//!
//! Without groups, an expression is a list of branches, and a branch a list of positions, each a set
//! of characters that may be optional or repeat. Such lists need no general engine: the places where
//! a search may stand are bits, and a character moves them all at once (Navarro and Raffinot,
//! "Flexible Pattern Matching in Strings", 4.2 to 4.5). Preparing one costs microseconds, and a
//! character of the text a few operations for every 64 positions, whatever the two hold.

mod branch;
mod classes;
mod literal;
mod piece;
mod search;

use std::fmt;
use std::sync::Arc;

use branch::Branch;
use search::Search;

pub(super) use piece::{Class, Item, Piece, Set};

/// A compiled regular expression (filter pattern spec 2). Two are equal when they are written alike.
#[derive(Debug, Clone)]
pub struct Regex {
    source: String,
    search: Arc<Search>,
    is_impossible: bool,
}

impl Regex {
    /// Prepares parsed branches; none if they need more than `max_positions`, see
    /// [`Limits::max_regex_positions`](super::Limits).
    pub(super) fn new(
        source: &str,
        branches: &[Vec<Piece>],
        max_positions: usize,
    ) -> Option<Regex> {
        let branches: Vec<Branch> = branches
            .iter()
            .filter_map(|pieces| Branch::new(pieces))
            .collect();
        let positions = branches.iter().fold(0_usize, |sum, branch| {
            sum.saturating_add(branch.positions())
        });
        (positions <= max_positions).then(|| Regex {
            source: source.to_owned(),
            search: Arc::new(Search::new(&branches)),
            is_impossible: branches.is_empty(),
        })
    }

    /// The expression as it is written, without the percent signs.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether the expression is found anywhere in the text.
    pub fn is_match(&self, text: &str) -> bool {
        self.search.finds(text)
    }

    /// Whether the expression is found in every text, as `%.*%` is.
    pub(super) fn is_found_everywhere(&self) -> bool {
        self.search.finds_nothing()
    }

    /// Whether the expression is found in no text, as `%a^b%` is.
    pub(super) fn is_found_nowhere(&self) -> bool {
        self.is_impossible
    }
}

impl PartialEq for Regex {
    fn eq(&self, other: &Regex) -> bool {
        self.source == other.source
    }
}

impl fmt::Display for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}%", self.source)
    }
}
