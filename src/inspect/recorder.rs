//! From findings to alerts that were told, over the ports of state: what deliveries, sweeps and
//! scans share.
//!
//! The order is what makes it safe to die anywhere. Groups and the alerts that they make due are
//! recorded together; then the alerts are published and noted as sent; then the ledger says that
//! the objects are done. An object that is not in the ledger is evaluated again when it is
//! delivered again: its events are known then, and what was recorded and not sent is sent, by that
//! delivery or by a sweep, whichever comes first.

use std::collections::{BTreeMap, BTreeSet};

use super::log_file::Inspection;
use crate::alert::{Alert, Evidence, Findings, GroupState, Notice, Step, fingerprint};
use crate::logfile::{KeyKind, classify};
use crate::ports::{
    AlertLog, AlertSink, Attestation, Change, Entry, Evaluation, GroupKey, Ledger, Message,
    ObjectRef, PublishError, StoreError, Stored, WindowStore,
};
use crate::rules::Rule;

/// All that is remembered between deliveries.
pub trait State: Ledger + WindowStore + AlertLog {}

impl<S: Ledger + WindowStore + AlertLog> State for S {}

/// Bounds on what people are sent and on what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Messages of one rule in an hour of the clock; the rest is merged into one more.
    pub messages: usize,
    /// Groups of one rule in one delivery.
    pub groups: usize,
}

impl Bounds {
    /// For a run whose reader asked for everything, and that keeps nothing.
    pub const NONE: Self = Self {
        messages: usize::MAX,
        groups: usize::MAX,
    };
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            messages: 50,
            groups: 1_000,
        }
    }
}

/// Seconds for which the worker that recorded an alert has it for itself to publish.
const CLAIM: i64 = 120;

/// Seconds for which a quiet alert waits for others of its rule.
const QUIET: i64 = 300;

/// Quiet alerts that one message stands for at most.
const TOGETHER: usize = 1_000;

/// How often a change is tried again that somebody else's change came before.
const TRIES: usize = 100;

/// Groups that are read, or swept, at a time.
const BATCH: usize = 100;

/// What recording and publishing came to.
#[derive(Debug, Default)]
pub struct Told {
    /// Alerts that were published.
    pub published: usize,
    /// Alerts that could not be and stay pending: the log files they are about, and the error.
    pub unpublished: Vec<(Vec<String>, PublishError)>,
    /// State that could not be read or written: nothing that depends on it may count as done.
    pub failed: Vec<StoreError>,
    /// Matches below their threshold that there was no room for.
    pub forgotten: usize,
}

impl Told {
    /// Whether everything was recorded and published.
    pub fn is_done(&self) -> bool {
        self.failed.is_empty() && self.unpublished.is_empty()
    }

    /// Adds what came after.
    pub fn extend(&mut self, more: Self) {
        self.published += more.published;
        self.unpublished.extend(more.unpublished);
        self.failed.extend(more.failed);
        self.forgotten += more.forgotten;
    }
}

/// An evaluated object, on its way into the ledger.
#[derive(Debug)]
pub struct Done {
    /// What is to be entered once everything is settled.
    pub entry: Option<Entry>,
    /// What came of telling that the object was replaced.
    pub told: Told,
}

/// Records and publishes.
pub struct Recorder<T, A> {
    state: T,
    sink: A,
    bounds: Bounds,
}

impl<T: State, A: AlertSink> Recorder<T, A> {
    /// Over this state and this channel.
    pub fn new(state: T, sink: A, bounds: Bounds) -> Self {
        Self {
            state,
            sink,
            bounds,
        }
    }

    /// What is remembered.
    pub fn state(&self) -> &T {
        &self.state
    }

    /// The channel, at the end.
    pub fn into_sink(self) -> A {
        self.sink
    }

