//! From findings to alerts that were told, over the ports of state: what deliveries, sweeps and
//! scans share.
//!
//! The order is what makes it safe to die anywhere. Groups and the alerts that they make due are
//! recorded together; then the alerts are published and noted as sent; then the ledger says that
//! the objects are done. An object that is not in the ledger is evaluated again when it is
//! delivered again: its events are known then, and what was recorded and not sent is sent, by that
//! delivery or by a sweep, whichever comes first.

mod objects;
mod parts;
mod quiet;
mod step;
mod sweep;

pub(super) use objects::tampered;
use parts::{Part, Rest, parts};

use crate::alert::{Alert, BreachFound, Evidence, Findings, GroupState, Notice};
use crate::ports::{
    AlertLog, AlertSink, ChainStore, Change, Entry, GroupKey, KeyStore, Ledger, PublishError,
    StoreError, Stored, WindowStore,
};
use crate::rules::Rule;

/// What is remembered of objects and alerts.
pub trait State: Ledger + WindowStore + AlertLog {}

impl<S: Ledger + WindowStore + AlertLog> State for S {}

/// All that is remembered between deliveries.
pub trait TrailState: State + ChainStore + KeyStore {}

impl<S: State + ChainStore + KeyStore> TrailState for S {}

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

/// Seconds for which the worker that recorded an alert has it for itself to publish: longer than an
/// invocation runs (`Timeout` in template.yaml), with room for clocks that differ.
const CLAIM: i64 = 180;

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
    /// That it is not what a digest attests, for whoever tells breaches.
    pub breach: Option<BreachFound>,
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
        if let Err(error) = self.publish(due, now, &mut told).await {
            told.failed.push(error);
        }
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
        let (mut left, mut stored) = (Some(evidence), Some(stored?));
        while let Some(evidence) = left {
            let from = match stored.take() {
                Some(stored) => stored,
                None => self.load(&key).await?,
            };
            let take = |state: &mut GroupState| {
                state.take_some(rule, &key.fingerprint, &evidence, now, Change::ALERTS)
            };
            let step = self.step(&key, from, now, take).await?;
            told.forgotten += step.forgotten;
            due.extend(step.alerts);
            for id in step.again {
                let until = now.saturating_add(CLAIM);
                match self.state.claim(&id, now, until).await? {
                    // A sweep tells it with others.
                    Some(message) if message.quiet => self.state.release(&id, now).await?,
                    claimed => due.extend(claimed.map(|message| message.alert)),
                }
            }
            left = step.rest;
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
}
