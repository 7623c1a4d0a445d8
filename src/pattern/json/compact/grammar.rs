//! Which token may follow which: the third loop over a chunk. The answer depends on the two
//! neighbours, and on whether the innermost container is an object.
//!
//! It is several loops, since all but one of them ask each word by itself: the compiler takes as
//! many at once as the machine has room for.

use super::marked::{all_at, is_scalar};
use super::tokens::Tokens;
use super::words::{BLOCKS, Chunk, Words};

/// Words that are asked at once.
const GROUP: usize = 8;

/// What is known of the keys and values of a chunk.
#[derive(Debug, Clone, Default)]
pub(super) struct Grammar {
    /// Where keys begin; then strings without those that are keys, and the ends of these.
    keys: Words,
    key_ends: Words,
    /// The end of any other value, or a byte of a number or word.
    ends: Words,
    scalars: Words,
    /// What must not stand where it stands.
    wrong: Words,
    /// Where numbers and words begin.
    words: Words,
    /// Whether a key goes on.
    in_key: bool,
}

impl Grammar {
    /// Makes room for the chunk that follows one of so many blocks.
    pub fn carry(&mut self, blocks: usize) {
        for words in [&mut self.key_ends, &mut self.ends, &mut self.scalars] {
            words.carry(blocks);
        }
        self.in_key &= blocks > 0;
    }

    /// The offset of the first byte of a chunk that must not stand where it stands.
    #[inline(always)]
    pub fn first_wrong(
        &mut self,
        chunk: Chunk<'_>,
        tokens: &Tokens,
        objects: &Words,
    ) -> Option<usize> {
        each(chunk.blocks, |block| self.find_keys(block, tokens, objects));
        self.find_key_ends(chunk.blocks, tokens);
        each(chunk.blocks, |block| self.find_ends(block, tokens));
        each(chunk.blocks, |block| {
            self.find_wrong(block, tokens, objects)
        });
        let wrong = self.wrong.first(chunk.blocks).iter();
        let marked = wrong.zip(self.words.first(chunk.blocks));
        for (block, (wrong, words)) in marked.enumerate() {
            let (mut wrong, base) = (*wrong, chunk.base(block));
            all_at(base, *words, |at| {
                let right = is_scalar(chunk.text, at);
                if !right {
                    wrong |= 1 << (at - base);
                }
                right
            });
            if wrong != 0 {
                return Some(base + wrong.trailing_zeros() as usize);
            }
        }
        None
    }

    #[inline(always)]
    fn find_keys(&mut self, block: usize, tokens: &Tokens, objects: &Words) {
        let may_follow = tokens.commas.behind(block) | tokens.opening.behind(block);
        let opens = tokens.quotes.get(block) & tokens.strings.get(block);
        self.keys
            .put(block, may_follow & objects.get(block) & opens);
    }

    /// A bit added to the first bit of a string runs through to the quote behind it.
    #[inline(always)]
    fn find_key_ends(&mut self, blocks: usize, tokens: &Tokens) {
        let mut carry = self.in_key;
        for block in 0..blocks.min(BLOCKS) {
            let strings = tokens.strings.get(block);
            let (sum, first) = strings.overflowing_add(self.keys.get(block));
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            carry = first | second;
            self.keys.put(block, strings & !sum);
            self.key_ends
                .put(block, sum & tokens.quotes.get(block) & !strings);
        }
        self.in_key = carry;
    }

    #[inline(always)]
    fn find_ends(&mut self, block: usize, tokens: &Tokens) {
        let (strings, quotes) = (tokens.strings.get(block), tokens.quotes.get(block));
        let closing = tokens.closing.get(block);
        let separators = tokens.colons.get(block) | tokens.commas.get(block);
        let scalars = !(strings | quotes | separators | tokens.opening.get(block) | closing);
        let closes = quotes & !strings & !self.key_ends.get(block);
        self.scalars.put(block, scalars);
        self.ends.put(block, closes | closing | scalars);
    }

    #[inline(always)]
    fn find_wrong(&mut self, block: usize, tokens: &Tokens, objects: &Words) {
        let opens = tokens.quotes.get(block) & tokens.strings.get(block);
        let (scalars, closing) = (self.scalars.get(block), tokens.closing.get(block));
        let starts = opens | tokens.opening.get(block) | scalars;
        let after_comma = tokens.commas.behind(block);
        let after_opening = tokens.opening.behind(block);
        let after_colon = tokens.colons.behind(block);
        let before_key = (after_comma | after_opening) & objects.get(block);
        let wrong = ((after_colon | after_comma) & !starts)
            | (after_opening & !(starts | closing))
            | (before_key & starts & !opens)
            | (self.key_ends.behind(block) ^ tokens.colons.get(block))
            | (self.ends.behind(block) & !(tokens.commas.get(block) | closing | scalars))
            | (self.keys.get(block) & tokens.backslashes.get(block));
        self.wrong.put(block, wrong);
        self.words.put(block, scalars & !self.scalars.behind(block));
    }
}

/// Does something with each of so many blocks, and some more up to a whole group.
#[inline(always)]
fn each(blocks: usize, mut ask: impl FnMut(usize)) {
    for group in 0..BLOCKS / GROUP {
        if GROUP * group >= blocks {
            break;
        }
        for block in GROUP * group..GROUP * group + GROUP {
            ask(block);
        }
    }
}
