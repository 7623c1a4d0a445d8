//! What the value of one field leaves of the rules. In a trail a few fields have few values, and
//! most conditions of most rules are about these: so what all rules together make of a value is
//! found once ([`Sieve::left`]) and remembered ([`Values`](super::values::Values)).
//!
//! A rule is left unless the value alone rules it out. What is left is only a candidate.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::bits::Bits;
use super::compiled::Compiled;
use crate::pattern::{Asked, Fields, Slot};

/// What the rules ask of one field.
#[derive(Debug)]
pub(super) struct Sieve {
    slot: Slot,
    asking: Asking,
    /// What a string leaves that no rule names.
    unnamed: Bits,
    /// By text, the rules that name it.
    named: HashMap<Box<[u8]>, Vec<usize>, FixedState>,
    /// Rules that ask more of a string than whether it is one that they name.
    searching: Vec<usize>,
}

/// Rules that ask the field anything.
#[derive(Debug)]
struct Asking {
    bits: Bits,
    list: Vec<usize>,
}

impl Sieve {
    /// The sieve of a field; none if no rule asks for it.
    pub fn new(slot: Slot, rules: &[Compiled]) -> Option<Self> {
        let asked: Vec<(usize, Vec<Asked<'_>>)> = rules
            .iter()
            .enumerate()
            .map(|(at, rule)| (at, rule.asked(slot)))
            .filter(|(_, asked)| !asked.is_empty())
            .collect();
        if asked.is_empty() {
            return None;
        }
        let mut sieve = Self {
            slot,
            asking: Asking {
                bits: Bits::none(rules.len()),
                list: asked.iter().map(|(at, _)| *at).collect(),
            },
            unnamed: Bits::all(rules.len()),
            named: HashMap::default(),
            searching: Vec::new(),
        };
        for (at, asked) in &asked {
            sieve.asking.bits.set(*at, true);
            let rule = rules.get(*at);
            let out =
                rule.is_some_and(|rule| rule.ruled_out(|one| one.decided_by_unnamed_text(slot)));
            sieve.unnamed.set(*at, !out);
            if asked.iter().any(|asked| asked.more) {
                sieve.searching.push(*at);
                continue;
            }
            for text in asked.iter().flat_map(|asked| &asked.texts) {
                let rules = sieve.named.entry((*text).into()).or_default();
                if rules.last() != Some(at) {
                    rules.push(*at);
                }
            }
        }
        Some(sieve)
    }

    pub fn slot(&self) -> Slot {
        self.slot
    }

    /// Rules that ask the field anything; all others are always left.
    pub fn asking(&self) -> &Bits {
        &self.asking.bits
    }

    /// What the field of a message leaves.
    pub fn left(&self, fields: &Fields<'_>, rules: &[Compiled]) -> Bits {
        let mut left = self.unnamed.clone();
        let mut ask = |at: usize| {
            let rule = rules.get(at);
            let out =
                rule.is_some_and(|rule| rule.ruled_out(|one| one.decided_by(self.slot, fields)));
            left.set(at, !out);
        };
        match fields.raw(self.slot) {
            Some([b'"', ..]) => {
                self.searching.iter().copied().for_each(&mut ask);
                let text = fields.text(self.slot);
                let named = text.and_then(|text| self.named.get(&*text));
                named.into_iter().flatten().copied().for_each(ask);
            }
            _ => self.asking.list.iter().copied().for_each(ask),
        }
        left
    }
}
