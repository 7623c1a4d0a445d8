//! The leading names of selectors, as a trie.

use super::super::selector::Step;
use super::super::slots::{Selectors, Slot};
use super::Places;

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
    here: Vec<Slot>,
    /// The slots of every branch below.
    under: Vec<Slot>,
    /// Branches below, grouped by the length of their name: a key is compared with the few names
    /// that are as long.
    below: Vec<Vec<Child>>,
}

/// A branch below another one.
#[derive(Debug, Clone)]
struct Child {
    /// The first eight bytes of its name, with zeros behind a shorter one.
    head: u64,
    /// The last eight bytes of a longer one.
    tail: u64,
    name: Box<[u8]>,
    branch: usize,
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
                group.push(Child {
                    head: head(name),
                    tail: tail(name, name.len()),
                    name: name.into(),
                    branch: new,
                });
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
    /// The branch below with this name.
    pub fn child(&self, name: &[u8]) -> Option<usize> {
        let mut group = self.below.get(name.len())?.iter();
        group
            .find(|child| *child.name == *name)
            .map(|child| child.branch)
    }

    /// The same for the name from `start` up to `end` in a text that goes on behind it: mostly one
    /// comparison of registers.
    #[inline(always)]
    pub fn child_at(&self, text: &[u8], start: usize, end: usize) -> Option<usize> {
        let length = end.checked_sub(start)?;
        let group = self.below.get(length)?;
        if group.is_empty() {
            return None;
        }
        let head = match text.get(start..).and_then(<[u8]>::first_chunk::<8>) {
            Some(bytes) if length >= 8 => u64::from_le_bytes(*bytes),
            Some(bytes) => u64::from_le_bytes(*bytes) & !(u64::MAX << (8 * length)),
            None => head(text.get(start..end)?),
        };
        let tail = tail(text.get(start..end)?, length);
        let same = |child: &&Child| {
            child.head == head
                && child.tail == tail
                && (length <= 16 || text.get(start..end) == Some(&*child.name))
        };
        group.iter().find(same).map(|child| child.branch)
    }

    pub fn has_children(&self) -> bool {
        !self.below.is_empty()
    }

    /// Notes that the node of the branch starts here. Whatever an earlier member of the same name
    /// left is forgotten: the last one wins (filter pattern spec D-DUPKEY).
    #[inline(always)]
    pub fn begin(&self, places: &mut Places, start: usize) {
        for slot in &self.under {
            places.forget(*slot);
        }
        for slot in &self.here {
            places.begin(*slot, start);
        }
    }

    /// Notes that the node of the branch ends here.
    #[inline(always)]
    pub fn end(&self, places: &mut Places, end: usize) {
        for slot in &self.here {
            places.end(*slot, end);
        }
    }
}

#[inline(always)]
fn tail(name: &[u8], length: usize) -> u64 {
    match name.last_chunk::<8>() {
        Some(bytes) if length > 8 => u64::from_le_bytes(*bytes),
        _ => 0,
    }
}

fn head(name: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(name) {
        *to = *from;
    }
    u64::from_le_bytes(bytes)
}
