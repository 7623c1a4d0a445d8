//! Which bytes of a block are which: 64 bytes at a time, one bit a byte.

/// Bytes of a block.
pub(super) const BLOCK: usize = 64;

/// Where the bytes that matter to the structure stand in a block; bit `n` is byte `n`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Masks {
    pub quotes: u64,
    pub colons: u64,
    pub commas: u64,
    /// `{`, `}`, `[` and `]`.
    pub brackets: u64,
    pub backslashes: u64,
    /// Some byte is a control character or not ASCII.
    pub odd: bool,
}

/// A way to find them.
pub(super) trait Classify {
    fn masks(block: &[u8; BLOCK]) -> Masks;
}

/// Eight bytes at a time in ordinary registers: any machine can, and the others are tested
/// against it.
pub(super) struct Portable;

impl Classify for Portable {
    #[inline(always)]
    fn masks(block: &[u8; BLOCK]) -> Masks {
        let mut masks = Masks::default();
        let (words, _) = block.as_chunks::<8>();
        for (index, word) in words.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            let at = 8 * index;
            masks.quotes |= gather(equal(word, b'"')) << at;
            masks.colons |= gather(equal(word, b':')) << at;
            masks.commas |= gather(equal(word, b',')) << at;
            // The brackets differ from the braces in one bit.
            let folded = word | repeat(0x20);
            masks.brackets |= gather(equal(folded, b'{') | equal(folded, b'}')) << at;
            // Borrows mark more than the control characters, but only behind one.
            let control = word.wrapping_sub(repeat(0x20)) & !word & HIGHS;
            masks.backslashes |= gather(equal(word, b'\\')) << at;
            masks.odd |= (word & HIGHS) | control != 0;
        }
        masks
    }
}

/// The control characters of the block at `base`, and whether something in it is not ASCII.
#[cold]
pub(super) fn odd_bytes(bytes: &[u8], base: usize) -> (u64, bool) {
    let (mut controls, mut non_ascii) = (0, false);
    for (at, byte) in bytes.iter().skip(base).take(BLOCK).enumerate() {
        controls |= u64::from(*byte < 0x20) << at;
        non_ascii |= *byte >= 0x80;
    }
    (controls, non_ascii)
}

const HIGHS: u64 = repeat(0x80);

const fn repeat(byte: u8) -> u64 {
    0x0101_0101_0101_0101 * byte as u64
}

/// The high bit of every byte that equals `byte`.
#[inline(always)]
fn equal(word: u64, byte: u8) -> u64 {
    let differ = word ^ repeat(byte);
    // No carry leaves a byte, so each bit is right by itself.
    !(((differ & !HIGHS) + !HIGHS) | differ) & HIGHS
}

/// The high bits of the eight bytes, side by side.
#[inline(always)]
fn gather(highs: u64) -> u64 {
    (highs >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}
