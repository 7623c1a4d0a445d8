//! What somebody who can write to the bucket may try: nothing of it stays unnoticed, fills state or
//! stops a sweep.

use serde_json::json;
use trailwarden::integrity::{Content, KeyRing};
use trailwarden::local::MemoryState;
use trailwarden::ports::ObjectRef;

use crate::signed_trail::{ACCOUNT, REGION, Trail, at, digest_key, log_key, public_keys};
use crate::support::{gzip, log_file, record};
use crate::trails::{copies, deliver, named, secs, sweeps, told, world};
use crate::world::Session;

#[test]
fn a_name_in_the_future_hides_nothing() {
    let mut trail = Trail::new(30, 1);
    let key = log_key(at(24 * 300, 0), "injectedInjected");
    trail.put(&key, &log_file(&[]));
    let world = world(&trail);
    let session = world.session();
    deliver(&session, &trail, 0, 3);
    session.run(vec![named(&trail, &key)], secs(3, 0));
    for h in 3..30 {
        deliver(&session, &trail, h, h + 1);
        session.sweep(secs(h as i64 + 1, 1_900));
    }
    let told = told(&session);
    assert!(told.iter().any(|t| t.contains("injected")), "{told:?}");
}

#[test]
fn an_old_name_hides_nothing() {
    let mut trail = Trail::new(30, 1);
    let key = log_key(at(4, 900), "injectedInjected");
    trail.put(&key, &log_file(&[]));
    let world = world(&trail);
    let session = world.session();
    deliver(&session, &trail, 0, 27);
    session.run(vec![named(&trail, &key)], secs(27, 0));
    for h in 27..30 {
        deliver(&session, &trail, h, h + 1);
        session.sweep(secs(h as i64 + 1, 1_900));
    }
    let told = told(&session);
    assert!(told.iter().any(|t| t.contains("inject")), "{told:?}");
}

#[test]
fn a_log_file_outside_the_folders_is_told() {
    let mut trail = Trail::new(6, 1);
    let name = log_key(at(2, 900), "injectedInjected");
    let key = format!("AWSLogs/x/{}", name.rsplit('/').next().unwrap());
    trail.put(
        &key,
        &log_file(&[record("x", "2026-11-20T08:00:00Z", "Nothing", "")]),
    );
    let world = world(&trail);
    let session = world.session();
    deliver(&session, &trail, 0, 3);
    let report = session.run(vec![named(&trail, &key)], secs(3, 0));
    eprintln!("{:?}", report.tally);
    deliver(&session, &trail, 3, 6);
    sweeps(&session, secs(6, 0), 2);
    let told = told(&session);
    assert!(
        told.iter().any(|t| t.contains("injectedInjected")),
        "{told:?}"
    );
}

/// Old digests are put under newer names; then the trail is silent.
#[test]
fn copies_of_digests_push_nothing_out() {
    let mut trail = Trail::new(6, 1);
    let keys = copies(&mut trail, 16, 60);
    let world = world(&trail);
    let session = world.session();
    deliver(&session, &trail, 0, 6);
    for key in &keys {
        assert!(
            session
                .run(vec![named(&trail, key)], secs(6, 1_900))
                .is_success()
        );
    }
    sweeps(&session, secs(7, 0), 24);
    let told = told(&session);
    assert!(told.iter().any(|t| t.contains("overdue")), "{told:#?}");
}

#[test]
fn copies_of_digests_stall_no_sweep() {
    let mut trail = Trail::new(6, 1);
    copies(&mut trail, 25, 60);
    let world = world(&trail);
    let session = world.session();
    deliver(&session, &trail, 0, 6);
    sweeps(&session, secs(7, 0), 24);
    let idle = session.sweep(secs(40, 0));
    let told = told(&session);
    assert!(
        idle.objects.is_empty(),
        "a sweep looks at {} digests for ever",
        idle.objects.len()
    );
    assert!(told.iter().any(|t| t.contains("overdue")), "{told:#?}");
}

#[test]
fn an_attested_log_file_that_becomes_something_else_is_told() {
    let full = Trail::new(4, 1);
    for text in [r#"{"hello":1}"#, "{}", r#"{"Records":[]}"#, "[]"] {
        let mut after = full.clone();
        let key = full.hours[1].logs[0].clone();
        after.put(&key, text);
        let early = world(&full);
        let session = early.session();
        deliver(&session, &full, 0, 4);
        let late = world(&after);
        let session = late.session_over(session.state);
        let report = session.run(vec![named(&after, &key)], secs(5, 0));
        let told = told(&session);
        eprintln!("{text}: {:?} {told:?}", report.is_success());
        assert!(
            told.iter().any(|t| t.contains("tampered")),
            "{text}: {told:#?}"
        );
    }
}

/// A long text stands where the signature of the digest before should be.
#[test]
fn a_forged_digest_cannot_fill_state() {
    let mut trail = Trail::new(4, 1);
    let key = digest_key(at(4, 600));
    let mut document = trail.hours[3].document.clone();
    document["digestS3Object"] = json!(key);
    document["digestEndTime"] = json!(at(4, 600).to_string());
    document["previousDigestSignature"] = json!("a".repeat(500_000));
    trail.put(&key, &document.to_string());
    let world = world(&trail);
    let session = world.session();
    deliver(&session, &trail, 0, 4);
    session.run(vec![named(&trail, &key)], secs(4, 1_900));
    use trailwarden::ports::ChainStore as _;
    let source = trailwarden::integrity::Source {
        account: ACCOUNT.into(),
        region: REGION.into(),
    };
    let watch = trailwarden::local::wait(session.state.watch(&source)).unwrap();
    let size = serde_json::to_string(&watch.watch).unwrap().len();
    assert!(size < 400_000, "{size} bytes, an item takes 400,000");
}

