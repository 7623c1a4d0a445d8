//! Files that come after their episode was let go of, because the group had many newer ones.

use trailwarden::alert::Findings;
use trailwarden::local::wait;
use trailwarden::record::Record;

use crate::support::record;
use crate::{NOW, STOP, World};

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
