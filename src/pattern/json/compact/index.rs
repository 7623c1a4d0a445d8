//! What is known of a text, as far as it was read.

use super::block::{BLOCK, Classify, Portable};
use super::containers::{Brackets, Containers, MOST_LEVELS};
use super::grammar::Grammar;
use super::tokens::{Inside, Tokens};
#[cfg(target_arch = "x86_64")]
use super::wide;
use super::words::{BLOCKS, Chunk, Words};

/// Blocks of the first chunk: a single record is hardly longer, and where every object needs a new
/// start not much is read in vain.
const FIRST: usize = 16;
/// Words that are kept, at most: of a longer object, the other scanner has to say.
const MOST_WORDS: usize = (256 << 10) / BLOCK;

/// The places of brackets, colons and quotes in a run of objects, with a separator between them.
#[derive(Debug, Clone)]
pub(in crate::pattern) struct Index {
    /// Offset in the text of the first bit of the first word.
    base: usize,
    /// Colons and opening quotes, a word for a block.
    colons: Vec<u64>,
    quotes: Vec<u64>,
    brackets: Brackets,
    /// The first bracket behind the last object.
    next: usize,
    /// Everything before this offset follows the grammar.
    proven: usize,
    /// Something is wrong there, or the text ends; nothing behind it is read.
    ended: bool,
    /// Offset behind the last block with other than ASCII.
    ascii_from: usize,
    /// Blocks of the next chunk.
    blocks: usize,
    inside: Inside,
    containers: Containers,
    last: Box<Last>,
}

/// What is known of the last chunk.
#[derive(Debug, Clone, Default)]
struct Last {
    tokens: Tokens,
    /// Bytes whose innermost container is an object.
    objects: Words,
    grammar: Grammar,
}

impl Last {
    /// Makes room for the chunk that follows one of so many blocks.
    fn carry(&mut self, blocks: usize) {
        self.tokens.carry(blocks);
        self.grammar.carry(blocks);
    }
}

/// An object that was found.
#[derive(Debug, Clone, Copy)]
pub(in crate::pattern) struct Object {
    /// Number of its opening bracket.
    pub bracket: usize,
    /// Offset behind it.
    pub end: usize,
}

impl Default for Index {
    fn default() -> Index {
        Index {
            base: 0,
            colons: Vec::new(),
            quotes: Vec::new(),
            brackets: Brackets::default(),
            next: 0,
            proven: 0,
            ended: false,
            ascii_from: 0,
            blocks: FIRST,
            inside: Inside::default(),
            containers: Containers::default(),
            last: Box::default(),
        }
    }
}

impl Index {
    /// Forgets the text.
    pub fn clear(&mut self) {
        self.start(0);
    }

    fn start(&mut self, at: usize) {
        self.base = at;
        self.colons.clear();
        self.quotes.clear();
        self.brackets.clear();
        self.next = 0;
        self.proven = at;
        self.ended = false;
        self.ascii_from = at;
        self.blocks = FIRST;
        self.inside = Inside::default();
        self.containers = Containers::default();
        self.last.carry(0);
    }

    /// The object that starts at `from`, when it is valid JSON, UTF-8 included, nests at most
    /// `max_depth` levels and is written without white space. None says nothing about what is
    /// there.
    ///
    /// Since the last [`clear`](Self::clear) the text and `max_depth` must be the same, and `from`
    /// no less. It is fastest where the objects follow each other with one comma between them.
    #[inline(always)]
    pub fn object(&mut self, text: &[u8], from: usize, max_depth: usize) -> Option<Object> {
        if text.get(from) != Some(&b'{') {
            return None;
        }
        // What is wrong before an object is not its fault.
        if self.at(self.next) != Some(from) || self.proven <= from {
            self.start(from);
        }
        loop {
            if let Some(bracket) = self.brackets.get(self.next)
                && bracket.closed_by > 0
            {
                break;
            }
            if self.ended || self.colons.len() > MOST_WORDS {
                return None;
            }
            self.read_on(text, from, max_depth.min(MOST_LEVELS));
        }
        let bracket = self.next;
        let close = self.close(bracket)?;
        let end = self.brackets.get(close)?.at + 1;
        let is_utf8 = || std::str::from_utf8(text.get(from..end).unwrap_or_default()).is_ok();
        if end > self.proven || (from < self.ascii_from && !is_utf8()) {
            return None;
        }
        self.next = close + 1;
        Some(Object { bracket, end })
    }

