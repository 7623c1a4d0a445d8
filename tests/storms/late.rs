//! Files that come after their episode was let go of, because the group had many newer ones.

use trailwarden::alert::Findings;
use trailwarden::inspect::{Bounds, Recorder};
use trailwarden::local::wait;
use trailwarden::record::Record;

use crate::hooked::Hooked;
use crate::support::record;
use crate::{NOW, STOP, World, users};

fn event(world: &World, id: &str, time: &str) -> Findings {
    let text = record(id, time, "StopLogging", "");
    let (record, object) = (Record::parse(&text).unwrap(), format!("s3://trail/{id}"));
    let mut findings = Findings::default();
    findings.add(world.rules.rules(), &object, &record, 0, &[0]);
    findings
}

/// Takes it in at that time of the clock; how many messages there were at once.
fn settle(world: &World, findings: Findings, now: i64) -> usize {
    let recorder = world.recorder();
    assert!(wait(recorder.settle(world.rules.rules(), findings, now)).is_done());
    world.inbox.take().len()
}

/// As many newer episodes as are remembered, more than a cooldown apart.
fn newer(world: &World) -> i64 {
    for hour in 0..16 {
        let time = format!("2026-11-21T{hour:02}:{:02}:01Z", hour * 2);
        let findings = event(world, &format!("e{hour}"), &time);
        assert_eq!(settle(world, findings, NOW + hour * 3_700), 1);
    }
    NOW + 16 * 3_700
}

#[test]
fn a_late_file_that_is_delivered_again_is_told_once() {
    let world = World::new(STOP);
    let now = newer(&world);
    for (turn, told) in [(0, 1), (1, 0), (2, 0)] {
        let late = event(&world, "late", "2026-11-20T00:00:00Z");
        assert_eq!(
            settle(&world, late, now + 60 * turn),
            told,
            "delivery {turn}"
        );
    }
    assert!(world.sweep(now + 7_200).is_empty());
}

#[test]
fn what_was_told_before_newer_episodes_is_not_told_again() {
    let world = World::new(STOP);
    let first = || event(&world, "first", "2026-11-20T00:00:00Z");
    assert_eq!(settle(&world, first(), NOW), 1);
    let now = newer(&world);
    assert_eq!(settle(&world, first(), now), 0);
    assert!(world.sweep(now + 7_200).is_empty());
}

/// The rule has sent its share of the hour, a sweep dies while it tells the late one with others, and
/// the file comes again.
#[test]
fn a_quiet_late_alert_is_told_once() {
    for dies in [false, true] {
        let world = World::new(STOP);
        let now = newer(&world).div_euclid(3_600) * 3_600 + 3_600;
        assert_eq!(settle(&world, users(&world.rules, "u", 0..50), now), 50);
        let late = || event(&world, "late", "2026-11-20T00:00:00Z");
        assert_eq!(settle(&world, late(), now + 10), 0);
        if dies {
            let mut state = Hooked::new(&world.state);
            state.sent_fails_from = 0;
            let recorder = Recorder::new(state, &world.inbox, Bounds::default());
            assert!(!wait(recorder.sweep(now + 320, false)).is_done());
            assert!(world.inbox.take().is_empty());
        }
        assert_eq!(settle(&world, late(), now + 700), 0, "it waits for a sweep");
        let told: Vec<_> = (1..9)
            .flat_map(|more| world.sweep(now + 700 + 300 * more))
            .collect();
        let of_late = |ids: &[String]| ids.contains(&"late".to_owned());
        let count = told
            .iter()
            .filter(|alert| of_late(&alert.event_ids))
            .count();
        assert_eq!(count, 1, "dies {dies}");
    }
}
