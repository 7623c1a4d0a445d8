//! Text that attackers choose, made harmless for a mail.

/// `text` on one line, without characters that hide or reorder others, cut to `limit` characters.
pub(super) fn line(text: &str, limit: usize) -> String {
    let mut out: String = text.chars().take(limit).map(harmless).collect();
    if text.chars().nth(limit).is_some() {
        out.pop();
        out.push('…');
    }
    out
}

/// Controls, and the invisible characters that change what is read: joiners, marks and overrides
/// of direction, tags.
fn harmless(character: char) -> char {
    match character {
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => ' ',
        character if character.is_control() => '\u{fffd}',
        '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => '\u{fffd}',
        '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}' => '\u{fffd}',
        character => character,
    }
}

/// `text` in printable ASCII, cut to `limit` characters: all that an SNS subject may hold (Amazon
/// SNS API reference, Publish: up to 100 printable ASCII characters, not starting with a blank).
pub(super) fn ascii(text: &str, limit: usize) -> String {
    let printable = |character: char| {
        if matches!(character, ' '..='~') {
            character
        } else {
            '?'
        }
    };
    let mut out: String = line(text, usize::MAX).chars().map(printable).collect();
    if out.len() > limit {
        out.truncate(limit.saturating_sub(3));
        out.push_str("...");
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_whatever_comes() {
        assert_eq!(
            line("a\r\nb\tc\u{202e}d\u{0}", 99),
            "a  b c\u{fffd}d\u{fffd}"
        );
        assert_eq!(line("abcdef", 4), "abc…");
        assert_eq!(line("abcd", 4), "abcd");
        assert_eq!(line("é✓", 9), "é✓");
    }

    #[test]
    fn subjects_are_short_printable_ascii() {
        assert_eq!(ascii("é\nb", 100), "? b");
        assert_eq!(ascii(&"x".repeat(101), 100).len(), 100);
        assert_eq!(ascii("  x ", 100), "x");
    }
}
