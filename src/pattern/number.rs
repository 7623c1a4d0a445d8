//! Numbers: exact decimals, and the way Java writes doubles.
//!
//! The service compares decimals, not floats: a number in a pattern and an integer in a message are
//! exact at any size, and only a JSON fraction or exponent goes through a double (filter pattern spec
//! 4.6).

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

/// A number in a pattern: its exact value, and its spelling, which is what a string is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    spelling: String,
    value: Decimal<'static>,
}

impl Number {
    pub(super) fn parse(text: &str) -> Result<Number, NumberError> {
        Ok(Number {
            spelling: text.to_owned(),
            value: Decimal::parse(text)?.into_owned(),
        })
    }

    /// The number as it is written.
    pub fn spelling(&self) -> &str {
        &self.spelling
    }

    pub(super) fn value(&self) -> &Decimal<'static> {
        &self.value
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelling)
    }
}

/// Why a text is not a number of the pattern language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NumberError {
    /// Something else than the grammar allows.
    NotANumber,
    /// An exponent outside ±2147483647 (filter pattern spec 4.5).
    ExponentTooLarge,
}

/// An exact decimal, `0.DIGITS × 10^scale`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal<'t> {
    negative: bool,
    /// Without zeros at either end, so that equal values are equal texts; empty for zero.
    digits: Cow<'t, str>,
    scale: i64,
}

impl<'t> Decimal<'t> {
    /// Reads a number as patterns write them: `12`, `+1`, `-1.50`, `.5`, `1.`, `1e-3`.
    pub fn parse(text: &'t str) -> Result<Decimal<'t>, NumberError> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
            return Err(NumberError::NotANumber);
        }
        Ok(Decimal::new(negative, whole, fraction, exponent))
    }

    /// The value of a JSON number; none if it overflows a double, in which case it compares with
    /// nothing.
    pub fn of_json(raw: &'t str) -> Option<Decimal<'t>> {
        if is_integer(raw) {
            return Decimal::parse(raw).ok();
        }
        let double: f64 = raw.parse().ok()?;
        if double.is_infinite() {
            return None;
        }
        Decimal::parse(&double_text(double))
            .ok()
            .map(Decimal::into_owned)
    }

    fn new(negative: bool, whole: &'t str, fraction: &'t str, exponent: i64) -> Decimal<'t> {
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        let (digits, scale) = match (whole, fraction) {
            (whole, "") => (Cow::Borrowed(whole), whole.len()),
            ("", fraction) => (Cow::Borrowed(fraction), 0),
            _ => (Cow::Owned([whole, fraction].concat()), whole.len()),
        };
        let leading = digits.len() - digits.trim_start_matches('0').len();
        let digits = match digits {
            Cow::Borrowed(digits) => Cow::Borrowed(digits.trim_matches('0')),
            Cow::Owned(digits) => Cow::Owned(digits.trim_matches('0').to_owned()),
        };
        if digits.is_empty() {
            return Decimal {
                negative: false,
                digits,
                scale: 0,
            };
        }
        let shift = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        Decimal {
            negative,
            digits,
            scale: exponent
                .saturating_add(shift(scale))
                .saturating_sub(shift(leading)),
        }
    }

    fn into_owned(self) -> Decimal<'static> {
        Decimal {
            negative: self.negative,
            digits: Cow::Owned(self.digits.into_owned()),
            scale: self.scale,
        }
    }

    /// Compares values. Not `Ord`, because borrowed and owned decimals compare with each other.
    pub fn compare(&self, other: &Decimal<'_>) -> Ordering {
        let by_sign = self.signum().cmp(&other.signum());
        by_sign.then_with(|| {
            let magnitude = self
                .scale
                .cmp(&other.scale)
                .then_with(|| self.digits.cmp(&other.digits));
            if self.negative {
                magnitude.reverse()
            } else {
                magnitude
            }
        })
    }

    fn signum(&self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }
}

fn parse_exponent(text: &str) -> Result<i64, NumberError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NumberError::NotANumber);
    }
    let digits = digits.trim_start_matches('0');
    let value: i64 = match digits {
        "" => 0,
        _ => digits.parse().map_err(|_| NumberError::ExponentTooLarge)?,
    };
    if value > i64::from(i32::MAX) {
        return Err(NumberError::ExponentTooLarge);
    }
    Ok(if text.starts_with('-') { -value } else { value })
}

/// The text of a JSON number, which is what text, globs and regexes look at: an integer as it is
/// written, a fraction or exponent as Java's `Double.toString` (filter pattern spec 4.6).
pub(super) fn json_number_text(raw: &str) -> Cow<'_, str> {
    if is_integer(raw) {
        return Cow::Borrowed(raw);
    }
    // Valid JSON numbers are valid Rust floats.
    Cow::Owned(raw.parse().map_or_else(|_| raw.to_owned(), double_text))
}

fn is_integer(raw: &str) -> bool {
    !raw.bytes().any(|b| matches!(b, b'.' | b'e' | b'E'))
}

/// Java's `Double.toString`: the shortest decimal that reads back as the same double, with at least
/// one digit after the point, and an exponent below 1e-3 and from 1e7 on.
fn double_text(double: f64) -> String {
    if double.is_infinite() {
        return if double > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned();
    }
    if double == 0.0 || (1e-3..1e7).contains(&double.abs()) {
        return format!("{double:?}");
    }
    let shortest = format!("{double:e}");
    let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    if digits.contains('.') {
        return format!("{digits}E{exponent}");
    }
    // Java always spends a second digit; where it is not a zero (4.9E-324) it is the nearest one.
    let nearest = format!("{double:.1e}");
    if nearest.parse() == Ok(double) {
        return nearest.replace('e', "E");
    }
    format!("{digits}.0E{exponent}")
}
