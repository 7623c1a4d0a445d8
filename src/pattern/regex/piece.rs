//! What a regular expression is written with.

use super::classes::Symbols;

/// One part of a branch, `a|b` having two branches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pattern) enum Piece {
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
pub(in crate::pattern) struct Set {
    pub negated: bool,
    pub items: Vec<Item>,
}

/// One member of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pattern) enum Item {
    /// A range, or one character twice.
    Range(char, char),
    /// `\d`, `\D`, `\s`, `\S`, `\w`, `\W`: the ASCII class, perhaps negated.
    Class { class: Class, negated: bool },
}

/// Java's predefined classes, which are ASCII unless asked otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pattern) enum Class {
    Digit,
    Space,
    Word,
}

impl Class {
    fn ranges(self) -> &'static [(char, char)] {
        match self {
            Class::Digit => &[('0', '9')],
            Class::Space => &[('\t', '\r'), (' ', ' ')],
            Class::Word => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
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

    pub(super) fn symbols(&self) -> Symbols {
        let mut symbols = Symbols::default();
        for item in &self.items {
            symbols.add(match item {
                Item::Range(low, high) => Symbols::of(&[(*low, *high)]),
                Item::Class { class, negated } => Symbols::of(class.ranges()).negate_if(*negated),
            });
        }
        symbols.negate_if(self.negated)
    }
}
