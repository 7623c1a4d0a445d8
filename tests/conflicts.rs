//! Two workers with one group: who comes second decides again, and nothing of the first decision is
//! left behind.
#![expect(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod support;

use std::collections::BTreeMap;
use std::sync::Mutex;

use support::{Inbox, record, rule_set};
use trailwarden::alert::Findings;
use trailwarden::inspect::{Bounds, Recorder};
use trailwarden::local::{MemoryState, wait};
use trailwarden::ports::{
    AlertLog, Change, Entry, GroupKey, Ledger, Message, ObjectRef, StoreError, Stored, WindowStore,
};
use trailwarden::record::Record;
use trailwarden::rules::RuleSet;

/// 2026-11-21T00:00:00Z
const NOW: i64 = 1_795_219_200;

fn rules() -> RuleSet {
    rule_set(&[(
        "one",
        "title: One\nseverity: high\npattern: '{ $.eventName = \"*\" }'\ncooldown: 1h\n",
    )])
}

/// One event every other hour, at so many minutes past it.
fn findings(rules: &RuleSet, hours: std::ops::Range<u32>, minute: u32) -> Findings {
    let mut findings = Findings::default();
    for hour in hours {
        let (day, hour) = (1 + hour / 12, 2 * (hour % 12));
        let time = format!("2026-11-{day:02}T{hour:02}:{minute:02}:00Z");
        let id = format!("{day}-{hour}-{minute}");
        let text = record(&id, &time, "StopLogging", "");
        let record = Record::parse(&text).unwrap();
        let object = format!("s3://trail/{minute}");
        findings.add(rules.rules(), &object, &record, u64::from(hour), &[0]);
    }
    findings
}

/// Before the first change of a group is committed, another worker takes something in.
struct Raced<'s> {
    state: &'s MemoryState,
    other: Mutex<Option<Findings>>,
    inbox: &'s Inbox,
}

impl Ledger for Raced<'_> {
    async fn entry(&self, object: &ObjectRef) -> Result<Option<Entry>, StoreError> {
        self.state.entry(object).await
    }
    async fn enter(&self, entry: &Entry) -> Result<(), StoreError> {
        self.state.enter(entry).await
    }
    async fn entries(&self, objects: &[ObjectRef]) -> Result<Vec<Option<Entry>>, StoreError> {
        self.state.entries(objects).await
    }
    async fn awaiting(&self, now: i64, most: usize) -> Result<Vec<Entry>, StoreError> {
        self.state.awaiting(now, most).await
    }
}

impl WindowStore for Raced<'_> {
    async fn load(&self, keys: &[GroupKey]) -> Result<Vec<Stored>, StoreError> {
        self.state.load(keys).await
    }
    async fn commit(&self, change: &Change) -> Result<Vec<String>, StoreError> {
        let other = self.other.lock().unwrap().take();
        if let Some(other) = other {
            let recorder = Recorder::new(self.state, self.inbox, Bounds::NONE);
            assert!(recorder.settle(rules().rules(), other, NOW).await.is_done());
        }
        self.state.commit(change).await
    }
    async fn due(&self, now: i64, most: usize) -> Result<Vec<GroupKey>, StoreError> {
        self.state.due(now, most).await
    }
}

impl AlertLog for Raced<'_> {
    async fn record(&self, message: &Message) -> Result<bool, StoreError> {
        self.state.record(message).await
    }
    async fn sent(&self, id: &str, now: i64) -> Result<(), StoreError> {
        self.state.sent(id, now).await
    }
    async fn claim(&self, id: &str, now: i64, until: i64) -> Result<Option<Message>, StoreError> {
        self.state.claim(id, now, until).await
    }
    async fn are_pending(&self, ids: &[String]) -> Result<Vec<bool>, StoreError> {
        self.state.are_pending(ids).await
    }
    async fn release(&self, id: &str, now: i64) -> Result<(), StoreError> {
        self.state.release(id, now).await
    }
    async fn pending(
        &self,
        now: i64,
        most: usize,
    ) -> Result<Vec<Result<Message, StoreError>>, StoreError> {
        self.state.pending(now, most).await
    }
}

/// How often each event was told, over both workers and the sweeps after them.
fn told(hours: u32) -> BTreeMap<String, usize> {
    let (rules, state, inbox) = (rules(), MemoryState::default(), Inbox::default());
    let raced = Raced {
        state: &state,
        other: Mutex::new(Some(findings(&rules, 0..hours, 10))),
        inbox: &inbox,
    };
    let recorder = Recorder::new(raced, &inbox, Bounds::NONE);
    let ours = findings(&rules, 0..hours, 20);
    assert!(wait(recorder.settle(rules.rules(), ours, NOW)).is_done());
    for later in [0, 1, 2] {
        let now = NOW + later * 7_200;
        assert!(wait(recorder.sweep(now, later == 2)).is_done());
    }
    let mut told = BTreeMap::new();
    for id in inbox.take().into_iter().flat_map(|alert| alert.event_ids) {
        *told.entry(id).or_default() += 1;
    }
    told
}

#[test]
fn who_comes_second_leaves_nothing_of_the_first_decision() {
    for hours in [1, 5, 11, 16, 17, 40] {
        let told = told(hours);
        assert_eq!(told.len(), 2 * hours as usize, "{hours}: {told:?}");
        assert!(told.values().all(|times| *times == 1), "{hours}: {told:?}");
    }
}
