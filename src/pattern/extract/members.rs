//! The members of an object in an index, without a look at what they hold.

use std::ops::Range;

use super::super::json::{Colons, Index};

/// One after the other.
#[derive(Debug, Clone)]
pub(super) struct Members<'i> {
    index: &'i Index,
    colons: Colons<'i>,
    /// The colon of the next member.
    colon: Option<usize>,
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
        let mut colons = index.colons(index.at(bracket)?);
        let end = index.at(index.close(bracket)?)?;
        Some(Members {
            index,
            colon: colons.next().filter(|colon| *colon < end),
            colons,
            next: bracket + 1,
            end,
        })
    }
}

impl Iterator for Members<'_> {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        let index = self.index;
        let colon = self.colon?;
        let name = index.quote_before(colon)? + 1..colon - 1;
        let value = colon + 1;
        if index.at(self.next) == Some(value) {
            let close = index.close(self.next)?;
            self.colons.skip_to(index.at(close)?);
            self.next = close + 1;
        }
        let end = self.end;
        self.colon = self.colons.next().filter(|colon| *colon < end);
        let end = match self.colon {
            // At the comma before the next name.
            Some(colon) => index.quote_before(colon)? - 1,
            None => end,
        };
        Some(Member {
            name,
            value: value..end,
        })
    }
}