    /// Takes in findings: records what they change and make due, then publishes what is due. A
    /// failure of one group does not stop the others.
    pub async fn settle(&self, rules: &[Rule], findings: Findings, now: i64) -> Told {
        let mut told = Told::default();
        let mut due = Vec::new();
        for part in parts(rules, findings, self.bounds.groups) {
            let Some(rule) = rules.get(part.rule) else {
                continue;
            };
            let part = Box::pin(self.part(rule, part, now, &mut due, &mut told));
            if let Err(error) = part.await {
                told.failed.push(error);
            }
        }
        self.publish(due, now, &mut told).await;
        told
    }

    async fn part(
        &self,
        rule: &Rule,
        part: Part,
        now: i64,
        due: &mut Vec<Alert>,
        told: &mut Told,
    ) -> Result<(), StoreError> {
        let mut groups = part.groups.into_iter().peekable();
        while groups.peek().is_some() {
            let batch: Vec<(GroupKey, Evidence)> = groups.by_ref().take(BATCH).collect();
            let keys: Vec<GroupKey> = batch.iter().map(|(key, _)| key.clone()).collect();
            let stored = self.load_all(&keys).await?;
            for (group, stored) in batch.into_iter().zip(stored) {
                let group = self.group(rule, group, stored, now, due, told);
                if let Err(error) = group.await {
                    told.failed.push(error);
                }
            }
        }
        if let Some(rest) = part.rest {
            let rest = self.rest(rule, rest, now, &mut told.forgotten).await?;
            due.extend(rest);
        }
        Ok(())
    }

    async fn group(
        &self,
        rule: &Rule,
        (key, evidence): (GroupKey, Evidence),
        stored: Result<Stored, StoreError>,
        now: i64,
        due: &mut Vec<Alert>,
        told: &mut Told,
    ) -> Result<(), StoreError> {
        let take = |state: &mut GroupState| {
            let evidence = evidence.clone();
            state.take(rule, &key.fingerprint, evidence, now)
        };
        let step = self.step(&key, stored?, now, take).await?;
        told.forgotten += step.forgotten;
        due.extend(step.alerts);
        for id in step.again {
            let until = now.saturating_add(CLAIM);
            let claimed = self.state.claim(&id, now, until).await?;
            due.extend(claimed.map(|message| message.alert));
        }
        Ok(())
    }

    /// What is beyond the bound on groups: without a threshold it is told as one alert; below a
    /// threshold it is not counted, which is told once a day.
    async fn rest(
        &self,
        rule: &Rule,
        rest: Rest,
        now: i64,
        forgotten: &mut usize,
    ) -> Result<Vec<Alert>, StoreError> {
        let counts = rule.threshold.as_ref();
        if counts.is_none_or(|threshold| threshold.count == 1) {
            let alert = Alert::of_crowd(rule, rest.evidence, rest.groups);
            return self.notice(alert, now).await;
        }
        *forgotten += rest.evidence.len();
        let day = now.div_euclid(24 * 3_600);
        let object = rest.evidence.first_object().unwrap_or_default();
        let details = vec![
            ("rule".to_owned(), rule.id.clone()),
            ("groups".to_owned(), rest.groups.to_string()),
            ("matches".to_owned(), rest.evidence.len().to_string()),
        ];
        let alert = Notice::CROWDED.alert(&rule.id, &day.to_string(), &object, details);
        self.notice(alert, now).await
    }

