//! One rule file: YAML text → [`Rule`], with every fault of it at once.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::{Error as YamlError, Location, Spanned};

use super::fault::{RuleFault, RuleFaults};
use super::reader::Reader;
use super::rule::Rule;
use super::suggest::closest;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    pub(super) title: String,
    pub(super) severity: Spanned<String>,
    pub(super) pattern: Spanned<String>,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) runbook: String,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    #[serde(default)]
    pub(super) log_folders: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) where_not_in: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub(super) where_in: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub(super) lists: BTreeMap<String, Vec<String>>,
    pub(super) threshold: Option<ThresholdFile>,
    pub(super) cooldown: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) exceptions: Vec<ExceptionFile>,
    #[serde(default = "yes")]
    pub(super) enabled: bool,
    #[serde(default)]
    pub(super) tests: Vec<TestFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ThresholdFile {
    pub(super) count: Spanned<u32>,
    pub(super) within: Spanned<String>,
    pub(super) group_by: Option<Vec<Spanned<String>>>,
    pub(super) distinct: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExceptionFile {
    pub(super) pattern: Spanned<String>,
    pub(super) reason: String,
    pub(super) owner: Option<String>,
    pub(super) expires: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TestFile {
    pub(super) name: String,
    #[serde(rename = "match")]
    pub(super) matches: bool,
    pub(super) record: serde_json::Value,
}

fn yes() -> bool {
    true
}

/// Reads the text of a rule file. `file` is its name for messages; the rule's id is the last part
/// of it without the ending.
///
/// # Errors
/// Every fault of the file, each with its place.
pub fn parse_rule(file: &str, text: &str) -> Result<Rule, RuleFaults> {
    let read: RuleFile = serde_saphyr::from_str(text).map_err(|error| yaml_fault(file, &error))?;
    let mut reader = Reader {
        file,
        faults: Vec::new(),
    };
    let rule = reader.rule(read);
    let mut faults = reader.faults;
    faults.sort_by_key(|fault| fault.place);
    match rule {
        Some(rule) if faults.is_empty() => Ok(rule),
        _ => Err(RuleFaults(faults)),
    }
}

/// A YAML error as a fault with its place, and a suggestion for an unknown key.
pub(super) fn yaml_fault(file: &str, error: &YamlError) -> RuleFault {
    let bare = error.without_snippet();
    let message = match bare {
        YamlError::SerdeUnknownField {
            field, expected, ..
        } => match closest(field, expected.iter().copied()) {
            Some(near) => format!("unknown key `{field}`, did you mean `{near}`?"),
            None => format!(
                "unknown key `{field}`; the keys here are {}",
                expected.join(", ")
            ),
        },
        YamlError::SerdeMissingField { field, .. } => format!("the key `{field}` is missing"),
        other => plain_text(other),
    };
    match bare.location() {
        Some(location) => RuleFault::at(file, place(location), message),
        None => RuleFault::new(file, message),
    }
}

/// The first line of the library's own message in our words, without the place that it repeats.
fn plain_text(error: &YamlError) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    let line = line.split(" at line ").next().unwrap_or(line);
    // Its advice is for programmers.
    let line = line.split("; ").next().unwrap_or(line);
    line.replace("sequence start", "a list")
        .replace("mapping start", "a mapping of keys to values")
}

pub(super) fn place(location: Location) -> (u64, u64) {
    (location.line(), location.column())
}
