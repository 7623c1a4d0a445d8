//! Folders of digests that cannot be listed, or not to the end: people are told which hours could not
//! be looked at, and everything that needs no listing goes on.

use trailwarden::local::MemoryState;

use crate::signed_trail::{ACCOUNT, BUCKET, REGION, Trail, at, digest_key, log_key, log_text};
use crate::trails::{deliver, named, never_evaluated, secs, told, world};
use crate::world::{Session, Stored, World};

/// A trail whose notifications were lost from the 6th hour to the 68th, and with them the digest of
/// the 45th: what lies below that one only a listing finds.
fn with_a_hole(full: &Trail) -> Trail {
    let mut cut = full.clone();
    cut.objects.remove(&full.hours[45].digest);
    cut
}

/// More than a sweep lists.
fn crowd(world: &mut World, day: &str) {
    let folder = format!("AWSLogs/{ACCOUNT}/CloudTrail-Digest/{REGION}/{day}");
    for n in 0..1_100 {
        world.put(BUCKET, &format!("{folder}/!{n:05}"), Stored::default());
    }
}

/// The hours after the hole, each with four sweeps; `more` comes with the 76th.
fn go_on(session: &Session<'_, MemoryState>, trail: &Trail, hours: &[usize], more: &[&str]) {
    for &hour in hours {
        let hour_of = &trail.hours[hour];
        let end = hour_of.document["digestEndTime"].as_str().unwrap();
        let end = end
            .parse::<trailwarden::record::EventTime>()
            .unwrap()
            .seconds();
        session.run(vec![named(trail, &hour_of.logs[0])], end - 600);
        for key in more.iter().filter(|_| hour == 76 || hour == 12) {
            session.run(vec![named(trail, key)], end - 500);
        }
        session.run(vec![named(trail, &hour_of.digest)], end + 1_800);
        (1..5).for_each(|turn| drop(session.sweep(end + 1_800 + turn * 300)));
    }
}

#[test]
fn hours_that_cannot_be_looked_at_are_told_once() {
    for crowded in [false, true] {
        let full = Trail::new(70, 1);
        let cut = with_a_hole(&full);
        let mut world = world(&cut);
        match crowded {
            true => crowd(&mut world, "2026/11/20"),
            false => world.buckets.1 = true,
        }
        let session = world.session();
        deliver(&session, &cut, 0, 6);
        session.run(vec![named(&cut, &cut.hours[69].digest)], secs(70, 1_850));
        let mut failed = 0;
        for turn in 1..100 {
            let report = session.sweep(secs(70, 1_900) + turn * 60);
            failed += usize::from(!report.is_success());
        }
        assert!(
            failed > 0,
            "crowded {crowded}: the function's error is an alarm, too"
        );
        assert!(!never_evaluated(&session, &full, 6..69).is_empty());
        let alerts = session.alerts();
        let mut found = alerts
            .iter()
            .filter(|alert| alert.rule == "digests-not-listed");
        let (Some(alert), None) = (found.next(), found.next()) else {
            panic!("crowded {crowded}: {alerts:#?}");
        };
        assert!(alert.accounts == [ACCOUNT] && alert.regions == [REGION]);
        let details = &alert.samples[0].parameters;
        let detail = |name: &str| &details.iter().find(|(known, _)| known == name).unwrap().1;
        assert_eq!(detail("from"), &at(6, 0).to_string());
        assert_eq!(detail("to"), &at(46, 0).to_string());
        let why = if crowded {
            "too many objects"
        } else {
            "no listing"
        };
        assert!(detail("reason").contains(why), "{details:?}");
    }
}

/// A digest that its successor names, one that is named and gone, a log file that was put there, and a
/// gap: all of other hours.
#[test]
fn beside_such_hours_everything_is_found() {
    for (refused, crowded) in [(false, false), (true, false), (false, true)] {
        let mut full = Trail::new(80, 1);
        full.add(86, 1, true);
        (87..90).for_each(|hour| full.add(hour, 1, false));
        let put_there = log_key(at(76, 900), "injectedInjected");
        full.put(&put_there, &log_text(4_000));
        let mut cut = with_a_hole(&full);
        let gone = full.hours[72].digest.clone();
        cut.objects.remove(&gone);
        let mut world = world(&cut);
        world.buckets.1 = refused;
        if crowded {
            crowd(&mut world, "2026/11/20");
        }
        let session = world.session();
        deliver(&session, &cut, 0, 6);
        go_on(&session, &cut, &[69], &[]);
        let announced: Vec<usize> = (71..full.hours.len()).filter(|hour| *hour != 72).collect();
        go_on(&session, &cut, &announced, &[&put_there]);
        for half in 1..60 {
            session.sweep(secs(90, 0) + half * 1_800);
        }
        assert!(
            never_evaluated(&session, &full, 70..71).is_empty(),
            "refused {refused}"
        );
        let told = told(&session);
        for what in [&gone, "injectedInjected", "digest-gap"] {
            let is_told = told.iter().any(|told| told.contains(what));
            assert!(is_told, "refused {refused}, crowded {crowded}: {what}");
        }
    }
}

/// Somebody puts a digest ahead of the genuine one, and very many objects beside it.
#[test]
fn a_forged_digest_and_rubbish_do_not_hide_a_log_file_that_was_put_there() {
    let mut trail = Trail::new(20, 1);
    let put_there = log_key(at(12, 900), "injectedInjected");
    trail.put(&put_there, &log_text(4_000));
    let mut world = world(&trail);
    let session = world.session();
    deliver(&session, &trail, 0, 10);
    let state = session.state;
    let stored = Stored {
        bytes: b"{}".to_vec(),
        etag: "forged".into(),
        ..Stored::default()
    };
    let forged = world.put(BUCKET, &digest_key(at(11, 300)), stored);
    crowd(&mut world, "2026/11/20");
    let session = world.session_over(state);
    session.run(vec![forged], secs(11, 600));
    go_on(
        &session,
        &trail,
        &(10..20).collect::<Vec<_>>(),
        &[&put_there],
    );
    for half in 1..60 {
        session.sweep(secs(20, 2_000) + half * 1_800);
    }
    let told = told(&session);
    assert!(
        told.iter().any(|told| told.contains("injectedInjected")),
        "{told:#?}"
    );
}
