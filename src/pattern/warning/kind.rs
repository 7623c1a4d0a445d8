//! What may be wrong with a pattern that is legal, each documented by a pattern that has it.

use thiserror::Error;

/// Why a legal pattern may not do what it seems to. A message that says `never` or `every` is a
/// proof; one that says `may` is a guess at what was meant. Texts of the pattern are quoted, in
/// backticks.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WarningKind {
    // Conditions that cannot be meant.
    /// `{ $.a != * }`, `{ $.a = %b^a% }`
    #[error("{condition} is never true: {}", because(*.is_unequal))]
    NeverTrue {
        /// The condition.
        condition: String,
        /// Whether it says `!=`, and the value accepts everything; else the value accepts nothing.
        is_unequal: bool,
    },
    /// `{ $.a = x && $.a = y }`
    #[error("{condition} is never true together with {other}{}", fatal(*.pattern))]
    Contradiction {
        /// The condition.
        condition: String,
        /// What it contradicts.
        other: String,
        /// Whether the pattern therefore matches nothing at all.
        pattern: bool,
    },
    /// `{ $.a != x || $.a != y }`
    #[error("{other} or {condition} is true of every text and every finite number")]
    AlwaysTrue {
        /// The later condition.
        condition: String,
        /// The earlier condition.
        other: String,
    },
    /// `{ $.a = Delete* || $.a = DeleteTrail }`
    #[error("{branch} makes no difference: {other} is true whenever it is")]
    Redundant {
        /// The branch that could be left out.
        branch: String,
        /// The branch that is true as well.
        other: String,
    },

    // Conditions that may be meant otherwise.
    /// `{ ($.eventSource = a) && ($.eventName = X) || ($.eventName = Y) }`
    #[error("`&&` binds before `||`: {condition} is asked for only together with {other}")]
    BoundByPrecedence {
        /// The condition that may be meant for all branches.
        condition: String,
        /// The only one it is joined with.
        other: String,
    },
    /// `{ $.eventName = X && $.errorCode != AccessDenied }`
    #[error("{condition} is false where {selector} is missing, which may not be meant")]
    NeedsField {
        /// The condition.
        condition: String,
        /// What may be missing.
        selector: String,
    },
    /// `{ $.errorCode = AccessDenied || $.eventName != HeadBucket }`
    #[error("{condition} alone suffices, so the pattern may match nearly every message")]
    LooseBranch {
        /// The condition.
        condition: String,
    },
    /// `{ $.readOnly = false }`
    #[error("{condition} compares with the text {value}, and is false for the JSON value")]
    BooleanAsText {
        /// The condition.
        condition: String,
        /// `true` or `false`.
        value: String,
        /// Whether the condition says `!=`.
        is_unequal: bool,
    },
    /// `{ $.a = "%x%" }`
    #[error("{value} is a text, percent signs included, and may be meant as a regular expression")]
    QuotedRegex {
        /// The value.
        value: String,
    },

    // Terms.
    /// `ORDER-ITEM`
    #[error("{run} is read as {parts}")]
    GluedSign {
        /// The terms as they are written, without a blank between them.
        run: String,
        /// The same with blanks.
        parts: String,
    },
    /// `?ERROR timeout`
    #[error("{term} is ignored: `?` has a meaning only where every term has it")]
    IgnoredTerm {
        /// The term.
        term: String,
    },
    /// `ERROR -ERR`
    #[error("pattern never matches: a message with {required} also contains {excluded}")]
    ExcludedByRequired {
        /// The term that must occur.
        required: String,
        /// The term that must not.
        excluded: String,
    },
}

fn because(is_unequal: bool) -> &'static str {
    match is_unequal {
        true => "every text and every number equals the value",
        false => "the regular expression is found in no text",
    }
}

fn fatal(pattern: bool) -> &'static str {
    match pattern {
        true => ", so the pattern never matches",
        false => "",
    }
}

impl WarningKind {
    /// Notes that the pattern never matches, of which this is a reason.
    pub(super) fn is_fatal(&mut self) {
        if let WarningKind::Contradiction { pattern, .. } = self {
            *pattern = true;
        }
    }

    /// A name that does not change, for reports that are read by programs.
    pub fn name(&self) -> &'static str {
        match self {
            WarningKind::NeverTrue { .. } => "never-true",
            WarningKind::Contradiction { .. } => "contradiction",
            WarningKind::AlwaysTrue { .. } => "always-true",
            WarningKind::Redundant { .. } => "redundant",
            WarningKind::BoundByPrecedence { .. } => "bound-by-precedence",
            WarningKind::NeedsField { .. } => "needs-field",
            WarningKind::LooseBranch { .. } => "loose-branch",
            WarningKind::BooleanAsText { .. } => "boolean-as-text",
            WarningKind::QuotedRegex { .. } => "quoted-regex",
            WarningKind::GluedSign { .. } => "glued-sign",
            WarningKind::IgnoredTerm { .. } => "ignored-term",
            WarningKind::ExcludedByRequired { .. } => "excluded-by-required",
        }
    }

    /// What to write instead, where that can be told.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            WarningKind::NeverTrue {
                is_unequal: true, ..
            } => "`NOT EXISTS` is true where the field is missing",
            WarningKind::NeverTrue { .. } => "`^` stands first and `$` last",
            WarningKind::Contradiction { .. } => "join them with `||`, or leave one out",
            WarningKind::AlwaysTrue { .. } => "join them with `&&`",
            WarningKind::Redundant { .. } => "leave it out",
            WarningKind::BoundByPrecedence { .. } => {
                "to ask for it with each branch, put the branches in parentheses"
            }
            WarningKind::NeedsField { selector, .. } => {
                let selector = selector.trim_matches('`');
                return Some(format!(
                    "to match there too, add `{selector} NOT EXISTS ||`, in parentheses"
                ));
            }
            WarningKind::LooseBranch { .. } => "to except messages, use `&&`",
            WarningKind::BooleanAsText {
                value, is_unequal, ..
            } => {
                let literal = match (value.as_str(), is_unequal) {
                    ("`true`", false) | ("`false`", true) => "IS TRUE",
                    _ => "IS FALSE",
                };
                return Some(format!("write `{literal}`, or quotes if the text is meant"));
            }
            WarningKind::QuotedRegex { .. } => "a regular expression stands without quotes",
            WarningKind::GluedSign { run, .. } => {
                let run = run.trim_matches('`');
                return Some(format!("to look for it as it stands, write `\"{run}\"`"));
            }
            WarningKind::IgnoredTerm { .. } => "leave it out, or put `?` before every term",
            WarningKind::ExcludedByRequired { .. } => "leave one of them out",
        };
        Some(help.to_owned())
    }
}
