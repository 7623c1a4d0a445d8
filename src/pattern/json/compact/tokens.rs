//! Bytes that matter → tokens: what stands inside a string is none.

use super::block::Masks;

/// The tokens of a block.
pub(super) struct Tokens {
    /// Opening quotes and everything up to the closing ones.
    pub strings: u64,
    pub opening: u64,
    pub closing: u64,
    pub colons: u64,
    pub commas: u64,
    pub brackets: u64,
    pub scalars: u64,
}

impl Tokens {
    /// Of a block that begins inside a string if `in_string` has all bits, and else has none.
    #[inline(always)]
    pub fn of(masks: &Masks, escaped: u64, in_string: u64) -> Tokens {
        let quotes = masks.quotes & !escaped;
        let strings = prefix_parity(quotes) ^ in_string;
        let outside = !strings;
        let (colons, commas) = (masks.colons & outside, masks.commas & outside);
        let brackets = masks.brackets & outside;
        Tokens {
            strings,
            opening: quotes & strings,
            closing: quotes & outside,
            colons,
            commas,
            brackets,
            scalars: outside & !(quotes | colons | commas | brackets),
        }
    }
}

/// Each bit the parity of the bits up to it, itself included: set from an opening quote up to
/// before its closing one.
#[inline(always)]
fn prefix_parity(quotes: u64) -> u64 {
    let mut parity = quotes;
    parity ^= parity << 1;
    parity ^= parity << 2;
    parity ^= parity << 4;
    parity ^= parity << 8;
    parity ^= parity << 16;
    parity ^ (parity << 32)
}
