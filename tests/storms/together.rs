//! Quiet alerts that are told as one message, while the calls to state fail now and then.

use std::collections::BTreeMap;

use trailwarden::alert::Findings;
use trailwarden::inspect::{Bounds, Recorder};
use trailwarden::local::wait;
use trailwarden::record::Record;

use crate::flaky::{Dice, Flaky, FlakyInbox};
use crate::support::record;
use crate::{NOW, STOP, World};

/// Files, each of so many groups of its own.
const FILES: usize = 3;
const GROUPS: usize = 700;

/// One event of each of the file's own users.
fn file(world: &World, number: usize) -> Findings {
    let mut findings = Findings::default();
    for user in 0..GROUPS {
        let id = format!("f{number}-{user}");
        let text = record(&id, "2026-11-21T06:30:00Z", "StopLogging", "");
        let text = text.replace("user/dana", &format!("user/{id}"));
        let (record, object) = (
            Record::parse(&text).unwrap(),
            format!("s3://trail/{number}"),
        );
        findings.add(world.rules.rules(), &object, &record, user as u64, &[0]);
    }
    findings
}

/// How many events and groups were told of by different messages, once the failures had ended.
fn told(seed: u64) -> (usize, usize) {
    let world = World::new(STOP);
    for number in 0..FILES {
        world.settle(file(&world, number));
    }
    let (dice, of_channel) = (Dice::new(seed, 2_000), Dice::new(seed, 6));
    let mut now = NOW;
    for _ in 0..12 {
        now += 150;
        let state = Flaky {
            inner: &world.state,
            dice: &dice,
        };
        let sink = FlakyInbox {
            inbox: &world.inbox,
            dice: &of_channel,
        };
        let recorder = Recorder::new(state, sink, Bounds::default());
        // What failed is reported, and is for the next sweep.
        let _ = wait(recorder.sweep(now, false));
    }
    let mut messages = BTreeMap::new();
    messages.extend(
        world
            .inbox
            .take()
            .into_iter()
            .map(|alert| (alert.id.clone(), alert)),
    );
    for later in 1..=8 {
        let alerts = world.sweep(now + later * 150);
        messages.extend(alerts.into_iter().map(|alert| (alert.id.clone(), alert)));
    }
    let count = messages.values().map(|alert| alert.count).sum();
    (count, messages.values().map(|alert| alert.stands_for).sum())
}

#[test]
fn what_fails_while_many_are_told_as_one_is_told_once() {
    // At six of these the alerts were once told in two mixtures.
    for seed in 28..38 {
        assert_eq!(told(seed), (FILES * GROUPS, FILES * GROUPS), "seed {seed}");
    }
}
