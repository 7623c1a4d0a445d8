//! Text of a pattern as a terminal may see it.

use std::borrow::Cow;

/// The text with U+FFFD for every character that would steer the terminal or show nothing: control
/// and format characters other than tabs and newlines.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    if text.contains(is_unprintable) {
        text.replace(is_unprintable, "\u{fffd}").into()
    } else {
        text.into()
    }
}

/// Unicode's categories Cc, Cf, Zl and Zp.
fn is_unprintable(c: char) -> bool {
    match c {
        '\t' | '\n' => false,
        '\u{ad}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{8e2}' | '\u{180e}' | '\u{feff}' => true,
        '\u{600}'..='\u{605}' | '\u{890}'..='\u{891}' => true,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' => true,
        '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' => true,
        '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}' => true,
        c => c.is_control(),
    }
}
