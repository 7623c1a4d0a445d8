//! `trailwarden rules list`: which rules there are, and how a record finds them.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use serde_json::json;
use trailwarden::pattern::Kind;
use trailwarden::rules::{Rule, RuleSet};

use super::End;
use super::output::Format;
use super::rule_files::RuleFiles;

/// Says which rules there are.
#[derive(Parser)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the rules, and by what fields of a record each is found.
    ///
    /// Exits with 0; 2 when a rule or a list is wrong.
    List(ListArgs),
}

/// Options of `rules list`.
#[derive(Parser)]
struct ListArgs {
    #[command(flatten)]
    rules: RuleFiles,
    /// Only rules that are asked about every record, and why they are.
    #[arg(long)]
    unindexed: bool,
    /// What to print.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Runs the command.
///
/// # Errors
/// When rules or lists are wrong, or the output is closed.
pub fn run(args: &Args) -> Result<End> {
    let Command::List(args) = &args.command;
    let rules = args.rules.load()?;
    let mut out = String::new();
    let listed: Vec<Line<'_>> = rules
        .rules()
        .iter()
        .enumerate()
        .map(|(at, rule)| Line::of(&rules, at, rule))
        .filter(|line| !args.unindexed || line.why.is_some())
        .collect();
    let width = |text: fn(&Rule) -> usize| listed.iter().map(|line| text(line.rule)).max();
    let id_width = width(|rule| rule.id.len()).unwrap_or_default();
    for line in &listed {
        out.push_str(&match args.format {
            Format::Text => line.text(id_width),
            Format::Json => line.json(),
        });
        out.push('\n');
    }
    write!(std::io::stdout(), "{out}").context("cannot write to standard output")?;
    Ok(End::Clean)
}

/// One rule of the list.
struct Line<'r> {
    rule: &'r Rule,
    found_by: Vec<String>,
    /// Why the rule is asked about every record, if it is.
    why: Option<&'static str>,
}

impl<'r> Line<'r> {
    fn of(rules: &RuleSet, at: usize, rule: &'r Rule) -> Self {
        let found_by = rules.found_by(at);
        let why = match &found_by {
            Some(fields) if fields.is_empty() => Some(match rule.pattern.kind() {
                Kind::Json => {
                    "it can match without any one value, beginning or optional field of a record"
                }
                Kind::Terms | Kind::Regex | Kind::Delimited => {
                    "its pattern looks at the text of a record, not at its fields"
                }
            }),
            _ => None,
        };
        Self {
            rule,
            found_by: found_by.unwrap_or_default(),
            why,
        }
    }

    fn text(&self, id_width: usize) -> String {
        let Rule {
            id,
            title,
            severity,
            enabled,
            ..
        } = self.rule;
        let how = match self.why {
            _ if !enabled => "off".to_owned(),
            Some(why) => format!("asked about every record: {why}"),
            None => format!("found by {}", self.found_by.join(", ")),
        };
        let severity = severity.to_string();
        format!("{id:id_width$}  {severity:13}  {title}\n    {how}")
    }

    fn json(&self) -> String {
        let rule = self.rule;
        json!({
            "id": rule.id,
            "severity": rule.severity,
            "title": rule.title,
            "enabled": rule.enabled,
            "found_by": self.found_by,
            "unindexed": self.why,
        })
        .to_string()
    }
}
