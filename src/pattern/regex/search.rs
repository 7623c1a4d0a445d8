//! All places where a search may stand, as bits that move together.
//!
//! A branch of `n` positions has `n + 1` gaps, before, between and after them, and a bit for each;
//! the bits of all branches stand in a row. A set bit says: what is written before this gap matches
//! some text that ends here.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::branch::{Atom, Branch, End};
use super::classes::{Classes, Symbols};
use super::literal::Literals;

/// A prepared expression.
#[derive(Debug)]
pub(super) struct Search {
    literals: Literals,
    classes: Classes,
    words: Vec<Word>,
    /// For each class, one pair of masks for each word.
    moves: Vec<Move>,
}

/// What 64 gaps have in common for all characters.
#[derive(Debug, Clone, Copy, Default)]
struct Word {
    /// Set before the first character, and those of them that are set again after each one.
    first: u64,
    always: u64,
    /// A run of optional positions: the gap before it, the gap after it, and all but the gap before.
    run_start: u64,
    run_end: u64,
    run_after: u64,
    /// The gaps after a whole branch, by where it can end.
    done: u64,
    done_at_end: u64,
    done_before_newline: u64,
}

/// What a character does.
#[derive(Debug, Clone, Copy, Default)]
struct Move {
    /// The gaps before positions that accept it.
    step: u64,
    /// The gaps after positions that accept it and repeat.
    stay: u64,
}

impl Search {
    pub fn new(branches: &[Branch]) -> Search {
        let atoms = branches.iter().flat_map(|branch| &branch.atoms);
        let sets: HashSet<Symbols> = atoms.map(|atom| atom.set).collect();
        let classes = Classes::new(&sets);
        let within = sets.iter().map(|set| (*set, classes.within(set)));
        let within = within.collect();
        let bits: usize = branches.iter().map(|branch| branch.positions() + 1).sum();
        let width = bits.div_ceil(64).max(1);
        let mut layout = Layout {
            words: vec![Word::default(); width],
            moves: vec![Move::default(); width * classes.count()],
            within,
            gap: 0,
        };
        for branch in branches {
            layout.branch(branch);
        }
        let Layout { words, moves, .. } = layout;
        let mut search = Search {
            literals: Literals::new(branches),
            classes,
            words,
            moves,
        };
        search.close_starts();
        search
    }

    /// Steps over optional positions ahead of the first character.
    fn close_starts(&mut self) {
        let (mut first, mut always) = (Borrow::default(), Borrow::default());
        for word in &mut self.words {
            word.first = first.close(word.first, word);
            word.always = always.close(word.always, word);
        }
    }

    /// Whether the expression is found in a text.
    pub fn finds(&self, text: &str) -> bool {
        if !self.literals.may_be_in(text) {
            return false;
        }
        if self.finds_nothing() {
            return true;
        }
        match self.words.as_slice() {
            [word] => self.finds_from(text, &mut [word.first]),
            words => {
                let mut state: Vec<u64> = words.iter().map(|word| word.first).collect();
                self.finds_from(text, &mut state)
            }
        }
    }

    fn finds_from(&self, text: &str, state: &mut [u64]) -> bool {
        let (line, newline) = match text.strip_suffix('\n') {
            Some(line) => (line, true),
            None => (text, false),
        };
        if self.run(line, state) {
            return true;
        }
        let stands_at = |state: &[u64], gaps: fn(&Word) -> u64| {
            let mut words = state.iter().zip(&self.words);
            words.any(|(state, word)| state & gaps(word) != 0)
        };
        if newline {
            if stands_at(state, |word| word.done_at_end | word.done_before_newline) {
                return true;
            }
            if self.run("\n", state) {
                return true;
            }
        }
        stands_at(state, |word| word.done_at_end)
    }

    /// Whether the empty text will do, and so any text.
    pub fn finds_nothing(&self) -> bool {
        self.words.iter().any(|word| word.first & word.done != 0)
    }

    /// Moves over a text; true, and stops, after the first whole branch.
    fn run(&self, text: &str, state: &mut [u64]) -> bool {
        if let ([word], [single]) = (self.words.as_slice(), &mut *state) {
            return self.run_narrow(word, text, single);
        }
        let mut rest = text.chars();
        rest.any(|c| self.step(self.classes.of(c), state))
    }

