//! The grammar of JSON as questions to bit masks, block by block.

use super::Visitor;
use super::block::{Masks, odd_bytes};
use super::escapes::Escapes;
use super::marked::{all_at, is_escape, is_scalar};
use super::tokens::Tokens;

/// How a block ended.
pub(super) enum Step {
    /// Valid so far.
    Next,
    /// The object ends before this offset.
    End(usize),
    /// Invalid, or not for this scanner.
    Leave,
}

/// What a block has to know of those before it.
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
    last: Last,
    non_ascii: bool,
}

/// What the last byte of the block before is: it says what must follow.
#[derive(Clone, Copy, Default)]
struct Last {
    /// `,` or `:`: a value or a key.
    separator: bool,
    /// `{` or `[`: a value, a key, or the end.
    opening: bool,
    /// `{`, or `,` in an object: a key, if not the end.
    before_key: bool,
    /// The end of a key: a colon.
    key_end: bool,
    /// The end of another string or of a container, or a byte of a number or word: a comma, the
    /// container's end, or more of the word.
    value_end: bool,
    /// A byte of a number or word.
    scalar: bool,
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

// No function may be called with the state by its address, or the state would have to live in
// memory: what takes it is inlined.
impl Scan {
    #[inline(always)]
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
            last: Last::default(),
            non_ascii: false,
        }
    }

    /// Whether the bytes scanned are UTF-8: they are if they are ASCII.
    #[inline(always)]
    pub fn is_utf8(&self, bytes: &[u8]) -> bool {
        !self.non_ascii || std::str::from_utf8(bytes).is_ok()
    }

    /// Takes in the block at `base`.
    #[inline(always)]
    pub fn block<V: Visitor>(
        &mut self,
        bytes: &[u8],
        base: usize,
        masks: Masks,
        visitor: &mut V,
    ) -> Step {
        let mut escapes = Escapes::default();
        if masks.backslashes | self.escaped != 0 {
            escapes = Escapes::of(&masks, self.escaped);
            self.escaped = escapes.starts >> 63;
        }
        let mut controls = 0;
        if masks.odd {
            let (control, non_ascii) = odd_bytes(bytes, base);
            controls = control;
            self.non_ascii |= non_ascii;
        }
        let tokens = Tokens::of(&masks, escapes.escaped, self.in_string);
        self.in_string = 0_u64.wrapping_sub(tokens.strings >> 63);
        let Some(brackets) = self.brackets(bytes, base, &tokens, visitor) else {
            return Step::Leave;
        };
        // Everything up to the end of the outermost container.
        let here = brackets.end.map_or(u64::MAX, |end| u64::MAX >> (63 - end));
        let scalars = tokens.scalars & !behind(tokens.scalars, self.last.scalar);
        let (wrong, key_bodies) = self.follow(&tokens, &brackets);
        if (wrong | controls | (escapes.starts & key_bodies)) & here != 0
            || !all_at(base, scalars & here, |at| is_scalar(bytes, at))
            || !all_at(base, escapes.others & here, |at| is_escape(bytes, at))
        {
            return Step::Leave;
        }
        match brackets.end {
            Some(end) => Step::End(base + end as usize + 1),
            None => Step::Next,
        }
    }

    /// Follows the brackets, and tells the visitor of them and of keys, in their order; none if
    /// they do not pair.
    #[inline(always)]
    fn brackets<V: Visitor>(
        &mut self,
        bytes: &[u8],
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
            let place = base + at as usize;
            // `{` is 0x7b, `}` 0x7d, `[` 0x5b and `]` 0x5d: a bit for the kind, one for the side.
            let byte = bytes.get(place).copied().unwrap_or_default();
            let kind = u64::from((byte >> 5) & 1);
            if byte & 2 != 0 {
                found.braces |= bit & 0_u64.wrapping_sub(kind);
                found.squares |= bit & kind.wrapping_sub(1);
                self.kinds = (self.kinds << 1) | kind;
                self.depth += 1;
                visitor.open(place, kind == 1);
                if self.depth > self.max_depth {
                    return None;
                }
            } else {
                found.closing |= bit;
                if self.depth == 0 || self.kinds & 1 != kind {
                    return None;
                }
                self.kinds >>= 1;
                self.depth -= 1;
                visitor.close(place);
                if self.depth == 0 {
                    found.end = Some(at);
                    return Some(found);
                }
            }
            self.in_object = 0_u64.wrapping_sub(self.kinds & 1);
            let behind = !(bit | (bit - 1));
            found.object = (found.object & !behind) | (self.in_object & behind);
        }
        self.keys(bytes, base, colons, tokens.opening, visitor);
        if tokens.opening != 0 {
            self.quote = base + 63 - tokens.opening.leading_zeros() as usize;
        }
        Some(found)
    }

    /// Tells the visitor of the keys before some colons, if it wants to hear of them.
    #[inline(always)]
    fn keys<V: Visitor>(
        &self,
        bytes: &[u8],
        base: usize,
        mut colons: u64,
        opening: u64,
        visitor: &mut V,
    ) {
        if colons == 0 || !visitor.wants_keys() {
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
            opening: quotes,
            scalars,
            colons,
            commas,
            ..
        } = *tokens;
        let last = self.last;
        let (separators, opening) = (colons | commas, braces | squares);
        let before_key = (commas & object) | braces;
        let keys = behind(before_key, last.before_key);
        // A bit added to the first bit of a string runs through to the quote behind it.
        let (sum, first) = strings.overflowing_add(quotes & keys);
        let (sum, second) = sum.overflowing_add(u64::from(self.in_key));
        self.in_key = first | second;
        let key_ends = sum & tokens.closing;
        let value_ends = (tokens.closing & !key_ends) | closing | scalars;
        let starts = quotes | opening | scalars;
        let wrong = (behind(separators, last.separator) & !starts)
            | (behind(opening, last.opening) & !(starts | closing))
            | (keys & (starts & !quotes))
            | (behind(key_ends, last.key_end) ^ colons)
            | (behind(value_ends, last.value_end) & !(commas | closing | scalars));
        self.last = Last {
            separator: ends_with(separators),
            opening: ends_with(opening),
            before_key: ends_with(before_key),
            key_end: ends_with(key_ends),
            value_end: ends_with(value_ends),
            scalar: ends_with(scalars),
        };
        (wrong, strings & !sum)
    }
}

/// Every byte one place on, and in front the last one of the block before.
#[inline(always)]
fn behind(bytes: u64, last: bool) -> u64 {
    (bytes << 1) | u64::from(last)
}

#[inline(always)]
fn ends_with(bytes: u64) -> bool {
    bytes.cast_signed() < 0
}
