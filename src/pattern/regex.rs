//! The regular expressions of filter patterns: a small part of Java's, run by a linear-time engine.

use std::fmt::{self, Write};

use regex::RegexBuilder;

/// A compiled regular expression (filter pattern spec 2). Two are equal when they are written alike.
#[derive(Debug, Clone)]
pub struct Regex {
    source: String,
    compiled: regex::Regex,
}

impl Regex {
    /// Translates parsed branches; fails only where the automaton would be larger than `max_bytes`.
    pub(super) fn new(
        source: &str,
        branches: &[Vec<Piece>],
        max_bytes: usize,
    ) -> Result<Regex, regex::Error> {
        let mut translated = String::new();
        for (index, branch) in branches.iter().enumerate() {
            if index > 0 {
                translated.push('|');
            }
            translate(branch, &mut translated);
        }
        let compiled = RegexBuilder::new(&translated)
            .size_limit(max_bytes)
            .build()?;
        Ok(Regex {
            source: source.to_owned(),
            compiled,
        })
    }

    /// The expression as it is written, without the percent signs.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether the expression is found anywhere in the text.
    pub fn is_match(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }
}

impl PartialEq for Regex {
    fn eq(&self, other: &Regex) -> bool {
        self.source == other.source
    }
}

impl fmt::Display for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}%", self.source)
    }
}

/// One part of a branch, `a|b` having two branches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// `^`
    Start,
    /// `$`
    End,
    /// A character or class, with its quantifier. Whether that is reluctant makes no difference to
    /// whether there is a match.
    Atom {
        set: Set,
        min: u16,
        max: Option<u16>,
    },
}

/// The characters that an atom accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Set {
    pub negated: bool,
    pub items: Vec<Item>,
}

/// One member of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// A range, or one character twice.
    Range(char, char),
    /// `\d`, `\D`, `\s`, `\S`, `\w`, `\W`: the ASCII class, perhaps negated.
    Class { class: Class, negated: bool },
}

/// Java's predefined classes, which are ASCII unless asked otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Digit,
    Space,
    Word,
}

impl Class {
    fn as_str(self) -> &'static str {
        match self {
            Class::Digit => "0-9",
            Class::Space => r" \t\n\x0B\x0C\r",
            Class::Word => "0-9A-Z_a-z",
        }
    }
}

impl Set {
    pub fn one(item: Item) -> Set {
        Set {
            negated: false,
            items: vec![item],
        }
    }

    /// `.`: anything but Java's line ends.
    pub fn dot() -> Set {
        let ends = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];
        Set {
            negated: true,
            items: ends.map(|end| Item::Range(end, end)).into(),
        }
    }

    fn holds_newline(&self) -> bool {
        let held = self.items.iter().any(|item| match item {
            Item::Range(low, high) => (*low..=*high).contains(&'\n'),
            Item::Class { class, negated } => (*class == Class::Space) != *negated,
        });
        held != self.negated
    }

    fn translate(&self, out: &mut String) {
        out.push_str(if self.negated { "[^" } else { "[" });
        for item in &self.items {
            // Writing to a string cannot fail.
            let _ = match item {
                Item::Range(low, high) => {
                    write!(out, r"\x{{{:x}}}-\x{{{:x}}}", *low as u32, *high as u32)
                }
                Item::Class { class, negated } => {
                    let caret = if *negated { "^" } else { "" };
                    write!(out, "[{caret}{}]", class.as_str())
                }
            };
        }
        out.push(']');
    }
}

/// `$` stands at the end and also before one final newline (filter pattern spec 2.7). The second is a
/// look-ahead, which a linear-time engine lacks; but all that can follow it is that newline. So what
/// is written after the first `$` of a branch is only asked two things: can it match nothing, and can
/// it match a newline?
fn translate(branch: &[Piece], out: &mut String) {
    let end = branch.iter().position(|piece| *piece == Piece::End);
    let (before, after) = branch
        .split_at_checked(end.unwrap_or(branch.len()))
        .unwrap_or((branch, &[]));
    for piece in before {
        match piece {
            Piece::Start => out.push_str(r"\A"),
            Piece::End => {}
            Piece::Atom { set, min, max } => translate_atom(set, *min, *max, out),
        }
    }
    if end.is_some() {
        out.push_str(match tail(after) {
            Tail::Empty { at_start: false } => r"(?:\n?\z)",
            Tail::Empty { at_start: true } => r"\A(?:\n?\z)",
            Tail::Newline { at_start: false } => r"\n\z",
            Tail::Newline { at_start: true } => r"\A\n\z",
            Tail::Never => r"[^\x00-\x{10FFFF}]",
        });
    }
}

fn translate_atom(set: &Set, min: u16, max: Option<u16>, out: &mut String) {
    set.translate(out);
    let _ = match (min, max) {
        (1, Some(1)) => Ok(()),
        (min, Some(max)) => write!(out, "{{{min},{max}}}"),
        (min, None) => write!(out, "{{{min},}}"),
    };
}

/// What the pieces from a `$` on can match.
enum Tail {
    /// Nothing is asked of what follows; a `^` among them asks that nothing precedes.
    Empty { at_start: bool },
    /// They need the final newline.
    Newline { at_start: bool },
    /// They need something that cannot be there.
    Never,
}

fn tail(pieces: &[Piece]) -> Tail {
    let mut at_start = false;
    // The one atom that needs the newline.
    let mut newline = false;
    for piece in pieces {
        match piece {
            Piece::End => {}
            Piece::Start if newline => return Tail::Never,
            Piece::Start => at_start = true,
            Piece::Atom { min: 0, .. } => {}
            Piece::Atom { set, min: 1, .. } if !newline && set.holds_newline() => newline = true,
            Piece::Atom { .. } => return Tail::Never,
        }
    }
    if newline {
        Tail::Newline { at_start }
    } else {
        Tail::Empty { at_start }
    }
}
