//! `= "text"`, `>= 400`, `!= %^10\.%`: an operator and what it compares with.

use super::super::ast::{Comparison, Op, Operand, Spanned};
use super::super::error::ParseErrorKind as Kind;
use super::super::number::{Number, NumberError};
use super::super::token::{Token, TokenKind};
use super::Parser;

impl Parser<'_, '_> {
    /// Reads an operator and its operand.
    pub(super) fn comparison(&mut self) -> Option<Comparison> {
        let op = self.operator()?;
        let operand = self.operand(op)?;
        Some(Comparison {
            op: op.sound?,
            operand,
        })
    }

    fn operator(&mut self) -> Option<Operator> {
        let token = self.peek();
        let negates = |text: &str| text.starts_with('!') || text.starts_with("<>");
        let negated = token.is_some_and(|token| negates(token.text));
        let sound = match token {
            Some(token) if token.kind == TokenKind::Foreign => {
                self.foreign_operator(token);
                None
            }
            Some(Token {
                kind: TokenKind::Compare(op),
                ..
            }) => Some(op),
            _ => {
                self.no_operator(token);
                return None;
            }
        };
        self.bump();
        Some(Operator { sound, negated })
    }

    fn foreign_operator(&mut self, token: Token<'_>) {
        let mut span = token.span();
        let second = self.peek_second();
        if let Some(second) = second.filter(|second| second.text == "=" && token.text == "!") {
            // `! =`
            span.end = second.end();
            self.bump();
        }
        let instead = match token.text {
            "==" | "===" | "~" => "=",
            "=~" => "= %…%",
            "!~" => "!= %…%",
            "=<" => "<=",
            "=>" => ">=",
            _ => "!=",
        };
        let found = self.source.get(span.clone()).unwrap_or_default().to_owned();
        self.faults
            .add(Kind::ForeignOperator { found, instead }, span);
    }

    fn no_operator(&mut self, token: Option<Token<'_>>) {
        let word = token.filter(|token| token.kind == TokenKind::Word);
        let instead = word.and_then(|word| match word.text.to_ascii_uppercase().as_str() {
            "IN" => Some("one comparison for each value, joined by `||`"),
            "LIKE" | "CONTAINS" | "MATCHES" | "STARTSWITH" | "ENDSWITH" => {
                Some("`= \"*text*\"`, or `= %regex%`")
            }
            "BETWEEN" => Some("two comparisons, joined by `&&`"),
            "EQUALS" | "EQ" => Some("`=`"),
            _ => None,
        });
        match (word, instead) {
            (Some(word), Some(instead)) => {
                let found = word.text.to_owned();
                let kind = Kind::WordOperator { found, instead };
                self.faults.add(kind, word.span());
            }
            _ => self.unexpected(|found| Kind::ExpectedComparison { found }),
        }
    }

    fn operand(&mut self, operator: Operator) -> Option<Spanned<Operand>> {
        let token = self.peek();
        let Some(token) = token.filter(|token| is_value(token.kind)) else {
            self.unexpected(match token.map(|token| token.kind) {
                Some(TokenKind::Other) => |found| Kind::ValueCharacter { found },
                _ => |found| Kind::ExpectedValue { found },
            });
            return None;
        };
        self.bump();
        let node = self.value(token, operator);
        let is_bare = matches!(token.kind, TokenKind::Word | TokenKind::Number);
        if is_bare && self.report_unquoted(token) {
            return None;
        }
        let node = node?;
        if let Some(op) = operator.sound.filter(|op| op.is_ordering())
            && !matches!(node, Operand::Number(_))
        {
            let kind = Kind::TextOrdering { op: op.as_str() };
            self.faults.add(kind, token.span());
            return None;
        }
        let span = token.span();
        Some(Spanned { node, span })
    }

    /// What a token stands for as a value (filter pattern spec 4.5).
    fn value(&mut self, token: Token<'_>, operator: Operator) -> Option<Operand> {
        let fault = match token.kind {
            TokenKind::Number => match Number::parse(token.text) {
                Ok(number) => return Some(Operand::Number(number)),
                Err(NumberError::ExponentTooLarge | NumberError::NotANumber) => {
                    Kind::ExponentTooLarge
                }
            },
            TokenKind::Regex => {
                let regex = self.regex(token)?;
                return Some(Operand::Regex(regex.node));
            }
            TokenKind::Quoted => return Some(Operand::Text(unquote(token.text))),
            TokenKind::SingleQuoted => Kind::SingleQuotes,
            TokenKind::Typographic => Kind::TypographicQuotes,
            TokenKind::Selector => Kind::SelectorAsValue {
                found: token.text.to_owned(),
            },
            _ if token.is_word("NULL") => Kind::BareNull {
                found: token.text.to_owned(),
                negated: operator.negated,
            },
            _ => return Some(Operand::Text(token.text.to_owned())),
        };
        self.faults.add(fault, token.span());
        None
    }
}

/// An operator was meant; which one, if it is one of ours.
#[derive(Clone, Copy)]
struct Operator {
    sound: Option<Op>,
    negated: bool,
}

fn is_value(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Number
            | TokenKind::Word
            | TokenKind::Quoted
            | TokenKind::Regex
            | TokenKind::SingleQuoted
            | TokenKind::Typographic
            | TokenKind::Selector
    )
}

/// The text between double quotes: `\"` and `\\` are the only escapes, any other backslash stands for
/// itself (filter pattern spec D-ESC).
pub(super) fn unquote(quoted: &str) -> String {
    let inner = quoted.get(1..quoted.len() - 1).unwrap_or_default();
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(escaped @ ('"' | '\\'))) => {
                text.push(*escaped);
                chars.next();
            }
            _ => text.push(c),
        }
    }
    text
}
