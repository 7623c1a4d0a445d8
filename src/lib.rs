//! trailwarden watches an AWS organisation's CloudTrail.
//!
//! Bytes become records ([`logfile`]), records meet rules ([`rules`]) written as CloudWatch filter
//! patterns ([`pattern`]), matches are counted over event time ([`windows`]) and become alerts
//! ([`alert`]). [`inspect`] strings these together behind the [`ports`]; [`local`] implements the
//! ports on one machine, `aws` in AWS. Only those two and the binaries do any input or output, and
//! nothing reads a clock: time is an argument.
//!
//! A layer imports only what stands to its right (`tests/layering.rs` holds it to that):
//!
//! ```text
//! bin/* → aws, local, config → inspect → ports → { alert → windows, rules, logfile, integrity } → record → pattern
//! ```

pub mod alert;
#[cfg(feature = "aws")]
pub mod aws;
pub mod config;
pub mod inspect;
pub mod integrity;
pub mod local;
pub mod logfile;
pub mod pattern;
pub mod ports;
pub mod record;
pub mod rules;
pub mod windows;
