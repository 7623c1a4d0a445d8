//! Sets of rules as bits, by their place among the compiled ones.

/// A set of the rules of one rule set. All sets that meet have the same number of words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bits {
    /// By itself, because most rule sets need no more.
    first: u64,
    more: Box<[u64]>,
}

impl Bits {
    /// No rule of so many.
    pub fn none(rules: usize) -> Self {
        Self {
            first: 0,
            more: vec![0; rules.saturating_sub(1) / 64].into(),
        }
    }

    /// All of so many rules.
    pub fn all(rules: usize) -> Self {
        let mut bits = Self::none(rules);
        (0..rules).for_each(|rule| bits.set(rule, true));
        bits
    }

    pub fn set(&mut self, rule: usize, is_in: bool) {
        let word = match (rule / 64).checked_sub(1) {
            None => Some(&mut self.first),
            Some(at) => self.more.get_mut(at),
        };
        if let Some(word) = word {
            let bit = 1 << (rule % 64);
            *word = if is_in { *word | bit } else { *word & !bit };
        }
    }

    pub fn clear(&mut self) {
        self.first = 0;
        self.more.fill(0);
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.first == 0 && self.more.iter().all(|word| *word == 0)
    }

    /// Becomes what the other one is.
    #[inline]
    pub fn copy(&mut self, other: &Self) {
        self.first = other.first;
        for (word, other) in self.more.iter_mut().zip(&other.more) {
            *word = *other;
        }
    }

    /// Keeps what is in the other one too. Whether anything is left.
    #[inline]
    pub fn keep(&mut self, other: &Self) -> bool {
        self.first &= other.first;
        let mut left = self.first;
        for (word, other) in self.more.iter_mut().zip(&other.more) {
            *word &= other;
            left |= *word;
        }
        left != 0
    }

    /// Of `these`, keeps only what is in the other one too.
    pub fn keep_of(&mut self, these: &Self, other: &Self) {
        self.first &= !these.first | other.first;
        let words = self.more.iter_mut().zip(&these.more).zip(&other.more);
        for ((word, these), other) in words {
            *word &= !these | other;
        }
    }

    /// How many are in both.
    #[inline]
    pub fn count_of(&self, other: &Self) -> u32 {
        let more = self.more.iter().zip(&other.more);
        let more = more.map(|(word, other)| (word & other).count_ones());
        (self.first & other.first).count_ones() + more.sum::<u32>()
    }

    #[inline]
    pub fn meets(&self, other: &Self) -> bool {
        let mut more = self.more.iter().zip(&other.more);
        self.first & other.first != 0 || more.any(|(word, other)| word & other != 0)
    }

    /// Calls `visit` with each rule, ascending.
    pub fn for_each(&self, mut visit: impl FnMut(usize)) {
        let words = [&self.first].into_iter().chain(&self.more);
        for (at, word) in words.enumerate() {
            let mut word = *word;
            while word != 0 {
                visit(at * 64 + word.trailing_zeros() as usize);
                word &= word - 1;
            }
        }
    }

    /// How many bytes the set takes.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(rules: usize, step: usize) -> Bits {
        let mut bits = Bits::none(rules);
        (0..rules)
            .step_by(step)
            .for_each(|rule| bits.set(rule, true));
        bits
    }

    fn list(bits: &Bits) -> Vec<usize> {
        let mut list = Vec::new();
        bits.for_each(|rule| list.push(rule));
        list
    }

    #[test]
    fn sets_are_lists() {
        for rules in [0, 1, 63, 64, 65, 127, 128, 129, 200] {
            let all: Vec<usize> = (0..rules).collect();
            let of = |wanted: &dyn Fn(usize) -> bool| -> Vec<usize> {
                all.iter().copied().filter(|rule| wanted(*rule)).collect()
            };
            assert_eq!(list(&Bits::all(rules)), all);
            let (twos, threes) = (some(rules, 2), some(rules, 3));
            assert_eq!(list(&twos), of(&|rule| rule % 2 == 0));
            let mut both = twos.clone();
            assert_eq!(both.keep(&threes), rules > 0);
            assert_eq!(list(&both), of(&|rule| rule % 6 == 0));
            assert_eq!(twos.count_of(&threes) as usize, list(&both).len());
            let mut left = Bits::all(rules);
            left.keep_of(&twos, &threes);
            assert_eq!(list(&left), of(&|rule| rule % 2 == 1 || rule % 6 == 0));
            left.copy(&twos);
            assert_eq!(left, twos);
            for rule in &all {
                left.set(*rule, false);
            }
            assert!(left.is_empty() && !left.keep(&twos) && !left.meets(&twos));
            for rule in &all {
                left.set(*rule, true);
                assert!(!left.is_empty());
                assert_eq!(left.meets(&threes), rule % 3 == 0, "{rule}");
                assert_eq!(left.count_of(&threes), u32::from(rule % 3 == 0));
                left.clear();
            }
        }
    }
}
