//! Stable names of alerts.

use std::fmt::Write as _;

use ring::digest::{Context, SHA256};

use super::Group;

/// Hex digits of a fingerprint: 128 bits.
const DIGITS: usize = 32;

/// The same for the same rule and group, in every run and every function instance.
pub fn fingerprint(rule: &str, group: &Group) -> String {
    hash(std::iter::once(Some(rule)).chain(group.0.iter().map(Option::as_deref)))
}

/// The same for the same fingerprint and subject.
pub(super) fn alert_id(fingerprint: &str, subject: &str) -> String {
    alert_id_of(fingerprint, [subject].into_iter())
}

/// The same for the same fingerprint and events, in their order. All of them, because an alert is
/// recorded once: one with an event more is another one.
pub(super) fn alert_id_of<'a>(
    fingerprint: &'a str,
    events: impl Iterator<Item = &'a str>,
) -> String {
    hash(std::iter::once(fingerprint).chain(events).map(Some))
}

/// Lengths are hashed too, so that no two lists of parts give the same bytes.
fn hash<'a>(parts: impl Iterator<Item = Option<&'a str>>) -> String {
    let mut context = Context::new(&SHA256);
    for part in parts {
        match part {
            Some(text) => {
                context.update(&(text.len() as u64 + 1).to_le_bytes());
                context.update(text.as_bytes());
            }
            None => context.update(&[0; 8]),
        }
    }
    let mut hex = String::with_capacity(DIGITS);
    for byte in context.finish().as_ref().iter().take(DIGITS / 2) {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
