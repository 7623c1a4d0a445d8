//! JSON as raw text: validated once, then looked at in place.
//!
//! Nothing here builds a tree or copies a string. [`skip_value`] proves that a value is well formed
//! (RFC 8259, nothing looser) and says where it ends; a [`Node`] is a slice of text for which that
//! has been proved. The pattern language, the record view and the splitter of log files share both.

mod compact;
mod nesting;
mod node;
mod scan;
mod string;

use thiserror::Error;

pub(super) use compact::{Colons, Index, Object};
pub use node::{Items, Members, Node, Raw};
pub use scan::skip_value;
pub(super) use scan::{object_key, skip_space};
pub use string::RawString;

/// How deep a message may nest. Nothing here recurses, so the limit is far above what any service
/// writes; it only keeps an absurd message from being walked level by level.
pub const MAX_DEPTH: usize = 65_536;

/// Why a text is not JSON, and the byte offset at which that became certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{kind} at byte {offset}")]
pub struct JsonError {
    /// What is wrong.
    pub kind: JsonErrorKind,
    /// Where, in bytes from the start of the text that was given.
    pub offset: usize,
}

/// What is wrong with a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JsonErrorKind {
    /// `{"a":`: well formed so far; more input could complete it.
    #[error("unexpected end of JSON")]
    UnexpectedEnd,
    /// More containers inside each other than the caller allows.
    #[error("JSON nests deeper than {limit} levels")]
    TooDeep {
        /// The caller's limit.
        limit: usize,
    },
    /// `{"a":1,}`: something else must stand here.
    #[error("malformed JSON, expected {expected}")]
    Syntax {
        /// What must stand here.
        expected: &'static str,
    },
    /// A string holds bytes that are not UTF-8.
    #[error("JSON text is not UTF-8")]
    InvalidUtf8,
}

impl JsonErrorKind {
    pub(super) fn at(self, offset: usize) -> JsonError {
        JsonError { kind: self, offset }
    }
}
