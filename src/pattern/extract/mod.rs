//! One pass over a JSON message that finds the value of every slot.
//!
//! The leading names of all selectors form a trie. The pass walks the message and the trie together:
//! a member whose name is not in the trie is validated and skipped, so the cost is that of skipping
//! the message, however many selectors there are. There are two ways to walk: [`track`] follows
//! the index of compact JSON, [`walk`] goes token by token and can read everything. They agree.

mod keys;
mod places;
mod track;
mod trie;
mod walk;

use std::borrow::Cow;

use memchr::memchr;

use super::json::{JsonError, Node};
use super::slots::{Selectors, Slot};
use places::Place;
use trie::Trie;

pub use places::Places;

/// Finds the values of all slots in one pass over a message.
#[derive(Debug, Clone)]
pub struct Extractor {
    trie: Trie,
}

/// What the slots hold for one message.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'m> {
    message: &'m [u8],
    trie: &'m Trie,
    places: &'m [Place],
}

impl<'m> Fields<'m> {
    /// The node of a slot, none if the message does not hold it. For a selector with an index or a
    /// wildcard this is the node before the first such step; see
    /// [`Selector::finish`](super::Selector::finish).
    pub fn get(&self, slot: Slot) -> Option<Node<'m>> {
        let value = std::str::from_utf8(self.raw(slot)?);
        value.ok().map(Node::of_valid)
    }

    /// The message itself.
    pub fn message(&self) -> Node<'m> {
        let text = std::str::from_utf8(self.message).unwrap_or_default();
        Node::of_valid(text.trim_matches([' ', '\t', '\n', '\r']))
    }

    /// The bytes of the text of a slot's value, see [`Node::text`]; as they stand in the message
    /// where nothing is escaped.
    pub fn text(&self, slot: Slot) -> Option<Cow<'m, [u8]>> {
        let raw = self.raw(slot)?;
        match raw {
            [b'"', text @ .., b'"'] if memchr(b'\\', text).is_none() => Some(Cow::Borrowed(text)),
            [b'"' | b'-' | b'0'..=b'9', ..] => {
                let text = self.get(slot)?.text()?.into_owned();
                Some(Cow::Owned(text.into_bytes()))
            }
            _ => None,
        }
    }

    /// The value of a slot as it is written.
    pub fn raw(&self, slot: Slot) -> Option<&'m [u8]> {
        let branch = self.trie.of_slot(slot)?;
        self.message.get(self.places.get(branch)?.range()?)
    }
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
            trie: Trie::new(selectors),
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
            places.found.clear(self.trie.len());
            walk::object(&self.trie, message, &mut places.found)?;
        }
        Ok(self.fields(message.as_bytes(), places))
    }

    /// What was found in `message`, the one that was read last.
    pub fn fields<'m>(&'m self, message: &'m [u8], places: &'m Places) -> Fields<'m> {
        Fields {
            message,
            trie: &self.trie,
            places: places.found.places(),
        }
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
        let Places { found, index } = places;
        found.clear(self.trie.len());
        let object = index.object(text, from, max_depth)?;
        track::object(&self.trie, text, from, index, object, found)?;
        Some(object.end)
    }
}
