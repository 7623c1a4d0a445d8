//! Which hits that are in no full window yet are let go of when there are too many.

use std::collections::{BTreeSet, HashMap};

use super::Keyed;

/// Lets go of hits, which are sorted by time, until `most` are left; returns the keys of those that
/// went.
///
/// First those go without which every window of `within` seconds still has the same values: of
/// equal values all between two that lie no further apart. Who repeats one value must not push out
/// the others. Then the loneliest go: what has most hits around it is most likely to become full,
/// whether it is of today or comes late. Of what lies within the last window nobody knows yet how
/// lonely it is.
pub(super) fn let_go(hits: &mut Vec<Keyed>, most: usize, within: u32) -> Vec<u64> {
    let more = hits.len().saturating_sub(most);
    if more == 0 {
        return Vec::new();
    }
    let mut gone: BTreeSet<usize> = repeated(hits, within).into_iter().take(more).collect();
    if gone.len() < more {
        let around = around(hits, within);
        let mut left: Vec<usize> = (0..hits.len()).filter(|at| !gone.contains(at)).collect();
        let last = hits.last().map_or(0, |hit| hit.hit.time);
        let is_open = |at: &usize| {
            let time = hits.get(*at).map_or(last, |hit| hit.hit.time);
            last.saturating_sub(time) <= i64::from(within)
        };
        left.sort_by_key(|at| (is_open(at), around.get(*at).copied(), *at));
        gone.extend(left.into_iter().take(more - gone.len()));
    }
    let mut keys = Vec::new();
    let mut at = 0;
    hits.retain(|hit| {
        let goes = gone.contains(&at);
        at += 1;
        if goes {
            keys.push(hit.key);
        }
        !goes
    });
    keys
}

/// Hits between two of the same value that one window may hold, oldest first: any window with the
/// one in between holds one of the two.
fn repeated(hits: &[Keyed], within: u32) -> Vec<usize> {
    let mut places: HashMap<u64, Vec<(usize, i64)>> = HashMap::new();
    for (at, hit) in hits.iter().enumerate() {
        let of_value = places.entry(hit.hit.value).or_default();
        of_value.push((at, hit.hit.time));
    }
    let mut repeated = Vec::new();
    for of_value in places.values() {
        let mut stays = of_value.first().map_or(0, |(_, time)| *time);
        for pair in of_value.windows(2).skip(1) {
            let [(at, time), (_, next)] = pair else {
                continue;
            };
            if next.saturating_sub(stays) <= i64::from(within) {
                repeated.push(*at);
            } else {
                stays = *time;
            }
        }
    }
    repeated.sort_unstable();
    repeated
}

/// How many hits lie no more than `within` seconds before or behind each.
fn around(hits: &[Keyed], within: u32) -> Vec<usize> {
    let within = i64::from(within);
    let (mut first, mut behind) = (0, 0);
    let mut counts = Vec::new();
    for hit in hits {
        let time = hit.hit.time;
        let is_before = |other: &Keyed| time.saturating_sub(other.hit.time) > within;
        while hits.get(first).is_some_and(is_before) {
            first += 1;
        }
        let is_near = |other: &Keyed| other.hit.time.saturating_sub(time) <= within;
        while hits.get(behind).is_some_and(is_near) {
            behind += 1;
        }
        counts.push(behind - first);
    }
    counts
}
