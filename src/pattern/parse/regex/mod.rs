//! Regular expressions between percent signs (filter pattern spec 2).

mod class;

use super::super::ast::{Span, Spanned};
use super::super::error::{ParseErrorKind as Kind, RegexFault as Fault};
use super::super::regex::{Item, Piece, Regex, Set};
use super::{Faults, quote};
use class::is_plain;

/// Reads a pattern that starts with `%`.
pub(super) fn whole(source: &str, faults: &mut Faults) -> Option<Spanned<Regex>> {
    let inner = source.get(1..).unwrap_or_default();
    let Some(length) = inner.find('%') else {
        faults.add(Kind::UnclosedRegex, 0..1);
        return None;
    };
    let end = length + "%%".len();
    if end < source.len() {
        let close = '%';
        faults.add(Kind::TextAfterPattern { close }, end..source.len());
    }
    quoted(source.get(..end).unwrap_or_default(), 0, faults)
}

/// Reads and compiles a regex with its percent signs, which starts at `offset`.
pub(super) fn quoted(text: &str, offset: usize, faults: &mut Faults) -> Option<Spanned<Regex>> {
    let span = offset..offset + text.len();
    faults.regexes += 1;
    let limit = faults.limits.max_regexes;
    if faults.regexes == limit + 1 {
        faults.add(Kind::TooManyRegexes { limit }, span.clone());
    }
    let source = text.get(1..text.len() - 1).unwrap_or_default();
    if source.is_empty() {
        faults.add(Fault::Empty.into(), span);
        return None;
    }
    let mut cursor = Cursor {
        source,
        offset: offset + 1,
        at: 0,
        groups: 0,
        sound: true,
        faults,
    };
    let branches = cursor.branches();
    if !cursor.sound {
        return None;
    }
    let limit = faults.limits.max_regex_positions;
    let Some(node) = Regex::new(source, &branches, limit) else {
        faults.add(Fault::TooLarge { limit }.into(), span);
        return None;
    };
    Some(Spanned { node, span })
}

struct Cursor<'s, 'f> {
    source: &'s str,
    /// Where the source starts in the pattern.
    offset: usize,
    at: usize,
    /// Groups that have been reported and are still open, so that their end is not reported too.
    groups: usize,
    sound: bool,
    faults: &'f mut Faults,
}

