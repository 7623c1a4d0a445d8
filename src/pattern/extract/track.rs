//! The walk over the trie, told by the scanner of compact JSON.

use super::super::json::Visitor;
use super::Places;
use super::trie::{Branch, Trie};

/// Follows the containers that the trie has, and no others.
pub(super) struct Tracker<'t> {
    trie: &'t Trie,
    places: &'t mut Places,
    /// The branch of the innermost container that is followed; none before the first bracket.
    current: Option<&'t Branch>,
    /// The branch of the value that is being passed, in that container.
    value: Option<&'t Branch>,
    /// Open containers inside it that are not followed.
    passing: usize,
}

impl<'t> Tracker<'t> {
    pub fn new(trie: &'t Trie, places: &'t mut Places) -> Tracker<'t> {
        let root = trie.get(Trie::ROOT);
        if let Some(root) = root {
            root.begin(places, 0);
        }
        Tracker {
            trie,
            places,
            current: None,
            value: root,
            passing: 0,
        }
    }

    #[inline(always)]
    fn end_value(&mut self, at: usize) {
        if let Some(value) = self.value {
            value.end(self.places, at);
        }
    }
}

impl Visitor for Tracker<'_> {
    #[inline(always)]
    fn wants_keys(&self) -> bool {
        self.passing == 0
    }

    /// The value before ends at the comma before the quote, or there was none.
    #[inline(always)]
    fn key(&mut self, bytes: &[u8], quote: usize, colon: usize) {
        self.end_value(quote.saturating_sub(1));
        self.value = self
            .current
            .and_then(|branch| branch.child_at(bytes, quote + 1, colon.saturating_sub(1)))
            .and_then(|child| self.trie.get(child));
        if let Some(value) = self.value {
            value.begin(self.places, colon + 1);
        }
    }

    #[inline(always)]
    fn open(&mut self, _: usize, is_object: bool) {
        match self.value {
            Some(value) if self.passing == 0 && is_object && value.has_children() => {
                self.current = Some(value);
                self.value = None;
            }
            _ => self.passing += 1,
        }
    }

    #[inline(always)]
    fn close(&mut self, at: usize) {
        if self.passing > 0 {
            self.passing -= 1;
            // The message itself, when no selector has a name.
            if self.passing == 0 && self.current.is_none() {
                self.end_value(at + 1);
            }
            return;
        }
        self.end_value(at);
        if let Some(branch) = self.current {
            branch.end(self.places, at + 1);
            self.current = branch.parent.and_then(|parent| self.trie.get(parent));
        }
        self.value = None;
    }
}
