//! Brackets in pairs: the second loop over a chunk.

use super::block::BLOCK;
use super::tokens::Tokens;
use super::words::{BLOCKS, Chunk, Words};

/// Levels that are followed: one bit each.
pub(super) const MOST_LEVELS: usize = 63;

/// A bracket outside strings.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bracket {
    /// Its offset in the text.
    pub at: usize,
    /// Of an opening one, how many brackets on the one stands that closes it; 0 if none has yet.
    pub closed_by: usize,
}

/// The open containers.
#[derive(Debug, Clone)]
pub(super) struct Containers {
    /// Their kinds, the innermost last; a set bit is an object.
    kinds: u64,
    depth: usize,
    /// Where their brackets stand in the list of brackets, by level.
    brackets: [usize; MOST_LEVELS + 1],
}

/// Brackets in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Brackets {
    /// The brackets, and room for more.
    list: Vec<Bracket>,
    count: usize,
}

impl Brackets {
    pub fn clear(&mut self) {
        self.count = 0;
    }

    /// Makes room for so many more.
    fn make_room(&mut self, more: usize) {
        let most = self.count + more;
        if self.list.len() < most {
            self.list.resize(most, Bracket::default());
        }
    }

    /// Adds a bracket, which closes the one that is `opened` if that is another one.
    #[inline(always)]
    fn push(&mut self, at: usize, opened: usize) {
        let count = self.count;
        if let Some(place) = self.list.get_mut(count) {
            place.at = at;
            self.count += 1;
        }
        if let Some(opening) = self.list.get_mut(opened) {
            opening.closed_by = count - opened;
        }
    }

    /// A bracket by its number.
    #[inline(always)]
    pub fn get(&self, number: usize) -> Option<&Bracket> {
        self.list.get(number).filter(|_| number < self.count)
    }

    pub fn drop_first(&mut self, dropped: usize) {
        self.list.copy_within(dropped..self.count, 0);
        self.count -= dropped;
    }
}

impl Default for Containers {
    fn default() -> Containers {
        Containers {
            kinds: 0,
            depth: 0,
            brackets: [0; MOST_LEVELS + 1],
        }
    }
}

impl Containers {
    /// Follows the brackets of a chunk, adds them to the list, and notes in `objects` which bytes
    /// stand in objects. Returns the offset of the first bracket that does not pair, or nests deeper
    /// than `max_depth`; nothing behind it was looked at.
    #[inline(always)]
    pub fn follow(
        &mut self,
        chunk: Chunk<'_>,
        tokens: &Tokens,
        objects: &mut Words,
        list: &mut Brackets,
        max_depth: usize,
    ) -> Option<usize> {
        let (mut kinds, mut depth) = (self.kinds, self.depth);
        list.make_room(BLOCK * chunk.blocks);
        for block in 0..chunk.blocks.min(BLOCKS) {
            let mut object = 0_u64.wrapping_sub(kinds & 1);
            let opening = tokens.opening.get(block);
            let mut left = opening | tokens.closing.get(block);
            while left != 0 {
                let bit = left & left.wrapping_neg();
                let at = chunk.base(block) + left.trailing_zeros() as usize;
                left ^= bit;
                // `{` is 0x7b, `}` 0x7d, `[` 0x5b and `]` 0x5d.
                let kind = u64::from(chunk.text.get(at).copied().unwrap_or_default() >> 5) & 1;
                // Without branches, as nobody can foretell them.
                let opens = opening & bit != 0;
                let level = depth + usize::from(opens);
                let pairs = (level != 0) & (kinds & 1 == kind);
                if !(pairs | opens) | (level > max_depth) {
                    objects.put(block, object);
                    return Some(at);
                }
                let inner = (kinds << 1) | kind;
                kinds = if opens { inner } else { kinds >> 1 };
                depth = level - usize::from(!opens);
                if let Some(place) = self.brackets.get_mut(level) {
                    *place = if opens { list.count } else { *place };
                    list.push(at, *place);
                }
                let behind = !(bit | (bit - 1));
                object ^= (object ^ 0_u64.wrapping_sub(kinds & 1)) & behind;
            }
            objects.put(block, object);
        }
        (self.kinds, self.depth) = (kinds, depth);
        None
    }

    /// The list lost its first brackets, none of an open container.
    pub fn forget(&mut self, dropped: usize) {
        for place in self.brackets.iter_mut().skip(1).take(self.depth) {
            *place = place.saturating_sub(dropped);
        }
    }
}
