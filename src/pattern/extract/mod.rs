//! One pass over a JSON message that finds the value of every slot.
//!
//! The leading names of all selectors form a trie. The pass walks the message and the trie together:
//! a member whose name is not in the trie is validated and skipped, so the cost is that of skipping
//! the message, however many selectors there are. There are two ways to walk: [`track`] follows
//! the index of compact JSON, [`walk`] goes token by token and can read everything. They agree.

mod fields;
mod keys;
mod members;
mod places;
mod track;
mod trie;
mod walk;

use super::json::JsonError;
use super::slots::{Selectors, Slot};
use trie::Trie;

pub use fields::Fields;
pub use places::Places;

/// Finds the values of all slots in one pass over a message.
#[derive(Debug, Clone)]
pub struct Extractor {
    trie: Trie,
}

impl Default for Extractor {
    /// Finds nothing, and still proves that messages are valid.
    fn default() -> Self {
        Extractor::new(&Selectors::default())
    }
}

impl Extractor {
    /// Prepares for the selectors added so far; slots added later stay empty.
    pub fn new(selectors: &Selectors) -> Extractor {
        Extractor {
            trie: Trie::new(selectors, |_| true),
        }
    }

    /// The same, but of what is nested in a compact object only these slots are found at once. The
    /// others are looked for when they are asked for, each time anew: for fields that matter to few
    /// messages.
    pub fn for_slots(selectors: &Selectors, wanted: &[Slot]) -> Extractor {
        Extractor {
            trie: Trie::new(selectors, |slot| wanted.contains(&slot)),
        }
    }

    /// Validates that the whole message is one JSON object, outer white space aside (filter pattern
    /// spec 4.1), and finds its fields.
    pub fn read<'m>(
        &'m self,
        message: &'m str,
        places: &'m mut Places,
    ) -> Result<Fields<'m>, JsonError> {
        places.start_text();
        if self.read_compact(message.as_bytes(), 0, usize::MAX, places) != Some(message.len()) {
            places.object = None;
            places.found.clear(self.trie.len());
            walk::object(&self.trie, message, &mut places.found)?;
        }
        Ok(self.fields(message.as_bytes(), places))
    }

    /// What was found in `message`, the one that was read last.
    pub fn fields<'m>(&'m self, message: &'m [u8], places: &'m Places) -> Fields<'m> {
        Fields::new(message, &self.trie, places)
    }

    /// Finds the fields of the object that starts at `from` in `text`, and its end, if it is valid
    /// JSON in UTF-8, nests at most `max_depth` levels and is written without white space between
    /// its tokens. None means nothing: ask [`read`](Self::read) about the object by itself.
    ///
    /// The objects of a text are to be asked for in their order, with the same `max_depth`. Before
    /// another text, or when the text was moved, call [`Places::start_text`].
    pub fn read_compact(
        &self,
        text: &[u8],
        from: usize,
        max_depth: usize,
        places: &mut Places,
    ) -> Option<usize> {
        let Places {
            found,
            index,
            object: last,
        } = places;
        *last = None;
        found.clear(self.trie.len());
        let object = index.object(text, from, max_depth)?;
        track::object(&self.trie, text, from, index, object, found)?;
        *last = Some((object, from));
        Some(object.end)
    }
}
