//! Two sweeps at once after one that died, and what they may not do: tell twice, or fall silent.

use std::collections::BTreeSet;

use trailwarden::alert::{Alert, GroupState};
use trailwarden::inspect::{Bounds, Recorder, Told};
use trailwarden::local::wait;
use trailwarden::ports::{AlertLog as _, Change, GroupKey, WindowStore as _};

use crate::hooked::Hooked;
use crate::{NOW, STOP, World, users};

/// When claims of a sweep at `NOW + 300` have ended.
const LATER: i64 = NOW + 600;

/// Messages of a rule in an hour.
const LOUD: usize = 50;

fn sweep(world: &World, state: Hooked<'_>, now: i64) -> Told {
    let recorder = Recorder::new(state, &world.inbox, Bounds::default());
    wait(recorder.sweep(now, false))
}

/// A world in which so many alerts were quiet, and a sweep died while it told them as one.
fn after_a_death(name: &str, quiet: usize, noted: usize) -> World {
    let world = World::new(STOP);
    world.settle(users(&world.rules, name, 0..LOUD + quiet));
    assert_eq!(world.inbox.take().len(), LOUD);
    let mut dying = Hooked::new(&world.state);
    dying.sent_fails_from = noted;
    assert!(!sweep(&world, dying, NOW + 300).is_done());
    assert!(world.inbox.take().is_empty() && begun(&world).is_some());
    world
}

fn gate() -> GroupKey {
    GroupKey {
        rule: "rule".to_owned(),
        fingerprint: GroupState::gate_key("rule"),
    }
}

/// The message that the rule's gate names.
fn begun(world: &World) -> Option<String> {
    let stored = wait(world.state.load(&[gate()])).unwrap().remove(0);
    stored.state.stands_in().map(str::to_owned)
}

/// How many events and groups the alerts tell of, and that no id comes twice.
fn sums(alerts: &[Alert]) -> (usize, usize) {
    let ids: BTreeSet<&str> = alerts.iter().map(|alert| alert.id.as_str()).collect();
    assert_eq!(ids.len(), alerts.len());
    let counts = alerts.iter().map(|alert| alert.count);
    (
        counts.sum(),
        alerts.iter().map(|alert| alert.stands_for).sum(),
    )
}

/// A sweep that another one overtakes before it claims the message that was begun.
fn overtaken(world: &World) -> Hooked<'_> {
    let id = begun(world).unwrap();
    let mut state = Hooked::new(&world.state);
    state.before_claim = Box::new(move |claimed| {
        if claimed == id && begun(world).is_some() {
            assert!(sweep(world, Hooked::new(&world.state), LATER).is_done());
        }
    });
    state
}

#[test]
fn a_message_that_was_begun_is_told_once_by_two_sweeps() {
    for seed in 0..8 {
        for (quiet, noted) in [(3, 0), (850, 10)] {
            let world = after_a_death(&format!("s{seed}"), quiet, noted);
            assert!(sweep(&world, overtaken(&world), LATER).is_done());
            let mut told = world.inbox.take();
            told.extend((1..4).flat_map(|more| world.sweep(LATER + 300 * more)));
            assert_eq!(sums(&told), (quiet, quiet), "seed {seed}");
        }
    }
}

#[test]
fn a_rule_is_not_silent_after_two_sweeps_of_which_one_died() {
    for seed in 0..8 {
        let world = after_a_death(&format!("s{seed}"), 3, 0);
        let mut dying = overtaken(&world);
        dying.sent_fails_from = 0;
        let _ = sweep(&world, dying, LATER);
        let now = LATER + 3_600;
        world.inbox.take();
        let more = users(&world.rules, "later", 0..100);
        assert!(wait(world.recorder().settle(world.rules.rules(), more, now)).is_done());
        let mut told = world.inbox.take();
        told.extend((1..4).flat_map(|more| world.sweep(now + 300 * more)));
        assert_eq!(sums(&told), (100, 100), "seed {seed}");
    }
}

