//! Space-delimited patterns: `[ip, ..., status = 5*, bytes]` (filter pattern spec 5).

use super::super::ast::{Column, Comparison, Spanned};
use super::super::error::ParseErrorKind as Kind;
use super::super::token::{Bracket, Token, TokenKind};
use super::Parser;

/// Reads a pattern that starts with `[`.
pub(super) fn parse(parser: &mut Parser<'_, '_>) -> Option<Vec<Column>> {
    parser.bump();
    let mut columns = Columns::default();
    if parser.peek_kind() != Some(TokenKind::Close(Bracket::Square)) {
        columns.read(parser);
        while parser.peek_kind() == Some(TokenKind::Comma) {
            parser.bump();
            columns.read(parser);
        }
    }
    match parser.peek_kind() {
        Some(TokenKind::Close(Bracket::Square)) => {
            parser.bump();
            parser.expect_nothing_more(']');
        }
        _ => parser.missing_close('[', ']'),
    }
    columns.sound.then_some(columns.columns)
}

/// The columns read so far.
struct Columns {
    columns: Vec<Column>,
    names: Vec<String>,
    has_ellipsis: bool,
    sound: bool,
}

impl Default for Columns {
    fn default() -> Columns {
        Columns {
            columns: Vec::new(),
            names: Vec::new(),
            has_ellipsis: false,
            sound: true,
        }
    }
}

impl Columns {
    /// Reads a column up to the comma or bracket that ends it.
    fn read(&mut self, parser: &mut Parser<'_, '_>) {
        let column = self.column(parser);
        if column.is_none() {
            while parser.peek().is_some_and(|token| !parser.is_end(token)) {
                // Closing parentheses included: their fault has been reported.
                parser.recover();
                if parser.peek().is_some_and(|token| !parser.is_end(token)) {
                    parser.bump();
                }
            }
        }
        match column {
            Some(column) => self.columns.push(column),
            None => self.sound = false,
        }
    }

    fn column(&mut self, parser: &mut Parser<'_, '_>) -> Option<Column> {
        let Some(token) = parser.peek().filter(|token| !parser.is_end(*token)) else {
            return Some(Column::Blank);
        };
        let is_alone = parser
            .peek_second()
            .is_none_or(|second| parser.is_end(second));
        if token.text == "..." && is_alone {
            parser.bump();
            return self.ellipsis(parser, token);
        }
        if token.kind == TokenKind::Word && is_alone {
            let name = name(parser, token);
            parser.bump();
            let name = name?;
            return self.declare(parser, &name).then_some(Column::Named(name));
        }
        let mut first = None;
        let tests = parser.expr(&mut |parser| condition(parser, &mut first));
        let name = first?;
        let fresh = self.declare(parser, &name);
        let tests = tests?;
        fresh.then_some(Column::Tested { name, tests })
    }

    fn ellipsis(&mut self, parser: &mut Parser<'_, '_>, token: Token<'_>) -> Option<Column> {
        if self.has_ellipsis {
            parser.faults.add(Kind::SecondEllipsis, token.span());
            return None;
        }
        self.has_ellipsis = true;
        Some(Column::Ellipsis)
    }

    fn declare(&mut self, parser: &mut Parser<'_, '_>, name: &Spanned<String>) -> bool {
        let known = self.names.contains(&name.node);
        if known {
            let kind = Kind::DuplicateColumn {
                name: name.node.clone(),
            };
            parser.faults.add(kind, name.span.clone());
        } else {
            self.names.push(name.node.clone());
        }
        !known
    }
}

/// Reads `status = 5*`. All conditions of a column name the same column, `first`.
fn condition(
    parser: &mut Parser<'_, '_>,
    first: &mut Option<Spanned<String>>,
) -> Option<Spanned<Comparison>> {
    let token = parser.peek();
    let name = match token {
        Some(token) if token.kind == TokenKind::Selector => {
            let found = token.text.to_owned();
            let kind = Kind::SelectorAsColumn { found };
            parser.faults.add(kind, token.span());
            None
        }
        Some(token) if matches!(token.kind, TokenKind::Word | TokenKind::Number) => {
            Some(name(parser, token)?)
        }
        _ => {
            parser.unexpected(match token.is_some_and(|token| parser.is_end(token)) {
                true => |found| Kind::ExpectedCondition { found },
                false => |found| Kind::ExpectedColumn { found },
            });
            return None;
        }
    };
    parser.bump();
    let sound = match (name, &*first) {
        (Some(name), Some(first)) if name.node != first.node => {
            let kind = Kind::SecondColumn {
                first: first.node.clone(),
                second: name.node,
            };
            parser.faults.add(kind, name.span);
            false
        }
        (Some(name), _) => {
            first.get_or_insert(name);
            true
        }
        (None, _) => false,
    };
    let node = comparison(parser)?;
    let span = token?.at..parser.end_of_previous();
    sound.then_some(Spanned { node, span })
}

fn comparison(parser: &mut Parser<'_, '_>) -> Option<Comparison> {
    let token = parser.peek();
    let is_word = |word: &str| token.is_some_and(|token| token.is_word(word));
    if is_word("IS") || is_word("NOT") {
        let end = parser
            .peek_second()
            .filter(|second| second.kind == TokenKind::Word);
        let span = token?.at..end.or(token)?.end();
        parser.faults.add(Kind::NullColumn, span);
        return None;
    }
    match token.map(|token| token.kind) {
        Some(TokenKind::Compare(_) | TokenKind::Foreign) => parser.comparison(),
        _ => {
            parser.unexpected(|found| Kind::ExpectedColumnEnd { found });
            None
        }
    }
}

/// ASCII letters, digits and `_`, with no digit first (filter pattern spec 5).
fn name(parser: &mut Parser<'_, '_>, token: Token<'_>) -> Option<Spanned<String>> {
    let is_name = token
        .text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let starts_well = !token.text.starts_with(|c: char| c.is_ascii_digit());
    if is_name && starts_well {
        let node = token.text.to_owned();
        let span = token.span();
        return Some(Spanned { node, span });
    }
    parser.unexpected(|found| Kind::ExpectedColumn { found });
    None
}
