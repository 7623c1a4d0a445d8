//! Bytes → tokens: the first loop over a chunk. What stands inside a string is no token.

use super::block::{BLOCK, Classify, Oddities};
use super::escapes::Escapes;
use super::marked::{all_at, is_escape};
use super::words::{BLOCKS, Chunk, Words};

/// The tokens of a chunk; in each word bit `n` is byte `n` of a block of 64 bytes. Brackets, colons
/// and commas stand outside strings.
#[derive(Debug, Clone, Default)]
pub(super) struct Tokens {
    /// Opening quotes and everything up to the closing ones.
    pub strings: Words,
    /// Quotes that no backslash escapes.
    pub quotes: Words,
    pub colons: Words,
    pub commas: Words,
    pub opening: Words,
    pub closing: Words,
    /// Backslashes that count.
    pub backslashes: Words,
}

/// What the loop has to know of the blocks before.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Inside {
    /// All bits if the next block begins inside a string, else none.
    string: u64,
    /// 1 if its first byte is escaped.
    escaped: u64,
}

/// What the loop noticed on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Noticed {
    /// Offset of the first byte that no JSON has there: a control character, or a wrong escape.
    pub wrong: usize,
    pub non_ascii: bool,
}

impl Tokens {
    /// Makes room for the chunk that follows one of so many blocks.
    pub fn carry(&mut self, blocks: usize) {
        for words in [
            &mut self.strings,
            &mut self.quotes,
            &mut self.colons,
            &mut self.commas,
            &mut self.opening,
            &mut self.closing,
            &mut self.backslashes,
        ] {
            words.carry(blocks);
        }
    }

    /// Reads a chunk. What its last block has beyond the end of the text is taken for blanks, of
    /// which no compact object has one.
    #[inline(always)]
    pub fn read<C: Classify>(&mut self, chunk: Chunk<'_>, inside: &mut Inside) -> Noticed {
        let mut noticed = Noticed {
            wrong: usize::MAX,
            non_ascii: false,
        };
        let mut before = *inside;
        let text = chunk.text.get(chunk.start..).unwrap_or_default();
        let (whole, rest) = text.as_chunks::<BLOCK>();
        let blocks = whole.iter().take(chunk.blocks.min(BLOCKS));
        for (index, block) in blocks.enumerate() {
            self.block::<C>(chunk, index, block, &mut before, &mut noticed);
        }
        if whole.len() < chunk.blocks {
            let mut last = [b' '; BLOCK];
            for (to, from) in last.iter_mut().zip(rest) {
                *to = *from;
            }
            self.block::<C>(chunk, whole.len(), &last, &mut before, &mut noticed);
        }
        *inside = before;
        noticed
    }

    #[inline(always)]
    fn block<C: Classify>(
        &mut self,
        chunk: Chunk<'_>,
        index: usize,
        block: &[u8; BLOCK],
        inside: &mut Inside,
        noticed: &mut Noticed,
    ) {
        let masks = C::masks(block);
        let (mut quotes, mut backslashes) = (masks.quotes, 0);
        if masks.odd | (inside.escaped != 0) {
            let base = chunk.base(index);
            (quotes, backslashes) = odd(chunk.text, base, block, quotes, inside, noticed);
        }
        let strings = C::parity(quotes) ^ inside.string;
        inside.string = 0_u64.wrapping_sub(strings >> 63);
        self.strings.put(index, strings);
        self.quotes.put(index, quotes);
        self.colons.put(index, masks.colons & !strings);
        self.commas.put(index, masks.commas & !strings);
        self.opening.put(index, masks.opening & !strings);
        self.closing.put(index, masks.closing & !strings);
        self.backslashes.put(index, backslashes);
    }
}

/// A block with backslashes, control characters or other than ASCII: rare, and not to burden the
/// others. Which of its quotes are not escaped, and which backslashes count.
#[cold]
#[inline(never)]
fn odd(
    text: &[u8],
    base: usize,
    block: &[u8; BLOCK],
    quotes: u64,
    inside: &mut Inside,
    noticed: &mut Noticed,
) -> (u64, u64) {
    let odd = Oddities::of(block);
    let escapes = Escapes::of(odd.backslashes, quotes, inside.escaped);
    inside.escaped = escapes.starts >> 63;
    all_at(base, escapes.others, |at| {
        let right = is_escape(text, at);
        if !right {
            noticed.wrong = noticed.wrong.min(at);
        }
        right
    });
    noticed.non_ascii |= odd.non_ascii;
    if odd.controls != 0 {
        let at = base + odd.controls.trailing_zeros() as usize;
        noticed.wrong = noticed.wrong.min(at);
    }
    (quotes & !escapes.escaped, escapes.starts)
}