    /// The usual case: all gaps fit one word.
    fn run_narrow(&self, word: &Word, text: &str, state: &mut u64) -> bool {
        let mut now = *state;
        let mut step = |class: usize| {
            let moves = self.moves.get(class).copied().unwrap_or_default();
            now = (now & moves.step) << 1 | now & moves.stay;
            now = Borrow::default().close(now, word) | word.always;
            now & word.done != 0
        };
        let done = match text.is_ascii() {
            true => text.bytes().any(|b| step(self.classes.of_ascii(b))),
            false => text.chars().any(|c| step(self.classes.of(c))),
        };
        *state = now;
        done
    }

    fn step(&self, class: usize, state: &mut [u64]) -> bool {
        let width = self.words.len();
        let moves = self.moves.get(class * width..).unwrap_or_default();
        let mut borrow = Borrow::default();
        let mut carry = 0;
        let mut done = 0;
        for ((now, moves), word) in state.iter_mut().zip(moves).zip(&self.words) {
            let moved = *now & moves.step;
            let next = moved << 1 | carry | *now & moves.stay;
            carry = moved >> 63;
            *now = borrow.close(next, word) | word.always;
            done |= *now & word.done;
        }
        done != 0
    }
}

/// What a subtraction borrows from the next word.
#[derive(Default)]
struct Borrow(bool);

impl Borrow {
    /// Sets, in every run of optional positions, all gaps after the first that is set.
    ///
    /// Taking the start of a run from a word that has its end set flips the bits up to the lowest
    /// one that is set in the run, and no other.
    fn close(&mut self, state: u64, word: &Word) -> u64 {
        let ended = state | word.run_end;
        let (less, under) = ended.overflowing_sub(word.run_start);
        let (less, under_again) = less.overflowing_sub(u64::from(self.0));
        self.0 = under || under_again;
        state | (word.run_after & !(less ^ ended))
    }
}

/// Lays branches out in bits.
struct Layout {
    words: Vec<Word>,
    moves: Vec<Move>,
    /// The classes of every set.
    within: HashMap<Symbols, Vec<usize>>,
    /// The next free bit.
    gap: usize,
}

impl Layout {
    fn branch(&mut self, branch: &Branch) {
        self.mark(self.gap, |word, bit| word.first |= bit);
        if !branch.at_start {
            self.mark(self.gap, |word, bit| word.always |= bit);
        }
        // The gap before the run of optional positions that is going on.
        let mut run = None;
        for atom in &branch.atoms {
            self.atom(atom, &mut run);
        }
        self.end_run(run);
        self.mark(self.gap, |word, bit| match branch.end {
            End::Anywhere => word.done |= bit,
            End::Last => word.done_at_end |= bit,
            End::BeforeNewline => word.done_before_newline |= bit,
        });
        self.gap += 1;
    }

    fn atom(&mut self, atom: &Atom, run: &mut Option<usize>) {
        let (start, end) = (self.gap, self.gap + atom.positions());
        self.accept(atom, start..end);
        let needed = start + usize::from(atom.min);
        if needed > start {
            self.end_run(run.take());
        }
        if needed < end {
            run.get_or_insert(needed);
        }
        self.gap = end;
    }

    fn accept(&mut self, atom: &Atom, gaps: Range<usize>) {
        let width = self.words.len();
        let within = self.within.get(&atom.set);
        for class in within.into_iter().flatten() {
            let row = self.moves.get_mut(class * width..).unwrap_or_default();
            for (index, bits) in words_of(gaps.clone()) {
                if let Some(moves) = row.get_mut(index) {
                    moves.step |= bits;
                }
            }
            let after = row.get_mut(gaps.end / 64);
            if let Some(moves) = after.filter(|_| atom.max.is_none()) {
                moves.stay |= 1 << (gaps.end % 64);
            }
        }
    }

    fn end_run(&mut self, run: Option<usize>) {
        let Some(start) = run else { return };
        let end = self.gap;
        self.mark(start, |word, bit| word.run_start |= bit);
        self.mark(end, |word, bit| word.run_end |= bit);
        for (index, bits) in words_of(start + 1..end + 1) {
            if let Some(word) = self.words.get_mut(index) {
                word.run_after |= bits;
            }
        }
    }

    fn mark(&mut self, gap: usize, set: impl FnOnce(&mut Word, u64)) {
        if let Some(word) = self.words.get_mut(gap / 64) {
            set(word, 1 << (gap % 64));
        }
    }
}

/// The words that a range of bits touches, and its bits in each.
fn words_of(bits: Range<usize>) -> impl Iterator<Item = (usize, u64)> {
    (bits.start / 64..bits.end.div_ceil(64)).map(move |index| {
        let from = bits.start.saturating_sub(index * 64);
        let to = (bits.end - index * 64).min(64);
        (index, (u64::MAX >> (64 - (to - from))) << from)
    })
}
