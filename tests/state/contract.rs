//! What every store of state must do, whichever it is: the promises in the documentation of the
//! ports, one by one. Each check uses keys of its own, so that all of them can share a table.

use std::future::Future;

use trailwarden::alert::{Findings, GroupState, fingerprint};
use trailwarden::integrity::{KeyRing, PublicKey, Source};
use trailwarden::ports::{
    AlertLog, Attestation, ChainStore, Change, Entry, Evaluation, GroupKey, KeyStore, Ledger,
    Message, ObjectRef, StoreError, WindowStore,
};
use trailwarden::record::Record;
use trailwarden::rules::RuleSet;

use crate::support::{record, rule_set};

/// All kinds of state in one store.
pub trait Store: Ledger + WindowStore + AlertLog + ChainStore + KeyStore + Sync {}

impl<S: Ledger + WindowStore + AlertLog + ChainStore + KeyStore + Sync> Store for S {}

/// The whole contract. `name` tells this run's keys from those of other runs on the same table.
pub async fn holds<S: Store>(store: &S, name: &str) {
    an_entry_is_what_was_entered(store, name).await;
    of_two_that_enter_at_once_one_is_told(store, name).await;
    a_state_is_what_was_committed(store, name).await;
    of_two_that_commit_at_once_one_is_told(store, name).await;
    a_refused_change_records_no_alert(store, name).await;
    what_is_held_back_is_due_when_it_says(store, name).await;
    an_alert_is_pending_until_it_is_sent(store, name).await;
    a_claim_is_for_one(store, name).await;
    what_was_given_back_hides_nothing(store, name).await;
    an_alert_is_recorded_once(store, name).await;
    what_is_recorded_already_is_named(store, name).await;
    many_groups_are_loaded_in_their_order(store, name).await;
    many_entries_are_read_in_their_order(store, name).await;
    an_entry_awaits_until_it_is_entered_without(store, name).await;
    chains_are_what_was_kept(store, name).await;
    a_key_is_kept(store, name).await;
}

pub fn object(name: &str) -> ObjectRef {
    ObjectRef {
        bucket: "trail".to_owned(),
        key: format!("AWSLogs/{name}.json.gz"),
        version: None,
        etag: Some("e1".to_owned()),
    }
}

fn evaluation(sha256: &str) -> Evaluation {
    Evaluation {
        version: Some("v1".to_owned()),
        etag: Some("e1".to_owned()),
        sha256: sha256.to_owned(),
        records: 7,
        matches: 2,
        first_event_time: Some(1_795_242_900),
        last_event_time: None,
        evaluated_at: 1_795_243_000,
        attestation: Attestation::Pending,
    }
}

pub fn key(name: &str) -> GroupKey {
    GroupKey {
        rule: "one".to_owned(),
        fingerprint: fingerprint(name, &trailwarden::alert::Group(Vec::new())),
    }
}

fn rules() -> RuleSet {
    rule_set(&[(
        "one",
        "title: One\nseverity: high\npattern: '{ $.eventName = \"*\" }'\ncooldown: 1h\n",
    )])
}

/// What a delivery of one event leads to, from a state.
pub fn change(key: &GroupKey, from: trailwarden::ports::Stored, event: &str, now: i64) -> Change {
    let rules = rules();
    let text = record(event, "2026-11-21T06:35:00Z", "StopLogging", "");
    let mut findings = Findings::default();
    findings.add(
        rules.rules(),
        "s3://trail/file",
        &Record::parse(&text).unwrap(),
        0,
        &[0],
    );
    let (_, _, evidence) = findings.into_groups().pop().unwrap();
    let mut state: GroupState = from.state;
    let step = state.take(&rules.rules()[0], &key.fingerprint, evidence, now);
    let message = |alert| Message {
        alert,
        claimed_until: now + 60,
        quiet: false,
        in_place_of: Vec::new(),
    };
    Change {
        key: key.clone(),
        due: state.due(),
        expires: state.expires(now),
        state,
        from_version: from.version,
        alerts: step.alerts.into_iter().map(message).collect(),
    }
}

