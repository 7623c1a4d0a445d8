//! Reading one thing from a window that may not hold all of it yet.

use super::Limits;
use super::window::Window;
use crate::pattern::json::{JsonError, JsonErrorKind};

/// Why something cannot be read.
pub(super) enum Unreadable {
    /// It is not valid JSON, or not an object.
    Damaged(String),
    /// It is over a limit, and may be valid.
    OverLimit(String),
}

/// Tries `read` on the window, which grows until the answer does not depend on more input.
pub(super) fn attempt<T>(
    window: &mut Window<'_>,
    limits: &Limits,
    read: impl Fn(&[u8], usize) -> Result<T, JsonError>,
) -> Result<T, Unreadable> {
    let limit = limits.record_bytes;
    loop {
        let error = match read(window.rest(), limits.depth) {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let at = window.offset() + error.offset as u64;
        let reason = format!("{}, at byte {at}", error.kind);
        match error.kind {
            JsonErrorKind::TooDeep { .. } => return Err(Unreadable::OverLimit(reason)),
            JsonErrorKind::UnexpectedEnd if window.rest().len() > limit => {
                return Err(Unreadable::OverLimit(too_long(limit)));
            }
            JsonErrorKind::UnexpectedEnd if window.grow() => {}
            _ => return Err(Unreadable::Damaged(reason)),
        }
    }
}

/// What is said of a record over the limit.
pub(super) fn too_long(limit: usize) -> String {
    format!("over the limit of {limit} bytes for one record")
}
