//! From findings to alerts that were told, over the ports of state: what deliveries, sweeps and
//! scans share.
//!
//! The order is what makes it safe to die anywhere. Groups and the alerts that they make due are
//! recorded together; then the alerts are published and noted as sent; then the ledger says that
//! the objects are done. An object that is not in the ledger is evaluated again when it is
//! delivered again: its events are known then, and what was recorded and not sent is sent, by that
//! delivery or by a sweep, whichever comes first.

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
        for mut part in parts(rules, findings, self.bounds.groups) {
            let Some(rule) = rules.get(part.rule) else {
                continue;
            };
            if let Err(error) = self
                .part(rule, &mut part, now, &mut due, &mut told.forgotten)
                .await
            {
                told.failed.push(error);
            }
        }
        self.publish(due, now, &mut told).await;
        told
    }

    async fn part(
        &self,
        rule: &Rule,
        part: &mut Part,
        now: i64,
        due: &mut Vec<Alert>,
        forgotten: &mut usize,
    ) -> Result<(), StoreError> {
        let groups = std::mem::take(&mut part.groups);
        let mut groups = groups.into_iter().peekable();
        while groups.peek().is_some() {
            let batch: Vec<(GroupKey, Evidence)> = groups.by_ref().take(BATCH).collect();
            let keys: Vec<GroupKey> = batch.iter().map(|(key, _)| key.clone()).collect();
            let stored = self.state.load(&keys).await?;
            for ((key, evidence), stored) in batch.into_iter().zip(stored) {
                let take = |state: &mut GroupState| {
                    state.take(rule, &key.fingerprint, evidence.clone(), now)
                };
                let step = self.step(&key, stored, now, take).await?;
                *forgotten += step.forgotten;
                due.extend(step.alerts);
                for id in step.again {
                    let claimed = self
                        .state
                        .claim(&id, now, now.saturating_add(CLAIM))
                        .await?;
                    due.extend(claimed.map(|message| message.alert));
                }
            }
        }
        if let Some(rest) = part.rest.take() {
            due.extend(self.rest(rule, rest, now, forgotten).await?);
        }
        Ok(())
    }

    /// What is beyond the bound on groups: alerts without a threshold are told by the message that
    /// stands for others; events below a threshold are not counted, which is told once a day.
    async fn rest(
        &self,
        rule: &Rule,
        rest: Rest,
        now: i64,
        forgotten: &mut usize,
    ) -> Result<Vec<Alert>, StoreError> {
        let many = rule
            .threshold
            .as_ref()
            .is_some_and(|threshold| threshold.count > 1);
        let key = GroupKey {
            rule: rule.id.clone(),
            fingerprint: GroupState::gate_key(&rule.id),
        };
        let stored = self.load(&key).await?;
        if !many {
            let take =
                |state: &mut GroupState| state.crowd(rule, rest.evidence.clone(), rest.groups, now);
            return Ok(self.step(&key, stored, now, take).await?.alerts);
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
        let new = self.state.record(&message(alert.clone(), now)).await?;
        Ok(new.then_some(alert).into_iter().collect())
    }

    /// Moves one group by a pure step, again from what is stored when somebody else was first.
    /// Its alerts are recorded, those that the rule may send are returned to be published.
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
            taken.alerts = self.admit(key, taken.alerts, &mut state, now).await?;
            match self
                .commit(key, state, stored.version, &taken.alerts, now)
                .await
            {
                Ok(()) => return Ok(taken),
                Err(StoreError::Conflict) => stored = self.load(key).await?,
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
    }

    /// Which alerts may be sent. What may not is remembered by the rule's gate before the group
    /// forgets it; that the gate may then see it twice, it knows how to take.
    async fn admit(
        &self,
        key: &GroupKey,
        alerts: Vec<Alert>,
        state: &mut GroupState,
        now: i64,
    ) -> Result<Vec<Alert>, StoreError> {
        let fingerprint = GroupState::gate_key(&key.rule);
        if alerts.is_empty() || self.bounds.messages == usize::MAX {
            return Ok(alerts);
        }
        if key.fingerprint == fingerprint {
            // The message that stands for others passes: it is one in an hour.
            let _ = state;
            return Ok(alerts);
        }
        let gate = GroupKey {
            rule: key.rule.clone(),
            fingerprint,
        };
        for _ in 0..TRIES {
            let stored = self.load(&gate).await?;
            let mut state = stored.state;
            let admitted = state.admit(alerts.clone(), now, self.bounds.messages);
            match self.commit(&gate, state, stored.version, &[], now).await {
                Ok(()) => return Ok(admitted),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
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
        alerts: &[Alert],
        now: i64,
    ) -> Result<(), StoreError> {
        let more = alerts.len().saturating_sub(Change::ALERTS);
        let (first, last) = alerts.split_at_checked(more).unwrap_or_default();
        // More than one change can record come first: an alert without its state is told once
        // more at worst, when the process dies between the two.
        for alert in first {
            self.state.record(&message(alert.clone(), now)).await?;
        }
        let change = Change {
            key: key.clone(),
            due: state.due(),
            expires: state.expires(now),
            state,
            from_version,
            alerts: last
                .iter()
                .map(|alert| message(alert.clone(), now))
                .collect(),
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
        let sha256 = inspection
            .sha256
            .map(|hash| hash.to_string())
            .unwrap_or_default();
        let mut told = Told::default();
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

    /// Records an alert that comes with no group.
    async fn notice(&self, alert: Alert, now: i64) -> Result<Vec<Alert>, StoreError> {
        let key = GroupKey {
            rule: alert.rule.clone(),
            fingerprint: alert.fingerprint.clone(),
        };
        let mut due = self
            .admit(&key, vec![alert], &mut GroupState::default(), now)
            .await?;
        let Some(alert) = due.first() else {
            return Ok(due);
        };
        if !self.state.record(&message(alert.clone(), now)).await? {
            due.clear();
        }
        Ok(due)
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
        if let Err(error) = self.held_back(now, all, &mut told).await {
            told.failed.push(error);
        }
        if let Err(error) = self.pending(now, &mut told).await {
            told.failed.push(error);
        }
        told
    }

    async fn held_back(&self, now: i64, all: bool, told: &mut Told) -> Result<(), StoreError> {
        let until = if all { i64::MAX } else { now };
        let mut seen = std::collections::BTreeSet::new();
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
            for (key, stored) in fresh.iter().zip(self.state.load(&fresh).await?) {
                match self
                    .step(key, stored, now, |state| state.sweep(now, all))
                    .await
                {
                    Ok(step) => due.extend(step.alerts),
                    Err(error) => told.failed.push(error),
                }
            }
            self.publish(due, now, told).await;
        }
    }

    async fn pending(&self, now: i64, told: &mut Told) -> Result<(), StoreError> {
        loop {
            let pending = self.state.pending(now, BATCH).await?;
            if pending.is_empty() {
                return Ok(());
            }
            for message in pending {
                let id = &message.alert.id;
                let claimed = self.state.claim(id, now, now.saturating_add(CLAIM)).await?;
                if let Some(message) = claimed {
                    self.publish(vec![message.alert], now, told).await;
                }
            }
            if !told.unpublished.is_empty() {
                return Ok(());
            }
        }
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

fn message(alert: Alert, now: i64) -> Message {
    Message {
        alert,
        claimed_until: now.saturating_add(CLAIM),
    }
}

fn order(alert: &Alert) -> (Option<crate::record::EventTime>, &str, &str) {
    (alert.first_event_time, &alert.rule, &alert.fingerprint)
}
