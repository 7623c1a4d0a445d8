//! The text of a pattern, where the tree does not hold what matters: parentheses and quotes.

use super::super::ast::Span;
use super::super::error::on_one_line;
use super::super::token::{Bracket, Token, TokenKind, tokens};

/// Characters of a condition that a message repeats.
const LONGEST: usize = 80;

/// A source and its tokens.
pub(super) struct Source<'p> {
    pub text: &'p str,
    tokens: Vec<Token<'p>>,
}

impl<'p> Source<'p> {
    /// Only JSON and space-delimited patterns consist of these tokens.
    pub fn new(text: &'p str) -> Source<'p> {
        Source {
            text,
            tokens: tokens(text),
        }
    }

    pub fn slice(&self, span: &Span) -> &'p str {
        self.text.get(span.clone()).unwrap_or_default()
    }

    /// What stands there, as messages show it.
    pub fn quote(&self, span: &Span) -> String {
        quote(self.slice(span))
    }

    /// Takes in the parentheses around a part of the tree that close or open inside it.
    pub fn balanced(&self, span: &Span) -> Span {
        let (mut depth, mut lowest) = (0_usize, 0_usize);
        let from = self.tokens.partition_point(|token| token.at < span.start);
        let to = self.tokens.partition_point(|token| token.at < span.end);
        for token in self.tokens.get(from..to).unwrap_or_default() {
            match token.kind {
                TokenKind::Open(Bracket::Paren) => depth += 1,
                TokenKind::Close(Bracket::Paren) if depth == 0 => lowest += 1,
                TokenKind::Close(Bracket::Paren) => depth -= 1,
                _ => {}
            }
        }
        let first = self.tokens.get(from.saturating_sub(lowest));
        let last = self.tokens.get((to + depth).saturating_sub(1));
        let start = first.map_or(span.start, |token| token.at);
        let end = last.map_or(span.end, |token| token.at + token.text.len());
        start.min(span.start)..end.max(span.end)
    }

    /// How many parentheses are open around the connective that stands between two conditions.
    pub fn depth_of_connective(&self, between: Span) -> Option<usize> {
        let mut depth = 0_usize;
        for token in &self.tokens {
            match token.kind {
                TokenKind::Open(Bracket::Paren) => depth += 1,
                TokenKind::Close(Bracket::Paren) => depth = depth.saturating_sub(1),
                TokenKind::And | TokenKind::Or if between.contains(&token.at) => {
                    return Some(depth);
                }
                _ => {}
            }
        }
        None
    }
}

/// A text of the pattern in backticks.
pub(super) fn quote(text: &str) -> String {
    format!("`{}`", on_one_line(text, LONGEST))
}
