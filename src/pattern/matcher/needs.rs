//! What must be so for a pattern to match, as far as one look at one field tells: what a set of
//! patterns is indexed by.

use super::super::ast::Op;
use super::super::slots::Slot;
use super::json::{JsonTest, Question, Way};
use super::{Matcher, Program, Tree};

/// A test of one field that a pattern cannot match without. It is necessary, not sufficient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// The [text](super::super::json::Node::text) of the field is this.
    Equal(Slot, Box<str>),
    /// The text of the field begins so.
    Prefix(Slot, Box<str>),
    /// The field is there.
    Present(Slot),
}

impl Need {
    /// The field.
    pub fn slot(&self) -> Slot {
        match self {
            Need::Equal(slot, _) | Need::Prefix(slot, _) | Need::Present(slot) => *slot,
        }
    }
}

impl Matcher {
    /// Tests of which one holds for every message that matches; none if nothing of the kind can be
    /// said. Where the pattern leaves a choice, the tests with the least cost are taken; a test
    /// without a cost is as good as none.
    pub fn needs(&self, cost: &impl Fn(&Need) -> Option<u32>) -> Option<Vec<Need>> {
        match &self.program {
            Program::Json { tree, .. } => tree.needs(cost).map(|needs| needs.tests),
            Program::Terms(_) | Program::Regex(_) | Program::Delimited(_) => None,
        }
    }

    /// Whether the matcher looks at the text of a message, not only at its fields.
    pub fn reads_text(&self) -> bool {
        !matches!(self.program, Program::Json { .. })
    }
}

/// Tests of which one must hold, and what the dearest of them costs.
struct Needs {
    cost: u32,
    tests: Vec<Need>,
}

impl Tree<JsonTest> {
    fn needs(&self, cost: &impl Fn(&Need) -> Option<u32>) -> Option<Needs> {
        match self {
            Tree::Test(test) => {
                let need = test.need()?;
                Some(Needs {
                    cost: cost(&need)?,
                    tests: vec![need],
                })
            }
            Tree::All(parts) => {
                let parts = parts.iter().filter_map(|part| part.needs(cost));
                parts.min_by_key(|needs| (needs.cost, needs.tests.len()))
            }
            // Of which at least one must match, so nothing is needed if one of them needs nothing.
            Tree::Any(parts) => {
                let mut all = Needs {
                    cost: 0,
                    tests: Vec::new(),
                };
                for part in parts {
                    let needs = part.needs(cost)?;
                    all.cost = all.cost.max(needs.cost);
                    all.tests.extend(needs.tests);
                }
                Some(all)
            }
        }
    }
}

impl JsonTest {
    /// Every test but `NOT EXISTS` asks that there is something in its slot; `!=` does, too
    /// (filter pattern spec 4.4 and 4.9).
    fn need(&self) -> Option<Need> {
        let slot = self.slot;
        match (&self.question, &self.way) {
            (Question::NotExists, _) => None,
            (Question::Compare(comparison), Way::One(steps)) if steps.is_empty() => {
                let test = match comparison.op() {
                    Op::Equal => comparison.text(),
                    _ => None,
                };
                Some(match test {
                    Some((text, true)) => Need::Equal(slot, text.into()),
                    Some((head, false)) if !head.is_empty() => Need::Prefix(slot, head.into()),
                    _ => Need::Present(slot),
                })
            }
            _ => Some(Need::Present(slot)),
        }
    }
}
