//! Which rules can match a record, so that the cost of a record does not grow with the rules that
//! have nothing to do with it.
//!
//! First every [sieve](super::sieve) takes out what the value of one field rules out. Rules that
//! need something of other fields are then looked up in the [index](super::index). What is left is
//! only a candidate; the rule itself decides.

use super::bits::Bits;
use super::compiled::Compiled;
use super::index::{Costs, Index};
use super::sieve::Sieve;
use super::values::Values;
use crate::pattern::{Fields, Need, Selector, Selectors, Slot};
use crate::record::FEW_VALUES;

/// So many rules are asked sooner than looked up.
const FEW: u32 = 4;

/// Finds the rules that can match. A rule's number is its place among the compiled ones.
#[derive(Debug)]
pub(super) struct Candidates {
    all: Bits,
    sieves: Vec<Sieve>,
    /// Rules that match only where the index finds them, if the index is asked.
    indexed: Bits,
    index: Index,
    /// Rules of which nothing is known that is necessary for them to match.
    unindexed: Vec<usize>,
}

/// What is kept from one record to the next, and from one file to the next. It changes no answer.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// For each sieve.
    values: Vec<Values>,
    left: Bits,
    found: Bits,
}

impl Candidates {
    pub fn new(rules: &[Compiled], selectors: &Selectors) -> Self {
        let sieves: Vec<Sieve> = FEW_VALUES
            .iter()
            .filter_map(|text| Selector::parse(text).ok())
            // What no rule asks for has no slot, and need not be found in records.
            .filter_map(|selector| selectors.iter().find(|(_, known)| **known == selector))
            .filter_map(|(slot, _)| Sieve::new(slot, rules))
            .collect();
        let is_sieved = |slot: Slot| sieves.iter().any(|sieve| sieve.slot() == slot);
        let costs = Costs::new(selectors);
        let (mut index, mut unindexed) = (Index::default(), Vec::new());
        let mut indexed = Bits::none(rules.len());
        for (at, rule) in rules.iter().enumerate() {
            let beside = rule.needs(|need| costs.beside(is_sieved, need));
            let needs = match (beside, rule.needs(|need| costs.of(need))) {
                (Some(needs), _) => needs,
                (None, None) => {
                    unindexed.push(at);
                    continue;
                }
                // A record without any of them does not get through the sieve of their field.
                (None, Some(needs)) if same_slot(&needs).is_some_and(is_sieved) => continue,
                (None, Some(needs)) => needs,
            };
            indexed.set(at, true);
            index.add(at, needs);
        }
        Self {
            all: Bits::all(rules.len()),
            sieves,
            indexed,
            index,
            unindexed,
        }
    }

    /// Rules that are candidates unless a sieve rules them out.
    pub fn unindexed(&self) -> &[usize] {
        &self.unindexed
    }

    /// Fields that are looked at in most records.
    pub fn slots(&self) -> impl Iterator<Item = Slot> {
        self.sieves.iter().map(Sieve::slot)
    }

    /// For [`find`](Self::find), to be kept by whoever calls it.
    pub fn memory(&self) -> Memory {
        Memory {
            values: self.sieves.iter().map(|_| Values::default()).collect(),
            left: self.all.clone(),
            found: self.all.clone(),
        }
    }

    /// The rules that can match a record with these fields.
    #[inline]
    pub fn find<'b>(
        &self,
        fields: &Fields<'_>,
        rules: &[Compiled],
        memory: &'b mut Memory,
    ) -> &'b Bits {
        let left = &mut memory.left;
        left.copy(&self.all);
        for (sieve, values) in self.sieves.iter().zip(&mut memory.values) {
            if !left.meets(sieve.asking()) {
                continue;
            }
            let raw = fields.raw(sieve.slot());
            if !values.keep_left(raw, left, || sieve.left(fields, rules)) {
                return left;
            }
        }
        if left.count_of(&self.indexed) > FEW {
            memory.found.clear();
            self.index
                .candidates(fields, |at| memory.found.set(at, true));
            left.keep_of(&self.indexed, &memory.found);
        }
        left
    }
}

/// The slot that all needs are about.
fn same_slot(needs: &[Need]) -> Option<Slot> {
    let (first, rest) = needs.split_first()?;
    let slot = first.slot();
    rest.iter().all(|need| need.slot() == slot).then_some(slot)
}

#[cfg(test)]
mod tests {
    use crate::pattern::Places;
    use crate::rules::{Lists, RuleSet, RuleSource};

    /// How many of a hundred rules with patterns of this form are asked about a record.
    fn asked(pattern: &str, more: &str) -> Option<usize> {
        let sources: Vec<RuleSource> = (0..100)
            .map(|number| RuleSource {
                file: format!("rule-{number}.yaml"),
                text: format!(
                    "title: One\nseverity: low\npattern: '{}'\n",
                    pattern.replace('#', &number.to_string())
                ),
            })
            .collect();
        let set = RuleSet::load(&sources, &Lists::default()).ok()?;
        let text = format!(r#"{{"eventName":"PutObject","errorCode":"AccessDenied",{more}}}"#);
        let mut places = Places::default();
        let fields = set.extractor().read(&text, &mut places).ok()?;
        let mut memory = set.candidates.memory();
        let mut count = 0;
        let candidates = &set.candidates;
        candidates
            .find(&fields, &set.compiled, &mut memory)
            .for_each(|_| count += 1);
        Some(count)
    }

    #[test]
    fn few_rules_are_asked() {
        let bucket = r#""requestParameters":{"bucketName":"bucket-7"}"#;
        for (pattern, count) in [
            ("{ $.eventName = Event# }", 0),
            ("{ $.eventName = *Object && $.errorCode = *# }", 0),
            (
                "{ $.eventName = PutObject && $.requestParameters.bucketName = bucket-# }",
                1,
            ),
            ("{ $.requestParameters.bucketName = bucket-#* }", 1),
            (
                "{ $.eventName = Event# || $.requestParameters.bucketName = bucket-# }",
                1,
            ),
            (
                "{ $.eventName != PutObject && $.requestParameters.bucketName = *# }",
                0,
            ),
            ("{ $.errorCode NOT EXISTS || $.errorCode = No# }", 0),
            ("{ $.requestParameters.key = *# }", 0),
            ("{ $.requestParameters.bucketName = *# }", 100),
            ("bucket-#", 100),
        ] {
            assert_eq!(asked(pattern, bucket), Some(count), "{pattern}");
        }
    }
}
