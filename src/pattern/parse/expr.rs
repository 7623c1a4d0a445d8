//! Conditions joined by `&&`, `||` and parentheses; JSON and space-delimited patterns share it.
//! Precedence is `()`, `&&`, `||` (filter pattern spec 4.2).

use super::super::ast::{Expr, Spanned};
use super::super::error::ParseErrorKind as Kind;
use super::super::token::{Bracket, Token, TokenKind};
use super::{Parser, quote};

/// Reads one condition. After a fault it returns none and may stop anywhere.
type ReadCondition<'r, 's, 'f, T> = dyn FnMut(&mut Parser<'s, 'f>) -> Option<Spanned<T>> + 'r;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Connective {
    And,
    Or,
}

impl<'s, 'f> Parser<'s, 'f> {
    /// Reads an expression up to a token that ends it. Parentheses that close nothing are reported
    /// here, on the outermost level.
    pub fn expr<T>(&mut self, read: &mut ReadCondition<'_, 's, 'f, T>) -> Option<Expr<T>> {
        let mut expr = self.any(read);
        while let Some(token) = self.peek() {
            if self.is_end(token) {
                break;
            }
            // A fault has been reported: `any` stops only where an expression can end.
            if token.kind == TokenKind::Close(Bracket::Paren) {
                self.faults.add(Kind::UnopenedParen, token.span());
            }
            self.bump();
            if self.connective().is_some() {
                self.take_connective();
                self.any(read);
            } else {
                self.recover();
            }
            expr = None;
        }
        expr
    }

    /// Reads conditions, connectives and groups up to something else. Groups that are still open wait
    /// on a stack of our own: the pattern's nesting must not become the program's.
    fn any<T>(&mut self, read: &mut ReadCondition<'_, 's, 'f, T>) -> Option<Expr<T>> {
        let mut outer = Vec::new();
        let mut group = Group::new(None);
        loop {
            if let Some(open) = self.open_paren(outer.len()) {
                outer.push(std::mem::replace(&mut group, Group::new(Some(open))));
                continue;
            }
            group.add(self.part(read));
            while self.connective().is_none() {
                let Some(enclosing) = outer.pop() else {
                    return group.finish();
                };
                let closed = self.close(std::mem::replace(&mut group, enclosing));
                let closed = self.up_to_boundary(closed);
                group.add(closed);
            }
            group.connect(self.take_connective());
        }
    }

