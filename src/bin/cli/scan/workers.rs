//! Work on many things at once, with the results in their order.

use std::num::NonZero;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::Result;

/// How many results each worker may be ahead of the one that is waited for: the bound on what is
/// held in memory when one thing takes long.
const AHEAD: usize = 16;

/// Does `work` on every item, with as many threads as asked for beside this one, or here for one, each with memory of its own that
/// `memory` makes, and hands the results to `take` in the order of the items.
///
/// # Errors
/// The first that `take` gives; no work is begun after it.
pub fn in_order<'i, T: Sync, M, R: Send>(
    items: &'i [T],
    threads: NonZero<usize>,
    memory: impl Fn() -> M + Sync,
    work: impl Fn(&mut M, &'i T) -> R + Sync,
    mut take: impl FnMut(R) -> Result<()>,
) -> Result<()> {
    if threads.get() == 1 {
        let mut memory = memory();
        return items
            .iter()
            .try_for_each(|item| take(work(&mut memory, item)));
    }
    let queue = Queue::new(items.len(), AHEAD * threads.get());
    thread::scope(|scope| {
        for _ in 0..threads.get().min(items.len()) {
            scope.spawn(|| {
                let _end = Leaving(&queue);
                let mut memory = memory();
                while let Some(index) = queue.begin() {
                    if let Some(item) = items.get(index) {
                        queue.finish(index, work(&mut memory, item));
                    }
                }
            });
        }
        let mut taken = Ok(());
        while taken.is_ok()
            && let Some(result) = queue.next()
        {
            taken = take(result);
        }
        queue.stop();
        taken
    })
}

/// Which item is whose, and which results are there.
struct Queue<R> {
    state: Mutex<State<R>>,
    changed: Condvar,
    items: usize,
    ahead: usize,
}

struct State<R> {
    /// The next item to begin.
    begun: usize,
    /// The next result to take.
    taken: usize,
    results: std::collections::BTreeMap<usize, R>,
    stopped: bool,
}

impl<R> Queue<R> {
    fn new(items: usize, ahead: usize) -> Self {
        Self {
            state: Mutex::new(State {
                begun: 0,
                taken: 0,
                results: std::collections::BTreeMap::new(),
                stopped: false,
            }),
            changed: Condvar::new(),
            items,
            ahead,
        }
    }

    /// The next item, once results are not too far ahead; none when there is no more to do.
    fn begin(&self) -> Option<usize> {
        let too_far = |state: &mut State<R>| {
            !state.stopped && state.begun < self.items && state.begun >= state.taken + self.ahead
        };
        let waited = self.changed.wait_while(self.lock(), too_far);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if state.stopped || state.begun >= self.items {
            return None;
        }
        state.begun += 1;
        Some(state.begun - 1)
    }

    fn finish(&self, index: usize, result: R) {
        let mut state = self.lock();
        let is_next = index == state.taken;
        state.results.insert(index, result);
        drop(state);
        if is_next {
            self.changed.notify_all();
        }
    }

    /// The next result in order, once it is there; none after the last, or when it will not come.
    fn next(&self) -> Option<R> {
        let missing = |state: &mut State<R>| {
            !state.stopped && state.taken < self.items && !state.results.contains_key(&state.taken)
        };
        let waited = self.changed.wait_while(self.lock(), missing);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        let next = state.taken;
        let result = state.results.remove(&next)?;
        state.taken += 1;
        let resume = state.begun >= state.taken - 1 + self.ahead;
        drop(state);
        if resume {
            self.changed.notify_all();
        }
        Some(result)
    }

    fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stops everybody when a worker panics, so that nobody waits for its result; the panic goes on
/// when the threads are joined.
struct Leaving<'q, R>(&'q Queue<R>);

impl<R> Drop for Leaving<'_, R> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use anyhow::bail;

    use super::*;

    fn threads(count: usize) -> NonZero<usize> {
        NonZero::new(count).expect("not zero")
    }

    #[test]
    fn results_come_in_order() {
        let items: Vec<u64> = (0..500).collect();
        for count in [1, 2, 7] {
            let mut taken = Vec::new();
            let slow = |_: &mut (), item: &u64| {
                // The odd one out is far behind the others.
                thread::sleep(Duration::from_micros(if item.is_multiple_of(97) {
                    3_000
                } else {
                    10
                }));
                *item
            };
            in_order(
                &items,
                threads(count),
                || (),
                slow,
                |item| {
                    taken.push(item);
                    Ok(())
                },
            )
            .expect("nothing fails");
            assert_eq!(taken, items);
        }
        in_order(
            &[] as &[u64],
            threads(2),
            || (),
            |(), item| *item,
            |_| bail!("none"),
        )
        .expect("nothing to do");
    }

    #[test]
    fn nobody_runs_far_ahead() {
        let items: Vec<usize> = (0..400).collect();
        let (most, begun) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let mut taken = 0;
        let work = |_: &mut (), item: &usize| {
            begun.fetch_add(1, Ordering::SeqCst);
            *item
        };
        in_order(
            &items,
            threads(2),
            || (),
            work,
            |_| {
                thread::sleep(Duration::from_micros(200));
                most.fetch_max(begun.load(Ordering::SeqCst) - taken, Ordering::SeqCst);
                taken += 1;
                Ok(())
            },
        )
        .expect("nothing fails");
        assert!(most.into_inner() <= 2 * AHEAD + 1);
    }

    #[test]
    fn the_first_error_ends_it() {
        let items: Vec<usize> = (0..100_000).collect();
        let begun = AtomicUsize::new(0);
        let work = |_: &mut (), item: &usize| {
            begun.fetch_add(1, Ordering::SeqCst);
            *item
        };
        let ended = in_order(
            &items,
            threads(2),
            || (),
            work,
            |item| match item {
                3 => bail!("enough"),
                _ => Ok(()),
            },
        );
        assert_eq!(ended.expect_err("it fails").to_string(), "enough");
        assert!(begun.into_inner() < 100);
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_is_no_endless_wait() {
        let items: Vec<usize> = (0..100).collect();
        let work = |_: &mut (), item: &usize| {
            assert_ne!(*item, 50);
            *item
        };
        let _ = in_order(&items, threads(2), || (), work, |_| Ok(()));
    }
}
