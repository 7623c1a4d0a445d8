//! Tokens → tree, with all errors at once.
//!
//! After a fault the parser skips to the next `&&`, `||` or closing bracket on the same level and
//! goes on; a fault whose meaning is plain (`==`, `AND`, a missing `$.`) is reported and read as what
//! it means. The tree is only handed out when there was no fault at all.

mod delimited;
mod expr;
mod json;
mod operand;
mod regex;
mod selector;
mod terms;

pub(super) use terms::is_term_char;

use super::Kind;
use super::ast::{Ast, Span, Spanned};
use super::error::{ParseError, ParseErrorKind, ParseErrors, on_one_line};
use super::limits::Limits;
use super::regex::Regex;
use super::selector::Selector;
use super::token::{Bracket, Token, TokenKind, tokens};

/// Reads a pattern of any kind.
pub(super) fn pattern(source: &str, limits: &Limits) -> Result<Ast, ParseErrors> {
    let found = source.chars().count();
    if found > limits.max_chars {
        let limit = limits.max_chars;
        let start = source.char_indices().nth(limit).map_or(0, |(at, _)| at);
        return Err(ParseErrors::new(vec![ParseError {
            kind: ParseErrorKind::TooLong { limit, found },
            span: start..source.len(),
        }]));
    }
    let mut faults = Faults::new(*limits);
    let ast = match Kind::of(source) {
        Kind::Terms => terms::parse(source, &mut faults).map(Ast::Terms),
        Kind::Regex => regex::whole(source, &mut faults).map(Ast::Regex),
        Kind::Json => {
            json::parse(&mut Parser::new(source, Bracket::Brace, &mut faults)).map(Ast::Json)
        }
        Kind::Delimited => delimited::parse(&mut Parser::new(source, Bracket::Square, &mut faults))
            .map(Ast::Delimited),
    };
    faults.unless(ast, source)
}

/// Reads a selector that stands alone.
pub(super) fn selector(text: &str) -> Result<Selector, ParseErrors> {
    let mut faults = Faults::new(Limits::default());
    let selector = selector::alone(text, &mut faults);
    faults.unless(selector, text)
}

/// The faults found so far, and what counts against the limits.
struct Faults {
    errors: Vec<ParseError>,
    limits: Limits,
    regexes: usize,
    wildcards: usize,
}

impl Faults {
    fn new(limits: Limits) -> Faults {
        Faults {
            errors: Vec::new(),
            limits,
            regexes: 0,
            wildcards: 0,
        }
    }

    fn add(&mut self, kind: ParseErrorKind, span: Span) {
        if self.errors.len() < self.limits.max_errors.max(1) {
            self.errors.push(ParseError { kind, span });
        }
    }

    /// Whether the last fault is that something is missing at the end.
    fn blames_end(&self, source: &str) -> bool {
        self.errors
            .last()
            .is_some_and(|error| error.span.start >= source.len())
    }

    /// What was parsed, if nothing was wrong with it.
    fn unless<T>(mut self, parsed: Option<T>, source: &str) -> Result<T, ParseErrors> {
        match parsed {
            Some(parsed) if self.errors.is_empty() => Ok(parsed),
            _ => {
                // INVARIANT: what cannot be parsed has been blamed on something. Should that ever
                // fail, a refusal without a good reason is better than a rule that never fires.
                debug_assert!(!self.errors.is_empty(), "no error for {source:?}");
                if self.errors.is_empty() {
                    let found = quote(source);
                    self.add(ParseErrorKind::ExpectedCondition { found }, 0..source.len());
                }
                Err(ParseErrors::new(self.errors))
            }
        }
    }
}

/// A cursor over the tokens of a JSON or space-delimited pattern.
struct Parser<'s, 'f> {
    source: &'s str,
    tokens: Vec<Token<'s>>,
    next: usize,
    faults: &'f mut Faults,
    /// The bracket around the pattern.
    outer: Bracket,
    /// Whether the rest has been skipped without a look.
    gave_up: bool,
}

