//! Who made a call, in a form that is the same for every session of the same role.
//!
//! Grouping by the session's ARN makes every Lambda invocation and every console tab a new actor;
//! grouping by the role is what people mean (AWS CloudTrail user guide, "CloudTrail
//! userIdentity element").

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Record;

/// The caller of an event.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Principal {
    /// The stable identity: a user's or root's ARN, the role's ARN for a session of a role, the
    /// service's name, else the best that the record has.
    pub id: String,
    /// `userIdentity.type`, such as `IAMUser` or `AssumedRole`.
    pub kind: Option<String>,
    /// The name of a role's session, when it is one.
    pub session: Option<String>,
}

impl Principal {
    pub(super) fn of(record: &Record<'_>) -> Self {
        let at = |path: &[&str]| record.text_at(path).map(String::from);
        let identity = |name: &str| at(&["userIdentity", name]);
        let arn = identity("arn");
        let (role, session) = match arn.as_deref().and_then(role_session) {
            Some((role, session)) => (Some(role), Some(session)),
            None => (None, None),
        };
        let issuer = at(&["userIdentity", "sessionContext", "sessionIssuer", "arn"])
            .filter(|_| session.is_some() || arn.is_none());
        let id = issuer
            .or(role)
            .or(arn)
            .or_else(|| identity("invokedBy"))
            .or_else(|| identity("userName"))
            .or_else(|| at(&["userIdentity", "onBehalfOf", "userId"]))
            .or_else(|| identity("principalId"))
            .or_else(|| identity("accountId").map(|account| format!("account {account}")))
            .unwrap_or_else(|| "unknown".to_owned());
        Self {
            id,
            kind: identity("type"),
            session,
        }
    }

    /// The last part of the identity, for a mail's subject: `alice`, `deploy`, `root`.
    pub fn short_name(&self) -> &str {
        if self.kind.as_deref() == Some("Root") {
            return "root";
        }
        if !self.id.starts_with("arn:") {
            return &self.id;
        }
        self.id
            .rsplit(['/', ':'])
            .find(|part| !part.is_empty())
            .unwrap_or(&self.id)
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)
    }
}

/// Splits `arn:aws:sts::111122223333:assumed-role/Admin/alice` into the role's ARN and the
/// session's name. The role's path is not in a session's ARN, so it is lost here.
fn role_session(arn: &str) -> Option<(String, String)> {
    let (head, tail) = arn.split_once(":assumed-role/")?;
    let (role, session) = tail.split_once('/')?;
    let (partition, account) = head.strip_prefix("arn:")?.split_once(":sts::")?;
    Some((
        format!("arn:{partition}:iam::{account}:role/{role}"),
        session.to_owned(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn principal(identity: &str) -> Principal {
        let text = format!(r#"{{"userIdentity":{identity}}}"#);
        Record::parse(&text).expect("valid JSON").principal()
    }

    #[test]
    fn sessions_of_a_role_are_one_principal() {
        let with_issuer = principal(
            r#"{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/Deploy/build-7",
                "sessionContext":{"sessionIssuer":{"arn":"arn:aws:iam::111122223333:role/ci/Deploy"}}}"#,
        );
        assert_eq!(with_issuer.id, "arn:aws:iam::111122223333:role/ci/Deploy");
        assert_eq!(with_issuer.session.as_deref(), Some("build-7"));
        assert_eq!(with_issuer.short_name(), "Deploy");
        let without = principal(
            r#"{"type":"AssumedRole","arn":"arn:aws-cn:sts::111122223333:assumed-role/Deploy/build-8"}"#,
        );
        assert_eq!(without.id, "arn:aws-cn:iam::111122223333:role/Deploy");
    }

    #[test]
    fn every_identity_has_a_name() {
        for (identity, id, short) in [
            (
                r#"{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/ops/alice"}"#,
                "arn:aws:iam::111122223333:user/ops/alice",
                "alice",
            ),
            (
                r#"{"type":"Root","arn":"arn:aws:iam::111122223333:root"}"#,
                "arn:aws:iam::111122223333:root",
                "root",
            ),
            (
                r#"{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}"#,
                "ec2.amazonaws.com",
                "ec2.amazonaws.com",
            ),
            (
                r#"{"type":"IAMUser","userName":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#,
                "HIDDEN_DUE_TO_SECURITY_REASONS",
                "HIDDEN_DUE_TO_SECURITY_REASONS",
            ),
            (
                r#"{"type":"WebIdentityUser","principalId":"idp:app:me"}"#,
                "idp:app:me",
                "idp:app:me",
            ),
            (
                r#"{"type":"AWSAccount","accountId":"111122223333"}"#,
                "account 111122223333",
                "account 111122223333",
            ),
            ("null", "unknown", "unknown"),
        ] {
            let principal = principal(identity);
            assert_eq!((principal.id.as_str(), principal.short_name()), (id, short));
        }
    }
}
