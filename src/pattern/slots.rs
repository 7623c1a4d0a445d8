//! The selectors that a set of matchers looks at.

use std::collections::HashMap;

use super::selector::Selector;

/// The distinct selectors that a set of compiled matchers looks at. Each has a slot, numbered from
/// zero without gaps, so that one pass over a message can serve them all.
#[derive(Debug, Clone, Default)]
pub struct Selectors {
    selectors: Vec<Selector>,
    slots: HashMap<Selector, Slot>,
}

/// The number of a selector among [`Selectors`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(usize);

impl Slot {
    /// The number itself, for tables that run parallel to the slots.
    pub fn index(self) -> usize {
        self.0
    }
}

impl Selectors {
    /// The slot of a selector, a new one if no equal selector has been added before.
    pub fn add(&mut self, selector: &Selector) -> Slot {
        if let Some(slot) = self.slots.get(selector) {
            return *slot;
        }
        let slot = Slot(self.selectors.len());
        self.selectors.push(selector.clone());
        self.slots.insert(selector.clone(), slot);
        slot
    }

    /// How many slots there are.
    pub fn len(&self) -> usize {
        self.selectors.len()
    }

    /// Whether nothing has been added.
    pub fn is_empty(&self) -> bool {
        self.selectors.is_empty()
    }

    /// The selector of a slot.
    pub fn get(&self, slot: Slot) -> Option<&Selector> {
        self.selectors.get(slot.index())
    }

    /// Every selector with its slot, in the order of the slots.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &Selector)> {
        self.selectors
            .iter()
            .enumerate()
            .map(|(index, selector)| (Slot(index), selector))
    }
}