/// The log file before a gap is replaced by one with a StopLogging of the attacker's.
#[test]
fn what_an_attacker_writes_explains_no_gap() {
    let mut full = Trail::new(6, 1);
    full.add(9, 1, true);
    full.add(10, 1, false);
    let mut after = full.clone();
    let stop = record(
        "stop",
        "2026-11-20T11:50:00Z",
        "StopLogging",
        r#""requestParameters":{"name":"test_trail"}"#,
    );
    let stop = stop.replace("iam.amazonaws.com", "cloudtrail.amazonaws.com");
    let key = full.hours[5].logs[0].clone();
    after.put(&key, &log_file(&[stop]));
    let early = world(&full);
    let session = early.session();
    deliver(&session, &full, 0, 8);
    let late = world(&after);
    let session = late.session_over(session.state);
    sweeps(&session, secs(11, 1_900), 4);
    let told = told(&session);
    assert!(told.iter().any(|t| t.contains("digest-gap")), "{told:#?}");
}

struct Hook<'a> {
    inner: &'a crate::world::Buckets,
    key: String,
    session: &'a Session<'a, MemoryState>,
    object: ObjectRef,
    done: std::sync::Mutex<bool>,
    now: i64,
}

impl trailwarden::ports::ObjectStore for Hook<'_> {
    async fn fetch(
        &self,
        object: &ObjectRef,
        limit: u64,
    ) -> Result<trailwarden::ports::Fetched, trailwarden::ports::FetchError> {
        let found = (&self.inner).fetch(object, limit).await;
        let first = object.key == self.key && {
            let mut done = self.done.lock().unwrap();
            !std::mem::replace(&mut *done, true)
        };
        if first {
            assert!(
                self.session
                    .run(vec![self.object.clone()], self.now)
                    .is_success()
            );
        }
        found
    }
    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: &str,
    ) -> Result<Vec<String>, trailwarden::ports::FetchError> {
        (&self.inner).list(bucket, prefix, after).await
    }
}

/// While a digest's worker has fetched a log file that was lost, another worker evaluates a changed one
/// under its key.
#[test]
fn a_log_file_that_changes_while_its_digest_is_read_is_told() {
    let full = Trail::new(4, 1);
    let key = full.hours[1].logs[0].clone();
    let mut after = full.clone();
    after.put(
        &key,
        &log_file(&[record("x", "2026-11-20T08:00:00Z", "Nothing", "")]),
    );
    let (early, late) = (world(&full), world(&after));
    let session = late.session();
    let inbox = crate::support::Inbox::default();
    let now = secs(2, 1_800);
    for hour in [0, 1] {
        let hook = Hook {
            inner: &early.buckets,
            key: key.clone(),
            session: &session,
            object: named(&after, &key),
            done: Default::default(),
            now,
        };
        let inspector = trailwarden::inspect::Inspector::new(
            crate::support::one_rule("{ $.eventName = NothingThatHappens }"),
            hook,
            &session.state,
            &inbox,
            KeyRing::from_json(&public_keys().to_string()).unwrap(),
            trailwarden::inspect::Options::default(),
            trailwarden::inspect::Bounds::default(),
        );
        let report = trailwarden::local::wait(
            inspector.run(vec![named(&full, &full.hours[hour].digest)], now),
        );
        assert!(report.is_success(), "{report:?}");
    }
    deliver(&session, &full, 2, 4);
    sweeps(&session, secs(5, 0), 6);
    let mut said = told(&session);
    said.extend(inbox.take().into_iter().flat_map(|a| a.event_ids));
    assert!(
        said.iter()
            .any(|t| t.contains("tampered") || t.contains("replaced")),
        "{said:#?}"
    );
}

/// The genuine digest is announced, and something else lies there when it is fetched.
#[test]
fn a_digest_that_is_swapped_and_put_back_is_looked_at_again() {
    let full = Trail::new(6, 1);
    let mut swapped = full.clone();
    let key = full.hours[2].digest.clone();
    *swapped.object(&key) = full.objects[&full.hours[0].digest].clone();
    let (good, bad) = (world(&full), world(&swapped));
    let session = good.session();
    deliver(&session, &full, 0, 2);
    let session = bad.session_over(session.state);
    session.run(vec![named(&full, &key)], secs(3, 1_800));
    session.run(vec![named(&swapped, &key)], secs(3, 1_801));
    let first = told(&session);
    assert!(first.iter().any(|t| t.contains("not-genuine")));
    let session = good.session_over(session.state);
    session.run(vec![named(&full, &key)], secs(3, 1_802));
    deliver(&session, &full, 3, 6);
    sweeps(&session, secs(6, 1_800), 6);
    let told = told(&session);
    // Its log file was never announced.
    assert!(
        told.iter().any(|t| t.contains("log-file-late")),
        "{told:#?}"
    );
}

/// Whatever a digest's length, little memory is taken for what is not proven yet.
#[test]
fn a_huge_digest_is_refused() {
    let trail = Trail::new(1, 0);
    let text = trail.hours[0].document.to_string();
    let one = r#"{"s3Bucket":"","s3Object":"","hashValue":"","hashAlgorithm":""},"#;
    let all = one.repeat((65 << 20) / one.len());
    let all = all.trim_end_matches(',');
    let text = text.replace(r#""logFiles":[]"#, &format!(r#""logFiles":[{all}]"#));
    let flaw = Content::open(&gzip(text.as_bytes())).unwrap_err();
    assert_eq!(flaw.verdict.word(), "unreadable");
    assert!(
        flaw.reason.starts_with("over the limit of 67108864"),
        "{}",
        flaw.reason
    );
}
