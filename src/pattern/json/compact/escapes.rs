//! Backslashes: which of them count.

/// What makes strings harder.
#[derive(Default)]
pub(super) struct Escapes {
    /// Bytes behind a backslash that counts.
    pub escaped: u64,
    /// Backslashes that count.
    pub starts: u64,
    /// Escaped bytes that are neither a quote nor a backslash.
    pub others: u64,
}

impl Escapes {
    /// Of a block whose first byte is escaped if `escaped` is 1. Of a run of backslashes every
    /// second one is escaped itself: subtracting its start from the odd bits leaves the parity at
    /// its end.
    #[inline(always)]
    pub fn of(backslashes: u64, quotes: u64, escaped: u64) -> Escapes {
        const ODD_BITS: u64 = 0xaaaa_aaaa_aaaa_aaaa;
        let first = backslashes & !escaped;
        let codes = ((first << 1) | ODD_BITS).wrapping_sub(first) ^ ODD_BITS;
        let escaped = codes ^ (backslashes | escaped);
        Escapes {
            escaped,
            starts: codes & backslashes,
            others: escaped & !(quotes | backslashes),
        }
    }
}
