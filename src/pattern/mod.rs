//! The filter pattern language of CloudWatch Logs.
//!
//! ```text
//! pattern    = terms | regex | json | delimited             the first character decides
//! terms      = { ["-"|"?"] ( word | '"' text '"' ) }        ERROR -timeout "exit code"
//! regex      = "%" branch { "|" branch } "%"                %\s5[0-9]{2}\s%
//! json       = "{" expr "}"                                 { $.eventName = "Delete*" }
//! expr       = conj { "||" conj }
//! conj       = prim { "&&" prim }
//! prim       = "(" expr ")" | condition
//! condition  = selector ( "=" | "!=" ) value
//!            | selector ( "<" | "<=" | ">" | ">=" ) number
//!            | selector "IS" ( "NULL" | "TRUE" | "FALSE" )
//!            | selector "NOT" "EXISTS"
//! selector   = "$" { "." ( name | "*" | "['" text "']" ) { "[" ( digits | "*" ) "]" } }
//! value      = number | word | '"' text '"' | regex         "*" in a text stands for anything
//! delimited  = "[" [ column { "," column } ] "]"            [ip, ..., status = 5*, bytes]
//! column     = "" | "..." | name | name op value { ( "&&" | "||" ) name op value }
//! ```
//!
//! A source text becomes tokens (`token`), the tokens a tree ([`Ast`], by `parse`; `display` prints it
//! back), the tree a [`Matcher`] (by `matcher`). Only the first step can fail, and it reports all
//! faults at once ([`ParseErrors`]); regular expressions are compiled while parsing.
//!
//! A set of matchers shares [`Selectors`]; an [`Extractor`] reads all their fields from a message in
//! one pass, over raw text ([`json`]). Everything is linear in the message.
//!
//! What a legal pattern may not do as meant is told by [`Pattern::warnings`]; what it asks, and why a
//! message matches it or does not, by [`Pattern::explain`] and [`Pattern::explain_message`].
//!
//! The rules are those of the AWS user guide, page "Filter pattern syntax for metric filters,
//! subscription filters, filter log events, and Live Tail", and of what the service was seen to do
//! where that page is silent; "filter pattern spec" in comments is our digest of both.

mod ast;
mod display;
mod error;
mod explain;
mod extract;
pub mod json;
mod limits;
mod matcher;
mod number;
mod parse;
mod regex;
mod selector;
mod slots;
mod text;
mod token;
mod warning;

pub use ast::{
    Ast, Column, Comparison, Condition, Expr, Literal, Op, Operand, Sign, Span, Spanned, Term, Test,
};
pub use error::{ParseError, ParseErrorKind, ParseErrors, RegexFault};
pub use explain::{Clause, Explanation, Finding, Join, Saw, SawKind, Verdict};
pub use extract::{Extractor, Fields, Places};
pub use limits::Limits;
pub use matcher::{Asked, Matcher, Message, Need};
pub use number::Number;
pub use regex::Regex;
pub use selector::{Selector, Step};
pub use slots::{Selectors, Slot};
pub use warning::{Warning, WarningKind, Warnings};

/// A parsed pattern and the text it was parsed from.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    source: String,
    ast: Ast,
}

/// The kinds of pattern; the first character selects one (filter pattern spec 1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `ERROR -timeout`, and the empty pattern, which matches everything.
    Terms,
    /// `%5[0-9]{2}%`
    Regex,
    /// `{ $.eventName = ConsoleLogin }`
    Json,
    /// `[ip, ..., status = 5*]`
    Delimited,
}

impl Kind {
    fn of(source: &str) -> Kind {
        match source.as_bytes().first() {
            Some(b'{') => Kind::Json,
            Some(b'[') => Kind::Delimited,
            Some(b'%') => Kind::Regex,
            _ => Kind::Terms,
        }
    }
}

impl Pattern {
    /// Parses a pattern that CloudWatch would accept, and no other.
    pub fn parse(source: &str) -> Result<Pattern, ParseErrors> {
        Pattern::parse_with(source, &Limits::default())
    }

    /// Parses a pattern that may be larger than CloudWatch allows.
    pub fn parse_with(source: &str, limits: &Limits) -> Result<Pattern, ParseErrors> {
        Ok(Pattern {
            ast: parse::pattern(source, limits)?,
            source: source.to_owned(),
        })
    }

    /// The pattern as it was given.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What kind of pattern it is.
    pub fn kind(&self) -> Kind {
        Kind::of(&self.source)
    }

    /// What the pattern says.
    pub fn ast(&self) -> &Ast {
        &self.ast
    }

    /// Compiles the pattern, and adds what it looks at to `selectors`.
    pub fn compile(&self, selectors: &mut Selectors) -> Matcher {
        Matcher::new(&self.ast, selectors)
    }
}

/// Whether a message matches a pattern. Compiles the pattern: to match many messages, keep a
/// [`Matcher`] and an [`Extractor`].
pub fn matches(pattern: &Pattern, message: &str) -> bool {
    let mut selectors = Selectors::default();
    let matcher = pattern.compile(&mut selectors);
    let mut places = Places::default();
    let extractor = Extractor::new(&selectors);
    let fields = match pattern.kind() {
        Kind::Json => extractor.read(message, &mut places).ok(),
        _ => None,
    };
    matcher.matches(&Message {
        text: message,
        fields,
    })
}
