//! JSON patterns: `{ $.eventName = ConsoleLogin && $.errorMessage NOT EXISTS }`.

use super::super::ast::{Condition, Expr, Literal, Spanned, Test};
use super::super::error::ParseErrorKind as Kind;
use super::super::selector::Selector;
use super::super::token::{Bracket, Token, TokenKind};
use super::{Parser, quote, selector};

/// Reads a pattern that starts with `{`.
pub(super) fn parse(parser: &mut Parser<'_, '_>) -> Option<Expr<Condition>> {
    let open = parser.peek()?;
    parser.bump();
    if let Some(close) = parser.peek().filter(|token| parser.is_end(*token)) {
        let kind = Kind::EmptyPattern;
        parser.faults.add(kind, open.at..close.end());
        return None;
    }
    if parser.peek().is_none() {
        parser.missing_close('{', '}');
        return None;
    }
    let expr = parser.expr(&mut condition);
    match parser.peek_kind() {
        Some(TokenKind::Close(Bracket::Brace)) => {
            parser.bump();
            parser.expect_nothing_more('}');
        }
        _ => parser.missing_close('{', '}'),
    }
    expr
}

fn condition(parser: &mut Parser<'_, '_>) -> Option<Spanned<Condition>> {
    let start = parser.peek();
    let selector = read_selector(parser)?;
    if matches!(selector, Meant::Faulty) && !parser.peek().is_some_and(asks) {
        // What is wrong with the selector probably explains what follows it.
        return None;
    }
    let test = read_test(parser);
    let (selector, test) = (selector.sound()?, test?);
    let span = start?.at..parser.end_of_previous();
    let node = Condition { selector, test };
    Some(Spanned { node, span })
}

/// A selector was meant; whether it is one.
enum Meant {
    Sound(Spanned<Selector>),
    Faulty,
}

impl Meant {
    fn sound(self) -> Option<Spanned<Selector>> {
        match self {
            Meant::Sound(selector) => Some(selector),
            Meant::Faulty => None,
        }
    }
}

fn read_selector(parser: &mut Parser<'_, '_>) -> Option<Meant> {
    let token = parser.peek();
    match token {
        Some(token) if token.kind == TokenKind::Selector => {
            parser.bump();
            let node = selector::token(token, parser.faults);
            let span = token.span();
            Some(match node {
                Some(node) => Meant::Sound(Spanned { node, span }),
                None => Meant::Faulty,
            })
        }
        Some(token) if is_rootless(parser, token) => {
            let found = token.text.to_owned();
            parser.faults.add(Kind::MissingRoot { found }, token.span());
            parser.bump();
            Some(Meant::Faulty)
        }
        _ => {
            parser.unexpected(|found| Kind::ExpectedCondition { found });
            None
        }
    }
}

/// `eventName = …`: a word where a selector belongs, and something asked of it.
fn is_rootless(parser: &Parser<'_, '_>, token: Token<'_>) -> bool {
    token.kind == TokenKind::Word && parser.peek_second().is_some_and(asks)
}

/// Whether the token starts what is asked of a selector.
fn asks(token: Token<'_>) -> bool {
    let is_keyword = ["IS", "NOT", "EXISTS"]
        .iter()
        .any(|word| token.is_word(word));
    is_keyword || matches!(token.kind, TokenKind::Compare(_) | TokenKind::Foreign)
}

fn read_test(parser: &mut Parser<'_, '_>) -> Option<Test> {
    let Some(token) = parser.peek() else {
        parser.unexpected(|found| Kind::ExpectedComparison { found });
        return None;
    };
    if token.is_word("IS") {
        parser.bump();
        return literal(parser).map(Test::Is);
    }
    if token.is_word("NOT") {
        parser.bump();
        return exists(parser);
    }
    if token.is_word("EXISTS") {
        let end = parser.end_of_previous();
        let selector = parser.source.get(..end).unwrap_or_default();
        match selector.ends_with("NOT") {
            true => parser.faults.add(Kind::GluedNot, end - "NOT".len()..end),
            false => parser.faults.add(Kind::Exists, token.span()),
        }
        parser.bump();
        return None;
    }
    if token.kind == TokenKind::Other && parser.is_adjacent(token) {
        let found = quote(token.text);
        parser
            .faults
            .add(Kind::NameCharacter { found }, token.span());
        return None;
    }
    parser.comparison().map(Test::Compare)
}

/// What follows `IS`.
fn literal(parser: &mut Parser<'_, '_>) -> Option<Literal> {
    let literals = [
        ("NULL", Literal::Null),
        ("TRUE", Literal::True),
        ("FALSE", Literal::False),
    ];
    let token = parser.peek();
    let is_word = |word: &str| token.is_some_and(|token| token.is_word(word));
    if let Some((_, literal)) = literals.into_iter().find(|(word, _)| is_word(word)) {
        parser.bump();
        return Some(literal);
    }
    if is_word("NOT") {
        let is = parser.previous();
        parser.bump();
        let not = parser.previous();
        let what = parser.peek().map(|token| token.text.to_ascii_uppercase());
        let what = what.unwrap_or_default();
        parser.faults.add(Kind::IsNot { what }, is.start..not.end);
    } else {
        parser.unexpected(|found| Kind::ExpectedLiteral { found });
    }
    None
}

/// What follows `NOT`.
fn exists(parser: &mut Parser<'_, '_>) -> Option<Test> {
    if parser.peek().is_some_and(|token| token.is_word("EXISTS")) {
        parser.bump();
        return Some(Test::NotExists);
    }
    parser.unexpected(|found| Kind::ExpectedExists { found });
    None
}
