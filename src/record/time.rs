//! Event times: whole seconds, UTC.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A record's `eventTime`, in seconds since 1970-01-01T00:00:00Z. CloudTrail writes whole seconds
/// in UTC; a fraction or an offset, as other tools add them, is accepted and normalised. State stores the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventTime(i64);

/// Not a date and time with a zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time such as 2026-11-21T06:35:00Z")]
pub struct NotATime(String);

impl EventTime {
    /// From seconds since 1970-01-01T00:00:00Z.
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn seconds(self) -> i64 {
        self.0
    }
}

impl FromStr for EventTime {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        match text.parse::<Timestamp>() {
            Ok(time) => Ok(Self(time.as_second())),
            Err(_) => Err(NotATime(text.to_owned())),
        }
    }
}

impl fmt::Display for EventTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_second(self.0) {
            Ok(time) => time.fmt(f),
            Err(_) => write!(f, "{} s", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cloudtrail_times_come_back_as_written() {
        for text in [
            "2026-11-21T06:35:00Z",
            "1970-01-01T00:00:00Z",
            "2024-02-29T23:59:59Z",
        ] {
            assert_eq!(
                text.parse::<EventTime>().map(|time| time.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn fractions_and_offsets_are_normalised() {
        for text in ["2026-11-21T06:35:00.123Z", "2026-11-21T08:35:00+02:00"] {
            assert_eq!(text.parse(), Ok(EventTime(1_795_242_900)), "{text}");
        }
        for text in [
            "",
            "2026-11-21",
            "yesterday",
            "2026-11-21T06:35:00",
            "2026-13-21T06:35:00Z",
        ] {
            assert!(text.parse::<EventTime>().is_err(), "{text}");
        }
    }
}
