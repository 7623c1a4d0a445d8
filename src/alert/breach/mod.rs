//! Alerts about the trail itself: what its digests prove, and what they leave open. They take the
//! way of rule alerts, so that they are merged, bounded and told once like those.

mod text;
mod words;

use std::fmt;

pub(super) use text::{event_text, is_breach, objects, unit};

use super::facts::cut;
use super::{Facts, Outcome};
use crate::pattern::Pattern;
use crate::record::{EventTime, Principal};
use crate::rules::{Lists, Rule, Seconds, Severity};

/// What a check of a trail's integrity came to, as far as people must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Breach {
    /// A log file's content is not what CloudTrail signed.
    LogFileTampered,
    /// A log file that CloudTrail did not deliver.
    LogFileInjected,
    /// A digest lists a log file that is not there.
    LogFileMissing,
    /// A digest lists a log file that cannot be read.
    LogFileUnreadable,
    /// No digest says anything about a log file, and one should.
    LogFileUndigested,
    /// As injected, in a folder of which nobody documents that digests list it.
    LogFileUnlisted,
    /// A log file that was never announced, found through its digest.
    LogFileLate,
    /// A log file that was told to be in no digest, and now is in one.
    LogFileListedLate,
    /// A digest that fails a check.
    DigestNotGenuine,
    /// A genuine digest names one before it that is not there.
    DigestMissing,
    /// A digest cannot be read.
    DigestUnreadable,
    /// A genuine digest whose unsigned metadata were lost or altered.
    DigestAltered,
    /// A digest was written again.
    DigestPutAgain,
    /// Digests that only a listing could show, which was refused or not whole.
    DigestsNotListed,
    /// The next digest stays away.
    DigestOverdue,
    /// A time without digests that nothing explains.
    DigestGap,
    /// So it is with a chain of an organisation's trail: what explains it is in another account.
    DigestGapElsewhere,
    /// Log files come, and no genuine digest was ever seen.
    NoDigests,
}

/// Seconds for which repeats of what is urgent merge: less than the hour from digest to digest.
const URGENT: Seconds = Seconds(900);

/// Seconds for which repeats of the rest merge.
const CALM: Seconds = Seconds(6 * 3_600);

const VERIFY: &str = "Run `trailwarden verify` on the bucket for that time. ";

impl Breach {
    /// All of them, in the order of their rules.
    pub const ALL: [Self; 18] = [
        Self::LogFileTampered,
        Self::LogFileInjected,
        Self::LogFileMissing,
        Self::LogFileUnreadable,
        Self::LogFileUndigested,
        Self::LogFileUnlisted,
        Self::LogFileLate,
        Self::LogFileListedLate,
        Self::DigestNotGenuine,
        Self::DigestMissing,
        Self::DigestUnreadable,
        Self::DigestAltered,
        Self::DigestPutAgain,
        Self::DigestsNotListed,
        Self::DigestOverdue,
        Self::DigestGap,
        Self::DigestGapElsewhere,
        Self::NoDigests,
    ];

    /// Stands where a rule's id does.
    pub fn id(self) -> &'static str {
        self.words().id
    }

    /// The kinds as rules, in their order: what [`Findings`](super::Findings) of them are settled
    /// with.
    pub fn rules() -> Vec<Rule> {
        Self::ALL.into_iter().filter_map(Self::rule).collect()
    }

    pub(super) fn index(self) -> usize {
        Self::ALL
            .iter()
            .position(|kind| *kind == self)
            .unwrap_or(usize::MAX)
    }

    /// As a rule that no record reaches. `None` never happens: the empty pattern is one.
    fn rule(self) -> Option<Rule> {
        let words = self.words();
        Some(Rule {
            id: words.id.to_owned(),
            file: String::new(),
            title: words.title.to_owned(),
            severity: words.severity,
            description: words.description.to_owned(),
            runbook: format!("{VERIFY}{}", words.runbook),
            tags: Vec::new(),
            pattern: Pattern::parse("").ok()?,
            log_folders: Vec::new(),
            where_not_in: Vec::new(),
            where_in: Vec::new(),
            lists: Lists::default(),
            threshold: None,
            cooldown: match words.severity {
                Severity::High | Severity::Critical => URGENT,
                _ => CALM,
            },
            exceptions: Vec::new(),
            enabled: true,
            tests: Vec::new(),
        })
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// One breach: what people are told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreachFound {
    /// What it is.
    pub breach: Breach,
    /// The object that it is about: `s3://bucket/key`, or a chain.
    pub object: String,
    /// What tells it from another breach of this kind about this object, such as a hash; or empty.
    pub apart: String,
    /// 12 digits.
    pub account: String,
    /// Such as `eu-central-1`.
    pub region: String,
    /// When it was, by the names of objects.
    pub time: Option<EventTime>,
    /// The check's verdict in a word, such as `hash_mismatch`.
    pub verdict: &'static str,
    /// The evidence, named.
    pub details: Vec<(&'static str, String)>,
}

/// The source of events that are breaches, in [`Facts`].
const SOURCE: &str = "integrity";

impl BreachFound {
    /// What tells it from all others: the same breach found again is told once.
    pub fn identity(&self) -> String {
        let (id, object, apart) = (self.breach.id(), &self.object, &self.apart);
        match apart.is_empty() {
            true => format!("{id} {object}"),
            false => format!("{id} {object} {apart}"),
        }
    }

    pub(super) fn facts(&self) -> Facts {
        // Digests are read before they are proven: what they say may be anything.
        let detail = |(name, value): &(&'static str, String)| ((*name).to_owned(), cut(value));
        Facts {
            event_id: Some(self.identity()),
            time: self.time,
            source: Some(SOURCE.to_owned()),
            name: Some(self.verdict.replace('_', " ")),
            region: Some(self.region.clone()),
            account: Some(self.account.clone()),
            principal: Principal {
                id: String::new(),
                kind: None,
                session: None,
            },
            source_ip: None,
            user_agent: None,
            access_key: None,
            mfa: None,
            outcome: Outcome::Succeeded,
            parameters: self.details.iter().map(detail).collect(),
            resources: Vec::new(),
            object: self.object.as_str().into(),
            record: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_rule_of_its_own() {
        let rules = Breach::rules();
        assert_eq!(rules.len(), Breach::ALL.len());
        for (index, (kind, rule)) in Breach::ALL.into_iter().zip(&rules).enumerate() {
            assert_eq!((kind.index(), kind.id()), (index, rule.id.as_str()));
        }
        let ids: std::collections::BTreeSet<&str> = Breach::ALL.map(Breach::id).into();
        assert_eq!(ids.len(), Breach::ALL.len());
    }
}
