//! What a pattern asks, clause by clause.

use super::super::ast::{Ast, Column, Expr, Sign, Span, Spanned, Term};
use super::phrase::{self, Phrase, Place};

/// A condition of a pattern, or conditions that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    join: Join,
    text: String,
    phrase: Phrase,
    span: Span,
    parts: Vec<Clause>,
}

/// How the parts of a clause belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Join {
    /// The clause is one condition, without parts.
    One,
    /// All parts must hold; without any, the clause always holds.
    All,
    /// Any part will do.
    Any,
}

impl Join {
    /// `one`, `all`, `any`
    pub fn as_str(self) -> &'static str {
        match self {
            Join::One => "one",
            Join::All => "all",
            Join::Any => "any",
        }
    }
}

impl Clause {
    /// How the parts belong together.
    pub fn join(&self) -> Join {
        self.join
    }

    /// The condition in the language of patterns, on one line. Empty for a clause with parts, and for
    /// a condition that is not written but follows from the columns: that there are enough tokens.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The condition in English, without a period; empty for a clause with parts.
    pub fn words(&self) -> &str {
        self.phrase.words()
    }

    /// Where the clause is written in the pattern.
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// The parts, in the order of the pattern.
    pub fn parts(&self) -> &[Clause] {
        &self.parts
    }

    /// What a tree shows of the clause.
    pub(super) fn label(&self) -> String {
        match self.join {
            Join::One if self.text.is_empty() => format!("({})", self.words()),
            Join::One => self.text.clone(),
            join => join.as_str().to_owned(),
        }
    }

    pub(super) fn phrase(&self) -> &Phrase {
        &self.phrase
    }

    /// Takes the parts out.
    pub(super) fn dismantle(mut self) -> (Clause, Vec<Clause>) {
        let parts = std::mem::take(&mut self.parts);
        (self, parts)
    }

    /// The conditions stand in the order in which a matcher judges them.
    pub(super) fn of_pattern(ast: &Ast, source: &str) -> Clause {
        let whole = 0..source.len();
        match ast {
            Ast::Terms(terms) => of_terms(terms, whole),
            Ast::Regex(regex) => {
                Clause::one(phrase::printed(regex), phrase::found(&regex.node), whole)
            }
            Ast::Json(expr) => Clause::of_expr(expr, &mut |test| {
                let phrase = phrase::condition(&test.node);
                Clause::one(phrase::printed(test), phrase, test.span.clone())
            }),
            Ast::Delimited(columns) => of_columns(columns, whole),
        }
    }

    fn of_expr<T>(expr: &Expr<T>, one: &mut impl FnMut(&Spanned<T>) -> Clause) -> Clause {
        let (join, parts) = match expr {
            Expr::Test(test) => return one(test),
            Expr::All(parts) => (Join::All, parts),
            Expr::Any(parts) => (Join::Any, parts),
        };
        let parts = parts.iter().map(|part| Clause::of_expr(part, one));
        Clause::joined(join, parts.collect(), expr.span())
    }

    fn one(text: String, phrase: Phrase, span: Span) -> Clause {
        Clause {
            join: Join::One,
            text,
            phrase,
            span,
            parts: Vec::new(),
        }
    }

    fn joined(join: Join, parts: Vec<Clause>, span: Span) -> Clause {
        Clause {
            join,
            text: String::new(),
            phrase: Phrase::default(),
            span,
            parts,
        }
    }
}

/// Terms by their sign; `?` next to other terms asks nothing (filter pattern spec 3.4).
fn of_terms(terms: &[Spanned<Term>], whole: Span) -> Clause {
    let with = |sign: Sign| {
        let terms = terms.iter().filter(move |term| term.node.sign == sign);
        terms.map(|term| {
            let phrase = phrase::term(&term.node);
            Clause::one(phrase::printed(term), phrase, term.span.clone())
        })
    };
    let needed: Vec<_> = with(Sign::Required).chain(with(Sign::Excluded)).collect();
    let (join, mut parts) = match needed.is_empty() && !terms.is_empty() {
        true => (Join::Any, with(Sign::Optional).collect()),
        false => (Join::All, needed),
    };
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            Clause::joined(join, parts, whole)
        }
    }
}

/// One clause for each column with conditions, after one that asks for enough tokens.
fn of_columns(columns: &[Column], whole: Span) -> Clause {
    let ellipsis = columns
        .iter()
        .position(|column| *column == Column::Ellipsis);
    let needed = columns.len() - usize::from(ellipsis.is_some());
    let mut parts = Vec::new();
    if needed > 0 {
        parts.push(Clause::one(
            String::new(),
            phrase::tokens(needed),
            whole.clone(),
        ));
    }
    for (index, column) in columns.iter().enumerate() {
        let Column::Tested { name, tests } = column else {
            continue;
        };
        let place = match ellipsis {
            Some(ellipsis) if index > ellipsis => Place::FromEnd(columns.len() - index),
            None if index + 1 == columns.len() => Place::Rest(index + 1),
            _ => Place::Token(index + 1),
        };
        parts.push(Clause::of_expr(tests, &mut |test| {
            let text = format!("{name} {}", test.node);
            let phrase = phrase::column(&name.node, &place, &test.node);
            Clause::one(phrase::printed(&text), phrase, test.span.clone())
        }));
    }
    Clause::joined(Join::All, parts, whole)
}
