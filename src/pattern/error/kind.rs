//! The faults of patterns, each documented by a pattern that has it.

use thiserror::Error;

use super::regex::RegexFault;

/// What is wrong with a pattern. `found` is quoted text of the pattern, or `the end of the pattern`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParseErrorKind {
    // The pattern as a whole.
    /// More characters than [`Limits::max_chars`](crate::pattern::Limits).
    #[error("pattern has {found} characters, the limit is {limit}")]
    TooLong {
        /// The limit.
        limit: usize,
        /// The length of the pattern.
        found: usize,
    },
    /// Deeper than [`Limits::max_depth`](crate::pattern::Limits): `((((…`
    #[error("pattern nests deeper than {limit} levels")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// `{ $.a = %x% || $.b = %y% || $.c = %z% }`
    #[error("pattern has more than {limit} regular expressions")]
    TooManyRegexes {
        /// The limit.
        limit: usize,
    },
    /// `{ $.a[*] = 1 || $.b[*] = 1 || $.c[*] = 1 || $.d[*] = 1 }`
    #[error("pattern has more than {limit} selectors with a wildcard")]
    TooManyWildcards {
        /// The limit.
        limit: usize,
    },
    /// `{ $.a = 1`
    #[error("pattern starts with `{open}` and does not end with `{close}`")]
    MissingClose {
        /// The first character of the pattern.
        open: char,
        /// What it must end with.
        close: char,
    },
    /// `{ $.a = 1 } ERROR`
    #[error("pattern must end after `{close}`")]
    TextAfterPattern {
        /// The character that ends the pattern.
        close: char,
    },
    /// `{ }`
    #[error("expected a condition between the braces")]
    EmptyPattern,

    // Connectives and parentheses.
    /// `{ $.a = 1 || }`
    #[error("expected a condition, found {found}")]
    ExpectedCondition {
        /// What stands there.
        found: String,
    },
    /// `{ $.a = 1 $.b = 2 }`
    #[error("expected `&&` or `||`, found {found}")]
    ExpectedConnective {
        /// What stands there.
        found: String,
    },
    /// `{ $.a = 1 AND $.b = 2 }`, `{ $.a = 1 & $.b = 2 }`
    #[error("expected `&&` or `||`, found `{found}`")]
    ForeignConnective {
        /// What stands there.
        found: String,
        /// How filter patterns write it.
        instead: &'static str,
    },
    /// `{ !($.a = 1) }`, `{ NOT $.a EXISTS }`
    #[error("expected a condition, found `{found}`")]
    Negation {
        /// What stands there.
        found: String,
    },
    /// `{ ($.a = 1 }`
    #[error("parenthesis is never closed")]
    UnclosedParen,
    /// `{ $.a = 1) }`
    #[error("parenthesis was never opened")]
    UnopenedParen,
    /// `{ () }`
    #[error("expected a condition between the parentheses")]
    EmptyParens,

    // Selectors.
    /// `{ eventName = DeleteTrail }`, `{ $eventName = DeleteTrail }`
    #[error("expected a selector, found `{found}`")]
    MissingRoot {
        /// What stands there.
        found: String,
    },
    /// `{ $.a. = 1 }`, `{ $..a = 1 }`
    #[error("expected a name after the dot")]
    MissingName,
    /// `{ $ = 1 }`, `{ $[0] = 1 }`
    #[error("expected `$.`, found `{found}`")]
    RootStep {
        /// What stands there.
        found: String,
    },
    /// `{ $['a.b'] = 1 }`, `{ $.a['b'] = 1 }`
    #[error("expected a dot before `{found}`")]
    MissingDot {
        /// The name in its brackets.
        found: String,
    },
    /// `{ $."detail-type" = x }`, `{ $.["detail-type"] = x }`
    #[error("expected a name, found `{found}`")]
    DoubleQuotedName {
        /// What stands there.
        found: String,
        /// The name itself.
        name: String,
    },
    /// `{ $.['detail-type = x }`
    #[error("bracket is never closed with `{close}`")]
    UnclosedBracket {
        /// What would close it.
        close: &'static str,
    },
    /// `{ $.[''] = x }`
    #[error("expected a name between the quotes")]
    EmptyName,
    /// `{ $.a:b = 1 }`
    #[error("a name outside brackets cannot hold {found}")]
    NameCharacter {
        /// What stands there.
        found: String,
    },
    /// `{ $.a[-1] = 1 }`
    #[error("expected an index or `*` in brackets, found `{found}`")]
    BadIndex {
        /// What stands there.
        found: String,
    },
    /// `{ $.a[*].b[*] = 1 }`
    #[error("selector has more than one wildcard")]
    SecondWildcard,
    /// `{ $.a[0]b = 1 }`, `{ $.a[0]IS NULL }`, `{ $.ab* = 1 }`
    #[error("expected `.`, `[` or the end of the selector, found `{found}`")]
    AfterStep {
        /// What stands there.
        found: String,
    },

    // Comparisons.
    /// `{ $.eventName }`
    #[error("expected a comparison, found {found}")]
    ExpectedComparison {
        /// What stands there.
        found: String,
    },
    /// `{ $.eventName == DeleteTrail }`
    #[error("expected a comparison, found `{found}`")]
    ForeignOperator {
        /// What stands there.
        found: String,
        /// How filter patterns write it.
        instead: &'static str,
    },
    /// `{ $.eventName IN (a, b) }`, `{ $.eventName LIKE "Delete" }`
    #[error("expected a comparison, found `{found}`")]
    WordOperator {
        /// What stands there.
        found: String,
        /// How filter patterns say it.
        instead: &'static str,
    },
    /// `{ $.errorCode EXISTS }`
    #[error("there is no `EXISTS` without `NOT`")]
    Exists,
    /// `{ $.errorCodeNOT EXISTS }`
    #[error("expected a blank before `NOT`")]
    GluedNot,
    /// `{ $.errorCode IS NOT NULL }`
    #[error("there is no `IS NOT`")]
    IsNot {
        /// What follows, in capital letters.
        what: String,
    },
    /// `{ $.errorCode IS MISSING }`
    #[error("expected `NULL`, `TRUE` or `FALSE` after `IS`, found {found}")]
    ExpectedLiteral {
        /// What stands there.
        found: String,
    },
    /// `{ $.errorCode NOT NULL }`
    #[error("expected `EXISTS` after `NOT`, found {found}")]
    ExpectedExists {
        /// What stands there.
        found: String,
    },

    // Values.
    /// `{ $.eventName = }`
    #[error("expected a value, found {found}")]
    ExpectedValue {
        /// What stands there.
        found: String,
    },
    /// `{ $.errorCode = null }`, `{ $.errorCode != null }`
    #[error("`{found}` is not a value")]
    BareNull {
        /// What stands there.
        found: String,
        /// Whether the field must not be null.
        negated: bool,
    },
    /// `{ $.a = $.b }`
    #[error("expected a value, found the selector `{found}`")]
    SelectorAsValue {
        /// What stands there.
        found: String,
    },
    /// `{ $.userAgent > "aws-cli" }`
    #[error("`{op}` compares numbers only")]
    TextOrdering {
        /// The operator.
        op: &'static str,
    },
    /// `{ $.userIdentity.arn = arn:aws:iam::111122223333:root }`
    #[error("an unquoted value cannot hold {found}")]
    ValueCharacter {
        /// What stands there.
        found: String,
    },
    /// `{ $.errorMessage = Failed authentication }`
    #[error("expected `&&` or `||`, found `{found}`")]
    UnquotedBlank {
        /// The second word.
        found: String,
    },
    /// `{ $.eventName = 'DeleteTrail' }`
    #[error("single quotes do not quote a value")]
    SingleQuotes,
    /// `{ $.eventName = “DeleteTrail” }`
    #[error("typographic quotes do not quote a value")]
    TypographicQuotes,
    /// `{ $.eventName = "DeleteTrail }`
    #[error("quote is never closed")]
    UnclosedQuote,
    /// `{ $.a = 1e9999999999 }`
    #[error("exponent is out of range")]
    ExponentTooLarge,

    // Space-delimited patterns.
    /// `[1, b]`
    #[error("expected a column name, found {found}")]
    ExpectedColumn {
        /// What stands there.
        found: String,
    },
    /// `[$.a = 1, b]`
    #[error("expected a column name, found the selector `{found}`")]
    SelectorAsColumn {
        /// What stands there.
        found: String,
    },
    /// `[a b]`
    #[error("expected a comparison, `,` or `]`, found {found}")]
    ExpectedColumnEnd {
        /// What stands there.
        found: String,
    },
    /// `[a, b, a]`
    #[error("two columns are named `{name}`")]
    DuplicateColumn {
        /// The name.
        name: String,
    },
    /// `[a = 1 || b = 2, c]`
    #[error("a condition on column `{first}` cannot also look at `{second}`")]
    SecondColumn {
        /// The name of the column.
        first: String,
        /// The other name.
        second: String,
    },
    /// `[..., a, ...]`
    #[error("pattern has more than one `...`")]
    SecondEllipsis,
    /// `[a IS NULL, b]`, `[a NOT EXISTS, b]`
    #[error("a column is never null and never missing")]
    NullColumn,

    // Terms.
    /// `user@example.com`
    #[error("an unquoted term cannot hold {found}")]
    TermCharacter {
        /// What stands there.
        found: String,
    },
    /// `ERROR %[0-9]+%`
    #[error("a regular expression cannot stand among terms")]
    RegexAmongTerms,
    /// ` { $.a = 1 }`, `ERROR [a, b]`
    #[error("a term cannot start with `{found}`")]
    BracketAmongTerms {
        /// The bracket.
        found: char,
    },
    /// `$.a = 1`, `$.a = 1 }`
    #[error("a {pattern} pattern starts with `{open}`")]
    MissingOpen {
        /// The kind of pattern that is meant.
        pattern: &'static str,
        /// What it must start with.
        open: char,
    },
    /// `""`
    #[error("a quoted term cannot be empty")]
    EmptyTerm,
    /// `ERROR -`
    #[error("expected a term after `{sign}`")]
    LoneSign {
        /// `-` or `?`
        sign: char,
    },
    /// `"a"b`
    #[error("expected a blank between two terms")]
    MissingBlank,

    // Regular expressions.
    /// `%abc`
    #[error("regular expression is never closed with `%`")]
    UnclosedRegex,
    /// `%(ab)+%`
    #[error(transparent)]
    Regex(#[from] RegexFault),
}
