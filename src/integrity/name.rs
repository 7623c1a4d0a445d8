//! What keys say: a digest's name, read from both ends, and the folder that an object lies in
//! (digest spec section 2).

use serde::{Deserialize, Serialize};

use crate::record::EventTime;

/// An object's place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Bucket name.
    pub bucket: String,
    /// Key, decoded.
    pub key: String,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// What the name of a digest says:
/// `{account}_CloudTrail-Digest_{region}_{trail}_{home}_{YYYYMMDD}T{HHmmss}Z[_backfill].json.gz`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DigestName<'k> {
    /// 12 digits; in an organisation's trail the member account.
    pub account: &'k str,
    /// Where the digest comes from, which has the key that signs it.
    pub region: &'k str,
    /// The trail's name.
    pub trail: &'k str,
    /// The trail's home region.
    pub home: &'k str,
    /// End of the digest's range.
    pub end: EventTime,
    /// Made later for log files that the digest of this range lacks.
    pub backfill: bool,
}

impl<'k> DigestName<'k> {
    /// Reads the last part of a key. Trail names hold `_`, so the name is read from both ends.
    pub fn parse(key: &'k str) -> Option<Self> {
        let stem = file_name(key).strip_suffix(".json.gz")?;
        let (stem, backfill) = match stem.strip_suffix("_backfill") {
            Some(rest) => (rest, true),
            None => (stem, false),
        };
        let (account, rest) = stem.split_once('_')?;
        let (folder, rest) = rest.split_once('_')?;
        let (region, rest) = rest.split_once('_')?;
        let (rest, time) = rest.rsplit_once('_')?;
        let (trail, home) = rest.rsplit_once('_')?;
        let valid = is_account(account)
            && folder == DIGESTS
            && is_region(region)
            && is_region(home)
            && !trail.is_empty();
        valid.then_some(Self {
            account,
            region,
            trail,
            home,
            end: compact_time(time)?,
            backfill,
        })
    }
}

/// The folder of digests below an account's.
pub const DIGESTS: &str = "CloudTrail-Digest";

/// Where an object lies below `AWSLogs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folders<'k> {
    /// `{prefix}AWSLogs/{organisation}{account}`.
    pub root: &'k str,
    /// 12 digits.
    pub account: &'k str,
    /// `CloudTrail`, `CloudTrail-Digest` and others.
    pub folder: &'k str,
    /// Such as `eu-central-1`.
    pub region: &'k str,
    /// What follows, without a leading `/`.
    pub rest: &'k str,
}

impl<'k> Folders<'k> {
    /// Reads a key `{root}/{folder}/{region}/{rest}`. A prefix may hold anything, so the last
    /// `AWSLogs` that an account follows is the one.
    pub fn parse(key: &'k str) -> Option<Self> {
        let mut end = key.len();
        loop {
            let at = key.get(..end)?.rfind("AWSLogs/")?;
            let starts = at == 0 || key.get(..at).is_some_and(|before| before.ends_with('/'));
            if let Some(found) = starts.then(|| Self::behind(key, at)).flatten() {
                return Some(found);
            }
            end = at;
        }
    }

    fn behind(key: &'k str, at: usize) -> Option<Self> {
        let tail = key.get(at..)?.strip_prefix("AWSLogs/")?;
        let (first, behind) = tail.split_once('/')?;
        let (account, behind) = match is_account(first) {
            true => (first, behind),
            false if is_organisation(first) => behind.split_once('/')?,
            false => return None,
        };
        if !is_account(account) {
            return None;
        }
        let root = key.get(..key.len() - behind.len())?.strip_suffix('/')?;
        let (folder, behind) = behind.split_once('/')?;
        let (region, rest) = behind.split_once('/')?;
        Some(Self {
            root,
            account,
            folder,
            region,
            rest,
        })
    }

