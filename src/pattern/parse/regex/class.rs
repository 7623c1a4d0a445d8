//! Escapes and classes: `\d`, `\x2f`, `[^a-z_]`.

use super::super::super::error::RegexFault as Fault;
use super::super::super::regex::{Class, Item, Set};
use super::Cursor;

impl Cursor<'_, '_> {
    /// `\d`, `\.`, `\x2f`: the escapes of the AWS user guide and no other (filter pattern spec
    /// D-RXESC).
    pub(super) fn escape(&mut self) -> Option<Item> {
        let start = self.at;
        self.at += 1;
        let Some(c) = self.peek() else {
            self.escape_fault(start);
            return None;
        };
        self.at += c.len_utf8();
        let class = |class| {
            let negated = c.is_ascii_uppercase();
            Some(Item::Class { class, negated })
        };
        match c {
            'd' | 'D' => class(Class::Digit),
            's' | 'S' => class(Class::Space),
            'w' | 'W' => class(Class::Word),
            'x' => self.hexadecimal(start),
            c if is_operator(c) || is_symbol(c) => Some(Item::Range(c, c)),
            '(' | ')' => {
                self.at -= 1;
                self.parenthesis();
                None
            }
            _ => {
                self.escape_fault(start);
                None
            }
        }
    }

    fn hexadecimal(&mut self, start: usize) -> Option<Item> {
        let digits = self
            .rest()
            .get(..2)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(code) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
            self.escape_fault(start);
            return None;
        };
        self.at += 2;
        let c = char::from(code);
        Some(Item::Range(c, c))
    }

    /// `[a-z_]`, `[^0-9]`
    pub(super) fn class(&mut self) -> Option<Set> {
        let start = self.at;
        self.at += 1;
        let negated = self.peek() == Some('^');
        if negated {
            self.at += 1;
        }
        let mut items = Vec::new();
        let mut sound = true;
        let mut is_empty = true;
        loop {
            match self.peek() {
                None => {
                    self.fault(Fault::UnclosedClass, start..start + 1);
                    return None;
                }
                Some(']') => break,
                Some(_) => {}
            }
            is_empty = false;
            match self.item() {
                Some(item) => items.push(item),
                None => sound = false,
            }
        }
        self.at += 1;
        if is_empty {
            self.fault(Fault::EmptyClass, start..self.at);
            return None;
        }
        sound.then_some(Set { negated, items })
    }

    /// A member of a class, or a range of them. A hyphen that stands first or last is a member.
    fn item(&mut self) -> Option<Item> {
        let start = self.at;
        let low = self.member();
        let mut after = self.rest().chars();
        let is_range = after.next() == Some('-') && !matches!(after.next(), None | Some(']'));
        let is_class = matches!(low, Some(Item::Class { .. }));
        if !is_range || is_class {
            return low;
        }
        self.at += 1;
        match (low?, self.member()?) {
            (Item::Range(low, _), Item::Range(high, _)) if low <= high => {
                Some(Item::Range(low, high))
            }
            _ => {
                let found = self.slice(start..self.at).to_owned();
                self.fault(Fault::BadRange { found }, start..self.at);
                None
            }
        }
    }

    fn member(&mut self) -> Option<Item> {
        let c = self.peek()?;
        let start = self.at;
        match c {
            '\\' => self.escape(),
            '[' => {
                let rest = self.rest();
                self.at += rest.find(']').map_or(rest.len(), |at| at + 1);
                self.fault(Fault::NestedClass, start..self.at);
                None
            }
            '(' | ')' => {
                self.parenthesis();
                None
            }
            c if is_plain(c) || is_operator(c) => {
                self.at += 1;
                Some(Item::Range(c, c))
            }
            c => {
                self.at += c.len_utf8();
                self.character_fault(c);
                None
            }
        }
    }
}

/// Characters that stand for themselves (filter pattern spec 2.1).
pub(super) fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || is_symbol(c) || c == ' '
}

fn is_symbol(c: char) -> bool {
    matches!(c, ':' | '_' | '#' | '=' | '@' | '/' | ';' | ',' | '-')
}

fn is_operator(c: char) -> bool {
    "^$?[]{}|\\*+.".contains(c)
}
