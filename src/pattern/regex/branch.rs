//! A branch of a regular expression, with its anchors worked out.

use super::classes::Symbols;
use super::piece::Piece;

/// `a|b` has two. The anchors are no pieces any more.
#[derive(Debug, PartialEq)]
pub(super) struct Branch {
    /// Whether it can only begin where the text does.
    pub at_start: bool,
    pub atoms: Vec<Atom>,
    pub end: End,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Atom {
    pub set: Symbols,
    pub min: u16,
    pub max: Option<u16>,
}

/// Where a branch can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Anywhere,
    /// Where the text ends, or before its final newline (filter pattern spec 2.7).
    Last,
    /// Before the final newline.
    BeforeNewline,
}

impl Branch {
    /// Works out the anchors; none if they can never be met.
    pub fn new(pieces: &[Piece]) -> Option<Branch> {
        let end = pieces.iter().position(|piece| *piece == Piece::End);
        let (before, after) = pieces
            .split_at_checked(end.unwrap_or(pieces.len()))
            .unwrap_or((pieces, &[]));
        let mut branch = Branch {
            at_start: false,
            atoms: Vec::new(),
            end: End::Anywhere,
        };
        for piece in before {
            match piece {
                Piece::Start => branch.start_here()?,
                Piece::End => {}
                Piece::Atom { set, min, max } => branch.atoms.push(Atom {
                    set: set.symbols(),
                    min: *min,
                    max: *max,
                }),
            }
        }
        if end.is_some() {
            branch.end = branch.tail(after)?;
        }
        branch.simplify();
        Some(branch)
    }

    /// A `^` after atoms asks that they match nothing.
    fn start_here(&mut self) -> Option<()> {
        if self.atoms.iter().any(|atom| atom.min > 0) {
            return None;
        }
        self.atoms.clear();
        self.at_start = true;
        Some(())
    }

    /// `$` looks ahead: after it, the text may hold one newline more. So what is written after the
    /// first `$` is only asked two things: can it match nothing, and can it match a newline?
    fn tail(&mut self, pieces: &[Piece]) -> Option<End> {
        let mut end = End::Last;
        for piece in pieces {
            match piece {
                Piece::End | Piece::Atom { min: 0, .. } => {}
                Piece::Start if end == End::BeforeNewline => return None,
                Piece::Start => self.start_here()?,
                Piece::Atom { set, min: 1, .. }
                    if end == End::Last && set.symbols().holds('\n') =>
                {
                    end = End::BeforeNewline;
                }
                Piece::Atom { .. } => return None,
            }
        }
        Some(end)
    }

    /// Where a match may begin or end anywhere, the shortest one will do.
    fn simplify(&mut self) {
        if self.end == End::Anywhere {
            shorten(&mut self.atoms);
        }
        if !self.at_start {
            self.atoms.reverse();
            shorten(&mut self.atoms);
            self.atoms.reverse();
        }
        self.atoms.retain(|atom| atom.max != Some(0));
    }

    /// How many characters the branch stands for, repetitions spelled out.
    pub fn positions(&self) -> usize {
        self.atoms.iter().map(Atom::positions).sum()
    }
}

/// Makes the last atom that needs anything as short as it can be, and drops those after it.
fn shorten(atoms: &mut Vec<Atom>) {
    while let Some(atom) = atoms.pop() {
        if atom.min > 0 {
            atoms.push(Atom {
                max: Some(atom.min),
                ..atom
            });
            return;
        }
    }
}

impl Atom {
    /// How many characters the atom stands for: all that it needs, and all that it may have besides;
    /// one for any number.
    pub fn positions(&self) -> usize {
        usize::from(self.max.unwrap_or(self.min.max(1)))
    }
}
