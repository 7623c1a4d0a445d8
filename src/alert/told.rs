//! Alerts from evidence, alerts that grow while they are held back, and what programs read.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use super::evidence::Evidence;
use super::row::Row;
use super::texts::TextId;
use super::{
    Alert, EventCount, LIST_LIMIT, SAMPLE_LIMIT, distinct, fingerprint, frequencies, gate,
    threshold_text,
};
use crate::record::EventTime;
use crate::rules::Rule;

/// Entries of each list of an alert that is held back: its state is written again with each
/// object that adds to it.
const HELD_LIMIT: usize = 100;

/// Bytes that one alert takes at most in the log. An item of DynamoDB holds 400 kB.
pub(super) const ALERT_BYTES: usize = 200_000;

impl Alert {
    /// The alert of a rule about the group of this fingerprint, from evidence that is tidy and not
    /// empty.
    pub(super) fn of(rule: &Rule, fingerprint: &str, evidence: &Evidence) -> Self {
        let texts = &evidence.texts;
        let rows = || evidence.rows.iter();
        let text = |id: TextId| texts.get(id).map(|text| &**text);
        let each = |of: fn(&Row) -> TextId| {
            let ids: BTreeSet<TextId> = rows().map(of).collect();
            distinct(ids.into_iter().filter_map(text))
        };
        let often = |of: fn(&Row) -> TextId| frequent(evidence, of);
        let times = || rows().filter_map(Row::event_time);
        let events: Vec<String> = rows().map(|row| row.identity(texts)).collect();
        Self {
            rule: rule.id.clone(),
            severity: rule.severity,
            title: rule.title.clone(),
            count: evidence.len(),
            event_ids: rows()
                .filter_map(|row| row.id.text(texts))
                .take(LIST_LIMIT)
                .collect(),
            first_event_time: times().min(),
            last_event_time: times().max(),
            accounts: each(|row| row.account),
            regions: each(|row| row.region),
            principals: each(|row| row.principal),
            source_ips: each(|row| row.source_ip),
            events: often(|row| row.event)
                .into_iter()
                .map(|(name, count)| EventCount { name, count })
                .collect(),
            objects: each(|row| row.object),
            id: fingerprint::alert_id_of(fingerprint, events.iter().map(String::as_str)),
            fingerprint: fingerprint.to_owned(),
            follows: false,
            stands_for: 1,
            description: rule.description.clone(),
            runbook: rule.runbook.clone(),
            threshold: rule.threshold.as_ref().map(threshold_text),
            samples: evidence.samples(),
            outcomes: often(|row| row.outcome),
        }
    }

    /// The alert as it is held back: with shorter lists.
    pub(super) fn shortened(mut self) -> Self {
        self.shorten(HELD_LIMIT);
        self
    }

    /// The alert of a rule about so many groups that they are told as one.
    pub fn of_crowd(rule: &Rule, mut evidence: Evidence, groups: usize) -> Self {
        evidence.tidy();
        let mut alert = Self::of(rule, &gate::key(&rule.id), &evidence);
        alert.stands_for = groups;
        alert.shorten(HELD_LIMIT);
        alert.fit(ALERT_BYTES);
        alert
    }

    /// One alert in place of this one and others of its rule, which are about other groups. Its id
    /// is another one, even when there are no others.
    pub fn together(mut self, others: impl IntoIterator<Item = Self>) -> Self {
        let crowd = gate::key(&self.rule);
        self.id = fingerprint::alert_id(&crowd, &self.id);
        for alert in others {
            self.fingerprint.clone_from(&crowd);
            self.id = fingerprint::alert_id(&self.id, &alert.id);
            self.follows &= alert.follows;
            self.stands_for += alert.stands_for;
            self.merge(alert);
        }
        self.fit(ALERT_BYTES);
        self
    }