impl<'s, 'f> Parser<'s, 'f> {
    fn new(source: &'s str, outer: Bracket, faults: &'f mut Faults) -> Parser<'s, 'f> {
        Parser {
            source,
            tokens: tokens(source),
            next: 0,
            faults,
            outer,
            gave_up: false,
        }
    }

    fn peek(&self) -> Option<Token<'s>> {
        self.tokens.get(self.next).copied()
    }

    fn peek_second(&self) -> Option<Token<'s>> {
        self.tokens.get(self.next + 1).copied()
    }

    fn peek_kind(&self) -> Option<TokenKind> {
        self.peek().map(|token| token.kind)
    }

    fn bump(&mut self) {
        self.next += 1;
    }

    /// Where the token before stands.
    fn previous(&self) -> Span {
        let previous = self.next.checked_sub(1).and_then(|at| self.tokens.get(at));
        previous.map_or(0..0, Token::span)
    }

    /// The offset at which the token before ended.
    fn end_of_previous(&self) -> usize {
        self.previous().end
    }

    /// Whether nothing stands between the token before and this one.
    fn is_adjacent(&self, token: Token<'_>) -> bool {
        token.at == self.end_of_previous()
    }

    /// Skips the rest.
    fn give_up(&mut self) {
        self.gave_up = true;
        self.next = self.tokens.len();
    }

    /// Whether the rest was skipped, or vanished in a quote that is never closed. What else is
    /// missing may be inside.
    fn is_cut_off(&self) -> bool {
        let last = self.tokens.last();
        self.gave_up || last.is_some_and(|token| token.kind == TokenKind::Unclosed)
    }

    /// Reports the next token as something else than `expected`.
    fn unexpected(&mut self, expected: impl FnOnce(String) -> ParseErrorKind) {
        let Some(token) = self.peek() else {
            if !self.is_cut_off() {
                let end = self.source.len();
                let found = "the end of the pattern".to_owned();
                self.faults.add(expected(found), end..end);
            }
            return;
        };
        match token.kind {
            TokenKind::Unclosed => self.unclosed(token),
            TokenKind::Typographic => {
                let kind = ParseErrorKind::TypographicQuotes;
                self.faults.add(kind, token.span());
            }
            _ => self.faults.add(expected(quote(token.text)), token.span()),
        }
    }

    fn unclosed(&mut self, token: Token<'_>) {
        let kind = match token.text.starts_with('%') {
            true => ParseErrorKind::UnclosedRegex,
            false => ParseErrorKind::UnclosedQuote,
        };
        self.faults.add(kind, token.at..token.at + 1);
    }

    /// Whether the token ends an expression on the outermost level.
    fn is_end(&self, token: Token<'_>) -> bool {
        token.kind == TokenKind::Close(self.outer)
            || (self.outer == Bracket::Square && token.kind == TokenKind::Comma)
    }

    /// Reports text after the closing bracket `close`, which has just been read.
    fn expect_nothing_more(&mut self, close: char) {
        let end = self.end_of_previous();
        if end < self.source.len() {
            let start = self.peek().map_or(end, |token| token.at);
            let kind = ParseErrorKind::TextAfterPattern { close };
            self.faults.add(kind, start..self.source.len());
        }
    }

    /// Reports that the pattern never ends, unless that follows from another fault.
    fn missing_close(&mut self, open: char, close: char) {
        if !self.is_cut_off() && !self.faults.blames_end(self.source) {
            let end = self.source.len();
            let kind = ParseErrorKind::MissingClose { open, close };
            self.faults.add(kind, end..end);
        }
    }

    /// Reads a regex token, percent signs included.
    fn regex(&mut self, token: Token<'_>) -> Option<Spanned<Regex>> {
        regex::quoted(token.text, token.at, self.faults)
    }
}

/// Text of the pattern as error messages show it: in backticks, not too long, on one line.
fn quote(text: &str) -> String {
    format!("`{}`", on_one_line(text, 40))
}