#[test]
fn a_gate_that_names_what_is_gone_does_not_silence_its_rule() {
    let world = World::new(STOP);
    world.settle(users(&world.rules, "a", 0..LOUD + 50));
    world.inbox.take();
    let stored = wait(world.state.load(&[gate()])).unwrap().remove(0);
    let mut state = stored.state;
    state.set_stands_in(Some("gone"));
    let change = Change {
        key: gate(),
        due: state.due(),
        expires: state.expires(NOW),
        state,
        from_version: stored.version,
        alerts: Vec::new(),
    };
    assert_eq!(change.expires, i64::MAX);
    wait(world.state.commit(&change)).unwrap();
    assert_eq!(sums(&world.sweep(NOW + 300)), (50, 50));
}

/// What it stood for is told by others, since it never can be.
#[test]
fn a_message_that_was_begun_and_cannot_be_read_hides_no_other() {
    let world = after_a_death("a", 10, 0);
    let id = begun(&world);
    let more = users(&world.rules, "b", 0..150);
    assert!(wait(world.recorder().settle(world.rules.rules(), more, LATER)).is_done());
    let mut told = world.inbox.take();
    for more in 1..8 {
        let mut state = Hooked::new(&world.state);
        state.unreadable.extend(id.clone());
        assert!(
            !sweep(&world, state, LATER + 300 * more).is_done(),
            "it is an alarm"
        );
        told.extend(world.inbox.take());
    }
    assert_eq!(sums(&told), (160, 160));
}

#[test]
fn many_messages_that_cannot_be_read_hide_no_other() {
    let world = World::new(STOP);
    let mut down = Hooked::new(&world.state);
    down.sent_fails_from = 0;
    let recorder = Recorder::new(down, &world.inbox, Bounds::NONE);
    let findings = users(&world.rules, "a", 0..300);
    assert!(!wait(recorder.settle(world.rules.rules(), findings, NOW)).is_done());
    world.inbox.take();
    let waiting = wait(world.state.pending(LATER, 1_000)).unwrap();
    let mut state = Hooked::new(&world.state);
    for message in waiting.into_iter().take(230) {
        state.unreadable.insert(message.unwrap().alert.id);
    }
    let told = sweep(&world, state, LATER);
    assert_eq!((told.failed.len(), told.published), (230, 70));
}

#[test]
fn an_outage_while_alerts_are_published_repeats_one_message() {
    let world = World::new(STOP);
    let mut down = Hooked::new(&world.state);
    down.sent_fails_from = 0;
    let recorder = Recorder::new(down, &world.inbox, Bounds::default());
    let findings = users(&world.rules, "a", 0..40);
    assert!(!wait(recorder.settle(world.rules.rules(), findings, NOW)).is_done());
    let first = world.inbox.take();
    assert_eq!(first.len(), 1);
    let told = world.sweep(NOW + 300);
    assert_eq!(sums(&told), (40, 40));
    assert!(told.contains(&first[0]));
    assert!(
        wait(world.state.pending(i64::MAX - 1, 1))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn an_outage_while_sweeps_publish_repeats_one_message_a_sweep() {
    let world = World::new(STOP);
    let mut sent: Vec<Alert> = Vec::new();
    for turn in 0..4 {
        let mut down = Hooked::new(&world.state);
        down.sent_fails_from = 0;
        if turn == 0 {
            let recorder = Recorder::new(down, &world.inbox, Bounds::default());
            let findings = users(&world.rules, "a", 0..40);
            assert!(!wait(recorder.settle(world.rules.rules(), findings, NOW)).is_done());
        } else {
            assert!(!sweep(&world, down, NOW + 300 * turn).is_done());
        }
        sent.extend(world.inbox.take());
    }
    assert_eq!(sent.len(), 4);
    assert_eq!(sums(&world.sweep(NOW + 1_500)), (40, 40));
}