impl<'s> Cursor<'s, '_> {
    fn branches(&mut self) -> Vec<Vec<Piece>> {
        let mut branches = Vec::new();
        let mut branch = Vec::new();
        while let Some(next) = self.peek() {
            let start = self.at;
            match next {
                '|' => {
                    self.at += 1;
                    branches.push(std::mem::take(&mut branch));
                }
                '^' => {
                    self.at += 1;
                    branch.push(Piece::Start);
                }
                '$' => {
                    self.at += 1;
                    branch.push(Piece::End);
                }
                '(' | ')' => self.parenthesis(),
                '*' | '+' | '?' | '{' => self.dangling(),
                _ => {
                    if let Some(atom) = self.atom(next) {
                        branch.push(atom);
                    }
                }
            }
            debug_assert!(self.at > start, "no progress in {:?}", self.source);
        }
        branches.push(branch);
        branches
    }

    /// A character, an escape or a class, and its quantifier.
    fn atom(&mut self, next: char) -> Option<Piece> {
        let set = match next {
            '.' => {
                self.at += 1;
                Some(Set::dot())
            }
            '[' => self.class(),
            '\\' => self.escape().map(Set::one),
            c if is_plain(c) => {
                self.at += 1;
                Some(Set::one(Item::Range(c, c)))
            }
            c => {
                self.at += c.len_utf8();
                self.character_fault(c);
                None
            }
        };
        let bounds = self.quantifier();
        let (min, max) = bounds?;
        set.map(|set| Piece::Atom { set, min, max })
    }

    /// The bounds that follow an atom; none after a fault.
    fn quantifier(&mut self) -> Option<(u16, Option<u16>)> {
        let start = self.at;
        let bounds = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => return self.repetition(),
            _ => return Some((1, Some(1))),
        };
        self.at += 1;
        self.after_quantifier(start)?;
        Some(bounds)
    }

    /// `{m}`, `{m,}`, `{,n}`, `{m,n}`, of at most four digits each (filter pattern spec D-RXBOUND).
    fn repetition(&mut self) -> Option<(u16, Option<u16>)> {
        let start = self.at;
        let rest = self.rest();
        let length = rest.find('}').map_or(rest.len(), |at| at + 1);
        self.at += length;
        let text = rest.get(..length).unwrap_or_default();
        let bounds = parse_bounds(text);
        if bounds.is_none() {
            let found = text.to_owned();
            self.fault(Fault::BadRepetition { found }, start..self.at);
        }
        self.after_quantifier(start)?;
        bounds
    }

    /// `?` makes a quantifier reluctant; a `+` would make it possessive, which Java knows and this
    /// language does not (filter pattern spec 2.4).
    fn after_quantifier(&mut self, start: usize) -> Option<()> {
        if self.peek() == Some('?') {
            self.at += 1;
        }
        if self.peek() != Some('+') {
            return Some(());
        }
        self.at += 1;
        let found = self.slice(start..self.at).to_owned();
        self.fault(Fault::PossessiveQuantifier { found }, start..self.at);
        None
    }

    fn dangling(&mut self) {
        let start = self.at;
        let rest = self.rest();
        self.at += match rest.find('}') {
            Some(close) if rest.starts_with('{') => close + 1,
            _ => 1,
        };
        let found = self.slice(start..self.at).to_owned();
        self.fault(Fault::DanglingQuantifier { found }, start..self.at);
    }

    fn parenthesis(&mut self) {
        let start = self.at;
        let rest = self.rest();
        let look_around = ["(?<=", "(?<!", "(?=", "(?!"]
            .into_iter()
            .find(|opener| rest.starts_with(opener));
        let is_close = rest.starts_with(')');
        self.at += look_around.map_or(1, str::len);
        if !is_close {
            self.groups += 1;
            // `(?:`, `(?i)`: one fault with the parenthesis.
            if look_around.is_none() && rest.starts_with("(?") {
                self.at += 1;
            }
        } else if self.groups > 0 {
            self.groups -= 1;
            self.sound = false;
            // What may follow a group is no fault of its own.
            self.quantifier();
            return;
        }
        let found = rest.get(..self.at - start).unwrap_or_default();
        let kind = match look_around {
            Some(_) => Fault::LookAround {
                found: found.to_owned(),
            },
            None => Fault::Parenthesis {
                found: quote(found.get(..1).unwrap_or_default()),
            },
        };
        self.fault(kind, start..self.at);
    }

    /// Reports a character that has just been read; a run of it is one fault.
    fn character_fault(&mut self, c: char) {
        let start = self.at - c.len_utf8();
        let found = quote(self.slice(start..self.at));
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(c).len();
        self.fault(Fault::Character { found }, start..self.at);
    }

    fn escape_fault(&mut self, start: usize) {
        let found = self.slice(start..self.at).to_owned();
        self.fault(Fault::Escape { found }, start..self.at);
    }

    fn fault(&mut self, fault: Fault, span: Span) {
        self.sound = false;
        let span = self.offset + span.start..self.offset + span.end;
        self.faults.add(fault.into(), span);
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn slice(&self, span: Span) -> &'s str {
        self.source.get(span).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }
}

fn parse_bounds(text: &str) -> Option<(u16, Option<u16>)> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let number = |digits: &str| {
        let fits = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse::<u16>().ok().filter(|_| fits)
    };
    match inner.split_once(',') {
        None => number(inner).map(|exactly| (exactly, Some(exactly))),
        Some(("", max)) => number(max).map(|max| (0, Some(max))),
        Some((min, "")) => number(min).map(|min| (min, None)),
        Some((min, max)) => {
            let (min, max) = (number(min)?, number(max)?);
            (min <= max).then_some((min, Some(max)))
        }
    }
}
