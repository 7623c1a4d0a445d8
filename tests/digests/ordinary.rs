//! What happens to trails in ordinary operation: late and lost deliveries, stops, several trails.
//! People are told what they must know, and no false alarms.

use crate::signed_trail::{Trail, at, digest_key, log_key, log_text};
use crate::support::{log_file, record};
use crate::trails::{deliver, entry, named, other, secs, sweeps, told, world};
use trailwarden::ports::ObjectRef;

/// Two trails with one bucket and prefix, digests half an hour apart; one digest of the second is late.
#[test]
fn of_two_trails_one_may_be_late() {
    let mut trail = Trail::new(6, 0);
    let mut chain = None;
    let offset = 1_800;
    let mut key_of = Vec::new();
    for h in 0..5_i64 {
        let end = secs(h + 1, offset);
        let key = digest_key(at(h + 1, offset)).replace("test_trail", "second");
        let log = log_key(at(h, offset + 700), &format!("secondsecond{h:04}"));
        let text = log_text(1000 + usize::try_from(h).unwrap());
        trail.put(&log, &text);
        other(
            &mut trail,
            &mut chain,
            key.clone(),
            secs(h, offset),
            end,
            vec![entry(&log, &text)],
            vec![log.clone()],
        );
        key_of.push((key, log, end));
    }
    let world = world(&trail);
    let session = world.session();
    let mut events: Vec<(i64, ObjectRef)> = Vec::new();
    for (n, hour) in trail.hours[..6].iter().enumerate() {
        events.push((secs(n as i64 + 1, 1_800), named(&trail, &hour.digest)));
    }
    for (n, (key, log, end)) in key_of.iter().enumerate() {
        events.push((end - 3_600 + 720, named(&trail, log)));
        let late = if n == 2 { 3_000 } else { 0 };
        events.push((end + 1_800 + late, named(&trail, key)));
    }
    events.sort_by_key(|(at, _)| *at);
    let mut clock = events[0].0;
    for (at, object) in events {
        while clock < at {
            clock += 60;
            if clock < at {
                assert!(session.sweep(clock).is_success());
            }
        }
        assert!(session.run(vec![object], at).is_success());
    }
    let told = told(&session);
    assert!(told.is_empty(), "{told:#?}");
}

/// Named in one hour, delivered and listed in the next one, whose digest is an hour late.
#[test]
fn a_log_file_may_be_late_and_its_digest_too() {
    let mut trail = Trail::new(2, 0);
    let log = log_key(at(1, 2_000), "lateLateLateLate");
    let text = log_text(77);
    trail.put(&log, &text);
    let mut chain = Some(1);
    let key = digest_key(at(3, 0));
    other(
        &mut trail,
        &mut chain,
        key.clone(),
        secs(2, 0),
        secs(3, 0),
        vec![entry(&log, &text)],
        vec![log.clone()],
    );
    let world = world(&trail);
    let session = world.session();
    deliver(&session, &trail, 0, 1);
    session.run(vec![named(&trail, &log)], secs(2, 60));
    deliver(&session, &trail, 1, 2);
    // Delivered at 2:01; the digest 3:00 comes at 4:20 instead of 3:30.
    let mut now = secs(2, 1_800);
    while now < secs(4, 1_200) {
        now += 60;
        session.sweep(now);
    }
    session.run(vec![named(&trail, &key)], now);
    let told = told(&session);
    assert!(told.is_empty(), "{told:#?}");
}

/// Nobody documents how backfill digests are linked: whatever they name, sweeps go on.
#[test]
fn a_backfill_digest_may_name_an_hourly_one() {
    let mut trail = Trail::new(8, 1);
    let mut none = None;
    let back = |h: i64| digest_key(at(h, 0)).replace(".json.gz", "_backfill.json.gz");
    other(
        &mut trail,
        &mut none,
        back(2),
        secs(1, 0),
        secs(2, 0),
        vec![],
        vec![],
    );
    let mut seventh = Some(5);
    other(
        &mut trail,
        &mut seventh,
        back(7),
        secs(6, 0),
        secs(7, 0),
        vec![],
        vec![],
    );
    let world = world(&trail);
    let session = world.session();
    deliver(&session, &trail, 0, 8);
    session.run(vec![named(&trail, &back(2))], secs(8, 2_000));
    session.run(vec![named(&trail, &back(7))], secs(8, 2_100));
    sweeps(&session, secs(9, 0), 12);
    let idle = session.sweep(secs(30, 0));
    let told = told(&session);
    eprintln!("{told:#?}");
    assert!(
        idle.objects.is_empty(),
        "a sweep looks at {} digests for ever",
        idle.objects.len()
    );
    assert!(told.iter().any(|t| t.contains("overdue")), "{told:#?}");
}

/// The trail starts anew for no reason, and the only notification after that is of its last digest.
#[test]
fn a_gap_is_told_after_a_long_outage() {
    let mut trail = Trail::new(6, 1);
    trail.add(9, 1, true);
    for h in 10..30 {
        trail.add(h, 1, false);
    }
    let world = world(&trail);
    let session = world.session();
    deliver(&session, &trail, 0, 6);
    let last = trail.hours.len() - 1;
    deliver(&session, &trail, last, last + 1);
    sweeps(&session, secs(30, 1_900), 2);
    let told = told(&session);
    assert!(
        told.iter().any(|t| t.contains("digest-gap")),
        "{:#?}",
        told.iter()
            .filter(|t| !t.contains("late"))
            .collect::<Vec<_>>()
    );
}

