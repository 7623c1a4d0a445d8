//! Which trail is meant.

use super::name::{is_account, is_region};
use super::{DigestName, Folders};

/// A trail's ARN: `arn:{partition}:cloudtrail:{home}:{account}:trail/{name}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailArn {
    text: String,
    /// The trail's home region.
    pub home: String,
    /// Whose trail it is; of an organisation's trail the management account.
    pub account: String,
    /// The trail's name.
    pub name: String,
}

impl TrailArn {
    /// Whether a digest of this name and under this key is the trail's. The account in a key is the
    /// trail's own, but for an organisation's trail, whose management account no key tells.
    pub fn owns(&self, name: &DigestName<'_>, key: &str) -> bool {
        let organisation = Folders::parse(key).and_then(|folders| folders.organisation());
        self.name == name.trail
            && self.home == name.home
            && (organisation.is_some() || self.account == name.account)
    }
}

impl std::fmt::Display for TrailArn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Not the ARN of a trail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a trail's ARN such as arn:aws:cloudtrail:eu-west-1:111122223333:trail/management"
)]
pub struct NotATrailArn(String);

impl std::str::FromStr for TrailArn {
    type Err = NotATrailArn;

    fn from_str(text: &str) -> Result<Self, NotATrailArn> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", _, "cloudtrail", home, account, trail]
                if is_region(home) && is_account(account) =>
            {
                match trail.strip_prefix("trail/") {
                    Some(name) if !name.is_empty() => Ok(Self {
                        text: text.to_owned(),
                        home: (*home).to_owned(),
                        account: (*account).to_owned(),
                        name: name.to_owned(),
                    }),
                    _ => Err(NotATrailArn(text.to_owned())),
                }
            }
            _ => Err(NotATrailArn(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trail_arns() {
        let arn: TrailArn = "arn:aws-cn:cloudtrail:cn-north-1:111122223333:trail/a.b-c_d"
            .parse()
            .unwrap();
        assert_eq!(
            (arn.home.as_str(), arn.account.as_str(), arn.name.as_str()),
            ("cn-north-1", "111122223333", "a.b-c_d")
        );
        for text in [
            "",
            "trail",
            "arn:aws:s3:::b",
            "arn:aws:cloudtrail:r:1:trail/x",
        ] {
            assert!(text.parse::<TrailArn>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_trail_is_one_accounts_unless_it_is_an_organisations() {
        let arn: TrailArn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t"
            .parse()
            .unwrap();
        let owns = |organisation: &str, account: &str, trail: &str| {
            let key = format!(
                "AWSLogs/{organisation}{account}/CloudTrail-Digest/us-east-1/2026/03/10/{account}_CloudTrail-Digest_us-east-1_{trail}_20260310T064117Z.json.gz"
            );
            arn.owns(&DigestName::parse(&key).unwrap(), &key)
        };
        assert!(owns("", "111122223333", "t_eu-west-1"));
        assert!(owns("o-exampleorgid/", "444455556666", "t_eu-west-1"));
        assert!(!owns("", "444455556666", "t_eu-west-1"));
        assert!(!owns("", "111122223333", "t_us-east-1"));
        assert!(!owns("o-exampleorgid/", "111122223333", "u_eu-west-1"));
    }
}
