//! Sets of rules as bits, by their place among the compiled ones.

/// A set of the rules of one rule set. All sets that meet have the same number of words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bits(Box<[u64]>);

impl Bits {
    /// No rule of so many.
    pub fn none(rules: usize) -> Self {
        Self(vec![0; rules.div_ceil(64)].into())
    }

    /// All of so many rules.
    pub fn all(rules: usize) -> Self {
        let mut bits = Self::none(rules);
        (0..rules).for_each(|rule| bits.set(rule, true));
        bits
    }

    pub fn set(&mut self, rule: usize, is_in: bool) {
        if let Some(word) = self.0.get_mut(rule / 64) {
            let bit = 1 << (rule % 64);
            *word = if is_in { *word | bit } else { *word & !bit };
        }
    }

    pub fn clear(&mut self) {
        self.0.fill(0);
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Becomes what the other one is.
    pub fn copy(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word = *other;
        }
    }

    /// Keeps what is in the other one too. Whether anything is left.
    pub fn keep(&mut self, other: &Self) -> bool {
        let mut left = 0;
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word &= other;
            left |= *word;
        }
        left != 0
    }

    /// Of `these`, keeps only what is in the other one too.
    pub fn keep_of(&mut self, these: &Self, other: &Self) {
        let words = self.0.iter_mut().zip(&these.0).zip(&other.0);
        for ((word, these), other) in words {
            *word &= !these | other;
        }
    }

    pub fn meets(&self, other: &Self) -> bool {
        let mut both = self.0.iter().zip(&other.0);
        both.any(|(word, other)| word & other != 0)
    }

    /// Calls `visit` with each rule, ascending.
    pub fn for_each(&self, mut visit: impl FnMut(usize)) {
        for (at, word) in self.0.iter().enumerate() {
            let mut word = *word;
            while word != 0 {
                visit(at * 64 + word.trailing_zeros() as usize);
                word &= word - 1;
            }
        }
    }

    /// How many bytes the set takes.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.0)
    }
}
