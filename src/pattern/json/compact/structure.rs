//! The grammar of JSON as questions to bit masks, block by block.

use super::super::scan::{escape, scalar};
use super::Visitor;
use super::block::{BLOCK, Masks, Odd};

/// How a block ended.
pub(super) enum Step {
    /// Valid so far.
    Next,
    /// The object ends before this offset.
    End(usize),
    /// Invalid, or not for this scanner.
    Leave,
}

/// What a block has to know of those before it. A mask that is carried over is 0 or 1: whether the
/// last byte of the block before was such a one.
pub(super) struct Scan {
    max_depth: u32,
    depth: u32,
    /// The kinds of the open containers, the innermost last; a set bit is an object.
    kinds: u64,
    /// All bits if the innermost container is an object, else none.
    in_object: u64,
    /// All bits if the block begins inside a string, else none.
    in_string: u64,
    /// Whether the first byte is escaped.
    escaped: u64,
    /// Offset of the last opening quote.
    quote: usize,
    /// Whether a key goes on.
    in_key: bool,
    last: Follow,
    non_ascii: bool,
}

/// Bytes that say what must follow.
#[derive(Clone, Copy, Default)]
struct Follow {
    /// `,` in an object: a key.
    key: u64,
    /// `{`: a key, or the end.
    key_or_close: u64,
    /// `:`, or `,` in an array: a value.
    value: u64,
    /// `[`: a value, or the end.
    value_or_close: u64,
    /// The end of a key: a colon.
    colon: u64,
    /// The end of a string that is no key, or of a container: a comma, or the container's end.
    separator: u64,
    /// A byte of a number or word: another one, or as behind any value.
    scalar: u64,
}

/// The brackets of a block that stand outside strings.
#[derive(Default)]
struct Brackets {
    braces: u64,
    squares: u64,
    closing: u64,
    /// Bytes whose innermost container is an object.
    object: u64,
    /// The bit of the bracket that ends the outermost container.
    end: Option<u32>,
}

/// The tokens of a block.
struct Tokens {
    /// Opening quotes and everything up to the closing ones.
    strings: u64,
    opening: u64,
    closing: u64,
    colons: u64,
    commas: u64,
    brackets: u64,
    scalars: u64,
}

const ALL: u64 = u64::MAX;

impl Scan {
    pub fn new(max_depth: u32) -> Scan {
        Scan {
            max_depth,
            depth: 0,
            kinds: 0,
            in_object: 0,
            in_string: 0,
            escaped: 0,
            quote: 0,
            in_key: false,
            last: Follow::default(),
            non_ascii: false,
        }
    }

    /// Whether the bytes scanned are UTF-8: they are if they are ASCII.
    pub fn is_utf8(&self, bytes: &[u8]) -> bool {
        !self.non_ascii || std::str::from_utf8(bytes).is_ok()
    }

    /// Takes in the block at `base`.
    #[inline(always)]
    pub fn block<V: Visitor>(
        &mut self,
        bytes: &[u8],
        block: &[u8; BLOCK],
        base: usize,
        masks: Masks,
        visitor: &mut V,
    ) -> Step {
        let mut escapes = Escapes::default();
        if masks.odd || self.escaped != 0 {
            escapes = self.escapes(block);
        }
        let tokens = self.tokens(masks, escapes.escaped);
        let Some(brackets) = self.brackets(bytes, block, base, &tokens, visitor) else {
            return Step::Leave;
        };
        if tokens.opening != 0 {
            self.quote = base + 63 - tokens.opening.leading_zeros() as usize;
        }
        // Everything up to the end of the outermost container.
        let here = brackets.end.map_or(ALL, |end| ALL >> (63 - end));
        let (wrong, key_bodies) = self.follow(&tokens, &brackets);
        if (wrong | escapes.controls | (escapes.starts & key_bodies)) & here != 0
            || !are_scalars(bytes, base, self.scalar_starts(&tokens) & here)
            || !are_escapes(bytes, base, escapes.starts & here)
        {
            return Step::Leave;
        }
        self.last.scalar = tokens.scalars >> 63;
        match brackets.end {
            Some(end) => Step::End(base + end as usize + 1),
            None => Step::Next,
        }
    }

