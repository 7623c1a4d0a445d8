//! Which containers are open while a value is scanned.

use super::{JsonError, JsonErrorKind};

/// An array or an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Object,
    Array,
}

/// The open containers, one bit each. The innermost 64 live in a word, so that only a message which
/// nests deeper allocates.
#[derive(Debug, Default)]
pub(super) struct Containers {
    depth: usize,
    innermost: u64,
    outer: Vec<u64>,
}

impl Containers {
    /// Opens a container at `at`.
    pub fn push(
        &mut self,
        container: Container,
        at: usize,
        max_depth: usize,
    ) -> Result<(), JsonError> {
        if self.depth >= max_depth {
            return Err(JsonErrorKind::TooDeep { limit: max_depth }.at(at));
        }
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.outer.push(self.innermost);
        }
        self.depth += 1;
        self.innermost = (self.innermost << 1) | u64::from(container == Container::Object);
        Ok(())
    }

    /// Closes the innermost container.
    pub fn pop(&mut self) {
        self.depth -= 1;
        self.innermost >>= 1;
        if self.depth.is_multiple_of(64) {
            self.innermost = self.outer.pop().unwrap_or(0);
        }
    }

    /// The innermost container.
    pub fn top(&self) -> Option<Container> {
        match (self.depth, self.innermost & 1) {
            (0, _) => None,
            (_, 1) => Some(Container::Object),
            _ => Some(Container::Array),
        }
    }
}
