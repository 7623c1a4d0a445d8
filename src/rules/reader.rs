//! What a rule file's values mean: names, durations, patterns, each checked with its place.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_saphyr::{Location, Spanned};

use super::fault::RuleFault;
use super::file::{ExceptionFile, RuleFile, TestFile, ThresholdFile, place};
use super::rule::{Exception, FieldPath, GroupField, Rule, RuleTest, Threshold};
use super::{Seconds, Severity};
use crate::pattern::{Pattern, Selector, Step};

/// How long repeats merge when a rule does not say.
const COOLDOWN: Seconds = Seconds(3_600);

/// Reads the values of one file and collects what is wrong with them.
pub(super) struct Reader<'f> {
    pub(super) file: &'f str,
    pub(super) faults: Vec<RuleFault>,
}

impl Reader<'_> {
    pub(super) fn rule(&mut self, read: RuleFile) -> Option<Rule> {
        let severity = self.parsed::<Severity>(&read.severity);
        let pattern = self.pattern(&read.pattern);
        let log_folders = read
            .log_folders
            .iter()
            .filter_map(|folder| self.parsed(folder))
            .collect();
        let where_not_in = self.list_tests(&read.where_not_in);
        let where_in = self.list_tests(&read.where_in);
        let threshold = read
            .threshold
            .and_then(|threshold| self.threshold(&threshold));
        let cooldown = read
            .cooldown
            .map_or(Some(COOLDOWN), |text| self.parsed(&text));
        let exceptions = read
            .exceptions
            .into_iter()
            .filter_map(|exception| self.exception(exception))
            .collect();
        if read.title.trim().is_empty() {
            self.faults
                .push(RuleFault::new(self.file, "the title is empty"));
        }
        Some(Rule {
            id: self.id()?,
            file: self.file.to_owned(),
            title: read.title.trim().to_owned(),
            severity: severity?,
            description: read.description.trim().to_owned(),
            runbook: read.runbook.trim().to_owned(),
            tags: read.tags,
            pattern: pattern?,
            log_folders,
            where_not_in,
            where_in,
            lists: read.lists.into(),
            threshold,
            cooldown: cooldown?,
            exceptions,
            enabled: read.enabled,
            tests: read.tests.into_iter().map(rule_test).collect(),
        })
    }

    fn id(&mut self) -> Option<String> {
        let name = self.file.rsplit(['/', '\\']).next().unwrap_or_default();
        let id = name
            .strip_suffix(".yaml")
            .or_else(|| name.strip_suffix(".yml"))
            .unwrap_or(name);
        if id.is_empty()
            || !id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        {
            self.faults.push(RuleFault::new(
                self.file,
                "a rule's file name has only letters, digits, `-`, `_` and `.`",
            ));
            return None;
        }
        Some(id.to_owned())
    }

    fn fault(&mut self, location: Location, message: impl Into<String>) {
        self.faults
            .push(RuleFault::at(self.file, place(location), message));
    }

    fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
        &mut self,
        text: &Spanned<String>,
    ) -> Option<T> {
        match text.value.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(text.referenced, error.to_string());
                None
            }
        }
    }

    /// Patterns are trimmed, as Terraform and CloudFormation do before they call CloudWatch
    /// (filter pattern spec 1.8).
    fn pattern(&mut self, text: &Spanned<String>) -> Option<Pattern> {
        let source = text.value.trim();
        match Pattern::parse(source) {
            Ok(pattern) => Some(pattern),
            Err(errors) => {
                let rendered = errors.render(source, self.file);
                self.fault(
                    text.referenced,
                    format!("the pattern is not valid\n{}", rendered.trim_end()),
                );
                None
            }
        }
    }

    fn list_tests(&mut self, tests: &BTreeMap<String, Spanned<String>>) -> Vec<(Selector, String)> {
        let mut read = Vec::new();
        for (selector, list) in tests {
            match Selector::parse(selector) {
                Ok(parsed) => read.push((parsed, list.value.clone())),
                Err(errors) => {
                    let rendered = errors.render(selector, self.file);
                    self.fault(
                        list.referenced,
                        format!("not a selector\n{}", rendered.trim_end()),
                    );
                }
            }
        }
        read
    }

    fn threshold(&mut self, read: &ThresholdFile) -> Option<Threshold> {
        if read.count.value == 0 {
            self.fault(read.count.referenced, "a threshold counts at least 1");
        }
        if read.count.value > Threshold::MOST {
            let most = Threshold::MOST;
            self.fault(read.count.referenced, format!("a threshold counts at most {most}: the events below it are kept, for each group"));
        }
        let group_by = match &read.group_by {
            Some(fields) => fields
                .iter()
                .filter_map(|field| self.group_field(field))
                .collect(),
            None => GroupField::DEFAULT.to_vec(),
        };
        let distinct = match &read.distinct {
            Some(text) => Some(self.field_path(text)?),
            None => None,
        };
        let within = self.parsed(&read.within)?;
        if within > Threshold::LONGEST {
            let message = format!(
                "`{}` is too long: what is below a threshold is remembered for 14 days, so `within` is at most 13d",
                read.within.value
            );
            self.fault(read.within.referenced, message);
        }
        Some(Threshold {
            count: read.count.value,
            within,
            group_by,
            distinct,
        })
    }

    fn group_field(&mut self, text: &Spanned<String>) -> Option<GroupField> {
        match text.value.as_str() {
            "principal" => Some(GroupField::Principal),
            "account" => Some(GroupField::Account),
            _ => self.field_path(text).map(GroupField::Field),
        }
    }

    fn field_path(&mut self, text: &Spanned<String>) -> Option<FieldPath> {
        let names = Selector::parse(&text.value)
            .ok()
            .and_then(|selector| plain_names(&selector));
        if names.is_none() {
            let message = format!(
                "`{}` names no field; write `principal`, `account` or a selector of plain names such as `$.sourceIPAddress`",
                text.value
            );
            self.fault(text.referenced, message);
        }
        Some(FieldPath {
            text: text.value.clone(),
            names: names?,
        })
    }

    fn exception(&mut self, read: ExceptionFile) -> Option<Exception> {
        // Both are read, so that both can be reported.
        let pattern = self.pattern(&read.pattern);
        let expires = match &read.expires {
            Some(text) => self.end_of_day(text).map(Some),
            None => Some(None),
        };
        Some(Exception {
            pattern: pattern?,
            reason: read.reason,
            owner: read.owner,
            expires: expires?,
        })
    }

    /// An exception applies to events up to the end of its day, UTC.
    fn end_of_day(&mut self, text: &Spanned<String>) -> Option<i64> {
        let next_day = text
            .value
            .parse::<Date>()
            .ok()
            .and_then(|date| date.tomorrow().ok());
        match next_day.and_then(|date| date.to_zoned(TimeZone::UTC).ok()) {
            Some(midnight) => Some(midnight.timestamp().as_second()),
            None => {
                self.fault(
                    text.referenced,
                    format!("`{}` is not a date such as 2027-06-30", text.value),
                );
                None
            }
        }
    }
}

fn rule_test(read: TestFile) -> RuleTest {
    RuleTest {
        name: read.name,
        matches: read.matches,
        record: read.record.to_string(),
    }
}

/// The member names of a selector without an index or a wildcard.
fn plain_names(selector: &Selector) -> Option<Vec<String>> {
    let names = selector.steps().iter().map(|step| match step {
        Step::Name(name) => Some(name.clone()),
        Step::Index(_) | Step::Wildcard => None,
    });
    names.collect()
}
