//! Where the slots' values stand in a message.

use std::ops::Range;

use super::super::slots::Slot;
use super::Fields;

/// The memory of [`Fields`], to be used again for every message.
#[derive(Debug, Clone, Default)]
pub struct Places(Vec<Place>);

/// Where a value stands in a message: its first byte, and the one behind it. None if both are zero;
/// no value starts at a message's first byte but the message itself, which does not end there.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    start: usize,
    end: usize,
}

impl Place {
    pub fn range(self) -> Option<Range<usize>> {
        (self.end > self.start).then_some(self.start..self.end)
    }
}

impl Places {
    /// Empties all slots.
    pub(super) fn clear(&mut self, slots: usize) {
        self.0.clear();
        self.0.resize(slots, Place::default());
    }

    /// A value that begins, and ends nobody knows where.
    #[inline(always)]
    pub(super) fn begin(&mut self, slot: Slot, start: usize) {
        if let Some(place) = self.0.get_mut(slot.index()) {
            *place = Place { start, end: 0 };
        }
    }

    #[inline(always)]
    pub(super) fn end(&mut self, slot: Slot, end: usize) {
        if let Some(place) = self.0.get_mut(slot.index()) {
            place.end = end;
        }
    }

    #[inline(always)]
    pub(super) fn forget(&mut self, slot: Slot) {
        if let Some(place) = self.0.get_mut(slot.index()) {
            *place = Place::default();
        }
    }

    /// What was found in `message`, the one that was read last.
    pub fn fields<'m>(&'m self, message: &'m [u8]) -> Fields<'m> {
        Fields {
            message,
            places: &self.0,
        }
    }
}
