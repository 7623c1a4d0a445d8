//! The walk over the trie, along the index of a compact object.

use super::super::json::{Index, Object};
use super::places::Found;
use super::trie::{Branch, Trie};

/// Notes the places of all slots in an object that starts at `from`.
#[inline(always)]
pub(super) fn object(
    trie: &Trie,
    text: &[u8],
    from: usize,
    index: &Index,
    object: Object,
    found: &mut Found,
) -> Option<()> {
    let root = trie.get(Trie::ROOT)?;
    found.begin(root, 0);
    let mut walk = Walk {
        trie,
        text,
        from,
        index,
        found,
    };
    if root.has_children() {
        walk.members(root, object.bracket)?;
    }
    found.end(root, object.end - from);
    Some(())
}

struct Walk<'w> {
    trie: &'w Trie,
    text: &'w [u8],
    from: usize,
    index: &'w Index,
    found: &'w mut Found,
}

impl Walk<'_> {
    /// Walks the members of one object, and those of objects in it that the trie follows; as deep
    /// as the index is.
    fn members(&mut self, branch: &Branch, bracket: usize) -> Option<()> {
        let (text, index) = (self.text, self.index);
        let end = index.at(index.close(bracket)?)?;
        let mut colons = index.colons(index.at(bracket)?);
        // The next bracket, and where it is; the value that is being passed.
        let mut next = bracket + 1;
        let mut opens = index.at(next)?;
        let mut value: Option<&Branch> = None;
        while let Some(colon) = colons.next().filter(|colon| *colon < end) {
            let child = branch.below.find_before(text, colon - 1);
            if let Some(value) = value {
                // It ends at the comma before this key.
                let quote = match child {
                    Some((_, length)) => colon - 2 - length,
                    None => index.quote_before(colon)?,
                };
                self.found.end(value, quote - 1 - self.from);
            }
            value = match child {
                Some((child, _)) => self.trie.get(child),
                None => None,
            };
            if let Some(value) = value {
                self.found.begin(value, colon + 1 - self.from);
            }
            if opens == colon + 1 {
                let close = index.close(next)?;
                if let Some(value) = value
                    && value.is_followed
                    && text.get(opens) == Some(&b'{')
                {
                    self.members(value, next)?;
                }
                colons.skip_to(index.at(close)?);
                next = close + 1;
                opens = index.at(next)?;
            }
        }
        if let Some(value) = value {
            self.found.end(value, end - self.from);
        }
        Some(())
    }
}