    /// Steps into a group, if one comes next that holds something.
    fn open_paren(&mut self, depth: usize) -> Option<Token<'s>> {
        let open = self.peek().filter(is_open)?;
        if self.peek_second().filter(is_close).is_some() {
            return None;
        }
        let limit = self.faults.limits.max_depth;
        if depth >= limit {
            self.faults.add(Kind::TooDeep { limit }, open.span());
            self.give_up();
            return None;
        }
        self.bump();
        Some(open)
    }

    /// Steps over the end of a group.
    fn close<T>(&mut self, group: Group<'_, T>) -> Option<Expr<T>> {
        if self.peek().filter(is_close).is_some() {
            self.bump();
            return group.finish();
        }
        if !self.is_cut_off() && !self.faults.blames_end(self.source) {
            let open = group.open.map_or(0..0, |open| open.span());
            self.faults.add(Kind::UnclosedParen, open);
        }
        None
    }

    /// Reads one condition, and whatever is wrongly written after it.
    fn part<T>(&mut self, read: &mut ReadCondition<'_, 's, 'f, T>) -> Option<Expr<T>> {
        let part = match self.peek() {
            Some(open) if is_open(&open) => {
                self.bump();
                self.bump();
                let span = open.at..self.end_of_previous();
                self.faults.add(Kind::EmptyParens, span);
                None
            }
            Some(token) if self.is_negation(token) => {
                let found = token.text.to_owned();
                self.faults.add(Kind::Negation { found }, token.span());
                None
            }
            _ => read(self).map(Expr::Test),
        };
        self.up_to_boundary(part)
    }

    /// Reports what stands between a part and the next connective or closing bracket, and skips it.
    fn up_to_boundary<T>(&mut self, part: Option<Expr<T>>) -> Option<Expr<T>> {
        if self.at_boundary() {
            return part;
        }
        if part.is_some() {
            self.unexpected(|found| Kind::ExpectedConnective { found });
        }
        self.recover();
        None
    }

    /// `!`, or `NOT` where a condition should start.
    fn is_negation(&self, token: Token<'_>) -> bool {
        let second = self.peek_second().map(|second| second.kind);
        let negates = matches!(
            second,
            Some(TokenKind::Open(Bracket::Paren) | TokenKind::Selector)
        );
        negates && (token.text == "!" || token.is_word("NOT"))
    }

    /// Steps over a connective, and reports it if it is of another language.
    fn take_connective(&mut self) -> Option<Connective> {
        let (token, connective) = (self.peek()?, self.connective()?);
        if !matches!(token.kind, TokenKind::And | TokenKind::Or) {
            let kind = Kind::ForeignConnective {
                found: token.text.to_owned(),
                instead: match connective {
                    Connective::And => "&&",
                    Connective::Or => "||",
                },
            };
            self.faults.add(kind, token.span());
        }
        self.bump();
        Some(connective)
    }

    /// The connective that comes next, in our spelling or in another language's.
    fn connective(&self) -> Option<Connective> {
        let token = self.peek()?;
        match token.kind {
            TokenKind::And => Some(Connective::And),
            TokenKind::Or => Some(Connective::Or),
            TokenKind::Foreign if token.text.starts_with('&') => Some(Connective::And),
            TokenKind::Foreign if token.text.starts_with('|') => Some(Connective::Or),
            TokenKind::Word if token.is_word("AND") => Some(Connective::And),
            TokenKind::Word if token.is_word("OR") => Some(Connective::Or),
            _ => None,
        }
    }

    /// Whether what comes next may follow a condition.
    fn at_boundary(&self) -> bool {
        let ends = |token: Token<'_>| is_close(&token) || self.is_end(token);
        self.connective().is_some() || self.peek().is_none_or(ends)
    }

    /// Skips to where the next condition on this level may start or an expression ends.
    pub fn recover(&mut self) {
        let mut open = 0_usize;
        while let Some(token) = self.peek() {
            if open == 0 && self.at_boundary() {
                return;
            }
            match token.kind {
                TokenKind::Open(_) => open += 1,
                TokenKind::Close(_) => open = open.saturating_sub(1),
                _ => {}
            }
            self.bump();
        }
    }

    /// Reports a token after a condition that looks like the rest of an unquoted value.
    pub fn report_unquoted(&mut self, value: Token<'_>) -> bool {
        let Some(token) = self.peek() else {
            return false;
        };
        if self.at_boundary() {
            return false;
        }
        let adjacent = self.is_adjacent(token);
        match token.kind {
            TokenKind::Other
            | TokenKind::Comma
            | TokenKind::Selector
            | TokenKind::Foreign
            | TokenKind::Compare(_)
                if adjacent =>
            {
                let first = token.text.chars().next().map_or(0, char::len_utf8);
                let found = quote(token.text.get(..first).unwrap_or_default());
                let span = token.at..token.at + first;
                self.faults.add(Kind::ValueCharacter { found }, span);
            }
            TokenKind::Word | TokenKind::Number if !adjacent && value.kind == TokenKind::Word => {
                let found = token.text.to_owned();
                self.faults.add(Kind::UnquotedBlank { found }, token.span());
            }
            _ => return false,
        }
        true
    }
}

fn is_open(token: &Token<'_>) -> bool {
    token.kind == TokenKind::Open(Bracket::Paren)
}

fn is_close(token: &Token<'_>) -> bool {
    token.kind == TokenKind::Close(Bracket::Paren)
}

/// What has been read between two parentheses, or outside all of them.
struct Group<'s, T> {
    open: Option<Token<'s>>,
    /// Parts of the conjunction that is being read; none for a faulty part.
    all: Vec<Option<Expr<T>>>,
    /// Conjunctions that have been read.
    any: Vec<Option<Expr<T>>>,
}

impl<'s, T> Group<'s, T> {
    fn new(open: Option<Token<'s>>) -> Group<'s, T> {
        Group {
            open,
            all: Vec::new(),
            any: Vec::new(),
        }
    }

    fn add(&mut self, part: Option<Expr<T>>) {
        self.all.push(part);
    }

    fn connect(&mut self, connective: Option<Connective>) {
        if connective == Some(Connective::Or) {
            let all = std::mem::take(&mut self.all);
            self.any.push(join(all, Expr::All));
        }
    }

    fn finish(mut self) -> Option<Expr<T>> {
        self.connect(Some(Connective::Or));
        join(self.any, Expr::Any)
    }
}

/// One part stands for itself; of several, all must be sound.
fn join<T>(parts: Vec<Option<Expr<T>>>, several: fn(Vec<Expr<T>>) -> Expr<T>) -> Option<Expr<T>> {
    let mut parts = parts.into_iter().collect::<Option<Vec<_>>>()?;
    match parts.len() {
        1 => parts.pop(),
        _ => Some(several(parts)),
    }
}
