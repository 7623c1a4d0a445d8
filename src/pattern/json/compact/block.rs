//! Which bytes of a block are which: 64 bytes at a time, one bit a byte.

/// Bytes of a block.
pub(super) const BLOCK: usize = 64;

/// Where the bytes that matter to the structure stand in a block; bit `n` is byte `n`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Masks {
    pub quotes: u64,
    pub colons: u64,
    pub commas: u64,
    /// `{` and `[`.
    pub opening: u64,
    /// `}` and `]`.
    pub closing: u64,
    /// Some byte is a backslash, a control character or not ASCII: see [`Oddities`].
    pub odd: bool,
}

/// What is rare in a block.
pub(super) struct Oddities {
    pub backslashes: u64,
    pub controls: u64,
    pub non_ascii: bool,
}

/// A way to find them.
pub(super) trait Classify {
    fn masks(block: &[u8; BLOCK]) -> Masks;

    /// Each bit the parity of the bits up to it, itself included: set from an opening quote up to
    /// before its closing one.
    fn parity(quotes: u64) -> u64;
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
            masks.opening |= gather(equal(folded, b'{')) << at;
            masks.closing |= gather(equal(folded, b'}')) << at;
            // Borrows mark more than the control characters, but only behind one.
            let control = word.wrapping_sub(repeat(0x20)) & !word & HIGHS;
            masks.odd |= (word & HIGHS) | control | equal(word, b'\\') != 0;
        }
        masks
    }

    #[inline(always)]
    fn parity(quotes: u64) -> u64 {
        let mut parity = quotes;
        parity ^= parity << 1;
        parity ^= parity << 2;
        parity ^= parity << 4;
        parity ^= parity << 8;
        parity ^= parity << 16;
        parity ^ (parity << 32)
    }
}

impl Oddities {
    pub fn of(block: &[u8; BLOCK]) -> Oddities {
        let mut odd = Oddities {
            backslashes: 0,
            controls: 0,
            non_ascii: false,
        };
        let (words, _) = block.as_chunks::<8>();
        for (index, word) in words.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            odd.backslashes |= gather(equal(word, b'\\')) << (8 * index);
            odd.non_ascii |= word & HIGHS != 0;
        }
        for (at, byte) in block.iter().enumerate() {
            odd.controls |= u64::from(*byte < 0x20) << at;
        }
        odd
    }
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