    /// Takes in further events of the same burst. The events of both are different ones.
    pub(super) fn merge(&mut self, more: Self) {
        self.count += more.count;
        let times = [self.first_event_time, more.first_event_time];
        self.first_event_time = times.into_iter().flatten().min();
        self.last_event_time = self.last_event_time.max(more.last_event_time);
        self.event_ids.extend(more.event_ids);
        for (into, from) in [
            (&mut self.accounts, more.accounts),
            (&mut self.regions, more.regions),
            (&mut self.principals, more.principals),
            (&mut self.source_ips, more.source_ips),
            (&mut self.objects, more.objects),
        ] {
            into.extend(from);
            into.sort();
            into.dedup();
        }
        let pairs =
            |events: Vec<EventCount>| events.into_iter().map(|event| (event.name, event.count));
        let events = pairs(std::mem::take(&mut self.events)).chain(pairs(more.events));
        self.events = frequencies(events)
            .into_iter()
            .map(|(name, count)| EventCount { name, count })
            .collect();
        let outcomes = std::mem::take(&mut self.outcomes).into_iter();
        self.outcomes = frequencies(outcomes.chain(more.outcomes));
        self.samples.extend(more.samples);
        self.samples
            .sort_by_cached_key(|facts| (facts.time, facts.identity()));
        self.samples.truncate(SAMPLE_LIMIT);
        self.shorten(HELD_LIMIT);
    }

    fn shorten(&mut self, most: usize) {
        for list in [
            &mut self.event_ids,
            &mut self.accounts,
            &mut self.regions,
            &mut self.principals,
            &mut self.source_ips,
            &mut self.objects,
        ] {
            list.truncate(most);
        }
        self.events.truncate(most);
        self.outcomes.truncate(most);
    }

    /// Makes it fit into so many bytes of state: fewer samples first, then shorter lists, then
    /// what the last sample has beside the lists; the alert never goes.
    pub(super) fn fit(&mut self, bytes: usize) {
        let fits = |alert: &Self| serde_json::to_vec(alert).map_or(0, |text| text.len()) <= bytes;
        let mut most = LIST_LIMIT;
        while !fits(self) {
            if self.samples.len() > 1 {
                self.samples.truncate(self.samples.len() / 2);
            } else if most > 1 {
                most /= 2;
                self.shorten(most);
            } else if !self.samples.is_empty() {
                self.samples.clear();
            } else {
                return;
            }
        }
    }

    /// What programs read of an alert.
    pub fn line(&self) -> AlertLine<'_> {
        AlertLine(self)
    }
}

/// Texts of the rows with how often, most frequent first.
fn frequent(evidence: &Evidence, of: fn(&Row) -> TextId) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<TextId, usize> = BTreeMap::new();
    for row in &evidence.rows {
        *counts.entry(of(row)).or_default() += 1;
    }
    let text = |id| evidence.texts.get(id).map(|text| text.to_string());
    frequencies(
        counts
            .into_iter()
            .filter_map(|(id, count)| Some((text(id)?, count))),
    )
}

/// An alert as a JSON object of facts, without the prose.
pub struct AlertLine<'a>(&'a Alert);

impl Serialize for AlertLine<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Line<'a> {
            rule: &'a str,
            severity: crate::rules::Severity,
            title: &'a str,
            count: usize,
            event_ids: &'a [String],
            first_event_time: Option<String>,
            last_event_time: Option<String>,
            accounts: &'a [String],
            regions: &'a [String],
            principals: &'a [String],
            source_ips: &'a [String],
            events: &'a [EventCount],
            objects: &'a [String],
            fingerprint: &'a str,
            id: &'a str,
            follows: bool,
            stands_for: usize,
        }
        let Self(alert) = self;
        let time = |time: Option<EventTime>| time.map(|time| time.to_string());
        Line {
            rule: &alert.rule,
            severity: alert.severity,
            title: &alert.title,
            count: alert.count,
            event_ids: &alert.event_ids,
            first_event_time: time(alert.first_event_time),
            last_event_time: time(alert.last_event_time),
            accounts: &alert.accounts,
            regions: &alert.regions,
            principals: &alert.principals,
            source_ips: &alert.source_ips,
            events: &alert.events,
            objects: &alert.objects,
            fingerprint: &alert.fingerprint,
            id: &alert.id,
            follows: alert.follows,
            stands_for: alert.stands_for,
        }
        .serialize(to)
    }
}
