//! Days without notifications or permissions: what was lost is found, and nothing is called forged.

use crate::signed_trail::{BUCKET, Trail, at, digest_key, log_key, log_text};
use crate::trails::{deliver, entry, named, never_evaluated, other, secs, sweeps, told, world};
use crate::world::Stored;

/// Only the digest's notification is lost; sweeps come every minute.
#[test]
fn a_lost_digest_makes_no_false_alarm() {
    let trail = Trail::new(3, 1);
    let world = world(&trail);
    let session = world.session();
    deliver(&session, &trail, 0, 2);
    session.run(vec![named(&trail, &trail.hours[2].logs[0])], secs(2, 1_815));
    let mut now = secs(2, 1_830);
    while now < secs(5, 0) {
        now += 60;
        session.sweep(now);
        if now > secs(4, 2_000) {
            break;
        }
    }
    let told = told(&session);
    assert!(told.is_empty(), "{told:#?}");
}

/// A log file may not be read for a day, digests go on; then that is mended, and the failed event is
/// invoked again.
#[test]
fn what_is_invoked_again_after_a_day_is_attested() {
    let trail = Trail::new(26, 1);
    let mut bad = world(&trail);
    let key = trail.hours[2].logs[0].clone();
    let good = world(&trail);
    let object = &trail.objects[&key];
    let stored = Stored {
        bytes: object.bytes.clone(),
        etag: named(&trail, &key).etag.unwrap(),
        metadata: serde_json::Value::Null,
        denied: true,
    };
    bad.put(BUCKET, &key, stored);
    let session = bad.session();
    deliver(&session, &trail, 0, 2);
    session.run(vec![named(&trail, &key)], secs(2, 1_800));
    session.run(vec![named(&trail, &trail.hours[2].digest)], secs(3, 1_800));
    deliver(&session, &trail, 3, 22);
    let session = good.session_over(session.state);
    assert!(
        session
            .run(vec![named(&trail, &key)], secs(22, 1_900))
            .is_success()
    );
    for h in 22..26 {
        deliver(&session, &trail, h, h + 1);
        session.sweep(secs(h as i64 + 1, 1_900));
    }
    let told = told(&session);
    assert!(!told.iter().any(|t| t.contains("inject")), "{told:#?}");
}

/// Days of notifications are lost, and one digest with them.
#[test]
fn below_a_lost_digest_nothing_is_left_out() {
    let full = Trail::new(70, 1);
    let mut cut = full.clone();
    cut.objects.remove(&full.hours[45].digest);
    let world = world(&cut);
    let session = world.session();
    deliver(&session, &cut, 0, 6);
    let last = cut.hours.len() - 1;
    deliver(&session, &cut, last, last + 1);
    sweeps(&session, secs(70, 1_900), 12);
    assert!(never_evaluated(&session, &full, 6..69).is_empty());
}

/// Days of notifications are lost, and the trail was stopped and started in them.
#[test]
fn below_a_start_nothing_is_left_out() {
    let mut full = Trail::new(40, 1);
    full.add(45, 1, true);
    for h in 46..66 {
        full.add(h, 1, false);
    }
    let world = world(&full);
    let session = world.session();
    deliver(&session, &full, 0, 6);
    let last = full.hours.len() - 1;
    deliver(&session, &full, last, last + 1);
    sweeps(&session, secs(66, 1_900), 12);
    use trailwarden::ports::Ledger as _;
    let never: Vec<usize> = (6..last)
        .filter(|h| {
            trailwarden::local::wait(session.state.entry(&named(&full, &full.hours[*h].logs[0])))
                .unwrap()
                .is_none()
        })
        .collect();
    assert!(never.is_empty(), "never evaluated: {never:?}");
}

/// A second trail begins to deliver to the same folders.
#[test]
fn the_first_digest_of_a_second_trail_may_be_late() {
    let mut trail = Trail::new(8, 0);
    let mut chain = None;
    let log = log_key(at(3, 300), "secondsecond0000");
    let text = log_text(1000);
    trail.put(&log, &text);
    let key = digest_key(at(4, 200)).replace("test_trail", "second");
    other(
        &mut trail,
        &mut chain,
        key.clone(),
        secs(3, 200),
        secs(4, 200),
        vec![entry(&log, &text)],
        vec![log.clone()],
    );
    let world = world(&trail);
    let session = world.session();
    deliver(&session, &trail, 0, 3);
    session.run(vec![named(&trail, &log)], secs(3, 600));
    deliver(&session, &trail, 3, 5);
    let mut now = secs(3, 1_860);
    while now < secs(5, 3_000) {
        now += 60;
        session.sweep(now);
    }
    session.run(vec![named(&trail, &key)], secs(5, 3_000));
    let told = told(&session);
    assert!(told.is_empty(), "{told:#?}");
}

/// A folder of digests that may not be listed makes the sweep fail, and what can be told is told.
#[test]
fn a_listing_that_is_refused_is_an_error() {
    let trail = Trail::new(3, 1);
    let mut world = world(&trail);
    world.buckets.1 = true;
    let session = world.session();
    deliver(&session, &trail, 0, 3);
    let report = session.sweep(secs(8, 0));
    assert!(!report.is_success());
    let (what, failure) = &report.unswept[0];
    assert!(what.contains("/CloudTrail-Digest/"), "{what}");
    assert!(failure.to_string().contains("no listing"), "{failure}");
    assert!(told(&session).iter().any(|told| told.contains("overdue")));
}
