//! Rule sets of different sizes, as folders of rule files.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;
use trailwarden::pattern::{Kind, Pattern, matches};
use trailwarden::rules::shipped_rules;

use crate::generate;

/// Folders of rules.
pub struct RuleSets {
    pub ten: PathBuf,
    /// The shipped rules and metric filters as people use them.
    pub sixty: PathBuf,
    pub hundred: PathBuf,
    pub thousand: PathBuf,
    /// The sixty and more rules that every record has to be asked about.
    pub unindexed: PathBuf,
}

/// Rules that are added to the sixty in [`RuleSets::unindexed`].
pub const UNINDEXED: usize = 20;

impl RuleSets {
    /// Writes them.
    pub fn write(sample: &[String]) -> Result<RuleSets> {
        let sixty: Vec<String> = metric_filters(sample)?;
        let made = |from: usize, to: usize| (from..to).map(made_up);
        let regex = |number| format!("{{ $.userIdentity.arn = %role/made-up-{number}[0-9]% }}");
        let beside: Vec<String> = (0..UNINDEXED).map(regex).collect();
        let missing = 60_usize.saturating_sub(sixty.len() + shipped_rules().len());
        let sixty: Vec<String> = sixty
            .into_iter()
            .chain(made(2_000, 2_000 + missing))
            .collect();
        let all = sixty.len() + shipped_rules().len();
        Ok(RuleSets {
            ten: write("10", 10, &[])?,
            sixty: write("60", usize::MAX, &sixty)?,
            hundred: write("100", usize::MAX, &with(&sixty, made(0, 100 - all)))?,
            thousand: write("1000", usize::MAX, &with(&sixty, made(0, 1_000 - all)))?,
            unindexed: write("unindexed", usize::MAX, &with(&sixty, beside.into_iter()))?,
        })
    }
}

fn with(rules: &[String], more: impl Iterator<Item = String>) -> Vec<String> {
    rules.iter().cloned().chain(more).collect()
}

/// A rule about events that do not happen, in the shape of those that do.
fn made_up(number: usize) -> String {
    format!(
        "{{ ($.eventSource = \"service{number}.amazonaws.com\") && (($.eventName = Create{number}) || ($.eventName = Delete{number})) }}"
    )
}

/// Valid metric filters that people have published, where they are to be had. Those that match
/// more than one record in 100 of the sample are left out: nobody would be told of every third
/// call, and what is measured should not be the writing of matches.
fn metric_filters(sample: &[String]) -> Result<Vec<String>> {
    let Ok(text) = std::fs::read_to_string(generate::shared().join("pattern/real_patterns.jsonl"))
    else {
        return Ok(Vec::new());
    };
    let mut patterns: Vec<String> = Vec::new();
    for line in text.lines() {
        let row: Value = serde_json::from_str(line)?;
        let pattern = row
            .get("pattern")
            .and_then(Value::as_str)
            .context("no pattern")?;
        let Ok(parsed) = Pattern::parse(pattern) else {
            continue;
        };
        let matched = sample.iter().filter(|record| matches(&parsed, record));
        let is_rare = matched.count() * 100 <= sample.len();
        let is_new = !patterns.iter().any(|known| known == pattern);
        if is_rare && is_new && parsed.kind() == Kind::Json {
            patterns.push(pattern.to_owned());
        }
        if patterns.len() == 45 {
            break;
        }
    }
    Ok(patterns)
}

/// A folder with at most so many of the shipped rules, and a rule for each pattern.
fn write(name: &str, shipped: usize, patterns: &[String]) -> Result<PathBuf> {
    let folder = generate::scratch().join(format!("rules-{name}"));
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    for source in shipped_rules().iter().take(shipped) {
        let file = Path::new(&source.file).file_name().context("no name")?;
        std::fs::write(folder.join(file), &source.text)?;
    }
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::copy(home.join("rules/lists.yaml"), folder.join("lists.yaml"))?;
    for (number, pattern) in patterns.iter().enumerate() {
        let quoted = serde_json::to_string(pattern)?;
        let text = format!("title: rule {number}\nseverity: low\npattern: {quoted}\n");
        std::fs::write(folder.join(format!("bench-{number:04}.yaml")), text)?;
    }
    Ok(folder)
}
