//! A chunk of a text, and words about it: a bit for each byte.

use super::block::BLOCK;

/// Blocks of a chunk at most, so that all of its words stay in the nearest cache.
pub(super) const BLOCKS: usize = 64;

/// A chunk of a text: so many blocks from `start` on.
#[derive(Clone, Copy)]
pub(super) struct Chunk<'t> {
    pub text: &'t [u8],
    pub start: usize,
    /// The last one may go beyond the end of the text.
    pub blocks: usize,
}

/// One word for each block of a chunk; before them the last one of the chunk before.
#[derive(Debug, Clone)]
pub(super) struct Words([u64; BLOCKS + 1]);

impl Default for Words {
    fn default() -> Words {
        Words([0; BLOCKS + 1])
    }
}

impl Chunk<'_> {
    /// Offset of the first byte of a block.
    #[inline(always)]
    pub fn base(&self, block: usize) -> usize {
        self.start + BLOCK * block
    }

    /// Offset behind the last block.
    pub fn end(&self) -> usize {
        self.base(self.blocks)
    }
}

impl Words {
    /// The word of a block.
    #[inline(always)]
    pub fn get(&self, block: usize) -> u64 {
        self.0.get(block + 1).copied().unwrap_or_default()
    }

    #[inline(always)]
    pub fn put(&mut self, block: usize, word: u64) {
        if let Some(place) = self.0.get_mut(block + 1) {
            *place = word;
        }
    }

    /// The word of a block, every bit one place on, and in front the last one of the block before.
    #[inline(always)]
    pub fn behind(&self, block: usize) -> u64 {
        let before = self.0.get(block).copied().unwrap_or_default();
        (self.get(block) << 1) | (before >> 63)
    }

    /// The words of the first so many blocks.
    #[inline(always)]
    pub fn first(&self, blocks: usize) -> &[u64] {
        self.0.get(1..=blocks).unwrap_or_default()
    }

    /// Makes room for the chunk that follows one of so many blocks.
    pub fn carry(&mut self, blocks: usize) {
        let [before, words @ ..] = &mut self.0;
        *before = match blocks.checked_sub(1) {
            Some(last) => words.get(last).copied().unwrap_or_default(),
            None => 0,
        };
    }
}
