//! The way out of each fault.

use super::ParseErrorKind;

/// What comes nearest to `IS NOT NULL`.
const NOT_NULL: &str = "`= *` is true for any text or number";

impl ParseErrorKind {
    /// What to write instead, where that can be told.
    pub fn help(&self) -> Option<String> {
        self.help_for_whole()
            .or_else(|| self.help_for_selector())
            .or_else(|| self.help_for_condition())
            .or_else(|| self.help_for_value())
            .or_else(|| self.help_for_column())
            .or_else(|| self.help_for_term())
            .or_else(|| self.help_for_regex())
    }

    fn help_for_whole(&self) -> Option<String> {
        use ParseErrorKind as Kind;
        let help = match self {
            Kind::TooLong { .. } => "split it into two patterns",
            Kind::TooManyRegexes { .. } => "CloudWatch allows no more in one pattern",
            Kind::TooManyWildcards { .. } => "CloudWatch allows no more in one pattern",
            Kind::MissingClose { close, .. } => return Some(format!("add `{close}`")),
            Kind::TextAfterPattern { .. } => "remove this",
            Kind::EmptyPattern => "an empty text matches every message, `{ }` is refused",
            _ => return None,
        };
        Some(help.to_owned())
    }

    fn help_for_selector(&self) -> Option<String> {
        use ParseErrorKind as Kind;
        let help = match self {
            Kind::MissingRoot { found } => {
                let name = found.trim_start_matches(['$', '.']);
                return Some(format!("selectors start with `$.`: `$.{name}`"));
            }
            Kind::MissingName => "selectors look like `$.userIdentity.arn`",
            Kind::RootStep { .. } => "a message is an object: name a member, `$.name`",
            Kind::MissingDot { found } => return Some(format!("write `.{found}`")),
            Kind::DoubleQuotedName { name, .. } => return Some(format!("write `['{name}']`")),
            Kind::NameCharacter { .. } => "other characters need brackets: `$.['a.b']`",
            Kind::EmptyName => "brackets hold a name: `$.['a.b']`",
            Kind::BadIndex { .. } => "indexes count from `[0]`, `[*]` is any element",
            Kind::AfterStep { found } if found.starts_with('*') => {
                "a wildcard stands for a whole name"
            }
            Kind::AfterStep { .. } => "put a blank or a dot before it",
            Kind::SecondWildcard => "one `[*]` or `.*` is allowed",
            _ => return None,
        };
        Some(help.to_owned())
    }

    fn help_for_condition(&self) -> Option<String> {
        use ParseErrorKind as Kind;
        let help = match self {
            Kind::ForeignConnective { instead, .. } | Kind::ForeignOperator { instead, .. } => {
                return Some(format!("filter patterns write `{instead}`"));
            }
            Kind::WordOperator { instead, .. } => return Some(format!("write {instead}")),
            Kind::Negation { .. } => {
                "negate the condition itself: `!=`, or `NOT EXISTS` after a selector"
            }
            Kind::UnclosedParen => "add `)`",
            Kind::UnopenedParen => "remove it, or add `(` before",
            Kind::ExpectedCondition { found } => return condition_help(found),
            Kind::ExpectedConnective { found } if found.starts_with("`$") || found == "`(`" => {
                "put `&&` or `||` before it"
            }
            Kind::ExpectedComparison { .. } => {
                "such as `= \"text\"`, `>= 400`, `IS NULL`, `NOT EXISTS`"
            }
            Kind::Exists => "`= *` is true for any text or number, `NOT EXISTS` if it is missing",
            Kind::GluedNot => "without it, `NOT` is part of the name",
            Kind::IsNot { what } => match what.as_str() {
                "TRUE" => "write `IS FALSE`, and `|| … NOT EXISTS` if the field may be missing",
                "FALSE" => "write `IS TRUE`, and `|| … NOT EXISTS` if the field may be missing",
                "EXISTS" => "write `NOT EXISTS`, without `IS`",
                _ => NOT_NULL,
            },
            Kind::ExpectedExists { .. } => "`NOT EXISTS` is the only test with `NOT`",
            _ => return None,
        };
        Some(help.to_owned())
    }

