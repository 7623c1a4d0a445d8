//! What one field decides alone: a pattern of many fields is often settled by the value of one, and
//! the same values come again and again.

use super::super::extract::Fields;
use super::super::slots::Slot;
use super::json::{Question, Way};
use super::texts::Fast;
use super::{Matcher, Program, Tree};

/// What a matcher asks of one field.
#[derive(Debug, Default)]
pub struct Asked<'m> {
    /// Texts that the field's is compared with, as a whole.
    pub texts: Vec<&'m [u8]>,
    /// Whether it asks anything else that a string may answer in more than one way.
    pub more: bool,
}

impl Matcher {
    /// What the matcher asks of the field in a slot; none if nothing.
    pub fn asked(&self, slot: Slot) -> Option<Asked<'_>> {
        let Program::Json { fast, .. } = &self.program else {
            return None;
        };
        let mut asked = None;
        fast.for_each(&mut |test| {
            if test.slot() != slot {
                return;
            }
            let asked: &mut Asked<'_> = asked.get_or_insert_default();
            match test {
                Fast::Texts(texts) => asked.texts.extend(texts.iter()),
                Fast::Other(_) => asked.more |= test.of_unnamed_text().is_none(),
            }
        });
        asked
    }

    /// What the matcher answers for every message that has in `slot` what this one has there, or
    /// as this one has nothing there, whatever else is in it. None if that depends on the rest.
    pub fn decided_by(&self, slot: Slot, fields: &Fields<'_>) -> Option<bool> {
        self.decided(&|test| (test.slot() == slot).then(|| test.holds(fields)))
    }

    /// The same for messages that have a string there which is none of the [texts](Asked::texts)
    /// that are asked for. None, too, if [more](Asked::more) is asked that matters.
    pub fn decided_by_unnamed_text(&self, slot: Slot) -> Option<bool> {
        self.decided(&|test| {
            (test.slot() == slot)
                .then(|| test.of_unnamed_text())
                .flatten()
        })
    }

    fn decided(&self, known: &impl Fn(&Fast) -> Option<bool>) -> Option<bool> {
        match &self.program {
            Program::Json { fast, .. } => fast.decided(known),
            Program::Terms(_) | Program::Regex(_) | Program::Delimited(_) => None,
        }
    }
}

impl<T> Tree<T> {
    /// What the tree answers when only some of its tests are known.
    fn decided(&self, known: &impl Fn(&T) -> Option<bool>) -> Option<bool> {
        let (parts, deciding) = match self {
            Tree::Test(leaf) => return known(leaf),
            Tree::All(parts) => (parts, false),
            Tree::Any(parts) => (parts, true),
        };
        let mut all_known = true;
        for part in parts {
            match part.decided(known) {
                Some(answer) if answer == deciding => return Some(deciding),
                Some(_) => {}
                None => all_known = false,
            }
        }
        all_known.then_some(!deciding)
    }
}

impl Fast {
    /// The answer for a string that is none of the texts that are asked for, if all of those answer
    /// alike.
    fn of_unnamed_text(&self) -> Option<bool> {
        match self {
            Fast::Texts(texts) => Some(!texts.is_wanted()),
            // A string is there, and is no literal.
            Fast::Other(test) => match (&test.question, &test.way) {
                (Question::Is(_) | Question::NotExists, Way::One(steps)) if steps.is_empty() => {
                    Some(false)
                }
                _ => None,
            },
        }
    }
}
