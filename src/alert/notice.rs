//! Alerts of our own: about log files and about us, not about what a rule matched.

use super::fingerprint::alert_id;
use super::{Alert, EventCount, Facts, Group, Outcome, fingerprint};
use crate::record::Principal;
use crate::rules::Severity;

/// An alert that no rule file is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// Stands where a rule's id does.
    pub kind: &'static str,
    /// A short line for a mail's subject.
    pub title: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Why it matters.
    pub description: &'static str,
    /// What to do next.
    pub runbook: &'static str,
    /// What happened, as the name of an event.
    pub event: &'static str,
}

impl Notice {
    /// A key of the trail's bucket got another content than the one that was evaluated.
    pub const REPLACED: Self = Self {
        kind: "log-file-replaced",
        title: "A log file was written again with another content",
        severity: Severity::High,
        description: "CloudTrail never writes a log file twice. Whoever can write to the trail's bucket can \
            replace what happened by something else. Both contents were evaluated.",
        runbook: "Find out who wrote the object: its versions in S3, and PutObject in the data events of the \
            bucket. Compare both contents with the trail's digest files. Restrict who may write to the bucket.",
        event: "s3:log file replaced",
    };

    /// A rule met so many groups in one delivery that not all of them could be counted.
    pub const CROWDED: Self = Self {
        kind: "too-many-groups",
        title: "A rule met too many groups to count all of them",
        severity: Severity::High,
        description: "Somebody calls under very many names or from very many addresses, or the rule groups by \
            a field that differs in each event. What was beyond the bound was not counted towards the rule's \
            threshold.",
        runbook: "Copy the named log file with `aws s3 cp` and look at the copy with `trailwarden scan --emit \
            matches`. If the rule groups by the wrong field, change its group_by.",
        event: "trailwarden:groups not counted",
    };

    /// The alert of this kind about a subject; the same subject gives the same alert.
    pub fn alert(
        &self,
        group: &str,
        subject: &str,
        object: &str,
        details: Vec<(String, String)>,
    ) -> Alert {
        let fingerprint = fingerprint(self.kind, &Group(vec![Some(group.to_owned())]));
        Alert {
            rule: self.kind.to_owned(),
            severity: self.severity,
            title: self.title.to_owned(),
            count: 1,
            event_ids: Vec::new(),
            first_event_time: None,
            last_event_time: None,
            accounts: Vec::new(),
            regions: Vec::new(),
            principals: Vec::new(),
            source_ips: Vec::new(),
            events: vec![EventCount {
                name: self.event.to_owned(),
                count: 1,
            }],
            objects: vec![object.to_owned()],
            id: alert_id(&fingerprint, subject),
            fingerprint,
            follows: false,
            stands_for: 1,
            description: self.description.to_owned(),
            runbook: self.runbook.to_owned(),
            threshold: None,
            samples: vec![self.facts(object, details)],
            outcomes: Vec::new(),
        }
    }

    fn facts(&self, object: &str, details: Vec<(String, String)>) -> Facts {
        let (source, name) = self
            .event
            .split_once(':')
            .unwrap_or(("trailwarden", self.event));
        Facts {
            event_id: None,
            time: None,
            source: Some(source.to_owned()),
            name: Some(name.to_owned()),
            region: None,
            account: None,
            principal: Principal {
                id: "unknown".to_owned(),
                kind: None,
                session: None,
            },
            source_ip: None,
            user_agent: None,
            access_key: None,
            mfa: None,
            outcome: Outcome::Succeeded,
            parameters: details,
            resources: Vec::new(),
            object: object.into(),
            record: 0,
        }
    }
}
