//! Findings rule by rule, and what of them is beyond the bound on groups.

use crate::alert::{Evidence, Findings, fingerprint};
use crate::ports::GroupKey;
use crate::rules::Rule;

/// One rule's groups in one delivery.
pub(super) struct Part {
    /// Its place among the rules.
    pub(super) rule: usize,
    pub(super) groups: Vec<(GroupKey, Evidence)>,
    pub(super) rest: Option<Rest>,
}

/// What is beyond the bound on groups.
pub(super) struct Rest {
    pub(super) evidence: Evidence,
    pub(super) groups: usize,
}

/// Findings by rule, at most `most` groups of each apart from the rest: those with most matches.
pub(super) fn parts(rules: &[Rule], findings: Findings, most: usize) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (index, group, evidence) in findings.into_groups() {
        let Some(rule) = rules.get(index) else {
            continue;
        };
        let key = GroupKey {
            rule: rule.id.clone(),
            fingerprint: fingerprint(&rule.id, &group),
        };
        match parts.last_mut().filter(|part| part.rule == index) {
            Some(part) => part.groups.push((key, evidence)),
            None => parts.push(Part {
                rule: index,
                groups: vec![(key, evidence)],
                rest: None,
            }),
        }
    }
    for part in parts.iter_mut().filter(|part| part.groups.len() > most) {
        part.groups
            .sort_by(|(a, of_a), (b, of_b)| of_b.len().cmp(&of_a.len()).then_with(|| a.cmp(b)));
        let mut rest = Rest {
            evidence: Evidence::default(),
            groups: 0,
        };
        for (_, evidence) in part.groups.drain(most..) {
            rest.evidence.append(evidence);
            rest.groups += 1;
        }
        part.rest = Some(rest);
    }
    parts
}
