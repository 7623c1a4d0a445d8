//! Thresholds: the arithmetic against a naive reading of the words.
#![expect(clippy::indexing_slicing, reason = "a failure here is a failed test")]

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use trailwarden::windows::{Burst, Hit, Keyed, Move, Taken, Timeline, Window, bursts};

fn hits(times: &[i64]) -> Vec<Hit> {
    times
        .iter()
        .enumerate()
        .map(|(i, time)| Hit {
            time: *time,
            value: i as u64,
        })
        .collect()
}

#[test]
fn a_burst_starts_with_its_window_and_ends_with_its_cooldown() {
    let window = Window {
        count: 3,
        within: 10,
        cooldown: 100,
    };
    let burst = |first, fired, last| Burst { first, fired, last };
    for (times, expected) in [
        (vec![], vec![]),
        (vec![0, 5], vec![]),
        (vec![0, 5, 10], vec![burst(0, 2, 2)]),
        (vec![0, 5, 11], vec![]),
        (vec![0, 8, 11, 12], vec![burst(1, 3, 3)]),
        (
            vec![0, 1, 2, 102, 103, 104, 105],
            vec![burst(0, 2, 3), burst(4, 6, 6)],
        ),
        (vec![7, 7, 7, 7], vec![burst(0, 2, 3)]),
        (
            vec![i64::MIN, i64::MIN, i64::MIN, i64::MAX],
            vec![burst(0, 2, 2)],
        ),
    ] {
        assert_eq!(bursts(&hits(&times), window), expected, "{times:?}");
    }
}

fn opened(timeline: &mut Timeline, hits: &[Keyed], window: Window) -> usize {
    let taken = timeline.take(hits, window);
    let opens = |moved: &&Move| matches!(moved, Move::Opened(..));
    taken.moves.iter().filter(opens).count()
}

fn keyed_hits(hits: impl IntoIterator<Item = (i64, u64)>) -> Vec<Keyed> {
    let keyed = |(key, (time, value)): (usize, (i64, u64))| Keyed {
        // No key of one list is one of another.
        key: time.cast_unsigned() * 10_000 + key as u64,
        hit: Hit { time, value },
    };
    hits.into_iter().enumerate().map(keyed).collect()
}

/// Nobody hides many values by repeating one.
#[test]
fn repeated_values_push_nothing_out() {
    let window = Window {
        count: 10,
        within: 3_600,
        cooldown: 3_600,
    };
    for repeats in [10, 70, 100, 1_000, 5_000] {
        let mut timeline = Timeline::default();
        let names = keyed_hits((0..9).map(|name| (100, name)));
        assert_eq!(opened(&mut timeline, &names, window), 0);
        for part in keyed_hits((0..repeats).map(|at| (600 + at % 60, 0))).chunks(50) {
            let mut part = part.to_vec();
            part.sort_by_key(|hit| hit.hit.time);
            assert_eq!(opened(&mut timeline, &part, window), 0);
        }
        assert!(timeline.loose().len() < 100, "{}", timeline.loose().len());
        let last = keyed_hits([(1_200, 9)]);
        assert_eq!(opened(&mut timeline, &last, window), 1, "{repeats}");
    }
}

/// What comes late in two parts is not let go of for what stands alone.
#[test]
fn a_late_burst_fires_beside_many_single_hits() {
    let window = Window {
        count: 5,
        within: 600,
        cooldown: 600,
    };
    for singles in [0_i64, 60, 72, 500] {
        let mut timeline = Timeline::default();
        for hit in keyed_hits((0..singles).map(|at| (100_000 + 900 * at, at.cast_unsigned()))) {
            assert_eq!(opened(&mut timeline, &[hit], window), 0);
        }
        let late = keyed_hits((0_i64..6).map(|at| (1_000 + at, 10_000 + at.cast_unsigned())));
        let fired: usize = late
            .chunks(3)
            .map(|part| opened(&mut timeline, part, window))
            .sum();
        assert_eq!(fired, 1, "{singles}");
    }
}

