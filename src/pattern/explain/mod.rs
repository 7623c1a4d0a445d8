//! Explanations: a pattern in words, and why a message matches it or does not.

mod clause;
mod nearest;
mod phrase;
mod saw;
mod sentence;
mod verdict;
mod why;

use super::Pattern;

pub use clause::{Clause, Join};
pub use saw::{Saw, SawKind};
pub use sentence::Explanation;
pub use verdict::{Finding, Verdict};

impl Pattern {
    /// The pattern in words, and its tree.
    pub fn explain(&self) -> Explanation {
        Explanation::new(&self.ast, &self.source)
    }

    /// Why a message matches the pattern, or what would have to change for it to match.
    pub fn explain_message(&self, message: &str) -> Verdict {
        Verdict::new(self, message)
    }
}
