//! Rubbish and forged digests that somebody puts beside genuine ones.

use crate::signed_trail::{ACCOUNT, BUCKET, REGION, Trail, at, digest_key};
use crate::trails::{deliver, named, secs, sweeps, told, world};
use crate::world::Stored;

/// Objects named like digests that may not be read lie behind the newest one; then the trail is silent.
#[test]
fn unreadable_digests_stall_no_sweep() {
    let trail = Trail::new(6, 1);
    let mut world = world(&trail);
    for n in 1..=45 {
        let stored = Stored {
            bytes: vec![],
            etag: format!("d{n}"),
            metadata: serde_json::Value::Null,
            denied: true,
        };
        world.put(BUCKET, &digest_key(at(6, n * 60)), stored);
    }
    let session = world.session();
    deliver(&session, &trail, 0, 6);
    sweeps(&session, secs(7, 0), 24);
    let mut busy = 0;
    for m in 0..5 {
        busy += session.sweep(secs(40, m * 60)).objects.len();
    }
    let told = told(&session);
    assert!(
        told.iter().any(|t| t.contains("overdue")),
        "no overdue; busy {busy}"
    );
    assert_eq!(busy, 0);
}

/// A forged digest of an old time is remembered longer than the digests before a gap.
#[test]
fn an_old_forged_digest_hides_no_gap() {
    let mut trail = Trail::new(6, 1);
    trail.add(9, 1, true);
    for h in 10..30 {
        trail.add(h, 1, false);
    }
    let forged = digest_key(at(2, 600));
    trail.put(&forged, "rubbish");
    let world = world(&trail);
    let session = world.session();
    deliver(&session, &trail, 0, 6);
    session.run(vec![named(&trail, &forged)], secs(6, 1_850));
    let last = trail.hours.len() - 1;
    deliver(&session, &trail, last, last + 1);
    sweeps(&session, secs(30, 1_900), 2);
    let told = told(&session);
    assert!(told.iter().any(|t| t.contains("gap")), "{told:#?}");
}

/// Control characters take six bytes each in state.
#[test]
fn forged_digests_cannot_fill_an_item() {
    let mut trail = Trail::new(6, 1);
    let mut keys = Vec::new();
    for n in 1..=16 {
        let key = digest_key(at(6, n * 60));
        let mut document = trail.hours[3].document.clone();
        document["digestS3Object"] = serde_json::json!(key);
        document["previousDigestSignature"] = serde_json::json!("\u{1}".repeat(2_048));
        document["previousDigestS3Bucket"] = serde_json::json!("\u{1}".repeat(1_024));
        document["previousDigestS3Object"] = serde_json::json!("\u{1}".repeat(1_024));
        trail.put(&key, &document.to_string());
        keys.push(key);
    }
    let world = world(&trail);
    let session = world.session();
    deliver(&session, &trail, 0, 6);
    for key in &keys {
        session.run(vec![named(&trail, key)], secs(7, 1_900));
    }
    use trailwarden::ports::ChainStore as _;
    let source = trailwarden::integrity::Source {
        account: ACCOUNT.into(),
        region: REGION.into(),
    };
    let watch = trailwarden::local::wait(session.state.watch(&source)).unwrap();
    let size = serde_json::to_string(&watch.watch).unwrap().len();
    assert!(size < 350_000, "{size} bytes");
}

/// Rubbish is named as the first digest of a gap.
#[test]
fn rubbish_in_a_gap_does_not_hide_it() {
    let mut trail = Trail::new(6, 1);
    trail.add(9, 1, true);
    trail.add(10, 1, false);
    let forged = digest_key(at(7, 0));
    trail.put(&forged, "rubbish");
    let world = world(&trail);
    let session = world.session();
    deliver(&session, &trail, 0, 8);
    session.run(vec![named(&trail, &forged)], secs(11, 1_850));
    sweeps(&session, secs(11, 1_900), 8);
    let told = told(&session);
    assert!(told.iter().any(|t| t.contains("gap")), "{told:#?}");
}
