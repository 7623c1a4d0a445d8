//! The leading names of selectors, as a trie.

use super::super::selector::Step;
use super::super::slots::{Selectors, Slot};
use super::keys::Keys;

/// A trie of names; its branches are numbered.
#[derive(Debug, Clone)]
pub(super) struct Trie {
    branches: Vec<Branch>,
    /// The branch of each slot.
    of_slots: Vec<usize>,
}

/// One name of the trie.
#[derive(Debug, Clone, Default)]
pub(super) struct Branch {
    pub number: usize,
    pub name: Box<[u8]>,
    pub parent: Option<usize>,
    /// Whether the walk along an index finds it: then it follows all branches above.
    pub is_found: bool,
    /// Whether the walk along an index looks into it.
    pub is_followed: bool,
    /// The numbers of all branches below, and of theirs.
    pub under: Vec<usize>,
    pub below: Keys,
}

impl Trie {
    /// The branch that stands for the whole message.
    pub const ROOT: usize = 0;

    /// Of all selectors; those that `is_wanted` are found by a walk along an index.
    pub fn new(selectors: &Selectors, is_wanted: impl Fn(Slot) -> bool) -> Trie {
        let mut trie = Trie {
            branches: vec![Branch::default()],
            of_slots: Vec::new(),
        };
        if let Some(root) = trie.branches.first_mut() {
            root.is_found = true;
            root.is_followed = true;
        }
        for (slot, selector) in selectors.iter() {
            let mut at = Trie::ROOT;
            let (names, _) = selector.split();
            for step in names {
                let Step::Name(name) = step else { break };
                at = trie.descend(at, name.as_bytes());
            }
            trie.of_slots.push(at);
            if is_wanted(slot) {
                trie.follow(at);
            }
        }
        trie.find_followed();
        trie
    }

    /// The walk looks into all branches above this one.
    fn follow(&mut self, branch: usize) {
        let mut above = self.get(branch).and_then(|branch| branch.parent);
        while let Some(branch) = above.and_then(|above| self.branches.get_mut(above)) {
            branch.is_followed = true;
            above = branch.parent;
        }
    }

    /// A branch stands behind the one above it.
    fn find_followed(&mut self) {
        for number in 0..self.branches.len() {
            let parent = self.get(number).and_then(|branch| self.get(branch.parent?));
            let is_found = parent.is_none_or(|parent| parent.is_found && parent.is_followed);
            if let Some(branch) = self.branches.get_mut(number) {
                branch.is_found = is_found;
                branch.is_followed &= is_found;
            }
        }
    }

    /// The branch of `name` below `at`, a new one if there is none yet.
    fn descend(&mut self, at: usize, name: &[u8]) -> usize {
        if let Some(known) = self.get(at).and_then(|branch| branch.below.find(name)) {
            return known;
        }
        let number = self.branches.len();
        if let Some(branch) = self.branches.get_mut(at) {
            branch.below.add(name, number);
        }
        let mut above = Some(at);
        while let Some(branch) = above.and_then(|above| self.branches.get_mut(above)) {
            branch.under.push(number);
            above = branch.parent;
        }
        self.branches.push(Branch {
            number,
            name: name.into(),
            parent: Some(at),
            ..Branch::default()
        });
        number
    }

    #[inline(always)]
    pub fn get(&self, branch: usize) -> Option<&Branch> {
        self.branches.get(branch)
    }

    /// How many branches there are.
    pub fn len(&self) -> usize {
        self.branches.len()
    }

    /// The number of the branch where a slot's value is.
    pub fn of_slot(&self, slot: Slot) -> Option<usize> {
        self.of_slots.get(slot.index()).copied()
    }
}

impl Branch {
    pub fn has_children(&self) -> bool {
        !self.below.is_empty()
    }
}
