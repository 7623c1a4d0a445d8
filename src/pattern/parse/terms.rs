//! Terms: `ERROR -timeout ?retry "exit code"` (filter pattern spec 3).

use super::super::ast::{Sign, Spanned, Term};
use super::super::error::ParseErrorKind as Kind;
use super::super::token::{is_space, is_typographic_quote, quoted};
use super::operand::unquote;
use super::{Faults, quote};

/// Reads a pattern that starts with no bracket and no percent sign.
pub(super) fn parse(source: &str, faults: &mut Faults) -> Option<Vec<Spanned<Term>>> {
    let mut terms = Terms {
        source,
        at: 0,
        faults,
        terms: Vec::new(),
    };
    loop {
        let space = terms.rest().trim_start_matches(is_space);
        terms.at = source.len() - space.len();
        if space.is_empty() {
            terms.blame_missing_bracket();
            return Some(terms.terms);
        }
        if terms.term().is_none() {
            terms.skip_fault();
        }
    }
}

/// What bare terms hold: letters and digits of any script, `_` and `.` (filter pattern spec 3.2).
pub(in crate::pattern) fn is_term_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.')
}

struct Terms<'s, 'f> {
    source: &'s str,
    at: usize,
    faults: &'f mut Faults,
    terms: Vec<Spanned<Term>>,
}

impl<'s> Terms<'s, '_> {
    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Reads one term; after a fault, which has been reported, returns none.
    fn term(&mut self) -> Option<()> {
        let start = self.at;
        let sign = match self.peek()? {
            '-' => Sign::Excluded,
            '?' => Sign::Optional,
            _ => Sign::Required,
        };
        if sign != Sign::Required {
            self.at += 1;
        }
        let text = match self.peek() {
            Some('"') => self.quoted()?,
            Some(c) if is_term_char(c) => self.bare()?,
            next => {
                let lone = next.is_none_or(|c| is_space(c) || matches!(c, '-' | '?'));
                match self
                    .source
                    .get(start..)
                    .and_then(|from| from.chars().next())
                {
                    Some(sign) if lone => {
                        self.faults.add(Kind::LoneSign { sign }, start..self.at);
                        self.at = start;
                    }
                    _ => self.wrong_character(start == 0),
                }
                return None;
            }
        };
        let span = start..self.at;
        let node = Term { sign, text };
        self.terms.push(Spanned { node, span });
        Some(())
    }

    /// A quoted term ends with a blank or the pattern (filter pattern spec 3.3).
    fn quoted(&mut self) -> Option<String> {
        let start = self.at;
        let Some(length) = quoted(self.rest()) else {
            self.faults.add(Kind::UnclosedQuote, start..start + 1);
            self.at = self.source.len();
            return None;
        };
        self.at += length;
        let text = unquote(self.source.get(start..self.at)?);
        if text.is_empty() {
            self.faults.add(Kind::EmptyTerm, start..self.at);
            return None;
        }
        if self.peek().is_some_and(|c| !is_space(c)) {
            self.faults.add(Kind::MissingBlank, self.at..self.at);
            return None;
        }
        Some(text)
    }

    /// A bare term also ends with a sign, which starts the next one (filter pattern spec 3.5).
    fn bare(&mut self) -> Option<String> {
        let rest = self.rest();
        let length = rest.find(|c| !is_term_char(c)).unwrap_or(rest.len());
        self.at += length;
        match self.peek() {
            Some('"') => {
                self.faults.add(Kind::MissingBlank, self.at..self.at);
                None
            }
            Some(c) if !is_space(c) && !matches!(c, '-' | '?') => {
                self.wrong_character(false);
                None
            }
            _ => rest.get(..length).map(str::to_owned),
        }
    }

    fn wrong_character(&mut self, at_start: bool) {
        let Some(found) = self.peek() else {
            return;
        };
        let one = self.at..self.at + found.len_utf8();
        let before = self.source.get(..self.at).unwrap_or_default();
        let starts_term = at_start || before.ends_with(is_space) || before.is_empty();
        match found {
            '%' => self.faults.add(Kind::RegexAmongTerms, one),
            '{' | '[' if starts_term => {
                self.faults.add(Kind::BracketAmongTerms { found }, one);
                // The rest is meant as another kind of pattern.
                self.at = self.source.len();
            }
            _ if is_typographic_quote(found) => self.faults.add(Kind::TypographicQuotes, one),
            _ => {
                let found = quote(self.rest().get(..found.len_utf8()).unwrap_or_default());
                self.faults.add(Kind::TermCharacter { found }, one);
            }
        }
    }

    /// Puts one fault in place of many if another kind of pattern is meant, without its first bracket.
    fn blame_missing_bracket(&mut self) {
        let mut faulty = self.faults.errors.iter().filter_map(|error| {
            let is_character = matches!(error.kind, Kind::TermCharacter { .. });
            let run = self.source.get(error.span.start..)?.split(is_space).next();
            run.filter(|_| is_character)
        });
        let ends = |open: char, close: char| {
            let source = self.source.trim_end_matches(is_space);
            source.ends_with(close) && !source.contains(open)
        };
        let open = match faulty.next() {
            None => return,
            Some(first) if first.contains("$.") || faulty.any(|run| run.contains("$.")) => '{',
            Some(_) if ends('{', '}') => '{',
            Some(_) if ends('[', ']') => '[',
            Some(_) => return,
        };
        let pattern = match open {
            '{' => "JSON",
            _ => "space-delimited",
        };
        let start = self.source.len() - self.source.trim_start_matches(is_space).len();
        self.faults.errors.clear();
        let kind = Kind::MissingOpen { pattern, open };
        self.faults.add(kind, start..start);
    }

    /// Skips what belongs to a fault: a run without blanks, or what stands in the same quotes.
    fn skip_fault(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return;
        };
        let closer = |closes: &dyn Fn(char) -> bool| {
            let mut after = rest.char_indices().skip(1);
            after.find(|(_, c)| closes(*c)).map(|(at, _)| at)
        };
        let inside = match first {
            '%' => closer(&|c| c == '%'),
            '"' => quoted(rest).map(|length| length - 1),
            c if is_typographic_quote(c) => closer(&is_typographic_quote),
            _ => None,
        };
        let from = inside.unwrap_or(0);
        let blank = rest.get(from..).and_then(|tail| tail.find(is_space));
        self.at += blank.map_or(rest.len(), |blank| from + blank);
    }
}