    #[inline(always)]
    fn tokens(&mut self, masks: Masks, escaped: u64) -> Tokens {
        let quotes = masks.quotes & !escaped;
        let strings = prefix_parity(quotes) ^ self.in_string;
        self.in_string = 0_u64.wrapping_sub(strings >> 63);
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

    /// Follows the brackets, and tells the visitor of them and of keys, in their order; none if
    /// they do not pair.
    #[inline(always)]
    fn brackets<V: Visitor>(
        &mut self,
        bytes: &[u8],
        block: &[u8; BLOCK],
        base: usize,
        tokens: &Tokens,
        visitor: &mut V,
    ) -> Option<Brackets> {
        let mut found = Brackets {
            object: self.in_object,
            ..Brackets::default()
        };
        let (mut left, mut colons) = (tokens.brackets, tokens.colons);
        while left != 0 {
            let bit = left & left.wrapping_neg();
            let at = left.trailing_zeros();
            left ^= bit;
            let before = colons & (bit - 1);
            colons ^= before;
            self.keys(bytes, base, before, tokens.opening, visitor);
            match block.get(at as usize)? {
                b'{' => {
                    found.braces |= bit;
                    self.open(1)?;
                    visitor.open(base + at as usize, true);
                }
                b'[' => {
                    found.squares |= bit;
                    self.open(0)?;
                    visitor.open(base + at as usize, false);
                }
                byte => {
                    found.closing |= bit;
                    self.close(u64::from(*byte == b'}'))?;
                    visitor.close(base + at as usize);
                    if self.depth == 0 {
                        found.end = Some(at);
                        return Some(found);
                    }
                }
            }
            self.in_object = 0_u64.wrapping_sub(self.kinds & 1);
            let behind = !(bit | (bit - 1));
            found.object = (found.object & !behind) | (self.in_object & behind);
        }
        self.keys(bytes, base, colons, tokens.opening, visitor);
        Some(found)
    }

    #[inline(always)]
    fn keys<V: Visitor>(
        &self,
        bytes: &[u8],
        base: usize,
        mut colons: u64,
        opening: u64,
        visitor: &mut V,
    ) {
        if !visitor.wants_keys() {
            return;
        }
        while colons != 0 {
            let bit = colons & colons.wrapping_neg();
            let at = colons.trailing_zeros() as usize;
            colons ^= bit;
            let quote = match opening & (bit - 1) {
                0 => self.quote,
                before => base + 63 - before.leading_zeros() as usize,
            };
            visitor.key(bytes, quote, base + at);
        }
    }

    #[inline(always)]
    fn open(&mut self, kind: u64) -> Option<()> {
        self.kinds = (self.kinds << 1) | kind;
        self.depth += 1;
        (self.depth <= self.max_depth).then_some(())
    }

    #[inline(always)]
    fn close(&mut self, kind: u64) -> Option<()> {
        if self.depth == 0 || self.kinds & 1 != kind {
            return None;
        }
        self.kinds >>= 1;
        self.depth -= 1;
        Some(())
    }

    /// The bytes that must not follow the one before them, and the insides of keys.
    #[inline(always)]
    fn follow(&mut self, tokens: &Tokens, brackets: &Brackets) -> (u64, u64) {
        let Brackets {
            braces,
            squares,
            closing,
            object,
            ..
        } = *brackets;
        let Tokens {
            strings,
            opening,
            scalars,
            colons,
            commas,
            ..
        } = *tokens;
        let last = self.last;
        let key = shift(commas & object, last.key);
        let key_or_close = shift(braces, last.key_or_close);
        let value = colons | (commas & !object);
        // A bit added to the first bit of a string runs through to the quote behind it.
        let (sum, first) = strings.overflowing_add(opening & (key | key_or_close));
        let (sum, second) = sum.overflowing_add(u64::from(self.in_key));
        self.in_key = first | second;
        let key_ends = sum & tokens.closing;
        let separator = (tokens.closing & !key_ends) | closing;
        let starts = opening | braces | squares | scalars;
        let ends = commas | closing;
        let wrong = (key & !opening)
            | (key_or_close & !(opening | closing))
            | (shift(value, last.value) & !starts)
            | (shift(squares, last.value_or_close) & !(starts | closing))
            | (shift(key_ends, last.colon) ^ colons)
            | (shift(separator, last.separator) & !ends)
            | (shift(scalars, last.scalar) & !(scalars | ends));
        self.last = Follow {
            key: (commas & object) >> 63,
            key_or_close: braces >> 63,
            value: value >> 63,
            value_or_close: squares >> 63,
            colon: key_ends >> 63,
            separator: separator >> 63,
            scalar: last.scalar,
        };
        (wrong, strings & !sum)
    }

    /// The first bytes of numbers and words.
    #[inline(always)]
    fn scalar_starts(&self, tokens: &Tokens) -> u64 {
        tokens.scalars & !shift(tokens.scalars, self.last.scalar)
    }

    #[cold]
    fn escapes(&mut self, block: &[u8; BLOCK]) -> Escapes {
        const ODD_BITS: u64 = 0xaaaa_aaaa_aaaa_aaaa;
        let odd = Odd::of(block);
        self.non_ascii |= odd.non_ascii != 0;
        // Of a run of backslashes every second one is escaped itself: subtracting its start from
        // the odd bits leaves the parity at its end.
        let starts = odd.backslashes & !self.escaped;
        let codes = ((starts << 1) | ODD_BITS).wrapping_sub(starts) ^ ODD_BITS;
        let escapes = Escapes {
            escaped: codes ^ (odd.backslashes | self.escaped),
            starts: codes & odd.backslashes,
            controls: odd.controls,
        };
        self.escaped = escapes.starts >> 63;
        escapes
    }
}

/// What makes strings harder.
#[derive(Default)]
struct Escapes {
    /// Bytes behind a backslash that counts.
    escaped: u64,
    /// Backslashes that count.
    starts: u64,
    controls: u64,
}

/// Every bit one place on, and what the block before leaves over.
#[inline(always)]
fn shift(mask: u64, carried: u64) -> u64 {
    (mask << 1) | carried
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

/// Whether at every place stands a whole number or word.
#[inline(always)]
fn are_scalars(bytes: &[u8], base: usize, mut starts: u64) -> bool {
    while starts != 0 {
        let at = base + starts.trailing_zeros() as usize;
        starts &= starts - 1;
        if !is_scalar(bytes, at) {
            return false;
        }
    }
    true
}

#[inline(always)]
fn is_scalar(bytes: &[u8], at: usize) -> bool {
    let word = bytes.get(at..).and_then(<[u8]>::first_chunk::<4>);
    let end = match word {
        Some(b"true" | b"null") => at + 4,
        Some(b"fals") if bytes.get(at + 4) == Some(&b'e') => at + 5,
        _ => match scalar(bytes, at) {
            Ok(end) => end,
            Err(_) => return false,
        },
    };
    matches!(bytes.get(end), Some(b',' | b'}' | b']'))
}

#[inline(always)]
fn are_escapes(bytes: &[u8], base: usize, mut starts: u64) -> bool {
    while starts != 0 {
        let at = base + starts.trailing_zeros() as usize;
        starts &= starts - 1;
        if escape(bytes, at).is_err() {
            return false;
        }
    }
    true
}
