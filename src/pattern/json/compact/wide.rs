//! The blocks of [`block`](super::block) with the wide registers of x86-64, where the machine has
//! them. They are tested against [`Portable`](super::block::Portable).

use std::arch::x86_64::{
    __m256i, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8,
    _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_loadu_si256, _mm256_movemask_epi8,
    _mm256_or_si256, _mm256_set1_epi8,
};

use super::block::{BLOCK, Classify, Masks};
use super::index::Index;

/// 32 bytes in a register.
pub(super) struct Avx2;

/// Whether the machine has wide registers and what goes with them.
#[inline]
pub(super) fn is_there() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("lzcnt")
        && is_x86_feature_detected!("pclmulqdq")
        && is_x86_feature_detected!("popcnt")
}

/// [`Index::read_chunk`] with 32 bytes in a register; nothing where the machine has only narrow
/// ones.
#[expect(
    unsafe_code,
    reason = "code for a feature of the machine may only be called where the feature is there"
)]
pub(super) fn read_chunk(index: &mut Index, text: &[u8], max_depth: usize) {
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,pclmulqdq,popcnt")]
    fn with_avx2(index: &mut Index, text: &[u8], max_depth: usize) {
        index.read_chunk::<Avx2>(text, max_depth);
    }
    if is_there() {
        // SAFETY: the machine has every feature that the function is compiled for.
        unsafe { with_avx2(index, text, max_depth) }
    }
}

impl Classify for Avx2 {
    #[inline(always)]
    #[expect(
        unsafe_code,
        reason = "the wide registers are loaded through pointers, and need a feature of the machine"
    )]
    fn masks(block: &[u8; BLOCK]) -> Masks {
        // SAFETY: both loads stay inside the 64 bytes and need no alignment. Only code that is
        // compiled for AVX2 calls this.
        unsafe {
            let low = _mm256_loadu_si256(block.as_ptr().cast());
            let high = _mm256_loadu_si256(block.as_ptr().add(32).cast());
            let mask = |low: __m256i, high: __m256i| -> u64 {
                let low = _mm256_movemask_epi8(low).cast_unsigned();
                let high = _mm256_movemask_epi8(high).cast_unsigned();
                u64::from(low) | u64::from(high) << 32
            };
            let all = |byte: u8| _mm256_set1_epi8(byte.cast_signed());
            let equal = |half: __m256i, byte: u8| _mm256_cmpeq_epi8(half, all(byte));
            // The brackets differ from the braces in one bit.
            let folded = |half: __m256i| _mm256_or_si256(half, all(0x20));
            let (low_folded, high_folded) = (folded(low), folded(high));
            // As signed numbers, what is not ASCII lies below zero.
            let odd = |half: __m256i| {
                _mm256_or_si256(_mm256_cmpgt_epi8(all(0x20), half), equal(half, b'\\'))
            };
            Masks {
                quotes: mask(equal(low, b'"'), equal(high, b'"')),
                colons: mask(equal(low, b':'), equal(high, b':')),
                commas: mask(equal(low, b','), equal(high, b',')),
                opening: mask(equal(low_folded, b'{'), equal(high_folded, b'{')),
                closing: mask(equal(low_folded, b'}'), equal(high_folded, b'}')),
                odd: _mm256_movemask_epi8(_mm256_or_si256(odd(low), odd(high))) != 0,
            }
        }
    }

    /// A product without carries by all ones adds every bit to those behind it.
    #[inline(always)]
    #[expect(unsafe_code, reason = "needs a feature of the machine")]
    fn parity(quotes: u64) -> u64 {
        // SAFETY: only code that is compiled for it calls this.
        unsafe {
            let quotes = _mm_set_epi64x(0, quotes.cast_signed());
            let product = _mm_clmulepi64_si128::<0>(quotes, _mm_set1_epi8(-1));
            _mm_cvtsi128_si64(product).cast_unsigned()
        }
    }
}
