//! JSON strings, decoded only when somebody asks.

use std::borrow::Cow;

/// A JSON string as it is written, quotes and escapes included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawString<'m> {
    raw: &'m str,
}

impl<'m> RawString<'m> {
    pub(in crate::pattern) fn of_valid(raw: &'m str) -> RawString<'m> {
        RawString { raw }
    }

    pub(super) fn raw(&self) -> &'m str {
        self.raw
    }

    /// What stands between the quotes, still escaped.
    pub fn escaped(&self) -> &'m str {
        let end = self.raw.len().saturating_sub(1);
        self.raw.get(1..end).unwrap_or_default()
    }

    /// The text that the string stands for; borrowed when it has no escape, as nearly all have.
    /// A lone surrogate such as `\ud800` becomes U+FFFD.
    pub fn decode(&self) -> Cow<'m, str> {
        let escaped = self.escaped();
        match memchr::memchr(b'\\', escaped.as_bytes()) {
            None => Cow::Borrowed(escaped),
            Some(_) => Cow::Owned(unescape(escaped)),
        }
    }

    /// Whether the string stands for exactly this text.
    pub fn is(&self, text: &str) -> bool {
        // An escape is never shorter than what it stands for.
        self.raw.len() >= text.len() + 2
            && (self.escaped() == text || (self.raw.contains('\\') && self.decode() == text))
    }
}

fn unescape(escaped: &str) -> String {
    let mut text = String::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let mut chars = after.chars();
        match chars.next() {
            Some('u') => {
                rest = push_unicode(&mut text, chars.as_str());
                continue;
            }
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some(itself) => text.push(itself),
            None => {}
        }
        rest = chars.as_str();
    }
    text.push_str(rest);
    text
}

/// Decodes what follows a `\u`, with the other half of a surrogate pair, and returns what is left.
fn push_unicode<'m>(text: &mut String, after: &'m str) -> &'m str {
    let (unit, rest) = code_unit(after);
    let pair = (0xd800..0xdc00).contains(&unit).then(|| {
        let (low, rest) = code_unit(rest.strip_prefix("\\u")?);
        let low = low.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
        let code = 0x10000 + ((unit - 0xd800) << 10) + low;
        Some((char::from_u32(code)?, rest))
    });
    match pair.flatten() {
        Some((paired, rest)) => {
            text.push(paired);
            rest
        }
        None => {
            text.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
            rest
        }
    }
}

fn code_unit(digits: &str) -> (u32, &str) {
    let (digits, rest) = digits.split_at_checked(4).unwrap_or((digits, ""));
    (u32::from_str_radix(digits, 16).unwrap_or(0xfffd), rest)
}
