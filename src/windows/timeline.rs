//! Hits of one group as they come: in any order, some of them twice, some of them late.
//!
//! A hit is *loose* until some window that it lies in fires. A window that fires opens an
//! *episode*, which takes in what happens until the cooldown ends and what comes late for it. Two
//! episodes of a group are always more than a cooldown apart, whatever the order of arrival, so
//! that late files cannot make people read the same news twice. Hits that arrive in order of time
//! give what [`bursts`](super::bursts) finds in the whole list.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Hit, Window, bursts, loose};

/// Events of one episode that are remembered, so that another copy of them counts for nothing.
/// Further ones count too, but twice if they are delivered twice in different files.
pub const SEEN: usize = 10_000;

/// Events that are remembered of all episodes of a group.
const SEEN_IN_ALL: usize = 2 * SEEN;

/// Episodes of one group that are remembered: a late file for an older one starts a new one.
pub const EPISODES: usize = 16;

/// Loose hits that are kept of one group, beside one and a half full windows.
const LOOSE: usize = 64;

/// A hit, and what tells its event from others: equal for copies of one event. Keys have at most
/// [`KEY_BITS`](super::KEY_BITS) bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyed {
    /// The event.
    pub key: u64,
    /// When, and what of it is counted.
    pub hit: Hit,
}

/// A window that fired, and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Episode {
    /// Tells it from the group's other episodes.
    pub number: u64,
    /// Event time in seconds of its first hit.
    pub first: i64,
    /// Event time in seconds of the hit that filled the window.
    pub fired: i64,
    /// Keys of its events, ascending, at most [`SEEN`].
    #[serde(with = "super::packed")]
    pub seen: Vec<u64>,
    /// Events that there was no room to remember.
    pub unremembered: u64,
}

/// What became of hits that were loose or came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// A window fired: these events open the episode of that number.
    Opened(u64, Vec<u64>),
    /// These events belong to an episode that was open before.
    Joined(u64, Vec<u64>),
}

/// What taking in hits came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Each event at most once in its group's life.
    pub moves: Vec<Move>,
    /// Episodes that some of the events are in already.
    pub again: BTreeSet<u64>,
    /// Loose events that there was no room for: a window that they lie in may not fire.
    pub forgotten: Vec<u64>,
}

/// Where the hits of one group stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// Sorted by time. Not stored: whoever keeps what the hits are keeps them too.
    #[serde(skip)]
    loose: Vec<Keyed>,
    episodes: Vec<Episode>,
    next: u64,
}

impl Timeline {
    /// The episodes that are remembered, oldest first in order of their opening.
    pub fn episodes(&self) -> &[Episode] {
        &self.episodes
    }

    /// Hits that are in no episode.
    pub fn loose(&self) -> &[Keyed] {
        &self.loose
    }

    /// Gives back the loose hits to a timeline that comes from a store.
    pub fn restore(&mut self, loose: Vec<Keyed>) {
        self.loose = loose;
        self.loose.sort_by_key(|loose| (loose.hit.time, loose.key));
    }

    /// Takes in hits of one delivery. An event that is known changes nothing.
    pub fn take(&mut self, hits: &[Keyed], window: Window) -> Taken {
        let mut joined: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        let mut taken = Taken::default();
        let mut known: BTreeSet<u64> = self.loose.iter().map(|loose| loose.key).collect();
        for hit in hits {
            if let Some(episode) = self.seen_in(hit.key) {
                taken.again.insert(episode);
                continue;
            }
            if !known.insert(hit.key) {
                continue;
            }
            match self.covering(hit.hit.time, window) {
                Some(number) => joined.entry(number).or_default().push(hit.key),
                None => self.loose.push(*hit),
            }
        }
        self.loose.sort_by_key(|loose| (loose.hit.time, loose.key));
        self.fire(window, &mut joined, &mut taken.moves);
        for (number, keys) in joined {
            self.remember(number, &keys);
            taken.moves.push(Move::Joined(number, keys));
        }
        taken.forgotten = self.bound(window);
        taken
    }

    fn seen_in(&self, key: u64) -> Option<u64> {
        let mut episodes = self.episodes.iter();
        let seen = |episode: &&Episode| episode.seen.binary_search(&key).is_ok();
        episodes.find(seen).map(|episode| episode.number)
    }

    /// The episode that an event of this time belongs to. One from the seconds before the first
    /// hit would have been in the window had it come in time.
    fn covering(&self, time: i64, window: Window) -> Option<u64> {
        let covers = |episode: &&Episode| {
            let start = episode
                .first
                .min(episode.fired.saturating_sub(i64::from(window.within)));
            let end = episode.fired.saturating_add(i64::from(window.cooldown));
            (start..=end).contains(&time)
        };
        self.episodes.iter().find(covers).map(|found| found.number)
    }

    /// Finds full windows among the loose hits. One that lies within the cooldown before an
    /// episode is late news of it.
    fn fire(
        &mut self,
        window: Window,
        joined: &mut BTreeMap<u64, Vec<u64>>,
        moves: &mut Vec<Move>,
    ) {
        let hits: Vec<Hit> = self.loose.iter().map(|loose| loose.hit).collect();
        let found = bursts(&hits, window);
        let mut moved = BTreeSet::new();
        for burst in found {
            let part = self.loose.get(burst.first..=burst.last).unwrap_or_default();
            let (Some(first), Some(fired)) = (part.first(), hits.get(burst.fired)) else {
                continue;
            };
            let keys: Vec<u64> = part.iter().map(|hit| hit.key).collect();
            let (first, fired) = (first.hit.time, fired.time);
            moved.extend(keys.iter().copied());
            let end = fired.saturating_add(i64::from(window.cooldown));
            let later = |episode: &&mut Episode| (fired..=end).contains(&episode.fired);
            if let Some(episode) = self.episodes.iter_mut().find(later) {
                episode.first = episode.first.min(first);
                joined.entry(episode.number).or_default().extend(keys);
                continue;
            }
            let number = self.next;
            self.next += 1;
            self.episodes.push(Episode {
                number,
                first,
                fired,
                seen: Vec::new(),
                unremembered: 0,
            });
            self.remember(number, &keys);
            moves.push(Move::Opened(number, keys));
        }
        self.loose.retain(|loose| !moved.contains(&loose.key));
    }

    fn remember(&mut self, number: u64, keys: &[u64]) {
        let Some(episode) = self
            .episodes
            .iter_mut()
            .find(|episode| episode.number == number)
        else {
            return;
        };
        let room = SEEN.saturating_sub(episode.seen.len()).min(keys.len());
        let (kept, more) = keys.split_at_checked(room).unwrap_or((keys, &[]));
        episode.seen.extend(kept);
        episode.seen.sort_unstable();
        episode.unremembered += more.len() as u64;
    }

    /// Lets go of what matters least when there is too much; returns the loose events that went.
    fn bound(&mut self, window: Window) -> Vec<u64> {
        if let Some(more) = self.episodes.len().checked_sub(EPISODES) {
            self.episodes.sort_by_key(|episode| episode.fired);
            self.episodes.drain(..more);
        }
        let mut seen: usize = self.episodes.iter().map(|episode| episode.seen.len()).sum();
        while seen > SEEN_IN_ALL && self.episodes.len() > 1 {
            self.episodes.sort_by_key(|episode| episode.fired);
            seen -= self.episodes.remove(0).seen.len();
        }
        let most = LOOSE + window.count as usize * 3 / 2;
        loose::let_go(&mut self.loose, most, window.within)
    }
}
