//! Text → tokens of JSON and space-delimited patterns.
//!
//! A token is a slice of the source and knows where it is. Nothing is unescaped here, and nothing is
//! refused: what is not of the language becomes a token too, so that the parser, which knows what it
//! waits for, can say what is wrong with it.

use std::ops::Range;

use super::ast::Op;
use super::number::Decimal;
use super::selector::is_name_char;

/// A slice of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'s> {
    pub kind: TokenKind,
    pub text: &'s str,
    pub at: usize,
}

impl Token<'_> {
    pub fn span(&self) -> Range<usize> {
        self.at..self.end()
    }

    pub fn end(&self) -> usize {
        self.at + self.text.len()
    }

    /// Whether the token is this keyword, in any case (filter pattern spec 1.6).
    pub fn is_word(&self, keyword: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(keyword)
    }
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// `{`, `(`, `[`
    Open(Bracket),
    /// `}`, `)`, `]`
    Close(Bracket),
    /// `,`
    Comma,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `=`, `!=`, …
    Compare(Op),
    /// `==`, `<>`, `&`, `!`, …: an operator of other languages.
    Foreign,
    /// `$.userIdentity.arn`, well formed or not.
    Selector,
    /// `DeleteTrail`, `IS`, `10.*`: a run of what bare values may hold.
    Word,
    /// `404`, `-1.5e+3`
    Number,
    /// `"Failed authentication"`
    Quoted,
    /// `%^10\.%`
    Regex,
    /// `'DeleteTrail'`
    SingleQuoted,
    /// `“DeleteTrail”`
    Typographic,
    /// A quote or percent sign whose partner is missing; the rest of the source.
    Unclosed,
    /// Any other character.
    Other,
}

/// A kind of bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bracket {
    Brace,
    Paren,
    Square,
}

/// Splits a source into tokens; white space between them is dropped.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = source.trim_start_matches(is_space);
    while !rest.is_empty() {
        let (kind, length) = scan(rest);
        let Some((text, after)) = rest.split_at_checked(length) else {
            break;
        };
        tokens.push(Token {
            kind,
            text,
            at: source.len() - rest.len(),
        });
        rest = after.trim_start_matches(is_space);
    }
    tokens
}

/// White space of a pattern: blank, tab, carriage return, line feed (filter pattern spec 4).
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Opening and closing double quotes that word processors put in (filter pattern spec 3.3).
pub(super) fn is_typographic_quote(c: char) -> bool {
    matches!(
        c,
        '“' | '”' | '„' | '‟' | '«' | '»' | '‘' | '’' | '‚' | '‹' | '›'
    )
}

/// The kind and length of the token at the start of a text that is not empty.
fn scan(text: &str) -> (TokenKind, usize) {
    let first = text.chars().next().unwrap_or_default();
    match first {
        '{' => (TokenKind::Open(Bracket::Brace), 1),
        '}' => (TokenKind::Close(Bracket::Brace), 1),
        '(' => (TokenKind::Open(Bracket::Paren), 1),
        ')' => (TokenKind::Close(Bracket::Paren), 1),
        '[' => (TokenKind::Open(Bracket::Square), 1),
        ']' => (TokenKind::Close(Bracket::Square), 1),
        ',' => (TokenKind::Comma, 1),
        '&' => run(text, "&", |run| match run {
            "&&" => TokenKind::And,
            _ => TokenKind::Foreign,
        }),
        '|' => run(text, "|", |run| match run {
            "||" => TokenKind::Or,
            _ => TokenKind::Foreign,
        }),
        '=' | '!' | '<' | '>' | '~' => run(text, "=!<>~", comparison),
        '$' => (TokenKind::Selector, selector(text)),
        '"' => delimited(TokenKind::Quoted, text, quoted(text)),
        '%' => delimited(TokenKind::Regex, text, closing(text, |c| c == '%')),
        '\'' => match closing(text, |c| c == '\'') {
            Some(length) => (TokenKind::SingleQuoted, length),
            None => (TokenKind::SingleQuoted, 1),
        },
        quote if is_typographic_quote(quote) => {
            let length = closing(text, is_typographic_quote);
            (TokenKind::Typographic, length.unwrap_or(quote.len_utf8()))
        }
        _ => word(text, first),
    }
}

