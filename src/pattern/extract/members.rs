//! The members of an object in an index, without a look at what they hold.

use std::ops::Range;

use super::super::json::{Colons, Index};

/// One after the other.
#[derive(Debug, Clone)]
pub(super) struct Members<'i> {
    index: &'i Index,
    colons: Colons<'i>,
    /// The opening quote and the colon of the next member.
    key: Option<(usize, usize)>,
    /// Number of the first bracket that was not passed.
    next: usize,
    /// Offset of the closing bracket.
    end: usize,
}

/// Offsets in the text of the index.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// Of the name, without its quotes; nothing is escaped in it.
    pub name: Range<usize>,
    pub value: Range<usize>,
}

impl<'i> Members<'i> {
    /// Of the object that this bracket opens.
    pub fn of(index: &'i Index, bracket: usize) -> Option<Members<'i>> {
        let mut members = Members {
            index,
            colons: index.colons(index.at(bracket)?),
            key: None,
            next: bracket + 1,
            end: index.at(index.close(bracket)?)?,
        };
        members.step();
        Some(members)
    }

    /// To the next key.
    #[inline]
    fn step(&mut self) {
        let end = self.end;
        let colon = self.colons.next().filter(|colon| *colon < end);
        self.key = colon.and_then(|colon| Some((self.index.quote_before(colon)?, colon)));
    }
}

impl Iterator for Members<'_> {
    type Item = Member;

    #[inline]
    fn next(&mut self) -> Option<Member> {
        let (quote, colon) = self.key?;
        let value = colon + 1;
        if self.index.at(self.next) == Some(value) {
            let close = self.index.close(self.next)?;
            self.colons.skip_to(self.index.at(close)?);
            self.next = close + 1;
        }
        self.step();
        Some(Member {
            name: quote + 1..colon - 1,
            // Up to the comma before the next name.
            value: value..self.key.map_or(self.end, |(quote, _)| quote - 1),
        })
    }
}
