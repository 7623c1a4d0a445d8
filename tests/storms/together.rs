//! Quiet alerts that are told as one message, while the calls to state fail now and then.

use std::collections::BTreeMap;

use trailwarden::inspect::{Bounds, Recorder};
use trailwarden::local::wait;

use crate::flaky::{Dice, Flaky, FlakyInbox};
use crate::{NOW, STOP, World, users};

/// Files, each of so many groups of its own.
const FILES: usize = 3;
const GROUPS: usize = 700;

/// How many events and groups were told of by different messages, once the failures had ended.
fn told(seed: u64) -> (usize, usize) {
    let world = World::new(STOP);
    for number in 0..FILES {
        world.settle(users(&world.rules, &format!("f{number}"), 0..GROUPS));
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

#[test]
fn the_last_sweep_of_a_run_tells_all() {
    let world = World::new(STOP);
    for number in 0..4 {
        world.settle(users(&world.rules, &format!("f{number}"), 0..900));
    }
    assert!(wait(world.recorder().sweep(NOW + 1, true)).is_done());
    let told = world.inbox.take();
    assert_eq!(told.iter().map(|alert| alert.count).sum::<usize>(), 4 * 900);
}
