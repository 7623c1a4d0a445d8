//! The alphabet of a regular expression, reduced to the characters that it tells apart.

/// The characters up to U+00FF are told apart by escapes; of the others, only U+2028 and U+2029 are
/// not like all the rest, because `.` does not accept them.
const COUNT: usize = 258;
const LINE_SEPARATOR: usize = 256;
const OTHER: usize = 257;

/// A set of symbols: characters up to U+00FF, and two that stand for the remaining ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Symbols {
    bits: [u64; COUNT.div_ceil(64)],
}

fn symbol(c: char) -> usize {
    match c {
        '\0'..='\u{ff}' => c as usize,
        '\u{2028}' | '\u{2029}' => LINE_SEPARATOR,
        _ => OTHER,
    }
}

impl Symbols {
    /// The symbols of ranges, which hold either characters up to U+00FF or one line separator.
    pub fn of(ranges: &[(char, char)]) -> Symbols {
        let mut symbols = Symbols::default();
        for (low, high) in ranges {
            for symbol in symbol(*low)..=symbol(*high) {
                if let Some(word) = symbols.bits.get_mut(symbol / 64) {
                    *word |= 1 << (symbol % 64);
                }
            }
        }
        symbols
    }

    pub fn add(&mut self, other: Symbols) {
        for (word, more) in self.bits.iter_mut().zip(other.bits) {
            *word |= more;
        }
    }

    pub fn negate_if(mut self, negate: bool) -> Symbols {
        if negate {
            for word in &mut self.bits {
                *word = !*word;
            }
        }
        self
    }

    pub fn holds(&self, c: char) -> bool {
        self.holds_symbol(symbol(c))
    }

    /// The ASCII character that it holds, if it holds nothing else.
    pub fn only(&self) -> Option<u8> {
        let held: u32 = self.bits.iter().map(|word| word.count_ones()).sum();
        let at = self.bits.iter().position(|word| *word != 0)?;
        let bit = self.bits.get(at)?.trailing_zeros() as usize;
        let only = u8::try_from(at * 64 + bit).ok()?;
        (held == 1 && only.is_ascii()).then_some(only)
    }

    fn holds_symbol(&self, symbol: usize) -> bool {
        let word = self.bits.get(symbol / 64);
        word.is_some_and(|word| word >> (symbol % 64) & 1 == 1)
    }
}

/// Which symbols an expression treats alike.
#[derive(Debug, Clone)]
pub(super) struct Classes {
    of_symbol: [usize; COUNT],
    /// A symbol of each class.
    samples: Vec<usize>,
}

impl Classes {
    /// Splits the alphabet by each of the sets.
    pub fn new<'s>(sets: impl IntoIterator<Item = &'s Symbols>) -> Classes {
        let mut classes = Classes {
            of_symbol: [0; COUNT],
            samples: vec![0],
        };
        for set in sets {
            classes.split(set);
        }
        classes
    }

    /// Parts each class into the symbols that stand with its sample, inside the set or outside, and
    /// the others, which become a new class.
    fn split(&mut self, set: &Symbols) {
        let stay: Vec<bool> = self
            .samples
            .iter()
            .map(|at| set.holds_symbol(*at))
            .collect();
        let mut parted = vec![None; stay.len()];
        for (symbol, class) in self.of_symbol.iter_mut().enumerate() {
            let (Some(stay), Some(parted)) = (stay.get(*class), parted.get_mut(*class)) else {
                continue;
            };
            if set.holds_symbol(symbol) != *stay {
                *class = *parted.get_or_insert_with(|| {
                    self.samples.push(symbol);
                    self.samples.len() - 1
                });
            }
        }
    }

    pub fn count(&self) -> usize {
        self.samples.len()
    }

    pub fn of(&self, c: char) -> usize {
        self.get(symbol(c))
    }

    pub fn of_ascii(&self, byte: u8) -> usize {
        self.get(usize::from(byte))
    }

    fn get(&self, symbol: usize) -> usize {
        self.of_symbol.get(symbol).copied().unwrap_or_default()
    }

    /// The classes that a set consists of.
    pub fn within(&self, set: &Symbols) -> Vec<usize> {
        let classes = self.samples.iter().enumerate();
        let held = classes.filter(|(_, sample)| set.holds_symbol(**sample));
        held.map(|(class, _)| class).collect()
    }
}
