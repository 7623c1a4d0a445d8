//! Where the values of selectors stand in a message.

use std::ops::Range;

use super::super::json::{Index, Object};
use super::trie::Branch;

/// The memory of [`Fields`](super::Fields), to be used again for every message.
#[derive(Debug, Clone, Default)]
pub struct Places {
    pub(super) found: Found,
    /// What is known of the text that objects are read from one behind the other.
    pub(super) index: Index,
    /// The last object, if it was read from there, and where it starts.
    pub(super) object: Option<(Object, usize)>,
}

/// Where the value of each branch of the trie stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Found(Vec<Place>);

/// Where a value stands in a message: its first byte, and the one behind it. None if both are zero;
/// no value starts at a message's first byte but the message itself, which does not end there.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    start: u32,
    end: u32,
}

impl Place {
    #[inline(always)]
    pub fn range(self) -> Option<Range<usize>> {
        (self.end > self.start).then_some(self.start as usize..self.end as usize)
    }
}

impl Places {
    /// Forgets the text that objects were read from; see
    /// [`read_compact`](super::Extractor::read_compact).
    pub fn start_text(&mut self) {
        self.index.clear();
        self.object = None;
    }
}

impl Found {
    /// Forgets everything, and makes room for so many branches.
    pub fn clear(&mut self, branches: usize) {
        self.0.resize(branches, Place::default());
        self.0.fill(Place::default());
    }

    pub fn places(&self) -> &[Place] {
        &self.0
    }

    /// A value that begins, and ends nobody knows where. Whatever an earlier member of the same
    /// name left is forgotten: the last one wins (filter pattern spec D-DUPKEY).
    #[inline(always)]
    pub fn begin(&mut self, branch: &Branch, start: usize) {
        if let Some(place) = self.0.get_mut(branch.number) {
            let again = place.start != 0;
            *place = Place {
                start: offset(start),
                end: 0,
            };
            if again {
                self.forget(branch);
            }
        }
    }

    #[inline(always)]
    pub fn end(&mut self, branch: &Branch, end: usize) {
        if let Some(place) = self.0.get_mut(branch.number) {
            place.end = offset(end);
        }
    }

    #[cold]
    fn forget(&mut self, branch: &Branch) {
        for number in &branch.under {
            if let Some(place) = self.0.get_mut(*number) {
                *place = Place::default();
            }
        }
    }
}

/// Messages of 4 GiB and more are given up before.
#[inline(always)]
fn offset(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