#[test]
fn equal_values_count_once() {
    let hit = |time, value| Hit { time, value };
    let window = Window {
        count: 2,
        within: 10,
        cooldown: 0,
    };
    assert_eq!(bursts(&[hit(0, 1), hit(1, 1), hit(2, 1)], window), []);
    assert_eq!(
        bursts(&[hit(0, 1), hit(1, 1), hit(2, 2)], window),
        [Burst {
            first: 0,
            fired: 2,
            last: 2
        }]
    );
    // The first has left the window when the other value comes.
    assert_eq!(bursts(&[hit(0, 1), hit(11, 2), hit(12, 2)], window), []);
}

/// The words taken literally: from where counting starts, the first hit such that the hits of the
/// `within` seconds before it have enough values.
fn naive(hits: &[Hit], window: Window) -> Vec<Burst> {
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(burst) =
        (start..hits.len()).find_map(|fired| naive_burst(hits, start, fired, window))
    {
        found.push(burst);
        start = burst.last + 1;
    }
    found
}

fn naive_burst(hits: &[Hit], start: usize, fired: usize, window: Window) -> Option<Burst> {
    let age = |i: usize| hits[fired].time - hits[i].time;
    let inside: Vec<usize> = (start..=fired)
        .filter(|i| age(*i) <= i64::from(window.within))
        .collect();
    let values: std::collections::BTreeSet<u64> = inside.iter().map(|i| hits[*i].value).collect();
    let last = (fired..hits.len()).rfind(|i| -age(*i) <= i64::from(window.cooldown))?;
    (values.len() >= window.count as usize).then_some(Burst {
        first: inside[0],
        fired,
        last,
    })
}

proptest! {
    #[test]
    fn bursts_agree_with_the_words(
        mut hits in prop::collection::vec((0_i64..60, 0_u64..6).prop_map(|(time, value)| Hit { time, value }), 0..40),
        count in 1_u32..5,
        within in 0_u32..20,
        cooldown in 0_u32..20,
    ) {
        hits.sort_by_key(|hit| hit.time);
        let window = Window { count, within, cooldown };
        prop_assert_eq!(bursts(&hits, window), naive(&hits, window));
    }
}

/// Hits with keys of their own; equal numbers are copies of one event.
fn keyed() -> impl Strategy<Value = Vec<Keyed>> {
    let hit = (0_i64..80, 0_u64..6, any::<bool>());
    prop::collection::vec(hit, 0..40).prop_map(|hits| {
        let key = |at: usize, copy: bool| if copy { at as u64 / 2 } else { at as u64 };
        let all = hits.iter().enumerate();
        let mut first: BTreeMap<u64, Keyed> = BTreeMap::new();
        all.map(|(at, (time, value, copy))| {
            let key = key(at, *copy);
            let hit = Hit {
                time: *time,
                value: *value,
            };
            *first.entry(key).or_insert(Keyed { key, hit })
        })
        .collect()
    })
}

/// Takes in the hits in deliveries of up to `size`, each sorted by time.
fn deliver(hits: &[Keyed], size: usize, window: Window) -> (Timeline, Vec<Taken>) {
    let mut timeline = Timeline::default();
    let mut taken = Vec::new();
    for part in hits.chunks(size) {
        let mut part = part.to_vec();
        part.sort_by_key(|hit| (hit.hit.time, hit.key));
        taken.push(timeline.take(&part, window));
    }
    (timeline, taken)
}

fn has_full_window(hits: &[Keyed], window: Window) -> bool {
    hits.iter().any(|start| {
        let inside = |hit: &&Keyed| {
            (0..=i64::from(window.within)).contains(&(hit.hit.time - start.hit.time))
        };
        let values: BTreeSet<u64> = hits
            .iter()
            .filter(inside)
            .map(|hit| hit.hit.value)
            .collect();
        values.len() >= window.count as usize
    })
}