fn run(text: &str, alphabet: &str, kind: impl Fn(&str) -> TokenKind) -> (TokenKind, usize) {
    let end = text.find(|c| !alphabet.contains(c)).unwrap_or(text.len());
    (kind(text.get(..end).unwrap_or_default()), end)
}

fn comparison(text: &str) -> TokenKind {
    match text {
        "=" => TokenKind::Compare(Op::Equal),
        "!=" => TokenKind::Compare(Op::NotEqual),
        "<" => TokenKind::Compare(Op::Less),
        "<=" => TokenKind::Compare(Op::LessOrEqual),
        ">" => TokenKind::Compare(Op::Greater),
        ">=" => TokenKind::Compare(Op::GreaterOrEqual),
        _ => TokenKind::Foreign,
    }
}

/// What bare values hold (filter pattern spec 4.5).
pub(super) fn is_bare_char(c: char) -> bool {
    is_name_char(c) || matches!(c, '.' | '*')
}

/// A number where the whole run is one; only numbers hold a plus sign.
fn word(text: &str, first: char) -> (TokenKind, usize) {
    let bare = text.find(|c| !is_bare_char(c)).unwrap_or(text.len());
    let numeric = text
        .find(|c: char| !is_bare_char(c) && c != '+')
        .unwrap_or(text.len());
    for end in [numeric, bare] {
        let candidate = text.get(..end).unwrap_or_default();
        if looks_numeric(candidate) {
            return (TokenKind::Number, end);
        }
    }
    match bare {
        0 => (TokenKind::Other, first.len_utf8()),
        length => (TokenKind::Word, length),
    }
}

/// Whether the text has the shape of a number, however large.
fn looks_numeric(text: &str) -> bool {
    use super::number::NumberError::NotANumber;
    !matches!(Decimal::parse(text), Err(NotANumber))
}

/// The length up to and with the next character that closes, after the first one.
fn closing(text: &str, closes: impl Fn(char) -> bool) -> Option<usize> {
    let (at, closer) = text.char_indices().skip(1).find(|(_, c)| closes(*c))?;
    Some(at + closer.len_utf8())
}

/// The length of a quoted text; `\"` and `\\` do not close it (filter pattern spec 3.3).
pub(super) fn quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return Some(at + 1),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

fn delimited(kind: TokenKind, text: &str, length: Option<usize>) -> (TokenKind, usize) {
    match length {
        Some(length) => (kind, length),
        None => (TokenKind::Unclosed, text.len()),
    }
}

/// The length of what was meant as a selector: steps, and whatever stands in brackets or in quotes
/// after a dot.
fn selector(text: &str) -> usize {
    let mut at = 1;
    while let Some(rest) = text.get(at..) {
        let length = match rest.chars().next() {
            Some(c) if is_name_char(c) => c.len_utf8(),
            Some('.' | '*') => 1,
            Some('[') => bracketed(rest),
            Some('"') if text.get(..at).is_some_and(|before| before.ends_with('.')) => {
                closing(rest, |c| c == '"').unwrap_or(1)
            }
            _ => break,
        };
        at += length;
    }
    at
}

/// `[0]`, `[*]`, `['a.b']`; a bracket that nothing closes before a blank stands alone.
fn bracketed(text: &str) -> usize {
    let inner = text.get(1..).unwrap_or_default();
    if let Some(quote @ ('\'' | '"')) = inner.chars().next() {
        return match closing(inner, |c| c == quote) {
            Some(length)
                if inner
                    .get(length..)
                    .is_some_and(|rest| rest.starts_with(']')) =>
            {
                length + 2
            }
            Some(length) => length + 1,
            None => 2,
        };
    }
    match inner.find(|c| c == ']' || is_space(c)) {
        Some(at) if inner.get(at..).is_some_and(|rest| rest.starts_with(']')) => at + 2,
        _ => 1,
    }
}