async fn load<S: Store>(store: &S, key: &GroupKey) -> trailwarden::ports::Stored {
    store
        .load(std::slice::from_ref(key))
        .await
        .unwrap()
        .pop()
        .unwrap()
}

#[track_caller]
fn assert_conflict<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Conflict)), "{result:?}");
}

async fn an_entry_is_what_was_entered<S: Store>(store: &S, name: &str) {
    let object = object(&format!("{name}-entered"));
    assert_eq!(store.entry(&object).await.unwrap(), None);
    let mut entry = Entry::new(&object);
    entry.add(evaluation("ab"));
    store.enter(&entry).await.unwrap();
    let stored = store.entry(&object).await.unwrap().unwrap();
    assert_eq!(
        (&stored.evaluations, stored.revision),
        (&entry.evaluations, 1)
    );
    let mut entry = stored;
    entry.add(evaluation("cd"));
    store.enter(&entry).await.unwrap();
    let stored = store.entry(&object).await.unwrap().unwrap();
    assert_eq!((stored.evaluations.len(), stored.revision), (2, 2));
    assert_eq!(
        store
            .entry(&self::object(&format!("{name}-other")))
            .await
            .unwrap(),
        None
    );
}

async fn of_two_that_enter_at_once_one_is_told<S: Store>(store: &S, name: &str) {
    let object = object(&format!("{name}-entered-twice"));
    let mut entry = Entry::new(&object);
    entry.add(evaluation("ab"));
    store.enter(&entry).await.unwrap();
    assert_conflict(store.enter(&entry).await);
    entry.revision = 1;
    store.enter(&entry).await.unwrap();
    assert_conflict(store.enter(&entry).await);
}

async fn a_state_is_what_was_committed<S: Store>(store: &S, name: &str) {
    let key = key(&format!("{name}-committed"));
    let nothing = load(store, &key).await;
    assert_eq!((nothing.version, nothing.state.due()), (0, None));
    let first = change(&key, nothing, "1", 1_000);
    store.commit(&first).await.unwrap();
    let stored = load(store, &key).await;
    assert_eq!(
        (stored.version, stored.state.to_bytes()),
        (1, first.state.to_bytes())
    );
    let second = change(&key, stored, "2", 2_000);
    store.commit(&second).await.unwrap();
    let stored = load(store, &key).await;
    assert_eq!(
        (stored.version, stored.state.to_bytes()),
        (2, second.state.to_bytes())
    );
}

async fn of_two_that_commit_at_once_one_is_told<S: Store>(store: &S, name: &str) {
    let key = key(&format!("{name}-committed-twice"));
    let (one, two) = (load(store, &key).await, load(store, &key).await);
    store.commit(&change(&key, one, "1", 1_000)).await.unwrap();
    assert_conflict(store.commit(&change(&key, two, "2", 1_000)).await);
    let (one, two) = (load(store, &key).await, load(store, &key).await);
    store.commit(&change(&key, one, "2", 1_000)).await.unwrap();
    assert_conflict(store.commit(&change(&key, two, "3", 1_000)).await);
}

async fn a_refused_change_records_no_alert<S: Store>(store: &S, name: &str) {
    let key = key(&format!("{name}-refused"));
    let nothing = load(store, &key).await;
    store
        .commit(&change(&key, nothing, "1", 1_000))
        .await
        .unwrap();
    let refused = change(&key, trailwarden::ports::Stored::default(), "other", 1_000);
    let id = refused.alerts[0].alert.id.clone();
    assert_conflict(store.commit(&refused).await);
    assert!(!pending(store, 10_000).await.contains(&id));
}

async fn pending<S: Store>(store: &S, now: i64) -> Vec<String> {
    let pending = store.pending(now, 10_000).await.unwrap();
    pending
        .into_iter()
        .map(|message| message.unwrap().alert.id)
        .collect()
}

