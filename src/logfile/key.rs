//! What an object of a trail's bucket is, told by its key.
//!
//! A key is read from both ends, because prefixes, organisation ids and trail names are free
//! text (AWS CloudTrail user guide, "Finding your CloudTrail log files" and "CloudTrail digest
//! file structure"; digest spec section 2):
//!
//! ```text
//! {prefix}/AWSLogs/{org}/{account}/{folder}/{region}/{Y}/{M}/{D}/{account}_{folder}_{region}_{YYYYMMDD}T{HHMM}Z_{unique}.json.gz
//! {prefix}/AWSLogs/{org}/{account}/CloudTrail-Digest/{region}/{Y}/{M}/{D}/{account}_CloudTrail-Digest_{region}_{trail}_{home}_{time}.json.gz
//! ```

use std::fmt;
use std::str::FromStr;

/// The kind of events in a log file: the folder below the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Folder {
    /// Management and data events.
    CloudTrail,
    /// Insights events.
    Insight,
    /// VPC endpoint network activity events.
    NetworkActivity,
    /// Aggregated events.
    Aggregated,
}

impl Folder {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::CloudTrail,
        Self::Insight,
        Self::NetworkActivity,
        Self::Aggregated,
    ];

    /// The folder's name in keys.
    pub fn name(self) -> &'static str {
        match self {
            Self::CloudTrail => "CloudTrail",
            Self::Insight => "CloudTrail-Insight",
            Self::NetworkActivity => "CloudTrail-NetworkActivity",
            Self::Aggregated => "CloudTrail-Aggregated",
        }
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Not the name of a folder that holds log files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a folder of log files; there are CloudTrail, CloudTrail-Insight, CloudTrail-NetworkActivity and CloudTrail-Aggregated"
)]
pub struct UnknownFolder(String);

impl FromStr for Folder {
    type Err = UnknownFolder;

    fn from_str(name: &str) -> Result<Self, UnknownFolder> {
        Self::ALL
            .into_iter()
            .find(|folder| folder.name() == name)
            .ok_or_else(|| UnknownFolder(name.to_owned()))
    }
}

/// What the name of a log file says. The account and region are claims of the name: records have
/// their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFileName<'k> {
    /// 12 digits.
    pub account: &'k str,
    /// From the file name, else from the folders.
    pub folder: Folder,
    /// Such as `eu-central-1`.
    pub region: &'k str,
    /// Such as `20261121T0635Z`, UTC, close to delivery.
    pub time: &'k str,
}

/// What an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyKind<'k> {
    /// To be evaluated.
    LogFile(LogFileName<'k>),
    /// CloudTrail's signed list of an hour's log files.
    Digest,
    /// Anything else that lies in the bucket, with the reason why it is left alone.
    Foreign(&'static str),
}

/// Tells what the object with this (decoded) key is.
pub fn classify(key: &str) -> KeyKind<'_> {
    let name = key.rsplit('/').next().unwrap_or_default();
    if name.is_empty() {
        return KeyKind::Foreign("a folder marker");
    }
    let Some(stem) = name
        .strip_suffix(".json.gz")
        .or_else(|| name.strip_suffix(".json"))
    else {
        return KeyKind::Foreign("not a .json.gz object");
    };
    match log_file(stem) {
        Some(name) => KeyKind::LogFile(name),
        None if is_digest(key, stem) => KeyKind::Digest,
        None => KeyKind::Foreign("the name is not that of a CloudTrail log file"),
    }
}

fn is_digest(key: &str, stem: &str) -> bool {
    const FOLDER: &str = "CloudTrail-Digest";
    key.rsplit('/').skip(1).any(|folder| folder == FOLDER)
        || stem.split('_').nth(1).is_some_and(|part| part == FOLDER)
}

