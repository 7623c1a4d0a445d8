//! Which rules a command works with: options that several commands share.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use trailwarden::local::read_rules;
use trailwarden::rules::{RuleSet, closest, shipped_lists, shipped_rules_without_tests};

/// The shipped rules, or those of a folder, with lists as they are set.
#[derive(Args)]
pub struct RuleFiles {
    /// A folder of rule files to use in place of the shipped ones.
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// Set a list of the rules, such as `approved-regions=eu-west-1,eu-central-1`.
    #[arg(long = "list", value_name = "NAME=VALUE,…")]
    lists: Vec<String>,
}

impl RuleFiles {
    /// Reads and compiles them.
    ///
    /// # Errors
    /// When files or lists are wrong, or no rule is on.
    pub fn load(&self) -> Result<RuleSet> {
        let (sources, mut lists) = match &self.rules {
            Some(folder) => read_rules(folder)?,
            None => (shipped_rules_without_tests(), shipped_lists()?),
        };
        for setting in &self.lists {
            let Some((name, values)) = setting.split_once('=') else {
                bail!("`--list {setting}` has no `=`; write NAME=VALUE,VALUE");
            };
            if lists.get(name).is_none() {
                let hint =
                    closest(name, lists.names()).map(|near| format!(", did you mean `{near}`?"));
                bail!("there is no list `{name}`{}", hint.unwrap_or_default());
            }
            let values = values
                .split(',')
                .map(str::trim)
                .filter(|value| !value.is_empty());
            lists.set(name, values.map(str::to_owned).collect());
        }
        let rules = RuleSet::load(&sources, &lists)?;
        if !rules.rules().iter().any(|rule| rule.enabled) {
            bail!("every rule is switched off by `enabled: false`");
        }
        Ok(rules)
    }
}