    fn help_for_value(&self) -> Option<String> {
        use ParseErrorKind as Kind;
        let help = match self {
            Kind::ExpectedValue { .. } => "such as `404`, `StopLogging`, `\"a text\"`, `10.*`",
            Kind::BareNull { negated: true, .. } => NOT_NULL,
            Kind::BareNull { .. } => "write `IS NULL`, or `\"null\"` for the text",
            Kind::SelectorAsValue { .. } => "two fields cannot be compared with each other",
            Kind::TextOrdering { .. } => "write a number without quotes",
            Kind::ValueCharacter { .. } => "put the value in double quotes",
            Kind::UnquotedBlank { .. } => "a value with blanks needs double quotes",
            Kind::SingleQuotes | Kind::TypographicQuotes => "write `\"`",
            Kind::UnclosedQuote => "add `\"`; inside quotes it is written `\\\"`",
            Kind::ExponentTooLarge => "at most 2147483647",
            _ => return None,
        };
        Some(help.to_owned())
    }

    fn help_for_column(&self) -> Option<String> {
        use ParseErrorKind as Kind;
        let help = match self {
            Kind::ExpectedColumn { .. } => {
                "names are ASCII letters, digits and `_`, and start with no digit"
            }
            Kind::SelectorAsColumn { .. } => "columns are named without `$.`",
            Kind::ExpectedColumnEnd { .. } => "columns are separated by commas",
            Kind::DuplicateColumn { .. } => "rename one of them",
            Kind::SecondColumn { .. } => "give each column its own conditions, after a comma",
            Kind::SecondEllipsis => "name or leave blank the columns in between",
            Kind::NullColumn => "compare it: `= *`, `!= \"-\"`",
            _ => return None,
        };
        Some(help.to_owned())
    }

    fn help_for_term(&self) -> Option<String> {
        use ParseErrorKind as Kind;
        let help = match self {
            Kind::TermCharacter { found } if found == "`*`" => {
                "a term is found anywhere in a message, without wildcards"
            }
            Kind::TermCharacter { found } if found == "`&`" || found == "`|`" => {
                "all terms must occur; `?a ?b` asks for any of them"
            }
            Kind::TermCharacter { .. } => "put the term in double quotes",
            Kind::RegexAmongTerms => "it must be the whole pattern",
            Kind::BracketAmongTerms { found: '{' } => {
                "a JSON pattern starts with `{`, with nothing before it; a term needs quotes"
            }
            Kind::BracketAmongTerms { .. } => {
                "a space-delimited pattern starts with `[`, with nothing before it; a term needs \
                 quotes"
            }
            Kind::MissingOpen { open: '{', .. } => "write `{ … }` around it",
            Kind::MissingOpen { .. } => "write `[ … ]` around it",
            Kind::EmptyTerm => "remove it",
            Kind::LoneSign { .. } => "put a sign that is meant literally in double quotes",
            _ => return None,
        };
        Some(help.to_owned())
    }

    fn help_for_regex(&self) -> Option<String> {
        match self {
            ParseErrorKind::UnclosedRegex => {
                Some("add `%`; a literal percent sign is written `\\x25`".to_owned())
            }
            ParseErrorKind::Regex(fault) => fault.help(),
            _ => None,
        }
    }
}

/// What to do where a condition should start; `found` is what stands there, in backticks.
fn condition_help(found: &str) -> Option<String> {
    let help = match found.trim_matches('`') {
        "&&" | "||" => "put a condition before it, or remove it",
        "{" => "group conditions with parentheses",
        "}" | ")" | "]" | "," | "the end of the pattern" => {
            "a condition belongs after every `&&`, `||` and `(`"
        }
        word if word.eq_ignore_ascii_case("EXISTS") => {
            "tests follow the selector: `$.a = *` is true for any text or number, `$.a NOT EXISTS` \
             if it is missing"
        }
        _ => return None,
    };
    Some(help.to_owned())
}