    /// Number of the bracket that closes an opening one.
    #[inline(always)]
    pub fn close(&self, bracket: usize) -> Option<usize> {
        Some(bracket + self.brackets.get(bracket)?.closed_by)
    }

    /// Offset of a bracket.
    #[inline(always)]
    pub fn at(&self, bracket: usize) -> Option<usize> {
        Some(self.brackets.get(bracket)?.at)
    }

    /// The colons from `at` on.
    #[inline(always)]
    pub fn colons(&self, at: usize) -> Colons<'_> {
        let mut colons = Colons {
            words: &self.colons,
            base: self.base,
            word: 0,
            left: 0,
        };
        colons.skip_to(at);
        colons
    }

    /// Offset of the last opening quote before `at`.
    #[inline(always)]
    pub fn quote_before(&self, at: usize) -> Option<usize> {
        let bit = at.checked_sub(self.base)?;
        let mut word = bit / BLOCK;
        let mut left = self.quotes.get(word)? & !(u64::MAX << (bit % BLOCK));
        while left == 0 {
            word = word.checked_sub(1)?;
            left = *self.quotes.get(word)?;
        }
        Some(self.base + BLOCK * word + 63 - left.leading_zeros() as usize)
    }

    /// Reads another chunk; what stands before `from` is not needed any more.
    #[inline(never)]
    fn read_on(&mut self, text: &[u8], from: usize, max_depth: usize) {
        self.forget_before(from);
        #[cfg(target_arch = "x86_64")]
        if wide::is_there() {
            return wide::read_chunk(self, text, max_depth);
        }
        self.read_chunk::<Portable>(text, max_depth);
    }

    fn forget_before(&mut self, from: usize) {
        let words = (from.saturating_sub(self.base) / BLOCK).min(self.colons.len());
        self.colons.drain(..words);
        self.quotes.drain(..words);
        self.base += BLOCK * words;
        self.brackets.drop_first(self.next);
        self.containers.forget(self.next);
        self.next = 0;
    }

    #[inline(always)]
    pub(super) fn read_chunk<C: Classify>(&mut self, text: &[u8], max_depth: usize) {
        let start = self.base + BLOCK * self.colons.len();
        let left = text.len().saturating_sub(start) / BLOCK + 1;
        let blocks = self.blocks.min(left);
        let chunk = Chunk {
            text,
            start,
            blocks,
        };
        let Last {
            tokens,
            objects,
            grammar,
        } = &mut *self.last;
        let noticed = tokens.read::<C>(chunk, &mut self.inside);
        let end = chunk.end();
        if noticed.non_ascii {
            self.ascii_from = end;
        }
        let list = &mut self.brackets;
        let unpaired = self
            .containers
            .follow(chunk, tokens, objects, list, max_depth);
        let wrong = grammar.first_wrong(chunk, tokens, objects);
        let until = unpaired.unwrap_or(end).min(wrong.unwrap_or(end));
        self.proven = until.min(noticed.wrong);
        self.ended = self.proven < end || text.len() < end;
        self.colons.extend_from_slice(tokens.colons.first(blocks));
        let strings = tokens.strings.first(blocks).iter();
        let quotes = strings.zip(tokens.quotes.first(blocks));
        self.quotes
            .extend(quotes.map(|(strings, quotes)| strings & quotes));
        self.last.carry(blocks);
        self.blocks = (2 * self.blocks).min(BLOCKS);
    }
}

/// Offsets of colons, in their order.
#[derive(Debug, Clone)]
pub(in crate::pattern) struct Colons<'i> {
    words: &'i [u64],
    base: usize,
    word: usize,
    /// What is left of the word.
    left: u64,
}

impl Colons<'_> {
    /// Goes on with the first one at or behind `at`.
    #[inline(always)]
    pub fn skip_to(&mut self, at: usize) {
        let bit = at.wrapping_sub(self.base);
        self.word = bit / BLOCK;
        let word = self.words.get(self.word).copied().unwrap_or_default();
        self.left = word & (u64::MAX << (bit % BLOCK));
    }
}

impl Iterator for Colons<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        while self.left == 0 {
            self.word += 1;
            self.left = *self.words.get(self.word)?;
        }
        let at = self.base + BLOCK * self.word + self.left.trailing_zeros() as usize;
        self.left &= self.left - 1;
        Some(at)
    }
}
