//! The names below a branch, to be looked up by a key that stands in a text.
//!
//! A key is known by where it ends, and most keys are none of the names. So they are looked up by
//! their last four bytes, the opening quote of a short one included; where none of the names ends
//! so, nothing else is looked at.

/// Names, each with a number.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    keys: Vec<Key>,
    /// By the hash of the last four bytes: one more than the place of the first such name, or 0.
    first: Vec<u16>,
    /// Some name is too short to be looked up so.
    has_short: bool,
}

#[derive(Debug, Clone)]
struct Key {
    /// The last eight bytes, and the eight before them, of the name with its opening quote in front;
    /// bits that are not in the mask are of no matter.
    last: u64,
    last_mask: u64,
    before: u64,
    before_mask: u64,
    name: Box<[u8]>,
    number: usize,
    /// One more than the place of another name with the same hash, or 0.
    next: u16,
}

/// Bits of the hash.
const BITS: u32 = 8;

/// Bytes that two registers hold.
const HELD: usize = 16;

impl Keys {
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Adds a name that is not there yet.
    pub fn add(&mut self, name: &[u8], number: usize) {
        let quoted: Vec<u8> = std::iter::once(&b'"').chain(name).copied().collect();
        let (last, last_mask) = word(&quoted);
        let (before, before_mask) =
            word(quoted.get(..quoted.len().saturating_sub(8)).unwrap_or(&[]));
        if self.first.is_empty() {
            self.first = vec![0; 1 << BITS];
        }
        // More names than that would be many filter patterns of the greatest length.
        let place = u16::try_from(self.keys.len() + 1);
        self.has_short |= quoted.len() < 4 || place.is_err();
        let first = self.first.get_mut(hash(last));
        let next = match (first, place) {
            (Some(first), Ok(place)) => std::mem::replace(first, place),
            _ => 0,
        };
        self.keys.push(Key {
            last,
            last_mask,
            before,
            before_mask,
            name: name.into(),
            number,
            next,
        });
    }

    pub fn find(&self, name: &[u8]) -> Option<usize> {
        let mut keys = self.keys.iter();
        let found = keys.find(|key| *key.name == *name)?;
        Some(found.number)
    }

    /// The number of the name before the closing quote at `quote`, and the name's length.
    #[inline(always)]
    pub fn find_before(&self, text: &[u8], quote: usize) -> Option<(usize, usize)> {
        let front = text.get(..quote)?;
        let (Some(last), false) = (front.last_chunk::<8>(), self.has_short) else {
            return self.find_slowly(front);
        };
        let last = u64::from_le_bytes(*last);
        let mut next = *self.first.get(hash(last))?;
        while let Some(key) = self.keys.get(usize::from(next).wrapping_sub(1)) {
            if (last ^ key.last) & key.last_mask == 0 && key.ends(front) {
                return Some((key.number, key.name.len()));
            }
            next = key.next;
        }
        None
    }

    #[cold]
    fn find_slowly(&self, front: &[u8]) -> Option<(usize, usize)> {
        let start = front.iter().rposition(|byte| *byte == b'"')? + 1;
        let name = front.get(start..)?;
        Some((self.find(name)?, name.len()))
    }
}

impl Key {
    /// Whether a text whose last eight bytes fit ends with the quoted name.
    #[inline(always)]
    fn ends(&self, front: &[u8]) -> bool {
        if self.before_mask == 0 {
            return true;
        }
        let before = front.split_last_chunk::<8>().map(|(front, _)| front);
        match before.and_then(<[u8]>::last_chunk::<8>) {
            Some(before) if self.name.len() < HELD => {
                (u64::from_le_bytes(*before) ^ self.before) & self.before_mask == 0
            }
            _ => self.ends_slowly(front),
        }
    }

    fn ends_slowly(&self, front: &[u8]) -> bool {
        let start = front.strip_suffix(&*self.name);
        start.is_some_and(|start| start.last() == Some(&b'"'))
    }
}

/// The last eight bytes as one number, and which of its bits there are.
fn word(bytes: &[u8]) -> (u64, u64) {
    let mut word = [0; 8];
    let mut mask = [0; 8];
    let both = word.iter_mut().zip(&mut mask).rev();
    for ((to, mask), from) in both.zip(bytes.iter().rev()) {
        (*to, *mask) = (*from, 0xff);
    }
    (u64::from_le_bytes(word), u64::from_le_bytes(mask))
}

/// Of the last four of eight bytes.
#[inline(always)]
fn hash(last: u64) -> usize {
    let four = (last >> 32).wrapping_mul(0x9e37_79b9);
    usize::try_from((four & 0xffff_ffff) >> (32 - BITS)).unwrap_or_default()
}
