//! What a text must hold literally for an expression to be found in it: most texts do not, and
//! looking for a literal takes a fraction of a search.

use memchr::memmem::Finder;

use super::branch::{Atom, Branch};

/// A shorter literal tells too little to be worth a look.
const SHORTEST: usize = 2;
/// A longer one tells no more.
const LONGEST: usize = 32;

/// A literal for each branch, of which a text holds one if the expression is found in it.
#[derive(Debug)]
pub(super) struct Literals(Option<Box<[Finder<'static>]>>);

impl Literals {
    pub fn new(branches: &[Branch]) -> Literals {
        let literals = branches.iter().map(|branch| {
            let literal = longest(&branch.atoms)?;
            Some(Finder::new(&literal).into_owned())
        });
        Literals(literals.collect())
    }

    /// Whether the text may hold the expression.
    pub fn may_be_in(&self, text: &str) -> bool {
        self.0.as_ref().is_none_or(|literals| {
            let mut literals = literals.iter();
            literals.any(|literal| literal.find(text.as_bytes()).is_some())
        })
    }
}

/// The longest run of atoms that each stand for one character, so many times.
fn longest(atoms: &[Atom]) -> Option<Vec<u8>> {
    let mut longest = Vec::new();
    for run in atoms.split(|atom| character(atom).is_none()) {
        let characters = run
            .iter()
            .filter_map(|atom| Some((character(atom)?, atom.min)));
        let literal: Vec<u8> = characters
            .flat_map(|(byte, count)| std::iter::repeat_n(byte, usize::from(count)))
            .take(LONGEST)
            .collect();
        if literal.len() > longest.len() {
            longest = literal;
        }
    }
    (longest.len() >= SHORTEST).then_some(longest)
}

fn character(atom: &Atom) -> Option<u8> {
    let only = atom.set.only()?;
    (atom.max == Some(atom.min)).then_some(only)
}
