//! What was verified, for the reader of a report.

use trailwarden::integrity::{KeyRing, Scope};
use trailwarden::record::EventTime;

use super::Args;
use super::target::{Targets, s3_uri};

/// A name and a value a line.
pub fn asked(
    args: &Args,
    scope: &Scope,
    targets: &Targets,
    keys: &KeyRing,
) -> Vec<(&'static str, String)> {
    let places: Vec<String> = targets
        .iter()
        .map(|(bucket, prefix)| format!("s3://{bucket}/{prefix}"))
        .collect();
    let copy = match s3_uri(&args.target) {
        Ok(Some(_)) => String::new(),
        _ => format!(", as copied to {}", args.target),
    };
    let only = |what: &str, names: &[String]| match names.is_empty() {
        true => format!("all {what}s"),
        false => format!("{what} {}", names.join(", ")),
    };
    let trail = args.trail_arn.iter().map(ToString::to_string);
    let time = |time: Option<EventTime>, open: &str| {
        time.map_or_else(|| open.to_owned(), |time| time.to_string())
    };
    let listed: Vec<String> = keys
        .iter()
        .map(|key| {
            format!(
                "{} ({} to {})",
                key.fingerprint, key.valid_from, key.valid_to
            )
        })
        .collect();
    vec![
        ("verified", format!("{}{copy}", places.join(", "))),
        (
            "asked",
            format!(
                "{}, {}, {}, {} to {}, as of {}",
                only("trail", &trail.collect::<Vec<_>>()),
                only("account", &args.accounts),
                only("region", &args.regions),
                time(scope.from, "the beginning"),
                time(scope.until, "the end"),
                scope.as_of
            ),
        ),
        ("public keys", listed.join(", ")),
    ]
}
