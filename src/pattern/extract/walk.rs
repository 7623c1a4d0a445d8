//! The walk over a message that goes token by token.

use super::super::json::{
    JsonError, JsonErrorKind, MAX_DEPTH, RawString, object_key, skip_space, skip_value,
};
use super::places::Found;
use super::trie::{Branch, Trie};

/// Validates that the message is one JSON object, and finds the places of all slots.
pub(super) fn object(trie: &Trie, message: &str, found: &mut Found) -> Result<(), JsonError> {
    let reader = Reader {
        trie,
        message,
        bytes: message.as_bytes(),
        found,
    };
    reader.object()
}

/// The state of one pass.
struct Reader<'r> {
    trie: &'r Trie,
    message: &'r str,
    bytes: &'r [u8],
    found: &'r mut Found,
}

impl<'r> Reader<'r> {
    /// Walks the message. Every branch knows its parent, so no stack is needed.
    fn object(mut self) -> Result<(), JsonError> {
        let start = skip_space(self.bytes, 0);
        if self.bytes.get(start) != Some(&b'{') {
            return Err(self.expected(start, "an object"));
        }
        let mut branch = self.trie.get(Trie::ROOT);
        self.begin(branch, start);
        let mut at = skip_space(self.bytes, start + 1);
        while let Some(current) = branch {
            if self.bytes.get(at) == Some(&b'}') {
                at += 1;
                self.end(branch, at);
                branch = current.parent.and_then(|parent| self.trie.get(parent));
                if branch.is_some() {
                    at = self.next_key(at)?;
                }
                continue;
            }
            let (child, value) = self.key(current, at)?;
            let is_object = self.bytes.get(value) == Some(&b'{');
            if is_object && child.is_some_and(Branch::has_children) {
                branch = child;
                at = skip_space(self.bytes, value + 1);
                continue;
            }
            let end = skip_value(self.bytes, value, MAX_DEPTH)?;
            self.end(child, end);
            at = self.next_key(end)?;
        }
        self.nothing_after(at)
    }

    /// Reads a key and steps to its value. If the trie has the key, whatever an earlier member of the
    /// same name left is forgotten: the last one wins (filter pattern spec D-DUPKEY).
    fn key(
        &mut self,
        branch: &Branch,
        at: usize,
    ) -> Result<(Option<&'r Branch>, usize), JsonError> {
        let key = object_key(self.bytes, at)?;
        let value = skip_space(self.bytes, key.value);
        let child = if key.name.escaped {
            let name = self.message.get(at..key.name.end).unwrap_or_default();
            branch
                .below
                .find(RawString::of_valid(name).decode().as_bytes())
        } else {
            let name = self.bytes.get(at + 1..key.name.end - 1);
            branch.below.find(name.unwrap_or_default())
        };
        let child = child.and_then(|child| self.trie.get(child));
        self.begin(child, value);
        Ok((child, value))
    }

    fn begin(&mut self, branch: Option<&Branch>, start: usize) {
        if let Some(branch) = branch {
            self.found.begin(branch, start);
        }
    }

    fn end(&mut self, branch: Option<&Branch>, end: usize) {
        if let Some(branch) = branch {
            self.found.end(branch, end);
        }
    }

    /// Past a value: the next key, or the closing brace.
    fn next_key(&self, at: usize) -> Result<usize, JsonError> {
        let at = skip_space(self.bytes, at);
        match self.bytes.get(at) {
            Some(b'}') => Ok(at),
            Some(b',') => {
                let key = skip_space(self.bytes, at + 1);
                match self.bytes.get(key) {
                    Some(b'}') => Err(self.expected(key, "a key in double quotes")),
                    _ => Ok(key),
                }
            }
            _ => Err(self.expected(at, "`,` or `}`")),
        }
    }

    fn nothing_after(&self, at: usize) -> Result<(), JsonError> {
        let at = skip_space(self.bytes, at);
        if at < self.bytes.len() {
            return Err(self.expected(at, "nothing after the object"));
        }
        Ok(())
    }

    fn expected(&self, at: usize, expected: &'static str) -> JsonError {
        if at < self.bytes.len() {
            JsonErrorKind::Syntax { expected }.at(at)
        } else {
            JsonErrorKind::UnexpectedEnd.at(at)
        }
    }
}
