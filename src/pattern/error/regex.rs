//! The faults of regular expressions, and the way out of each.

use thiserror::Error;

/// What is wrong with a regular expression (filter pattern spec 2).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RegexFault {
    /// `%%`
    #[error("regular expression is empty")]
    Empty,
    /// `%(ab)+%`
    #[error("a regular expression cannot hold {found}")]
    Parenthesis {
        /// The parenthesis.
        found: String,
    },
    /// `%ab(?=c)%`
    #[error("there is no look-around, found `{found}`")]
    LookAround {
        /// What opens it.
        found: String,
    },
    /// `%café%`, `%a]%`
    #[error("a regular expression cannot hold {found}")]
    Character {
        /// What stands there.
        found: String,
    },
    /// `%\bERROR%`
    #[error("there is no escape `{found}`")]
    Escape {
        /// What stands there.
        found: String,
    },
    /// `%*a%`
    #[error("nothing to repeat before `{found}`")]
    DanglingQuantifier {
        /// The quantifier.
        found: String,
    },
    /// `%a++%`
    #[error("there is no possessive quantifier `{found}`")]
    PossessiveQuantifier {
        /// The quantifier.
        found: String,
    },
    /// `%a{,}%`, `%a{3,2}%`, `%a{10000}%`
    #[error("not a valid repetition: `{found}`")]
    BadRepetition {
        /// The repetition.
        found: String,
    },
    /// `%[]%`
    #[error("expected a character in the class")]
    EmptyClass,
    /// `%[abc%`
    #[error("class is never closed with `]`")]
    UnclosedClass,
    /// `%[a[b]]%`
    #[error("a class cannot hold another class")]
    NestedClass,
    /// `%[z-a]%`
    #[error("not a valid range: `{found}`")]
    BadRange {
        /// The range.
        found: String,
    },
    /// `%a.{0,9999}b%`: more than
    /// [`Limits::max_regex_positions`](crate::pattern::Limits).
    #[error("regular expression spells out to more than {limit} characters")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
}

impl RegexFault {
    pub(super) fn help(&self) -> Option<String> {
        use RegexFault as Fault;
        let help = match self {
            Fault::Empty => "put an expression between the percent signs",
            Fault::Parenthesis { found } if found == "`(`" => {
                "there are no groups; a literal parenthesis is written `\\x28`"
            }
            Fault::Parenthesis { .. } => "a literal parenthesis is written `\\x29`",
            Fault::LookAround { .. } => "split the test into two conditions",
            Fault::Character { found } => return regex_character_help(found),
            Fault::Escape { .. } => "any ASCII character can be written `\\xhh`",
            Fault::DanglingQuantifier { .. } => "to mean the character, put a backslash before it",
            Fault::PossessiveQuantifier { .. } => "write it without the last `+`",
            Fault::BadRepetition { .. } => "write `{m}`, `{m,}`, `{,n}` or `{m,n}`, up to 9999",
            Fault::EmptyClass => "to mean the bracket, put a backslash before it",
            Fault::UnclosedClass => "add `]`",
            Fault::NestedClass => "to mean the bracket, put a backslash before it",
            Fault::BadRange { .. } => "a range goes from a character to a later one",
            Fault::TooLarge { .. } => "use smaller repetitions, or `*` and `+`, which count once",
        };
        Some(help.to_owned())
    }
}

/// `found` is the character in backticks.
fn regex_character_help(found: &str) -> Option<String> {
    let character = found.chars().nth(1)?;
    Some(match character {
        ']' | '}' => "to mean the bracket, put a backslash before it".to_owned(),
        c if c.is_ascii() => format!("write `\\x{:02x}`", c as u32),
        _ => "regular expressions are ASCII; `.` stands for any character".to_owned(),
    })
}
