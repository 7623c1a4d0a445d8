//! `$.resources[0].ARN` (filter pattern spec 4.3).

use super::super::ast::Span;
use super::super::error::ParseErrorKind as Kind;
use super::super::selector::{Selector, Step, is_name_char};
use super::super::token::{Token, TokenKind, tokens};
use super::{Faults, quote};

/// Reads a selector that is a whole text.
pub(super) fn alone(text: &str, faults: &mut Faults) -> Option<Selector> {
    let first = tokens(text).first().copied();
    match first {
        Some(first) if first.text == text && first.kind == TokenKind::Selector => {
            token(first, faults)
        }
        Some(first) if first.at == 0 && first.kind == TokenKind::Selector => {
            let rest = first.end()..text.len();
            let found = quote(text.get(rest.clone()).unwrap_or_default());
            faults.add(Kind::NameCharacter { found }, rest);
            None
        }
        _ => {
            let found = text.to_owned();
            faults.add(Kind::MissingRoot { found }, 0..text.len());
            None
        }
    }
}

/// Reads a selector token and counts its wildcards.
pub(super) fn token(token: Token<'_>, faults: &mut Faults) -> Option<Selector> {
    let steps = Steps {
        text: token.text,
        offset: token.at,
        at: 1,
        steps: Vec::new(),
    };
    let steps = match steps.read() {
        Ok(steps) => steps,
        Err((kind, span)) => {
            faults.add(kind, span);
            return None;
        }
    };
    if steps.contains(&Step::Wildcard) {
        faults.wildcards += 1;
        let limit = faults.limits.max_wildcard_selectors;
        if faults.wildcards == limit + 1 {
            faults.add(Kind::TooManyWildcards { limit }, token.span());
        }
    }
    Some(Selector::new(steps))
}

type Fault = (Kind, Span);

/// A cursor inside a selector.
struct Steps<'s> {
    text: &'s str,
    /// Where the selector starts in the pattern.
    offset: usize,
    at: usize,
    steps: Vec<Step>,
}

impl<'s> Steps<'s> {
    fn read(mut self) -> Result<Vec<Step>, Fault> {
        self.root()?;
        while let Some(next) = self.rest().chars().next() {
            match next {
                '.' => {
                    self.at += 1;
                    self.named()?;
                }
                '[' if self.rest().starts_with("['") || self.rest().starts_with("[\"") => {
                    return Err(self.bracketed_without_dot());
                }
                '[' => self.bracketed()?,
                _ => {
                    let found = self.rest().to_owned();
                    return Err(self.fault(self.at..self.text.len(), Kind::AfterStep { found }));
                }
            }
        }
        Ok(self.steps)
    }

    /// What follows the `$`.
    fn root(&mut self) -> Result<(), Fault> {
        let rest = self.rest();
        if rest.starts_with('.') {
            return Ok(());
        }
        if rest.starts_with("['") || rest.starts_with("[\"") {
            return Err(self.bracketed_without_dot());
        }
        let found = self.text.to_owned();
        let kind = match rest.chars().next() {
            None | Some('[') => Kind::RootStep { found },
            Some(_) => Kind::MissingRoot { found },
        };
        Err(self.fault(0..self.text.len(), kind))
    }

    /// What follows a dot.
    fn named(&mut self) -> Result<(), Fault> {
        let rest = self.rest();
        if rest.starts_with('*') {
            self.at += 1;
            return self.wildcard(self.at - 1);
        }
        if rest.starts_with("['") {
            return self.quoted_name();
        }
        if rest.starts_with('"') || rest.starts_with("[\"") {
            let name = rest.trim_start_matches('[').trim_start_matches('"');
            let name = name.split('"').next().unwrap_or_default();
            let length = rest.find(name).unwrap_or(0) + name.len();
            let after = rest.get(length..).unwrap_or_default();
            let closers = after.len() - after.trim_start_matches(['"', ']']).len();
            let kind = Kind::DoubleQuotedName {
                found: rest.get(..length + closers).unwrap_or_default().to_owned(),
                name: name.to_owned(),
            };
            return Err(self.fault(self.at..self.at + length + closers, kind));
        }
        let length = rest.find(|c| !is_name_char(c)).unwrap_or(rest.len());
        if length == 0 {
            return Err(self.fault(self.at - 1..self.at, Kind::MissingName));
        }
        let name = rest.get(..length).unwrap_or_default().to_owned();
        self.steps.push(Step::Name(name));
        self.at += length;
        Ok(())
    }

    /// `['a.b']`: any character but a single quote (filter pattern spec D-BRACKET).
    fn quoted_name(&mut self) -> Result<(), Fault> {
        let inner = self.rest().get(2..).unwrap_or_default();
        let (name, after) = inner.split_once('\'').unwrap_or((inner, ""));
        if !after.starts_with(']') {
            let kind = Kind::UnclosedBracket { close: "']" };
            return Err(self.fault(self.at..self.at + 1, kind));
        }
        let length = name.len() + "['']".len();
        if name.is_empty() {
            return Err(self.fault(self.at..self.at + length, Kind::EmptyName));
        }
        self.steps.push(Step::Name(name.to_owned()));
        self.at += length;
        Ok(())
    }

    /// `[0]` or `[*]`
    fn bracketed(&mut self) -> Result<(), Fault> {
        let inner = self.rest().get(1..).unwrap_or_default();
        let Some((index, _)) = inner.split_once(']') else {
            let kind = Kind::UnclosedBracket { close: "]" };
            return Err(self.fault(self.at..self.at + 1, kind));
        };
        let start = self.at;
        self.at += index.len() + "[]".len();
        if index == "*" {
            return self.wildcard(start);
        }
        if index.is_empty() || !index.bytes().all(|b| b.is_ascii_digit()) {
            let found = index.to_owned();
            return Err(self.fault(start + 1..self.at - 1, Kind::BadIndex { found }));
        }
        // An index too large for the machine names an element that no message has.
        self.steps
            .push(Step::Index(index.parse().unwrap_or(usize::MAX)));
        Ok(())
    }

    fn wildcard(&mut self, start: usize) -> Result<(), Fault> {
        if self.steps.contains(&Step::Wildcard) {
            return Err(self.fault(start..self.at, Kind::SecondWildcard));
        }
        self.steps.push(Step::Wildcard);
        Ok(())
    }

    fn bracketed_without_dot(&self) -> Fault {
        let rest = self.rest();
        let length = rest.find(']').map_or(rest.len(), |at| at + 1);
        let found = rest.get(..length).unwrap_or_default().replace('"', "'");
        self.fault(self.at..self.at + length, Kind::MissingDot { found })
    }

    fn rest(&self) -> &'s str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn fault(&self, span: Span, kind: Kind) -> Fault {
        (kind, self.offset + span.start..self.offset + span.end)
    }
}
