//! Values of a field that were met before, and what they leave of the rules.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::bits::Bits;

/// Longer values are not remembered: fields with few values have short ones.
const LONGEST: usize = 128;
/// No more values of one field are remembered, nor more bytes of what they leave.
const MOST: usize = 1024;
const MOST_BYTES: usize = 256 * 1024;

/// What is remembered of one field. It changes no answer, only what it takes to find it. When it
/// is full it is forgotten whole, so that whoever chooses values can neither fill memory nor keep
/// the usual ones out for good.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// Values as they are written.
    present: HashMap<Box<[u8]>, Bits, RandomState>,
    absent: Option<Bits>,
}

impl Values {
    /// What this value leaves, or the field's absence, by `find` if it is not remembered.
    #[inline]
    pub fn keep_left(
        &mut self,
        raw: Option<&[u8]>,
        left: &mut Bits,
        find: impl FnOnce() -> Bits,
    ) -> bool {
        let Some(raw) = raw else {
            return left.keep(self.absent.get_or_insert_with(find));
        };
        match self.present.get(raw) {
            Some(known) => left.keep(known),
            None => self.learn(raw, left, find),
        }
    }

    #[cold]
    fn learn(&mut self, raw: &[u8], left: &mut Bits, find: impl FnOnce() -> Bits) -> bool {
        let found = find();
        let any = left.keep(&found);
        if raw.len() <= LONGEST {
            let len = self.present.len();
            if len >= MOST || (len + 1) * found.bytes() > MOST_BYTES {
                self.present.clear();
            }
            self.present.insert(raw.into(), found);
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_stays_bounded() {
        for rules in [1, 1_000, 20_000] {
            let numbers = 0..3_000;
            let (mut values, all) = (Values::default(), Bits::all(rules));
            let (mut most, mut again) = (0, 0);
            for number in numbers.clone() {
                let value = format!("{number:>width$}", width = number % (2 * LONGEST));
                let mut bits = Bits::none(rules);
                bits.set(number % rules, true);
                for round in 0..2 {
                    let mut left = all.clone();
                    values.keep_left(Some(value.as_bytes()), &mut left, || {
                        again += usize::from(round == 1);
                        bits.clone()
                    });
                    assert_eq!(left, bits, "{number}");
                }
                most = most.max(values.present.len());
            }
            assert_eq!(most, MOST.min(MOST_BYTES / all.bytes()), "{rules}");
            // Only what is too long is looked for again.
            let long = numbers.filter(|number| number % (2 * LONGEST) > LONGEST);
            assert_eq!(again, long.count());
        }
    }
}