async fn what_is_held_back_is_due_when_it_says<S: Store>(store: &S, name: &str) {
    let key = key(&format!("{name}-held"));
    let nothing = load(store, &key).await;
    store
        .commit(&change(&key, nothing, "1", 1_000))
        .await
        .unwrap();
    assert!(
        !store.due(1_000_000, 10_000).await.unwrap().contains(&key),
        "nothing is held back"
    );
    let stored = load(store, &key).await;
    let change = change(&key, stored, "2", 2_000);
    assert_eq!(change.due, Some(1_000 + 3_600));
    store.commit(&change).await.unwrap();
    assert!(!store.due(4_599, 10_000).await.unwrap().contains(&key));
    assert!(store.due(4_600, 10_000).await.unwrap().contains(&key));
    assert!(store.due(4_600, 1).await.unwrap().len() <= 1);
    let mut stored = load(store, &key).await;
    let step = stored.state.sweep(4_600, false);
    assert_eq!(step.alerts.len(), 1);
    let swept = Change {
        due: stored.state.due(),
        state: stored.state,
        from_version: stored.version,
        ..change
    };
    store.commit(&swept).await.unwrap();
    assert!(!store.due(1_000_000, 10_000).await.unwrap().contains(&key));
}

async fn an_alert_is_pending_until_it_is_sent<S: Store>(store: &S, name: &str) {
    let key = key(&format!("{name}-pending"));
    let nothing = load(store, &key).await;
    let change = change(&key, nothing, "1", 1_000);
    let message = change.alerts[0].clone();
    let id = &message.alert.id;
    store.commit(&change).await.unwrap();
    assert!(
        !pending(store, 1_059).await.contains(id),
        "the worker that recorded it has it"
    );
    let found = store.pending(1_060, 10_000).await.unwrap();
    let found = found.into_iter().map(Result::unwrap);
    let found = { found }.find(|message| message.alert.id == *id);
    assert_eq!(
        found.unwrap().alert,
        message.alert,
        "an alert comes back whole"
    );
    assert!(store.pending(1_000_000, 1).await.unwrap().len() <= 1);
    for _ in 0..2 {
        store.sent(id, 1_061).await.unwrap();
        assert!(!pending(store, 1_000_000).await.contains(id));
    }
    assert!(
        store
            .claim(id, 1_000_000, 1_000_060)
            .await
            .unwrap()
            .is_none(),
        "it is sent"
    );
}

async fn a_claim_is_for_one<S: Store>(store: &S, name: &str) {
    let key = key(&format!("{name}-claimed"));
    let nothing = load(store, &key).await;
    let change = change(&key, nothing, "1", 1_000);
    let id = &change.alerts[0].alert.id.clone();
    store.commit(&change).await.unwrap();
    assert_eq!(store.claim(id, 1_059, 2_000).await.unwrap(), None);
    let claimed = store.claim(id, 1_060, 2_000).await.unwrap().unwrap();
    assert_eq!(
        (&claimed.alert, claimed.claimed_until),
        (&change.alerts[0].alert, 2_000)
    );
    assert_eq!(store.claim(id, 1_060, 3_000).await.unwrap(), None);
    assert!(!pending(store, 1_999).await.contains(id));
    assert!(pending(store, 2_000).await.contains(id));
    store.release(id, 1_070).await.unwrap();
    assert!(!pending(store, 1_069).await.contains(id));
    assert!(
        pending(store, 1_070).await.contains(id),
        "it was given back"
    );
    assert!(store.claim(id, 1_070, 3_000).await.unwrap().is_some());
    store.sent(id, 2_000).await.unwrap();
    store.release(id, 2_000).await.unwrap();
    assert!(
        !pending(store, 1_000_000).await.contains(id),
        "it is sent for good"
    );
    store.release("no such alert", 2_000).await.unwrap();
}