proptest! {
    /// Whatever the order, the splits and the copies: every event is told at most once, nothing
    /// fires without a full window, no full window stays untold, and two alerts are more than a
    /// cooldown apart.
    #[test]
    fn arrivals_in_any_order_agree_with_a_plain_list(
        hits in keyed(),
        size in 1_usize..8,
        count in 1_u32..5,
        within in 0_u32..20,
        cooldown in 0_u32..30,
    ) {
        let window = Window { count, within, cooldown };
        let (timeline, taken) = deliver(&hits, size, window);
        let whole: BTreeMap<u64, Keyed> = hits.iter().map(|hit| (hit.key, *hit)).collect();
        let (mut moved, mut opened) = (BTreeSet::new(), Vec::new());
        for step in taken.iter().flat_map(|taken| &taken.moves) {
            let (Move::Opened(_, keys) | Move::Joined(_, keys)) = step;
            prop_assert!(!keys.is_empty());
            for key in keys {
                prop_assert!(moved.insert(*key), "an event is told once");
            }
            if let Move::Opened(_, keys) = step {
                let burst: Vec<Keyed> = keys.iter().map(|key| whole[key]).collect();
                prop_assert!(has_full_window(&burst, window));
                opened.push(burst);
            }
        }
        prop_assert!(taken.iter().all(|taken| taken.forgotten.is_empty()));
        let loose: Vec<Keyed> = whole.values().filter(|hit| !moved.contains(&hit.key)).copied().collect();
        let mut kept = timeline.loose().to_vec();
        kept.sort_by_key(|hit| hit.key);
        prop_assert_eq!(&kept, &loose, "what was not told is still there");
        prop_assert!(!has_full_window(&loose, window));
        let mut fired: Vec<i64> = timeline.episodes().iter().map(|episode| episode.fired).collect();
        fired.sort_unstable();
        if fired.len() < 16 {
            prop_assert!(fired.windows(2).all(|pair| pair[1] - pair[0] > i64::from(cooldown)), "{:?}", fired);
            prop_assert_eq!(fired.len(), opened.len());
        }
    }

    /// In order of time it is what the whole list gives, however it is split.
    #[test]
    fn arrivals_in_order_are_the_bursts_of_the_whole_list(
        mut hits in keyed(),
        size in 1_usize..8,
        count in 1_u32..5,
        within in 0_u32..20,
        cooldown in 0_u32..30,
    ) {
        let window = Window { count, within, cooldown };
        hits.sort_by_key(|hit| (hit.hit.time, hit.key));
        let (_, taken) = deliver(&hits, size, window);
        let mut whole = hits.clone();
        whole.dedup_by_key(|hit| hit.key);
        let plain: Vec<Hit> = whole.iter().map(|hit| hit.hit).collect();
        let expected: Vec<BTreeSet<u64>> = bursts(&plain, window)
            .iter()
            .map(|burst| whole[burst.first..=burst.last].iter().map(|hit| hit.key).collect())
            .collect();
        let mut found: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
        for step in taken.iter().flat_map(|taken| &taken.moves) {
            let (Move::Opened(number, keys) | Move::Joined(number, keys)) = step;
            found.entry(*number).or_default().extend(keys);
        }
        prop_assert_eq!(found.into_values().collect::<Vec<_>>(), expected);
    }

    /// Bounds or not: what comes in order fires when the whole list does.
    #[test]
    fn many_values_in_order_fire_as_the_whole_list(
        steps in prop::collection::vec((0_i64..4, 0_u64..14), 1..500),
        count in 2_u32..13,
        within in 5_u32..90,
        part in 1_usize..40,
    ) {
        let window = Window { count, within, cooldown: 20 };
        let mut time = 0;
        let hits = keyed_hits(steps.into_iter().map(|(step, value)| {
            time += step;
            (time, value)
        }));
        let all: Vec<Hit> = hits.iter().map(|keyed| keyed.hit).collect();
        let mut timeline = Timeline::default();
        let fired: usize = hits.chunks(part).map(|part| opened(&mut timeline, part, window)).sum();
        prop_assert_eq!(fired, bursts(&all, window).len());
    }

    /// A second delivery of everything changes nothing.
    #[test]
    fn a_second_delivery_changes_nothing(hits in keyed(), count in 1_u32..5, within in 0_u32..20, cooldown in 0_u32..30) {
        let window = Window { count, within, cooldown };
        let (mut timeline, _) = deliver(&hits, 3, window);
        let before = timeline.clone();
        let mut again = hits;
        again.reverse();
        again.sort_by_key(|hit| hit.hit.time);
        if before.episodes().len() < 16 {
            prop_assert_eq!(timeline.take(&again, window).moves, Vec::new());
            prop_assert_eq!(timeline, before);
        }
    }
}
