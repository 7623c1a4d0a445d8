//! Which rules can match a record: found by what must be so for them to match, so that the cost of
//! a record does not grow with the rules that have nothing to do with it.
//!
//! A rule stands under every one of its [needs](Need), of which one must hold: under values of a
//! field, under beginnings of its text, or under its mere presence. What is found is only a
//! candidate; the rule itself decides. Rules that a [sieve](super::sieve) finds do not stand here.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use crate::pattern::{Fields, Need, Selector, Selectors, Slot};
use crate::record::ALWAYS_PRESENT;

/// Numbers of rules by what they need. A rule's number is its place among the compiled ones.
#[derive(Debug, Default)]
pub(super) struct Index {
    fields: BTreeMap<Slot, Field>,
}

/// The rules that need something of one field.
#[derive(Debug, Default)]
struct Field {
    equal: ByText,
    /// By the length of the beginning, in bytes.
    prefixes: BTreeMap<usize, ByText>,
    present: Vec<usize>,
}

/// The texts are those of the rules, so nobody who writes records chooses what the table holds.
type ByText = HashMap<Box<[u8]>, Vec<usize>, FixedState>;

/// What tests of fields cost: how many records, roughly, pass them.
pub(super) struct Costs(Vec<Kind>);

/// How much a field tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    EventName,
    EventSource,
    UserIdentity,
    /// Another one that every record has.
    Always,
    Sometimes,
}

impl Costs {
    /// Of the fields in all slots.
    pub fn new(selectors: &Selectors) -> Self {
        let kind = |selector: &Selector| match selector.to_string().as_str() {
            "$.eventName" => Kind::EventName,
            "$.eventSource" => Kind::EventSource,
            "$.userIdentity" => Kind::UserIdentity,
            name if ALWAYS_PRESENT.contains(&name) => Kind::Always,
            _ => Kind::Sometimes,
        };
        Self(
            selectors
                .iter()
                .map(|(_, selector)| kind(selector))
                .collect(),
        )
    }

    /// What a test costs for an index beside sieves of some fields; none for one that is of these,
    /// or that tells too little.
    pub fn beside(&self, is_sieved: impl Fn(Slot) -> bool, need: &Need) -> Option<u32> {
        match need {
            Need::Present(_) => None,
            Need::Equal(..) | Need::Prefix(..) if is_sieved(need.slot()) => None,
            Need::Equal(..) | Need::Prefix(..) => self.of(need),
        }
    }

    /// What a test costs; none for one that every record passes.
    pub fn of(&self, need: &Need) -> Option<u32> {
        let kind = *self.0.get(need.slot().index())?;
        Some(match (need, kind) {
            (Need::Present(_), Kind::Sometimes) => 5,
            (Need::Present(_), _) => return None,
            (Need::Equal(..), Kind::EventName) => 1,
            (Need::Equal(..), Kind::Sometimes | Kind::UserIdentity) => 2,
            (Need::Prefix(..), Kind::EventName | Kind::Sometimes | Kind::UserIdentity) => 3,
            (Need::Equal(..), Kind::EventSource) => 4,
            (Need::Equal(..) | Need::Prefix(..), _) => 6,
        })
    }
}

impl Index {
    /// Adds the rule with this number, which matches only where one of its needs holds.
    pub fn add(&mut self, rule: usize, needs: Vec<Need>) {
        for need in needs {
            let field = self.fields.entry(need.slot()).or_default();
            let rules = match need {
                Need::Equal(_, text) => field.equal.entry(text.into_boxed_bytes()).or_default(),
                Need::Prefix(_, head) => {
                    let heads = field.prefixes.entry(head.len()).or_default();
                    heads.entry(head.into_boxed_bytes()).or_default()
                }
                Need::Present(_) => &mut field.present,
            };
            if rules.last() != Some(&rule) {
                rules.push(rule);
            }
        }
    }

    /// Calls `candidate` with every rule that can match, with some perhaps more than once.
    pub fn candidates(&self, fields: &Fields<'_>, mut candidate: impl FnMut(usize)) {
        for (slot, field) in &self.fields {
            if fields.raw(*slot).is_none() {
                continue;
            }
            field.present.iter().copied().for_each(&mut candidate);
            if (!field.equal.is_empty() || !field.prefixes.is_empty())
                && let Some(text) = fields.text(*slot)
            {
                field.with_text(&text, &mut candidate);
            }
        }
    }
}

impl Field {
    fn with_text(&self, text: &[u8], candidate: &mut impl FnMut(usize)) {
        if let Some(rules) = self.equal.get(text) {
            rules.iter().copied().for_each(&mut *candidate);
        }
        for (length, heads) in &self.prefixes {
            let rules = text.get(..*length).and_then(|head| heads.get(head));
            if let Some(rules) = rules {
                rules.iter().copied().for_each(&mut *candidate);
            }
        }
    }
}
