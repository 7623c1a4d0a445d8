//! How a command ended, as its exit code.

use std::process::ExitCode;

/// The end of a command that could run. What could not is 2, as is an [`Incomplete`](End::Incomplete) one.
pub enum End {
    /// `scan`: nothing of the asked severity. 0.
    Clean,
    /// `scan`: something. 1.
    Found,
    /// `match`: some message. 0, as of grep.
    Matched,
    /// `match`: no message. 1, as of grep.
    Nothing,
    /// Something could not be evaluated. 2.
    Incomplete,
}

impl From<End> for ExitCode {
    fn from(end: End) -> Self {
        match end {
            End::Clean | End::Matched => Self::SUCCESS,
            End::Found | End::Nothing => Self::from(1),
            End::Incomplete => Self::from(2),
        }
    }
}
