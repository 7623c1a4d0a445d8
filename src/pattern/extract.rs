//! One pass over a JSON message that finds the value of every slot.
//!
//! The leading names of all selectors form a trie. The pass walks the message and the trie together:
//! a member whose name is not in the trie is validated and skipped, so the cost is that of skipping
//! the message, however many selectors there are.

use std::ops::Range;

use super::json::{
    JsonError, JsonErrorKind, MAX_DEPTH, Node, RawString, object_key, skip_space, skip_value,
};
use super::slots::{Selectors, Slot};
use super::trie::{Branch, Trie};

/// Finds the values of all slots in one pass over a message.
#[derive(Debug, Clone)]
pub struct Extractor {
    trie: Trie,
    slots: usize,
}

/// What the slots hold for one message. Reusable: a read clears what the message before left, and
/// [`Fields::recycle`] carries the memory over to a message of another lifetime.
#[derive(Debug, Clone, Default)]
pub struct Fields<'m> {
    message: &'m str,
    places: Vec<Option<Range<usize>>>,
}

impl<'m> Fields<'m> {
    /// The node of a slot, none if the message does not hold it. For a selector with an index or a
    /// wildcard this is the node before the first such step; see
    /// [`Selector::finish`](super::Selector::finish).
    pub fn get(&self, slot: Slot) -> Option<Node<'m>> {
        let place = self.places.get(slot.index())?.clone()?;
        self.message.get(place).map(Node::of_valid)
    }

    /// Empty fields that keep the allocation, for a message that lives elsewhere.
    pub fn recycle<'n>(mut self) -> Fields<'n> {
        self.places.clear();
        Fields {
            message: "",
            places: self.places,
        }
    }
}

impl Extractor {
    /// Prepares for the selectors added so far; slots added later stay empty.
    pub fn new(selectors: &Selectors) -> Extractor {
        Extractor {
            trie: Trie::new(selectors),
            slots: selectors.len(),
        }
    }

    /// Validates that the whole message is one JSON object, outer white space aside (filter pattern
    /// spec 4.1), and fills `fields`. After an error the fields are empty.
    pub fn read<'m>(&self, message: &'m str, fields: &mut Fields<'m>) -> Result<(), JsonError> {
        fields.message = message;
        fields.places.clear();
        fields.places.resize(self.slots, None);
        let reader = Reader {
            trie: &self.trie,
            message,
            bytes: message.as_bytes(),
            places: &mut fields.places,
        };
        let read = reader.object();
        if read.is_err() {
            fields.places.clear();
        }
        read
    }
}

/// The state of one pass.
struct Reader<'r> {
    trie: &'r Trie,
    message: &'r str,
    bytes: &'r [u8],
    places: &'r mut [Option<Range<usize>>],
}

impl<'r> Reader<'r> {
    /// Walks the message. Every branch knows its parent, so no stack is needed.
    fn object(mut self) -> Result<(), JsonError> {
        let start = skip_space(self.bytes, 0);
        if self.bytes.get(start) != Some(&b'{') {
            return Err(self.expected(start, "an object"));
        }
        let mut branch = self.trie.get(Trie::ROOT);
        self.begin(branch, start);
        let mut at = skip_space(self.bytes, start + 1);
        while let Some(current) = branch {
            if self.bytes.get(at) == Some(&b'}') {
                at += 1;
                self.end(branch, at);
                branch = current.parent.and_then(|parent| self.trie.get(parent));
                if branch.is_some() {
                    at = self.next_key(at)?;
                }
                continue;
            }
            let (child, value) = self.key(current, at)?;
            let is_object = self.bytes.get(value) == Some(&b'{');
            if is_object && child.is_some_and(Branch::has_children) {
                branch = child;
                at = skip_space(self.bytes, value + 1);
                continue;
            }
            let end = skip_value(self.bytes, value, MAX_DEPTH)?;
            self.end(child, end);
            at = self.next_key(end)?;
        }
        self.nothing_after(at)
    }

    /// Reads a key and steps to its value. If the trie has the key, whatever an earlier member of the
    /// same name left is forgotten: the last one wins (filter pattern spec D-DUPKEY).
    fn key(
        &mut self,
        branch: &Branch,
        at: usize,
    ) -> Result<(Option<&'r Branch>, usize), JsonError> {
        let key = object_key(self.bytes, at)?;
        let value = skip_space(self.bytes, key.value);
        let child = if key.name.escaped {
            let name = self.message.get(at..key.name.end).unwrap_or_default();
            branch.child(RawString::of_valid(name).decode().as_bytes())
        } else {
            let name = self.bytes.get(at + 1..key.name.end - 1);
            branch.child(name.unwrap_or_default())
        };
        let child = child.and_then(|child| self.trie.get(child));
        self.begin(child, value);
        Ok((child, value))
    }

    /// Notes that the node of a branch starts here.
    fn begin(&mut self, branch: Option<&Branch>, start: usize) {
        let Some(branch) = branch else { return };
        for slot in &branch.under {
            if let Some(place) = self.places.get_mut(slot.index()) {
                *place = None;
            }
        }
        for slot in &branch.here {
            if let Some(place) = self.places.get_mut(slot.index()) {
                *place = Some(start..start);
            }
        }
    }

    /// Notes that the node of a branch ends here.
    fn end(&mut self, branch: Option<&Branch>, end: usize) {
        for slot in branch.map_or(&[][..], |branch| &branch.here) {
            if let Some(Some(place)) = self.places.get_mut(slot.index()) {
                place.end = end;
            }
        }
    }

    /// Past a value: the next key, or the closing brace.
    fn next_key(&self, at: usize) -> Result<usize, JsonError> {
        let at = skip_space(self.bytes, at);
        match self.bytes.get(at) {
            Some(b'}') => Ok(at),
            Some(b',') => {
                let key = skip_space(self.bytes, at + 1);
                match self.bytes.get(key) {
                    Some(b'}') => Err(self.expected(key, "a key in double quotes")),
                    _ => Ok(key),
                }
            }
            _ => Err(self.expected(at, "`,` or `}`")),
        }
    }

    fn nothing_after(&self, at: usize) -> Result<(), JsonError> {
        let at = skip_space(self.bytes, at);
        if at < self.bytes.len() {
            return Err(self.expected(at, "nothing after the object"));
        }
        Ok(())
    }

    fn expected(&self, at: usize, expected: &'static str) -> JsonError {
        if at < self.bytes.len() {
            JsonErrorKind::Syntax { expected }.at(at)
        } else {
            JsonErrorKind::UnexpectedEnd.at(at)
        }
    }
}
