//! The leading names of selectors, as a trie.

use super::selector::Step;
use super::slots::{Selectors, Slot};

/// A trie of names; its branches are numbered.
#[derive(Debug, Clone)]
pub(super) struct Trie {
    branches: Vec<Branch>,
}

/// One name of the trie.
#[derive(Debug, Clone, Default)]
pub(super) struct Branch {
    pub parent: Option<usize>,
    /// Slots whose node this is.
    pub here: Vec<Slot>,
    /// These, and the slots of every branch below.
    pub under: Vec<Slot>,
    /// Branches below, grouped by the length of their name: a key is compared with the few names
    /// that are as long.
    below: Vec<Vec<(Box<[u8]>, usize)>>,
}

impl Trie {
    /// The branch that stands for the whole message.
    pub const ROOT: usize = 0;

    pub fn new(selectors: &Selectors) -> Trie {
        let mut trie = Trie {
            branches: vec![Branch::default()],
        };
        for (slot, selector) in selectors.iter() {
            let mut at = Trie::ROOT;
            let (names, _) = selector.split();
            for step in names {
                let Step::Name(name) = step else { break };
                trie.note(at, |branch| branch.under.push(slot));
                at = trie.descend(at, name.as_bytes());
            }
            trie.note(at, |branch| {
                branch.under.push(slot);
                branch.here.push(slot);
            });
        }
        trie
    }

    fn note(&mut self, at: usize, change: impl FnOnce(&mut Branch)) {
        if let Some(branch) = self.branches.get_mut(at) {
            change(branch);
        }
    }

    /// The branch of `name` below `at`, a new one if there is none yet.
    fn descend(&mut self, at: usize, name: &[u8]) -> usize {
        if let Some(known) = self.get(at).and_then(|branch| branch.child(name)) {
            return known;
        }
        let new = self.branches.len();
        self.note(at, |branch| {
            if branch.below.len() <= name.len() {
                branch.below.resize(name.len() + 1, Vec::new());
            }
            if let Some(group) = branch.below.get_mut(name.len()) {
                group.push((name.into(), new));
            }
        });
        self.branches.push(Branch {
            parent: Some(at),
            ..Branch::default()
        });
        new
    }

    pub fn get(&self, branch: usize) -> Option<&Branch> {
        self.branches.get(branch)
    }
}

impl Branch {
    pub fn child(&self, name: &[u8]) -> Option<usize> {
        self.below
            .get(name.len())?
            .iter()
            .find(|(known, _)| **known == *name)
            .map(|(_, child)| *child)
    }

    pub fn has_children(&self) -> bool {
        !self.below.is_empty()
    }
}
