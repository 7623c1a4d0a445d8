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
    /// `verify`: valid, perhaps with a warning. 0.
    Verified,
    /// `verify`: something is not what CloudTrail signed. 1.
    Invalid,
    /// `verify`: nothing is proven wrong, and not everything right. 3.
    Unproven,
}

impl From<End> for ExitCode {
    fn from(end: End) -> Self {
        match end {
            End::Clean | End::Matched | End::Verified => Self::SUCCESS,
            End::Found | End::Nothing | End::Invalid => Self::from(1),
            End::Incomplete => Self::from(2),
            End::Unproven => Self::from(3),
        }
    }
}
