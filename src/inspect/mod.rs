//! The use cases: evaluate one log file ([`log_file`], pure), record what it leads to and tell
//! people ([`recorder`]), and evaluate what a notification names ([`notification`]). The last two
//! are the only async core.

mod log_file;
mod notification;
mod recorder;
mod tally;

pub use log_file::{Inspection, Match, Object, Options, Problem, inspect, inspect_with};
pub use notification::{Inspector, ObjectFailure, ObjectReport, Outcome, Report};
pub use recorder::{Bounds, Done, Recorder, State, Told};
pub use tally::Tally;
