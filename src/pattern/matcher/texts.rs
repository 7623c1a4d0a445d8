//! Several texts at once: `$.eventName = A || $.eventName = B || …` and `$.awsRegion != A && …` are
//! one look into a set.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use super::super::ast::Op;
use super::super::extract::Fields;
use super::super::slots::Slot;
use super::Tree;
use super::json::{JsonTest, Question, Way};

/// A test of a field's text against one text or more.
#[derive(Debug, Clone)]
pub(super) struct Texts {
    slot: Slot,
    texts: Choice,
    /// Whether the text must be one of them or none of them.
    wanted: bool,
}

#[derive(Debug, Clone)]
enum Choice {
    One(Box<[u8]>),
    Many(HashSet<Box<[u8]>, FixedState>),
}

/// A condition in the form that decides it fastest.
#[derive(Debug, Clone)]
pub(super) enum Fast {
    Texts(Texts),
    Other(JsonTest),
}

impl Texts {
    /// The test as one of texts; none if it is another.
    fn of(test: &JsonTest) -> Option<Texts> {
        let (Question::Compare(comparison), Way::One(steps)) = (&test.question, &test.way) else {
            return None;
        };
        let wanted = match comparison.op() {
            Op::Equal => true,
            Op::NotEqual => false,
            _ => return None,
        };
        match comparison.text() {
            Some((text, true)) if steps.is_empty() => Some(Texts {
                slot: test.slot,
                texts: Choice::One(text.as_bytes().into()),
                wanted,
            }),
            _ => None,
        }
    }

    fn add(&mut self, other: Texts) {
        let mut all = match std::mem::replace(&mut self.texts, Choice::Many(HashSet::default())) {
            Choice::One(text) => HashSet::from_iter([text]),
            Choice::Many(texts) => texts,
        };
        match other.texts {
            Choice::One(text) => drop(all.insert(text)),
            Choice::Many(texts) => all.extend(texts),
        }
        self.texts = Choice::Many(all);
    }

    /// Whether the text must be one of them, or must be none of them.
    pub fn is_wanted(&self) -> bool {
        self.wanted
    }

    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let (one, many) = match &self.texts {
            Choice::One(one) => (Some(one), None),
            Choice::Many(many) => (None, Some(many)),
        };
        one.into_iter()
            .chain(many.into_iter().flatten())
            .map(|text| &**text)
    }

    fn holds(&self, fields: &Fields<'_>) -> bool {
        let Some(text) = fields.text(self.slot) else {
            return false;
        };
        self.wanted
            == match &self.texts {
                Choice::One(one) => **one == *text,
                Choice::Many(many) => many.contains(&*text),
            }
    }
}

impl Fast {
    /// The field that it looks at.
    pub fn slot(&self) -> Slot {
        match self {
            Fast::Texts(texts) => texts.slot,
            Fast::Other(test) => test.slot,
        }
    }

    pub fn holds(&self, fields: &Fields<'_>) -> bool {
        match self {
            Fast::Texts(texts) => texts.holds(fields),
            Fast::Other(test) => test.holds(fields),
        }
    }
}

impl Tree<JsonTest> {
    /// A tree that says the same: alternatives of one field are joined, and so are exclusions.
    pub fn fast(&self) -> Tree<Fast> {
        match self {
            Tree::Test(test) => Tree::Test(match Texts::of(test) {
                Some(texts) => Fast::Texts(texts),
                None => Fast::Other(test.clone()),
            }),
            Tree::Any(parts) => Tree::Any(joined(parts, true)),
            Tree::All(parts) => Tree::All(joined(parts, false)),
        }
    }
}

/// The parts, and in place of the first test of each field those of the same field that are
/// `wanted` or not.
fn joined(parts: &[Tree<JsonTest>], wanted: bool) -> Box<[Tree<Fast>]> {
    let mut all: Vec<Tree<Fast>> = Vec::new();
    let mut first: HashMap<Slot, usize> = HashMap::new();
    for part in parts {
        let fast = part.fast();
        if let Tree::Test(Fast::Texts(texts)) = &fast
            && texts.wanted == wanted
        {
            match first.entry(texts.slot) {
                Entry::Vacant(place) => drop(place.insert(all.len())),
                Entry::Occupied(place) => {
                    if let Some(Tree::Test(Fast::Texts(known))) = all.get_mut(*place.get()) {
                        known.add(texts.clone());
                        continue;
                    }
                }
            }
        }
        all.push(fast);
    }
    // Which order they are asked in changes nothing but how soon it is decided.
    all.sort_by_key(Tree::cost);
    all.into()
}

impl Tree<Fast> {
    /// What it takes to ask, in looks at a field, about.
    fn cost(&self) -> u32 {
        match self {
            Tree::Test(Fast::Texts(_)) => 1,
            Tree::Test(Fast::Other(test)) => match (&test.question, &test.way) {
                (Question::Is(_) | Question::NotExists, Way::One(_)) => 1,
                (_, Way::One(_)) => 3,
                (_, Way::Many { .. }) => 20,
            },
            Tree::All(parts) | Tree::Any(parts) => parts.iter().map(Tree::cost).sum(),
        }
    }
}
