//! Configuration of the Lambda function, from environment variables. Pure: the variables are an
//! argument. Every fault is reported, not only the first.

use std::collections::BTreeMap;
use std::fmt;

use crate::inspect;
use crate::logfile::Limits;
use crate::rules::{Lists, closest};

/// Prefix of every variable that is ours.
const PREFIX: &str = "TRAILWARDEN_";

/// Prefix of variables that set a list: `TRAILWARDEN_LIST_APPROVED_REGIONS=eu-west-1,eu-central-1`.
const LIST: &str = "TRAILWARDEN_LIST_";

const TOPIC: &str = "TRAILWARDEN_TOPIC_ARN";
const TABLE: &str = "TRAILWARDEN_TABLE";
const RULES_DIR: &str = "TRAILWARDEN_RULES_DIR";
const MAX_OBJECT: &str = "TRAILWARDEN_MAX_OBJECT_BYTES";
const MAX_INFLATED: &str = "TRAILWARDEN_MAX_INFLATED_BYTES";
const OVERDUE: &str = "TRAILWARDEN_DIGEST_OVERDUE_SECONDS";

/// What the function is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `TRAILWARDEN_TOPIC_ARN`, required: where alerts go.
    pub topic_arn: String,
    /// `TRAILWARDEN_TABLE`, required: the name of the DynamoDB table of state.
    pub table: String,
    /// `TRAILWARDEN_RULES_DIR`: a folder of rule files to use in place of the shipped ones.
    pub rules_dir: Option<String>,
    /// `TRAILWARDEN_LIST_…`: lists by name, in place of those of `rules/lists.yaml`.
    pub lists: BTreeMap<String, Vec<String>>,
    /// `TRAILWARDEN_MAX_OBJECT_BYTES`, `TRAILWARDEN_MAX_INFLATED_BYTES`; the rest has defaults.
    pub limits: Limits,
    /// `TRAILWARDEN_DIGEST_OVERDUE_SECONDS`: how long after the end of a digest people are told that
    /// the next one stays away. At least an hour, since that is how often they come.
    pub digest_overdue: i64,
}

/// All that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFaults(pub Vec<String>);

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for ConfigFaults {}

impl Config {
    /// Reads the variables that start with `TRAILWARDEN_`; others are somebody else's. An empty
    /// value counts as absent, because templates cannot leave a variable out.
    ///
    /// # Errors
    /// Every missing, malformed or unknown variable.
    pub fn from_vars(
        vars: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigFaults> {
        match Self::read(vars) {
            (config, faults) if faults.0.is_empty() => Ok(config),
            (_, faults) => Err(faults),
        }
    }

    /// As [`from_vars`](Self::from_vars), with defaults in place of what is wrong, for whoever
    /// goes on to find what else is.
    pub fn read(vars: impl IntoIterator<Item = (String, String)>) -> (Self, ConfigFaults) {
        let mut reader = Reader {
            vars: BTreeMap::new(),
            faults: Vec::new(),
        };
        let ours =
            |(name, value): &(String, String)| name.starts_with(PREFIX) && !value.trim().is_empty();
        reader.vars.extend(vars.into_iter().filter(ours));
        let defaults = Limits::default();
        let config = Self {
            topic_arn: reader.topic(),
            table: reader.table(),
            rules_dir: reader.vars.remove(RULES_DIR),
            digest_overdue: reader.overdue(),
            limits: Limits {
                object_bytes: reader.bytes(MAX_OBJECT).unwrap_or(defaults.object_bytes),
                inflated_bytes: reader
                    .bytes(MAX_INFLATED)
                    .unwrap_or(defaults.inflated_bytes),
                ..defaults
            },
            lists: reader.lists(),
        };
        reader.refuse_the_rest();
        (config, ConfigFaults(reader.faults))
    }

    /// The shared lists with the configured ones in their place.
    ///
    /// # Errors
    /// When a configured list is not one that `shared` has: a misspelt name would silently leave
    /// the default in force.
    pub fn override_lists(&self, shared: &mut Lists) -> Result<(), ConfigFaults> {
        let mut faults = Vec::new();
        for (name, values) in &self.lists {
            if shared.get(name).is_some() {
                shared.set(name, values.clone());
                continue;
            }
            let hint = closest(name, shared.names())
                .map(|near| format!(", did you mean `{}`?", variable(near)));
            faults.push(format!(
                "`{}` sets no list of the rules{}",
                variable(name),
                hint.unwrap_or_default()
            ));
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(ConfigFaults(faults))
        }
    }
}

struct Reader {
    vars: BTreeMap<String, String>,
    faults: Vec<String>,
}

impl Reader {
    fn topic(&mut self) -> String {
        let Some(arn) = self.vars.remove(TOPIC) else {
            self.faults.push(format!(
                "`{TOPIC}` is missing: the ARN of the SNS topic for alerts"
            ));
            return String::new();
        };
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        if !matches!(parts.as_slice(), ["arn", _, "sns", _, _, name] if !name.is_empty()) {
            self.faults
                .push(format!("`{TOPIC}` is not the ARN of an SNS topic: `{arn}`"));
        }
        arn
    }

