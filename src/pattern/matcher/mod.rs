//! Tree → tests that cannot fail. Every choice that does not depend on the message is made here.

mod alone;
mod comparison;
mod delimited;
mod json;
mod judge;
mod needs;
mod terms;
mod texts;

use super::ast::{Ast, Expr, Spanned};
use super::extract::Fields;
use super::regex::Regex;
use super::slots::Selectors;
use delimited::Columns;
use json::JsonTest;
use terms::Terms;
use texts::Fast;

pub use alone::Asked;
pub(super) use judge::{Judged, Seen};
pub use needs::Need;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Matcher {
    program: Program,
}

/// What a matcher looks at.
#[derive(Debug, Clone, Copy)]
pub struct Message<'m> {
    /// The whole message; patterns of terms, regexes and space-delimited patterns look at it.
    pub text: &'m str,
    /// What an [`Extractor`](super::Extractor) read from the message, for the selectors that the
    /// matcher was compiled with. None if the message is not a JSON object: then no JSON pattern
    /// matches, not even `NOT EXISTS` (filter pattern spec 4.1).
    pub fields: Option<Fields<'m>>,
}

#[derive(Debug, Clone)]
enum Program {
    Terms(Terms),
    Regex(Regex),
    Json {
        /// As written, for explanations.
        tree: Tree<JsonTest>,
        fast: Tree<Fast>,
    },
    Delimited(Columns),
}

impl Matcher {
    pub(super) fn new(ast: &Ast, selectors: &mut Selectors) -> Matcher {
        let program = match ast {
            Ast::Terms(terms) => Program::Terms(Terms::new(terms)),
            Ast::Regex(regex) => Program::Regex(regex.node.clone()),
            Ast::Json(expr) => {
                let tree = Tree::new(expr, &mut |condition| JsonTest::new(condition, selectors));
                let fast = tree.fast();
                Program::Json { tree, fast }
            }
            Ast::Delimited(columns) => Program::Delimited(Columns::new(columns)),
        };
        Matcher { program }
    }

    /// Whether the message matches.
    pub fn matches(&self, message: &Message<'_>) -> bool {
        match &self.program {
            Program::Terms(terms) => terms.matches(message.text),
            Program::Regex(regex) => regex.is_match(message.text),
            Program::Json { fast, .. } => message
                .fields
                .is_some_and(|fields| fast.holds(&|test| test.holds(&fields))),
            Program::Delimited(columns) => columns.matches(message.text),
        }
    }

    /// What CloudWatch would extract from a message that matches: the values of the columns of a
    /// space-delimited pattern, by name or position (AWS API reference, TestMetricFilter). The other
    /// kinds extract nothing (filter pattern spec 4.10).
    pub fn extract<'m>(&self, message: &Message<'m>) -> Vec<(String, &'m str)> {
        match &self.program {
            Program::Delimited(columns) if columns.matches(message.text) => {
                columns.extract(message.text)
            }
            _ => Vec::new(),
        }
    }
}

/// Compiled conditions, joined as in the tree they come from.
#[derive(Debug, Clone)]
enum Tree<T> {
    Test(T),
    All(Box<[Tree<T>]>),
    Any(Box<[Tree<T>]>),
}

impl<T> Tree<T> {
    fn new<C>(expr: &Expr<C>, compile: &mut impl FnMut(&C) -> T) -> Tree<T> {
        let mut several =
            |parts: &[Expr<C>]| parts.iter().map(|part| Tree::new(part, compile)).collect();
        match expr {
            Expr::All(parts) => Tree::All(several(parts)),
            Expr::Any(parts) => Tree::Any(several(parts)),
            Expr::Test(Spanned { node, .. }) => Tree::Test(compile(node)),
        }
    }

    fn holds(&self, test: &impl Fn(&T) -> bool) -> bool {
        match self {
            Tree::Test(leaf) => test(leaf),
            Tree::All(parts) => parts.iter().all(|part| part.holds(test)),
            Tree::Any(parts) => parts.iter().any(|part| part.holds(test)),
        }
    }
}
