//! What was found in a message.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

use super::super::json::{Index, Node, Raw};
use super::super::slots::Slot;
use super::members::Members;
use super::places::{Place, Places};
use super::trie::{Branch, Trie};

/// What the slots hold for one message.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'m> {
    message: &'m [u8],
    trie: &'m Trie,
    places: &'m [Place],
    indexed: Option<Indexed<'m>>,
}

/// A compact object in its index.
#[derive(Debug, Clone, Copy)]
struct Indexed<'m> {
    index: &'m Index,
    /// Number of its opening bracket.
    bracket: usize,
    /// Offset in the text of the index.
    from: usize,
}

impl<'m> Fields<'m> {
    pub(super) fn new(message: &'m [u8], trie: &'m Trie, places: &'m Places) -> Fields<'m> {
        Fields {
            message,
            trie,
            places: places.found.places(),
            indexed: places.object.map(|(object, from)| Indexed {
                index: &places.index,
                bracket: object.bracket,
                from,
            }),
        }
    }

    /// The node of a slot, none if the message does not hold it. For a selector with an index or a
    /// wildcard this is the node before the first such step; see
    /// [`Selector::finish`](super::super::Selector::finish).
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
    #[inline]
    pub fn raw(&self, slot: Slot) -> Option<&'m [u8]> {
        let branch = self.trie.get(self.trie.of_slot(slot)?)?;
        self.message.get(self.place(branch)?)
    }

    #[inline]
    fn place(&self, branch: &Branch) -> Option<Range<usize>> {
        match &self.indexed {
            Some(indexed) if !branch.is_found => self.look_for(branch, *indexed),
            _ => self.places.get(branch.number)?.range(),
        }
    }

    /// Looks into the object above. Of members of one name the last one counts (filter pattern
    /// spec D-DUPKEY).
    fn look_for(&self, branch: &Branch, indexed: Indexed<'m>) -> Option<Range<usize>> {
        let Indexed {
            index,
            bracket,
            from,
        } = indexed;
        let object = self.place(self.trie.get(branch.parent?)?)?;
        if self.message.get(object.start) != Some(&b'{') {
            return None;
        }
        let start = object.start + from;
        let bracket =
            (bracket..).find(|bracket| index.at(*bracket).is_none_or(|at| at >= start))?;
        let named = |range: &Range<usize>| {
            self.message.get(range.start - from..range.end - from) == Some(&*branch.name)
        };
        let found = Members::of(index, bracket)?.filter(|member| named(&member.name));
        let value = found.last()?.value;
        Some(value.start - from..value.end - from)
    }

    /// The names and values of the message's members, where that needs no look at the values; each
    /// name as it is written between its quotes.
    pub fn members(&self) -> Option<impl Iterator<Item = (&'m [u8], Raw<'m>)> + use<'m>> {
        let (message, from) = (self.message, self.indexed?.from);
        let members = Members::of(self.indexed?.index, self.indexed?.bracket)?;
        let bytes = move |range: Range<usize>| message.get(range.start - from..range.end - from);
        Some(members.filter_map(move |member| {
            let value = Raw::of_valid(bytes(member.value)?);
            Some((bytes(member.name)?, value))
        }))
    }
}