    /// Names of tables: DynamoDB developer guide, "Supported data types and naming rules".
    fn table(&mut self) -> String {
        let Some(name) = self.vars.remove(TABLE) else {
            self.faults.push(format!(
                "`{TABLE}` is missing: the name of the DynamoDB table of state"
            ));
            return String::new();
        };
        let fits = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        if !(3..=255).contains(&name.len()) || !name.chars().all(fits) {
            self.faults.push(format!(
                "`{TABLE}` is not the name of a DynamoDB table: `{name}`"
            ));
        }
        name
    }

    fn bytes(&mut self, name: &str) -> Option<u64> {
        let text = self.vars.remove(name)?;
        match text.trim().parse() {
            Ok(bytes) if bytes > 0 => Some(bytes),
            _ => {
                self.faults
                    .push(format!("`{name}` is not a number of bytes: `{text}`"));
                None
            }
        }
    }

    fn overdue(&mut self) -> i64 {
        let Some(text) = self.vars.remove(OVERDUE) else {
            return inspect::OVERDUE;
        };
        match text.trim().parse() {
            Ok(seconds) if seconds >= 3_600 => seconds,
            _ => {
                self.faults.push(format!(
                    "`{OVERDUE}` is not a number of seconds of at least 3600: `{text}`"
                ));
                inspect::OVERDUE
            }
        }
    }

    fn lists(&mut self) -> BTreeMap<String, Vec<String>> {
        let names: Vec<String> = self
            .vars
            .keys()
            .filter(|name| name.starts_with(LIST))
            .cloned()
            .collect();
        let mut lists = BTreeMap::new();
        for variable in names {
            let text = self.vars.remove(&variable).unwrap_or_default();
            let name = variable
                .strip_prefix(LIST)
                .unwrap_or_default()
                .to_ascii_lowercase()
                .replace('_', "-");
            let values: Vec<String> = text
                .split(',')
                .map(str::trim)
                .filter(|value| !value.is_empty())
                .map(str::to_owned)
                .collect();
            if values.is_empty() || name.is_empty() {
                self.faults.push(format!(
                    "`{variable}` is not a list: write values with commas between them"
                ));
            }
            lists.insert(name, values);
        }
        lists
    }

    fn refuse_the_rest(&mut self) {
        const KNOWN: [&str; 6] = [TOPIC, TABLE, RULES_DIR, MAX_OBJECT, MAX_INFLATED, OVERDUE];
        for name in self.vars.keys() {
            let hint = closest(name, KNOWN)
                .map(|near| format!(", did you mean `{near}`?"))
                .unwrap_or_default();
            self.faults
                .push(format!("`{name}` is not a variable of trailwarden{hint}"));
        }
    }
}

/// The variable that sets a list.
fn variable(list: &str) -> String {
    format!("{LIST}{}", list.to_ascii_uppercase().replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

    fn read(vars: &[(&str, &str)]) -> Result<Config, ConfigFaults> {
        Config::from_vars(
            vars.iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        )
    }

    #[test]
    fn a_topic_and_a_table_are_enough() {
        let config = read(&[
            (TOPIC, ARN),
            (TABLE, "state"),
            ("PATH", "/bin"),
            (RULES_DIR, ""),
        ])
        .expect("valid");
        assert_eq!(
            (
                config.topic_arn.as_str(),
                config.table.as_str(),
                config.rules_dir,
                config.limits,
                config.digest_overdue
            ),
            (ARN, "state", None, Limits::default(), inspect::OVERDUE)
        );
    }

    #[test]
    fn lists_are_named_by_their_variable() {
        let config = read(&[
            (TOPIC, ARN),
            (TABLE, "state"),
            (
                "TRAILWARDEN_LIST_APPROVED_REGIONS",
                "eu-west-1, eu-north-1,",
            ),
        ])
        .expect("valid");
        assert_eq!(
            config.lists["approved-regions"],
            ["eu-west-1", "eu-north-1"]
        );
        let mut shared = Lists::default();
        assert!(config.override_lists(&mut shared).is_err());
        shared.set("approved-regions", vec!["us-east-1".to_owned()]);
        config.override_lists(&mut shared).expect("known list");
        assert_eq!(
            shared.get("approved-regions"),
            Some(&["eu-west-1".to_owned(), "eu-north-1".to_owned()][..])
        );
    }

    #[test]
    fn all_faults_are_reported_together() {
        let faults = read(&[
            ("TRAILWARDEN_TOPIC", ARN),
            (MAX_OBJECT, "64MB"),
            ("TRAILWARDEN_LIST_APPROVED_REGIONS", ","),
        ])
        .expect_err("three are wrong and two are missing");
        assert_eq!(faults.0.len(), 5, "{faults}");
        assert!(
            faults
                .to_string()
                .contains("`TRAILWARDEN_TOPIC` is not a variable of trailwarden"),
            "{faults}"
        );
        assert!(read(&[(TOPIC, "alerts"), (TABLE, "state")]).is_err());
        assert!(read(&[(TOPIC, ARN), (TABLE, "a table")]).is_err());
        assert!(read(&[(TOPIC, ARN), (TABLE, "state"), (OVERDUE, "600")]).is_err());
        assert!(read(&[(TOPIC, ARN)]).is_err());
        assert!(read(&[]).is_err());
    }
}