/// People were told that a trail is silent; it goes on, and nobody announces it.
#[test]
fn a_silent_trail_is_looked_for() {
    let full = {
        let mut t = Trail::new(6, 1);
        t.add(9, 1, true);
        for h in 10..20 {
            t.add(h, 1, false);
        }
        t
    };
    let mut first = full.clone();
    for hour in &full.hours[6..] {
        first.objects.remove(&hour.digest);
        for log in &hour.logs {
            first.objects.remove(log);
        }
    }
    let early = world(&first);
    let session = early.session();
    deliver(&session, &full, 0, 6);
    sweeps(&session, secs(6, 1_900), 3);
    assert!(told(&session).iter().any(|t| t.contains("overdue")));
    let late = world(&full);
    let session = late.session_over(session.state);
    sweeps(&session, secs(20, 1_900), 24);
    let told = told(&session);
    assert!(!told.is_empty(), "{told:#?}");
}

#[test]
fn digests_may_come_out_of_order() {
    let full = Trail::new(4, 1);
    let mut first = full.clone();
    first.objects.remove(&full.hours[2].digest);
    let early = world(&first);
    let session = early.session();
    deliver(&session, &full, 0, 2);
    for log in full.hours[2].logs.iter().chain(&full.hours[3].logs) {
        session.run(vec![named(&full, log)], secs(4, 0));
    }
    session.run(vec![named(&full, &full.hours[3].digest)], secs(4, 1_800));
    let mut said = told(&session);
    let late = world(&full);
    let session = late.session_over(session.state);
    session.run(vec![named(&full, &full.hours[2].digest)], secs(4, 1_860));
    sweeps(&session, secs(5, 0), 1);
    said.extend(told(&session));
    assert!(said.is_empty(), "{said:#?}");
}

#[test]
fn a_gap_is_told() {
    let mut full = Trail::new(6, 1);
    full.add(9, 1, true);
    full.add(10, 1, false);
    let early = world(&full);
    let session = early.session();
    deliver(&session, &full, 0, 8);
    sweeps(&session, secs(11, 1_900), 4);
    let told = told(&session);
    assert!(told.iter().any(|t| t.contains("digest-gap")), "{told:#?}");
}

/// A log file with the call that stops the trail.
fn stop_file(trail: &mut Trail, key: String) -> (String, String) {
    let parameters = r#""requestParameters":{"name":"test_trail"}"#;
    let stop = record("stop", "2026-11-20T09:20:00Z", "StopLogging", parameters);
    let text = log_file(&[stop.replace("iam.amazonaws.com", "cloudtrail.amazonaws.com")]);
    trail.put(&key, &text);
    (key, text)
}

/// The call that stops it is in its home region's log files only.
#[test]
fn a_trail_of_all_regions_may_be_stopped() {
    let mut trail = Trail::new(0, 0);
    let home = |key: String| key.replace("eu-west-1", "us-east-1");
    let abroad = |key: String| key.replace("test_trail_eu-west-1", "test_trail_us-east-1");
    let (mut a, mut b) = (None, None);
    for hour in [0_i64, 1, 2, 3, 6, 7, 8, 9, 10] {
        if hour == 6 {
            (a, b) = (None, None);
        }
        let (mut entries, mut logs) = (Vec::new(), Vec::new());
        if hour == 3 {
            let key = home(log_key(at(3, 2_400), "stopStopStopStop"));
            let (key, text) = stop_file(&mut trail, key);
            entries.push(entry(&key, &text));
            logs.push(key);
        }
        let key = digest_key(at(hour + 1, 0));
        let (from, to) = (secs(hour, 0), secs(hour + 1, 0));
        other(
            &mut trail,
            &mut a,
            home(key.clone()),
            from,
            to,
            entries,
            logs,
        );
        other(&mut trail, &mut b, abroad(key), from, to, vec![], vec![]);
    }
    let world = world(&trail);
    let session = world.session();
    deliver(&session, &trail, 0, trail.hours.len());
    session.sweep(secs(11, 1_900));
    let told = told(&session);
    assert!(told.is_empty(), "{told:#?}");
}

#[test]
fn an_organization_and_an_account_may_name_trails_alike() {
    let mut trail = Trail {
        objects: Default::default(),
        hours: Vec::new(),
    };
    let org = |key: String| key.replace("AWSLogs/", "AWSLogs/o-exampleorgid/");
    let (mut a, mut b) = (None, None);
    let mut events = Vec::new();
    for h in 0..12_i64 {
        other(
            &mut trail,
            &mut a,
            digest_key(at(h + 1, 0)),
            secs(h, 0),
            secs(h + 1, 0),
            vec![],
            vec![],
        );
        events.push((secs(h + 1, 1_800), trail.hours.len() - 1));
        if h < 4 {
            other(
                &mut trail,
                &mut b,
                org(digest_key(at(h + 1, 900))),
                secs(h, 900),
                secs(h + 1, 900),
                vec![],
                vec![],
            );
            events.push((secs(h + 1, 2_700), trail.hours.len() - 1));
        }
    }
    let world = world(&trail);
    let session = world.session();
    for (at, n) in events {
        session.run(vec![named(&trail, &trail.hours[n].digest)], at);
        session.sweep(at + 60);
    }
    let told = told(&session);
    assert!(
        told.iter()
            .any(|t| t.contains("overdue") && t.contains("o-exampleorgid")),
        "{told:#?}"
    );
}
