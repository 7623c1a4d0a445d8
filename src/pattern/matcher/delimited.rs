//! Space-delimited patterns: a line, token by token (filter pattern spec 5).

use memchr::memchr;

use super::super::ast;
use super::Tree;
use super::comparison::Comparison;

/// The compiled columns of a pattern.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    /// Before the ellipsis, or all of them if there is none.
    before: Vec<Column>,
    /// After the ellipsis.
    after: Option<Vec<Column>>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Column {
    name: Option<String>,
    pub tests: Option<Tree<Comparison>>,
}

/// A value that a line has for a column, or for no column under an ellipsis.
type Visit<'v, 'm> = dyn FnMut(Option<&Column>, &'m str) -> bool + 'v;

impl Columns {
    pub fn new(columns: &[ast::Column]) -> Columns {
        let mut before = Vec::new();
        let mut after = None;
        for column in columns {
            let (name, tests) = match column {
                ast::Column::Ellipsis => {
                    after = Some(Vec::new());
                    continue;
                }
                ast::Column::Blank => (None, None),
                ast::Column::Named(name) => (Some(name), None),
                ast::Column::Tested { name, tests } => (Some(name), Some(tests)),
            };
            after.as_mut().unwrap_or(&mut before).push(Column {
                name: name.map(|name| name.node.clone()),
                tests: tests.map(|tests| Tree::new(tests, &mut Comparison::new)),
            });
        }
        Columns { before, after }
    }

    pub fn matches(&self, line: &str) -> bool {
        self.visit(line, &mut |column, value| {
            let tests = column.and_then(|column| column.tests.as_ref());
            tests.is_none_or(|tests| tests.holds(&|test| test.holds_for_token(value)))
        })
    }

    /// The value of every column under its name, or under its position if it has none (filter pattern
    /// spec 5.5).
    pub fn extract<'m>(&self, line: &'m str) -> Vec<(String, &'m str)> {
        let mut values = Vec::new();
        self.visit(line, &mut |column, value| {
            let name = column.and_then(|column| column.name.clone());
            let name = name.unwrap_or_else(|| (values.len() + 1).to_string());
            values.push((name, value));
            true
        });
        values
    }

    /// The columns that take a token, or more, of their own.
    pub fn iter(&self) -> impl Iterator<Item = &Column> {
        self.before.iter().chain(self.after.iter().flatten())
    }

    /// How many tokens a line needs.
    pub fn needed_tokens(&self) -> usize {
        self.iter().count()
    }

    pub fn count_tokens(line: &str) -> usize {
        Tokens::new(line).count()
    }

    /// The value of every column, in order; where a line has too few tokens, of the first ones.
    pub fn values<'m>(&self, line: &'m str) -> Vec<&'m str> {
        let mut values = Vec::new();
        self.visit(line, &mut |column, value| {
            values.extend(column.map(|_| value));
            true
        });
        values
    }

    /// Gives every column its value until one is turned down; whether none was, and there were enough
    /// tokens.
    fn visit<'m>(&self, line: &'m str, visit: &mut Visit<'_, 'm>) -> bool {
        let mut tokens = Tokens::new(line);
        match (&self.after, self.before.split_last()) {
            (None, None) => tokens.all(|token| visit(None, token.value)),
            (None, Some((last, first))) => {
                take(first, &mut tokens, visit) && take_rest(last, line, &mut tokens, visit)
            }
            // With an ellipsis, every column takes one token (filter pattern spec 5.4).
            (Some(after), _) => {
                if !take(&self.before, &mut tokens, visit) {
                    return false;
                }
                let Some(absorbed) = tokens.clone().count().checked_sub(after.len()) else {
                    return false;
                };
                tokens
                    .by_ref()
                    .take(absorbed)
                    .all(|token| visit(None, token.value))
                    && take(after, &mut tokens, visit)
            }
        }
    }
}

/// One token for each column.
fn take<'m>(columns: &[Column], tokens: &mut Tokens<'m>, visit: &mut Visit<'_, 'm>) -> bool {
    columns.iter().all(|column| {
        let token = tokens.next();
        token.is_some_and(|token| visit(Some(column), token.value))
    })
}

/// Without an ellipsis the last column takes all that is left: the token if there is only one, else
/// the raw text from where it starts (filter pattern spec 5.3).
fn take_rest<'m>(
    column: &Column,
    line: &'m str,
    tokens: &mut Tokens<'m>,
    visit: &mut Visit<'_, 'm>,
) -> bool {
    let Some(token) = tokens.next() else {
        return false;
    };
    let value = match tokens.next() {
        None => token.value,
        Some(_) => line.get(token.start..).unwrap_or_default(),
    };
    visit(Some(column), value)
}

/// A token of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Token<'m> {
    /// Where it starts, delimiter included.
    start: usize,
    /// Its text without delimiters.
    value: &'m str,
}

/// The tokens of a line (filter pattern spec 5.1).
#[derive(Debug, Clone)]
struct Tokens<'m> {
    line: &'m str,
    at: usize,
    /// Whether a quote, and a bracket, that closes may still follow. Remembered, so that a line of
    /// openers is not searched to its end for each.
    may_close: [bool; 2],
}

impl<'m> Tokens<'m> {
    fn new(line: &'m str) -> Tokens<'m> {
        Tokens {
            line,
            at: 0,
            may_close: [true; 2],
        }
    }

    /// The text of a token that starts with a delimiter, if something closes it.
    fn enclosed(&mut self, rest: &'m str) -> Option<&'m str> {
        let [quote, bracket] = &mut self.may_close;
        let (closer, may_close) = match rest.as_bytes().first()? {
            b'"' => (b'"', quote),
            b'[' => (b']', bracket),
            _ => return None,
        };
        if !*may_close {
            return None;
        }
        let inner = rest.get(1..)?;
        let length = memchr(closer, inner.as_bytes());
        *may_close = length.is_some();
        inner.get(..length?)
    }
}

impl<'m> Iterator for Tokens<'m> {
    type Item = Token<'m>;

    fn next(&mut self) -> Option<Token<'m>> {
        let rest = self.line.get(self.at..)?.trim_start();
        if rest.is_empty() {
            return None;
        }
        let start = self.line.len() - rest.len();
        if let Some(value) = self.enclosed(rest) {
            self.at = start + value.len() + 2;
            return Some(Token { start, value });
        }
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let value = rest.get(..length)?;
        self.at = start + length;
        Some(Token { start, value })
    }
}
