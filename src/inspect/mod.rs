//! The use cases: evaluate one log file ([`log_file`], pure), and evaluate what a notification
//! names and publish what is found ([`notification`], the only async core).

mod log_file;
mod notification;
mod tally;

pub use log_file::{Inspection, Match, Object, Options, Problem, inspect, inspect_with};
pub use notification::{Inspector, ObjectFailure, ObjectReport, Outcome, Report, take_in};
pub use tally::Tally;