    /// Moves one group by a pure step, again from what is stored when somebody else was first.
    /// Its alerts are recorded; returned are those to be published at once.
    async fn step(
        &self,
        key: &GroupKey,
        mut stored: Stored,
        now: i64,
        step: impl Fn(&mut GroupState) -> Step,
    ) -> Result<Step, StoreError> {
        for _ in 0..TRIES {
            let mut state = stored.state;
            let mut taken = step(&mut state);
            if !taken.changed {
                return Ok(taken);
            }
            let alerts = std::mem::take(&mut taken.alerts);
            let messages = self.messages(&key.rule, alerts, now).await?;
            for message in &messages {
                if message.quiet {
                    state.hush(&message.alert.id);
                } else {
                    taken.alerts.push(message.alert.clone());
                }
            }
            match self.commit(key, state, stored.version, messages, now).await {
                Ok(()) => return Ok(taken),
                Err(StoreError::Conflict) => stored = self.load(key).await?,
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
    }

    /// The alerts as messages: to be published by this worker at once, or quiet when the rule has
    /// sent its share.
    async fn messages(
        &self,
        rule: &str,
        alerts: Vec<Alert>,
        now: i64,
    ) -> Result<Vec<Message>, StoreError> {
        let loud = self.admit(rule, &alerts, now).await?;
        let message = |(alert, loud)| Message {
            alert,
            claimed_until: now.saturating_add(if loud { CLAIM } else { QUIET }),
            quiet: !loud,
            in_place_of: Vec::new(),
        };
        Ok(alerts.into_iter().zip(loud).map(message).collect())
    }

    async fn admit(&self, rule: &str, alerts: &[Alert], now: i64) -> Result<Vec<bool>, StoreError> {
        if alerts.is_empty() || self.bounds.messages == usize::MAX {
            return Ok(vec![true; alerts.len()]);
        }
        let gate = GroupKey {
            rule: rule.to_owned(),
            fingerprint: GroupState::gate_key(rule),
        };
        for _ in 0..TRIES {
            let stored = self.load(&gate).await?;
            let mut state = stored.state;
            let (loud, changed) = state.admit(alerts, now, self.bounds.messages);
            if !changed {
                return Ok(loud);
            }
            match self
                .commit(&gate, state, stored.version, Vec::new(), now)
                .await
            {
                Ok(()) => return Ok(loud),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
    }

    /// The states of groups; one that cannot be read does not stand in the way of the others.
    async fn load_all(
        &self,
        keys: &[GroupKey],
    ) -> Result<Vec<Result<Stored, StoreError>>, StoreError> {
        match self.state.load(keys).await {
            Ok(stored) => Ok(stored.into_iter().map(Ok).collect()),
            Err(StoreError::Corrupt { .. }) => {
                let mut each = Vec::new();
                for key in keys {
                    each.push(self.load(key).await);
                }
                Ok(each)
            }
            Err(error) => Err(error),
        }
    }

    async fn load(&self, key: &GroupKey) -> Result<Stored, StoreError> {
        let stored = self.state.load(std::slice::from_ref(key)).await?;
        Ok(stored.into_iter().next().unwrap_or_default())
    }

    async fn commit(
        &self,
        key: &GroupKey,
        state: GroupState,
        from_version: u64,
        mut alerts: Vec<Message>,
        now: i64,
    ) -> Result<(), StoreError> {
        // More than one change can record come first: an alert without its state is told once
        // more at worst, when the process dies between the two.
        let more = alerts.len().saturating_sub(Change::ALERTS);
        for message in alerts.drain(..more) {
            self.state.record(&message).await?;
        }
        let change = Change {
            key: key.clone(),
            due: state.due(),
            expires: state.expires(now),
            state,
            from_version,
            alerts,
        };
        self.state.commit(&change).await
    }

    /// Publishes alerts that were recorded for this worker, in order of their events.
    async fn publish(&self, mut due: Vec<Alert>, now: i64, told: &mut Told) {
        due.sort_by(|a, b| order(a).cmp(&order(b)));
        for alert in due {
            match self.sink.publish(&alert).await {
                Ok(()) => {
                    told.published += 1;
                    if let Err(error) = self.state.sent(&alert.id, now).await {
                        told.failed.push(error);
                    }
                }
                Err(error) => {
                    told.unpublished.push((alert.objects, error));
                    if let Err(error) = self.state.release(&alert.id).await {
                        told.failed.push(error);
                    }
                }
            }
        }
    }

    /// What the ledger has about an object; an empty entry when it has nothing.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn entry(&self, object: &ObjectRef) -> Result<Entry, StoreError> {
        let entry = self.state.entry(object).await?;
        Ok(entry.unwrap_or_else(|| Entry::new(object)))
    }

    /// Adds an evaluation of a whole object to its entry, which is to be entered once its findings
    /// are settled; `None` when nothing is to be noted. Tells when an evaluated log file was
    /// replaced by another content.
    pub async fn done(
        &self,
        mut entry: Entry,
        object: &ObjectRef,
        (name, inspection): (&str, &Inspection),
        findings: &Findings,
        now: i64,
    ) -> Done {
        let mut told = Told::default();
        let Some(sha256) = inspection.sha256.map(|hash| hash.to_string()) else {
            return Done { entry: None, told };
        };
        let before = entry.evaluations.last().map(|last| last.sha256.clone());
        let known = entry.of_content(&sha256).is_some();
        if let Some(before) = before
            && !known
            && matches!(classify(&object.key), KeyKind::LogFile(_))
        {
            told = self
                .replaced(name, &object.bucket, &before, &sha256, now)
                .await;
        }
        let same = known && object.version.is_none() && object.etag.is_none();
        if same || !told.is_done() {
            return Done { entry: None, told };
        }
        let (first_event_time, last_event_time) = findings.times();
        entry.add(Evaluation {
            version: object.version.clone(),
            etag: object.etag.clone(),
            sha256,
            records: inspection.tally.records,
            matches: inspection.tally.matches,
            first_event_time,
            last_event_time,
            evaluated_at: now,
            attestation: Attestation::Pending,
        });
        Done {
            entry: Some(entry),
            told,
        }
    }

    async fn replaced(
        &self,
        object: &str,
        bucket: &str,
        before: &str,
        after: &str,
        now: i64,
    ) -> Told {
        let mut told = Told::default();
        let hash = |name: &str, hash: &str| (name.to_owned(), hash.to_owned());
        let details = vec![hash("sha256 before", before), hash("sha256 now", after)];
        let alert = Notice::REPLACED.alert(bucket, &format!("{object} {after}"), object, details);
        match self.notice(alert, now).await {
            Ok(due) => self.publish(due, now, &mut told).await,
            Err(error) => told.failed.push(error),
        }
        told
    }

    /// Records an alert that comes with no group; returns it when it is to be published at once.
    async fn notice(&self, alert: Alert, now: i64) -> Result<Vec<Alert>, StoreError> {
        let rule = alert.rule.clone();
        let mut loud = Vec::new();
        for message in self.messages(&rule, vec![alert], now).await? {
            if self.state.record(&message).await? && !message.quiet {
                loud.push(message.alert);
            }
        }
        Ok(loud)
    }

    /// Notes in the ledger that an object is done.
    ///
    /// # Errors
    /// When it could not be noted, or somebody else noted another content of it in between: then
    /// the object is to be looked at again.
    pub async fn enter(&self, entry: &Entry, object: &ObjectRef) -> Result<(), StoreError> {
        match self.state.enter(entry).await {
            // The same delivery, twice at the same time.
            Err(StoreError::Conflict) if self.entry(object).await?.has(object) => Ok(()),
            ended => ended,
        }
    }

    /// Tells what was held back until `now`, and what was recorded and could not be told. With
    /// `all`, whatever is held back: the end of a run that has no later sweep.
    pub async fn sweep(&self, now: i64, all: bool) -> Told {
        let mut told = Told::default();
        if let Err(error) = Box::pin(self.held_back(now, all, &mut told)).await {
            told.failed.push(error);
        }
        if let Err(error) = Box::pin(self.pending(now, all, &mut told)).await {
            told.failed.push(error);
        }
        told
    }

    async fn held_back(&self, now: i64, all: bool, told: &mut Told) -> Result<(), StoreError> {
        let until = if all { i64::MAX } else { now };
        let mut seen = BTreeSet::new();
        loop {
            let keys = self.state.due(until, BATCH + seen.len()).await?;
            let fresh: Vec<GroupKey> = keys
                .into_iter()
                .filter(|key| seen.insert(key.clone()))
                .collect();
            if fresh.is_empty() {
                return Ok(());
            }
            let mut due = Vec::new();
            for (key, stored) in fresh.iter().zip(self.load_all(&fresh).await?) {
                let sweep = |state: &mut GroupState| state.sweep(now, all);
                let step = match stored {
                    Ok(stored) => self.step(key, stored, now, sweep).await,
                    Err(error) => Err(error),
                };
                match step {
                    Ok(step) => due.extend(step.alerts),
                    Err(error) => told.failed.push(error),
                }
            }
            self.publish(due, now, told).await;
        }
    }

    /// Publishes what is pending: first single alerts, then quiet ones together, rule by rule.
    async fn pending(&self, now: i64, all: bool, told: &mut Told) -> Result<(), StoreError> {
        let free = if all { now.saturating_add(QUIET) } else { now };
        let until = free.saturating_add(CLAIM);
        let mut quiet: BTreeMap<String, Alert> = BTreeMap::new();
        let mut covered = BTreeSet::new();
        loop {
            let mut fresh = false;
            for message in self.state.pending(free, BATCH).await? {
                let claimed = self.state.claim(&message.alert.id, free, until).await?;
                let Some(message) = claimed else {
                    continue;
                };
                fresh = true;
                if message.quiet {
                    quiet.insert(message.alert.id.clone(), message.alert);
                    continue;
                }
                covered.extend(message.in_place_of.iter().cloned());
                self.tell(message, now, told).await;
            }
            if !fresh || !told.unpublished.is_empty() || quiet.len() >= TOGETHER {
                break;
            }
        }
        let mut rules: BTreeMap<String, Vec<Alert>> = BTreeMap::new();
        quiet.retain(|id, _| !covered.contains(id));
        for alert in quiet.into_values() {
            rules.entry(alert.rule.clone()).or_default().push(alert);
        }
        for alerts in rules.into_values() {
            self.together(alerts, until, now, told).await?;
        }
        Ok(())
    }

    /// Publishes quiet alerts of one rule as one message, which is recorded first: so that after a
    /// death in between it is this message that comes again, and not another mixture.
    async fn together(
        &self,
        alerts: Vec<Alert>,
        claimed_until: i64,
        now: i64,
        told: &mut Told,
    ) -> Result<(), StoreError> {
        let ids: Vec<String> = alerts.iter().map(|alert| alert.id.clone()).collect();
        let mut alerts = alerts.into_iter();
        let Some(first) = alerts.next() else {
            return Ok(());
        };
        let message = Message {
            alert: first.together(alerts),
            claimed_until,
            quiet: false,
            in_place_of: ids,
        };
        self.state.record(&message).await?;
        self.tell(message, now, told).await;
        Ok(())
    }

    /// Publishes a message that this worker has claimed.
    async fn tell(&self, message: Message, now: i64, told: &mut Told) {
        for id in &message.in_place_of {
            if let Err(error) = self.state.sent(id, now).await {
                told.failed.push(error);
                return;
            }
        }
        self.publish(vec![message.alert], now, told).await;
    }
}

/// One rule's groups in one delivery.
struct Part {
    rule: usize,
    groups: Vec<(GroupKey, Evidence)>,
    rest: Option<Rest>,
}

/// What is beyond the bound on groups.
struct Rest {
    evidence: Evidence,
    groups: usize,
}

/// Findings by rule, at most `most` groups of each apart from the rest: those with most matches.
fn parts(rules: &[Rule], findings: Findings, most: usize) -> Vec<Part> {
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

fn order(alert: &Alert) -> (Option<crate::record::EventTime>, &str, &str) {
    (alert.first_event_time, &alert.rule, &alert.fingerprint)
}
