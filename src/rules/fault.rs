//! What is wrong with rule files, all of it together.

use std::fmt;

/// One fault in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFault {
    /// The file, as it was named by whoever read it.
    pub file: String,
    /// 1-based line and column, when known.
    pub place: Option<(u64, u64)>,
    /// What is wrong; a pattern's errors come with their own caret lines.
    pub message: String,
}

impl RuleFault {
    pub(super) fn new(file: &str, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            place: None,
            message: message.into(),
        }
    }

    pub(super) fn at(file: &str, place: (u64, u64), message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            place: Some(place),
            message: message.into(),
        }
    }
}

impl fmt::Display for RuleFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some((line, column)) => write!(f, "{}:{line}:{column}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

impl std::error::Error for RuleFault {}

/// Every fault found while rules were read and compiled; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFaults(pub Vec<RuleFault>);

impl fmt::Display for RuleFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.0.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for RuleFaults {}

impl From<RuleFault> for RuleFaults {
    fn from(fault: RuleFault) -> Self {
        Self(vec![fault])
    }
}
