//! Rule files from a folder.

use std::path::Path;

use crate::rules::{Lists, RuleFault, RuleFaults, RuleSource, shipped_lists};

/// The rule files (`*.yaml`, `*.yml`) of a folder, sorted by name, and the lists that go with
/// them: the shipped ones, with those of the folder's `lists.yaml` in their place.
///
/// # Errors
/// When the folder or a file in it cannot be read, holds no rule, or `lists.yaml` is not valid.
pub fn read_rules(folder: &Path) -> Result<(Vec<RuleSource>, Lists), RuleFaults> {
    let fault = |path: &Path, message: String| {
        RuleFaults::from(RuleFault {
            file: path.display().to_string(),
            place: None,
            message,
        })
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)
        .map_err(|error| fault(folder, format!("cannot be read: {error}")))?
    {
        let path = entry
            .map_err(|error| fault(folder, format!("cannot be read: {error}")))?
            .path();
        if path
            .extension()
            .is_some_and(|ending| ending == "yaml" || ending == "yml")
        {
            paths.push(path);
        }
    }
    paths.sort();
    let mut lists = shipped_lists()?;
    let mut rules = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path)
            .map_err(|error| fault(&path, format!("cannot be read: {error}")))?;
        let file = path.display().to_string();
        if path.file_stem().is_some_and(|stem| stem == "lists") {
            lists.replace_with(Lists::parse(&file, &text)?);
        } else {
            rules.push(RuleSource { file, text });
        }
    }
    if rules.is_empty() {
        return Err(fault(
            folder,
            "there is no rule file (*.yaml) in this folder".to_owned(),
        ));
    }
    Ok((rules, lists))
}