/// `{account}_{folder}_{region}_{time}_{unique}`; files from before 2014 lack the last `_`.
fn log_file(stem: &str) -> Option<LogFileName<'_>> {
    let (account, rest) = stem.split_once('_')?;
    let (folder, rest) = rest.split_once('_')?;
    let (region, rest) = rest.split_once('_')?;
    let (time, unique) = rest.split_at_checked("20261121T0635Z".len())?;
    let unique = unique.strip_prefix('_').unwrap_or(unique);
    let valid = account.len() == 12
        && digits(account)
        && region
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && is_time(time)
        && unique.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let folder = folder.parse().ok()?;
    valid.then_some(LogFileName {
        account,
        folder,
        region,
        time,
    })
}

fn is_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else {
        return false;
    };
    date.len() == 8 && digits(date) && time.strip_suffix('Z').is_some_and(digits)
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: &str = "eu-west-1/2026/11/21";

    #[track_caller]
    fn assert_log_file(key: &str, folder: Folder) {
        match classify(key) {
            KeyKind::LogFile(name) => {
                assert_eq!(
                    (name.account, name.folder, name.region),
                    ("111122223333", folder, "eu-west-1")
                );
            }
            other => panic!("{key}: {other:?}"),
        }
    }

    #[test]
    fn log_files_of_every_layout() {
        let file = "111122223333_CloudTrail_eu-west-1_20261121T0635Z_Ab1Cd2Ef3Gh4Ij5K.json.gz";
        for root in ["", "logs/", "a/b c/", "AWSLogs/x/"] {
            for owner in ["111122223333", "o-exampleorgid/111122223333"] {
                let key = format!("{root}AWSLogs/{owner}/CloudTrail/{DAY}/{file}");
                assert_log_file(&key, Folder::CloudTrail);
            }
        }
        assert_log_file(file, Folder::CloudTrail);
        assert_log_file(&file.replace(".gz", ""), Folder::CloudTrail);
        assert_log_file(&file.replace("Z_Ab", "ZAb"), Folder::CloudTrail);
        assert_log_file(
            &file.replace("_CloudTrail_", "_CloudTrail-Insight_"),
            Folder::Insight,
        );
        assert_log_file(
            &file.replace("_CloudTrail_", "_CloudTrail-NetworkActivity_"),
            Folder::NetworkActivity,
        );
        assert_log_file(
            &file.replace("_CloudTrail_", "_CloudTrail-Aggregated_"),
            Folder::Aggregated,
        );
    }

    #[test]
    fn digests_whatever_the_trail_is_called() {
        for trail in [
            "management",
            "my_trail_with_underscores",
            "T1.x-y",
            "CloudTrail",
        ] {
            let name = format!(
                "111122223333_CloudTrail-Digest_eu-west-1_{trail}_us-east-1_20261121T063500Z.json.gz"
            );
            let key = format!("AWSLogs/111122223333/CloudTrail-Digest/{DAY}/{name}");
            assert_eq!(classify(&key), KeyKind::Digest);
            assert_eq!(classify(&name), KeyKind::Digest);
            assert_eq!(
                classify(&key.replace(".json.gz", "_backfill.json.gz")),
                KeyKind::Digest
            );
        }
    }

    #[test]
    fn everything_else_is_foreign_with_a_reason() {
        for key in [
            "AWSLogs/111122223333/CloudTrail/",
            "AWSLogs/111122223333/elasticloadbalancing/eu-west-1/2026/11/21/111122223333_elasticloadbalancing_eu-west-1_app.x_20261121T0635Z_198.51.100.7_abc.log.gz",
            "AWSLogs/111122223333/Config/eu-west-1/2026/11/21/ConfigSnapshot/111122223333_Config_eu-west-1_ConfigSnapshot_20261121T063500Z_x.json.gz",
            "AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/21/x.log.gz",
            "readme.txt",
            "",
            "1111_CloudTrail_eu-west-1_20261121T0635Z_Ab1Cd2Ef3Gh4Ij5K.json.gz",
            "111122223333_CloudTrail_eu-west-1_2026.json.gz",
            "111122223333_CloudTrail_eu-west-1_20261121T0635Z_é.json.gz",
            "111122223333_CloudTrail_eu-west-1_20261121T063Ω.json.gz",
        ] {
            assert!(
                matches!(classify(key), KeyKind::Foreign(_)),
                "{key}: {:?}",
                classify(key)
            );
        }
    }
}