    /// The organisation whose trail delivers here, such as `o-exampleorgid`.
    pub fn organisation(&self) -> Option<&'k str> {
        let mut parts = self.root.rsplit('/').skip(1);
        parts.next().filter(|part| is_organisation(part))
    }

    /// First second of the day whose folder the object lies in.
    pub fn day(&self) -> Option<EventTime> {
        let date = self.rest.get(..10)?;
        let mut parts = date.split('/');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        format!("{year}-{month}-{day}T00:00:00Z").parse().ok()
    }
}

/// The time in a log file's name, `20261121T0635Z` or with seconds, or in a digest's.
pub fn compact_time(text: &str) -> Option<EventTime> {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| {
        let part = text.get(range)?;
        part.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some(part)
    };
    let seconds = match bytes.len() {
        14 => "00",
        16 => digits(13..15)?,
        _ => return None,
    };
    if bytes.get(8) != Some(&b'T') || bytes.last() != Some(&b'Z') {
        return None;
    }
    let (year, month, day) = (digits(0..4)?, digits(4..6)?, digits(6..8)?);
    let (hour, minute) = (digits(9..11)?, digits(11..13)?);
    format!("{year}-{month}-{day}T{hour}:{minute}:{seconds}Z")
        .parse()
        .ok()
}

/// Everything behind the last `/`.
pub fn file_name(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or_default()
}

/// Whether the text is 12 digits.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the text is an organisation's id, such as `o-exampleorgid`.
pub fn is_organisation(text: &str) -> bool {
    text.strip_prefix("o-").is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Whether the text may be a region's name, such as `eu-west-1`.
pub fn is_region(text: &str) -> bool {
    text.contains('-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_names_are_read_from_both_ends() {
        for trail in [
            "management",
            "a_b",
            "x_us-east-1_copy",
            "CloudTrail-Digest_eu-west-1_t",
        ] {
            for (ending, backfill) in [("", false), ("_backfill", true)] {
                let key = format!(
                    "p/AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/10/111122223333_CloudTrail-Digest_eu-west-1_{trail}_us-east-1_20260310T064117Z{ending}.json.gz"
                );
                let name = DigestName::parse(&key).unwrap();
                assert_eq!((name.account, name.region), ("111122223333", "eu-west-1"));
                assert_eq!((name.trail, name.home), (trail, "us-east-1"));
                assert_eq!(name.end.to_string(), "2026-03-10T06:41:17Z");
                assert_eq!(name.backfill, backfill);
            }
        }
        for name in [
            "",
            "notes.txt",
            "111122223333_CloudTrail-Digest_eu-west-1_t_us-east-1_20260310T0641Z0.json.gz",
            "111122223333_CloudTrail-Digest_eu-west-1_us-east-1_20260310T064117Z.json.gz",
            "111122223333_CloudTrail_eu-west-1_t_us-east-1_20260310T064117Z.json.gz",
        ] {
            assert_eq!(DigestName::parse(name), None, "{name}");
        }
    }

    #[test]
    fn folders_stand_behind_the_last_awslogs_of_an_account() {
        for prefix in [
            "",
            "a/",
            "AWSLogs/",
            "AWSLogs/111122223333/x/",
            "b c/AWSLogs/",
        ] {
            for organisation in ["", "o-exampleorgid/"] {
                let root = format!("{prefix}AWSLogs/{organisation}444455556666");
                let key = format!("{root}/CloudTrail/eu-west-1/2026/03/10/name.json.gz");
                let found = Folders::parse(&key).unwrap();
                assert_eq!(found.root, root);
                assert_eq!(
                    (found.account, found.folder),
                    ("444455556666", "CloudTrail")
                );
                assert_eq!(found.region, "eu-west-1");
                assert_eq!(found.day().unwrap().to_string(), "2026-03-10T00:00:00Z");
            }
        }
        for key in [
            "",
            "AWSLogs/",
            "AWSLogs/x/CloudTrail/r/y",
            "xAWSLogs/111122223333/C/r/y",
        ] {
            assert_eq!(Folders::parse(key), None, "{key}");
        }
    }
}
