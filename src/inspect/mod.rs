//! The use cases: evaluate one log file ([`log_file`], pure), record what it leads to and tell
//! people ([`recorder`]), evaluate what a notification names ([`notification`]), and verify the
//! digests among it ([`digests`]). The last three are the only async core.

mod digests;
mod log_file;
mod notification;
mod recorder;
mod report;
mod tally;

pub use log_file::{Inspection, Match, Object, Options, Problem, inspect, inspect_with};
pub use notification::{Inspector, OVERDUE};
pub use recorder::{Bounds, Done, Recorder, State, Told, TrailState};
pub use report::{DigestReport, ListedLogs, ObjectFailure, ObjectReport, Outcome, Report};
pub use tally::Tally;
