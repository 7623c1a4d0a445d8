//! Durations as rule files write them: `30s`, `15m`, `1h`, `7d`.

use std::fmt;
use std::str::FromStr;

/// A length of time in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(pub u32);

impl Seconds {
    /// The longest that a rule may ask for: 30 days.
    pub const MAX: Self = Self(30 * 86_400);
}

/// Not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotADuration {
    /// `15 minutes`
    #[error("`{0}` is not a duration; write a whole number and s, m, h or d, such as `15m`")]
    Format(String),
    /// `400d`, `0m`
    #[error("`{0}` is out of range; a duration is at least 1s and at most 30d")]
    Range(String),
}

impl FromStr for Seconds {
    type Err = NotADuration;

    fn from_str(text: &str) -> Result<Self, NotADuration> {
        let format = || NotADuration::Format(text.to_owned());
        let unit = text.chars().next_back().ok_or_else(format)?;
        let scale = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return Err(format()),
        };
        let number = text.strip_suffix(unit).unwrap_or_default();
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format());
        }
        let seconds = number
            .parse::<u32>()
            .ok()
            .and_then(|number| number.checked_mul(scale))
            .map(Self);
        match seconds {
            Some(seconds) if seconds.0 > 0 && seconds <= Self::MAX => Ok(seconds),
            _ => Err(NotADuration::Range(text.to_owned())),
        }
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
        match units
            .iter()
            .find(|(scale, _)| self.0 >= *scale && self.0.is_multiple_of(*scale))
        {
            Some((scale, unit)) => write!(f, "{}{unit}", self.0 / scale),
            None => write!(f, "{}s", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_print_as_they_are_read() {
        for (text, seconds) in [
            ("30s", 30),
            ("15m", 900),
            ("1h", 3_600),
            ("25h", 90_000),
            ("7d", 604_800),
        ] {
            assert_eq!(text.parse(), Ok(Seconds(seconds)));
            assert_eq!(Seconds(seconds).to_string(), text);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "m",
            "15",
            "15 m",
            "1.5h",
            "-1m",
            "0s",
            "31d",
            "99999999999h",
            "5é",
        ] {
            assert!(text.parse::<Seconds>().is_err(), "{text}");
        }
    }
}
