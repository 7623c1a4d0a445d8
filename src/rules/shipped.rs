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

/// The shipped rule files for whoever evaluates log files: without their tests, which are most of
/// their text and take most of the time to read. They have been run before anything is shipped.
pub fn shipped_rules_without_tests() -> Vec<RuleSource> {
    let mut rules = shipped_rules();
    for rule in &mut rules {
        rule.text = without_tests(&rule.text);
    }
    rules
}

/// A rule file up to its `tests`, and from the next key on.
fn without_tests(text: &str) -> String {
    let mut in_tests = false;
    let kept = text.split_inclusive('\n').filter(|line| {
        if !line.starts_with([' ', '#', '\n']) {
            in_tests = line.starts_with("tests:");
        }
        !in_tests
    });
    kept.collect()
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

#[cfg(test)]
mod tests {
    use super::super::parse_rule;
    use super::*;

    #[test]
    fn only_the_tests_are_left_out() {
        for (full, short) in shipped_rules().iter().zip(shipped_rules_without_tests()) {
            assert!(!short.text.contains("\ntests:") && short.text.len() < full.text.len());
            let [mut full, short] =
                [full, &short].map(|source| parse_rule(&source.file, &source.text).expect("valid"));
            assert!(!full.tests.is_empty());
            full.tests.clear();
            assert_eq!(format!("{full:?}"), format!("{short:?}"));
        }
    }
}
