//! The filter pattern language, from outside: tables, error texts, properties, and the shared
//! conformance suite where it is at hand.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that panics has failed, which is what it is for"
)]

#[path = "pattern/conformance.rs"]
mod conformance;
#[path = "pattern/explain.rs"]
mod explain;
#[path = "pattern/generate.rs"]
mod generate;
#[path = "pattern/golden.rs"]
mod golden;
#[path = "pattern/json.rs"]
mod json;
#[path = "pattern/naive.rs"]
mod naive;
#[path = "pattern/properties.rs"]
mod properties;
#[path = "pattern/regex.rs"]
mod regex;
#[path = "pattern/relations.rs"]
mod relations;
#[path = "pattern/tables.rs"]
mod tables;
#[path = "pattern/warnings.rs"]
mod warnings;
