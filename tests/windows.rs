//! Thresholds: the arithmetic against a naive reading of the words.
#![expect(clippy::indexing_slicing, reason = "a failure here is a failed test")]

use proptest::prelude::*;
use trailwarden::windows::{Burst, Hit, Window, bursts};

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
