//! The rules and lists of the `rules/` folder, embedded in both binaries.

use include_dir::{Dir, include_dir};

use super::{Lists, RuleFault, RuleSource};

static RULES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// File name of the shared lists.
pub(super) const LISTS: &str = "lists.yaml";

/// The shipped rule files, sorted by name.
pub fn shipped_rules() -> Vec<RuleSource> {
    let mut rules: Vec<RuleSource> = RULES
        .files()
        .filter_map(|file| {
            let name = file.path().file_name()?.to_str()?;
            let is_rule = name.ends_with(".yaml") && name != LISTS;
            is_rule.then(|| {
                Some(RuleSource {
                    file: format!("rules/{name}"),
                    text: file.contents_utf8()?.to_owned(),
                })
            })?
        })
        .collect();
    rules.sort_by(|a, b| a.file.cmp(&b.file));
    rules
}

/// The shipped lists.
///
/// # Errors
/// When `rules/lists.yaml` is not a mapping of lists; a test keeps that from being shipped.
pub fn shipped_lists() -> Result<Lists, RuleFault> {
    let text = RULES
        .get_file(LISTS)
        .and_then(|file| file.contents_utf8())
        .unwrap_or("{}");
    Lists::parse("rules/lists.yaml", text)
}