/// Alerts that were given back come behind those that wait longer.
async fn what_was_given_back_hides_nothing<S: Store>(store: &S, name: &str) {
    let mut ids = Vec::new();
    for (number, event) in ["first", "second"].iter().enumerate() {
        let key = key(&format!("{name}-given-back-{number}"));
        let change = change(&key, Default::default(), event, 500);
        ids.push(change.alerts[0].alert.id.clone());
        store.commit(&change).await.unwrap();
    }
    store.claim(&ids[0], 560, 600).await.unwrap().unwrap();
    store.release(&ids[0], 590).await.unwrap();
    let found = pending(store, 595).await;
    let place = |id| found.iter().position(|found| found == id).unwrap();
    assert!(place(&ids[1]) < place(&ids[0]), "{found:?}");
}

async fn an_alert_is_recorded_once<S: Store>(store: &S, name: &str) {
    let change = change(
        &key(&format!("{name}-alone")),
        Default::default(),
        "1",
        1_000,
    );
    let message = Message {
        claimed_until: 1_000,
        ..change.alerts[0].clone()
    };
    let id = message.alert.id.as_str();
    assert!(store.record(&message).await.unwrap());
    assert!(!store.record(&message).await.unwrap());
    assert!(
        pending(store, 1_000)
            .await
            .iter()
            .any(|pending| pending == id)
    );
    store.sent(id, 1_000).await.unwrap();
    assert!(
        !store.record(&message).await.unwrap(),
        "not even after it was sent"
    );
    assert!(
        !pending(store, 1_000_000)
            .await
            .iter()
            .any(|pending| pending == id)
    );
    assert_eq!(
        store.claim("no such alert", 1_000, 2_000).await.unwrap(),
        None
    );
}

/// One pending, one sent, one new, and that one twice: whoever commits may publish the new one.
async fn what_is_recorded_already_is_named<S: Store>(store: &S, name: &str) {
    let mut messages = Vec::new();
    for part in ["waits", "sent", "new"] {
        let key = key(&format!("{name}-known-{part}"));
        messages.extend(change(&key, Default::default(), "1", 1_000).alerts);
    }
    let ids: Vec<String> = messages
        .iter()
        .map(|known| known.alert.id.clone())
        .collect();
    assert!(store.record(&messages[0]).await.unwrap());
    assert!(store.record(&messages[1]).await.unwrap());
    store.sent(&ids[1], 1_000).await.unwrap();
    assert_eq!(store.are_pending(&ids).await.unwrap(), [true, false, false]);
    messages.push(messages[2].clone());
    let key = key(&format!("{name}-known"));
    let change = Change {
        alerts: messages,
        ..change(&key, Default::default(), "1", 1_000)
    };
    assert_eq!(store.commit(&change).await.unwrap(), ids[..2]);
    assert_eq!(store.are_pending(&ids).await.unwrap(), [true, false, true]);
    assert!(store.are_pending(&[]).await.unwrap().is_empty());
    assert_eq!(load(store, &key).await.version, 1);
}

async fn many_groups_are_loaded_in_their_order<S: Store>(store: &S, name: &str) {
    let keys: Vec<GroupKey> = (0..130)
        .map(|number| key(&format!("{name}-many-{number}")))
        .collect();
    for key in keys.iter().step_by(7) {
        store
            .commit(&change(key, Default::default(), "1", 1_000))
            .await
            .unwrap();
    }
    let stored = store.load(&keys).await.unwrap();
    let versions: Vec<u64> = stored.iter().map(|stored| stored.version).collect();
    let expected: Vec<u64> = (0..130).map(|number| u64::from(number % 7 == 0)).collect();
    assert_eq!(versions, expected);
    assert!(store.load(&[]).await.unwrap().is_empty());
}

async fn many_entries_are_read_in_their_order<S: Store>(store: &S, name: &str) {
    let objects: Vec<ObjectRef> = (0..130)
        .map(|number| object(&format!("{name}-listed-{number}")))
        .collect();
    for object in objects.iter().step_by(7) {
        let mut entry = Entry::new(object);
        entry.add(evaluation(&object.key));
        store.enter(&entry).await.unwrap();
    }
    let entries = store.entries(&objects).await.unwrap();
    assert_eq!(entries.len(), 130);
    for (number, (object, entry)) in objects.iter().zip(entries).enumerate() {
        let found = entry.map(|entry| (entry.key, entry.revision));
        let expected = (number % 7 == 0).then(|| (object.key.clone(), 1));
        assert_eq!(found, expected);
    }
    assert!(store.entries(&[]).await.unwrap().is_empty());
}

async fn an_entry_awaits_until_it_is_entered_without<S: Store>(store: &S, name: &str) {
    let object = object(&format!("{name}-awaits"));
    let awaits = async |now: i64| {
        let found = store.awaiting(now, 10_000).await.unwrap();
        found.into_iter().find(|entry| entry.key == object.key)
    };
    let mut entry = Entry::new(&object);
    entry.add(evaluation("ab"));
    entry.awaits = Some(2_000);
    store.enter(&entry).await.unwrap();
    assert_eq!(awaits(1_999).await, None);
    let found = awaits(2_000).await.unwrap();
    assert_eq!((found.awaits, found.revision), (Some(2_000), 1));
    assert!(store.awaiting(2_000, 1).await.unwrap().len() <= 1);
    let mut later = found;
    later.awaits = Some(3_000);
    store.enter(&later).await.unwrap();
    assert_eq!(awaits(2_999).await, None);
    let mut done = awaits(3_000).await.unwrap();
    done.awaits = None;
    done.evaluations[0].attestation = Attestation::Attested;
    store.enter(&done).await.unwrap();
    assert_eq!(awaits(1_000_000).await, None);
    let stored = store.entry(&object).await.unwrap().unwrap();
    assert_eq!(stored.evaluations, done.evaluations);
}

async fn chains_are_what_was_kept<S: Store>(store: &S, name: &str) {
    let source = Source {
        account: format!("{name}-chains"),
        region: "eu-west-1".to_owned(),
    };
    let due = async |now: i64| {
        let found = store.watches_due(now, 10_000).await.unwrap();
        found.contains(&source)
    };
    let nothing = store.watch(&source).await.unwrap();
    assert_eq!((nothing.revision, nothing.watch.chains().len()), (0, 0));
    let mut first = nothing.clone();
    first.watch = crate::chains::watch(3);
    store
        .keep_watch(&source, &first, Some(2_000))
        .await
        .unwrap();
    assert_conflict(store.keep_watch(&source, &first, None).await);
    let stored = store.watch(&source).await.unwrap();
    assert_eq!((stored.revision, &stored.watch), (1, &first.watch));
    assert!(!due(1_999).await);
    assert!(due(2_000).await);
    assert!(store.watches_due(2_000, 1).await.unwrap().len() <= 1);
    let mut second = stored;
    second.watch = crate::chains::watch(20);
    store.keep_watch(&source, &second, None).await.unwrap();
    assert!(!due(1_000_000).await);
    let stored = store.watch(&source).await.unwrap();
    assert_eq!((stored.revision, stored.watch), (2, second.watch));
}

async fn a_key_is_kept<S: Store>(store: &S, name: &str) {
    let region = format!("{name}-1");
    let ring = KeyRing::from_json(&crate::signed_trail::public_keys().to_string()).unwrap();
    let key: &PublicKey = ring.iter().next().unwrap();
    let fingerprint = key.fingerprint.as_str();
    assert!(store.key(&region, fingerprint).await.unwrap().is_empty());
    for _ in 0..2 {
        store.keep_keys(&region, &ring).await.unwrap();
        assert_eq!(store.key(&region, fingerprint).await.unwrap(), ring);
    }
    assert!(store.key("other-1", fingerprint).await.unwrap().is_empty());
    assert!(store.key(&region, "0000").await.unwrap().is_empty());
}

/// Runs a future of stores that never wait.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("this store does not wait"),
    }
}
