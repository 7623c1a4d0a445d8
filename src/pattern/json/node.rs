//! Slices of JSON that is known to be valid.

use std::borrow::Cow;

use super::super::number::json_number_text;
use super::string::RawString;
use super::{JsonError, JsonErrorKind, MAX_DEPTH, object_key, skip_space, skip_value};

/// One JSON value: its kind, and the slice of the message in which it is written.
///
/// A node is only ever made of validated text; looking into it cannot fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Node<'m> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it is written.
    Number(&'m str),
    /// A string, still escaped.
    String(RawString<'m>),
    /// An array with its brackets.
    Array(&'m str),
    /// An object with its braces.
    Object(&'m str),
}

/// A value that is proved to be valid and was not looked at yet.
#[derive(Debug, Clone, Copy)]
pub struct Raw<'m>(&'m [u8]);

impl<'m> Raw<'m> {
    /// What was a node before.
    pub fn of(node: Node<'m>) -> Raw<'m> {
        Raw(node.raw().as_bytes())
    }

    /// The bytes of exactly one value.
    pub(in crate::pattern) fn of_valid(value: &'m [u8]) -> Raw<'m> {
        Raw(value)
    }

    /// The node.
    pub fn node(self) -> Node<'m> {
        Node::of_valid(std::str::from_utf8(self.0).unwrap_or_default())
    }
}

impl<'m> Node<'m> {
    /// Validates a text that holds one JSON value and, around it, nothing but white space.
    pub fn parse(text: &'m str) -> Result<Node<'m>, JsonError> {
        let bytes = text.as_bytes();
        let start = skip_space(bytes, 0);
        let end = skip_value(bytes, start, MAX_DEPTH)?;
        let after = skip_space(bytes, end);
        if after < bytes.len() {
            let expected = "nothing after the value";
            return Err(JsonErrorKind::Syntax { expected }.at(after));
        }
        Ok(Node::of_valid(text.get(start..end).unwrap_or_default()))
    }

    /// The node that a slice holds which the scanner has accepted as exactly one value.
    pub(in crate::pattern) fn of_valid(raw: &'m str) -> Node<'m> {
        match raw.as_bytes().first() {
            Some(b'"') => Node::String(RawString::of_valid(raw)),
            Some(b'{') => Node::Object(raw),
            Some(b'[') => Node::Array(raw),
            Some(b't') => Node::Bool(true),
            Some(b'f') => Node::Bool(false),
            Some(b'-' | b'0'..=b'9') => Node::Number(raw),
            _ => Node::Null,
        }
    }

    /// The value as it stands in the message.
    pub fn raw(&self) -> &'m str {
        match self {
            Node::Null => "null",
            Node::Bool(true) => "true",
            Node::Bool(false) => "false",
            Node::Number(raw) | Node::Array(raw) | Node::Object(raw) => raw,
            Node::String(string) => string.raw(),
        }
    }

    /// The text of a string; nothing for the other kinds.
    pub fn as_str(&self) -> Option<Cow<'m, str>> {
        match self {
            Node::String(string) => Some(string.decode()),
            _ => None,
        }
    }

    /// The text that filter patterns compare: that of a string, and of a number as the service
    /// writes it (filter pattern spec 4.6); nothing for the other kinds.
    pub fn text(&self) -> Option<Cow<'m, str>> {
        match self {
            Node::String(string) => Some(string.decode()),
            Node::Number(raw) => Some(json_number_text(raw)),
            _ => None,
        }
    }

    /// The member of an object with this name, the last one where the name repeats (filter pattern
    /// spec D-DUPKEY).
    pub fn get(&self, name: &str) -> Option<Node<'m>> {
        self.members()
            .filter(|(key, _)| key.is(name))
            .last()
            .map(|(_, value)| value)
    }

    /// The elements of an array; nothing for the other kinds.
    pub fn items(&self) -> Items<'m> {
        match self {
            Node::Array(raw) => Items(Rest { raw, at: 1 }),
            _ => Items(Rest::default()),
        }
    }

    /// The members of an object as they are written, repeated names included; nothing for the other
    /// kinds.
    pub fn members(&self) -> Members<'m> {
        match self {
            Node::Object(raw) => Members(Rest { raw, at: 1 }),
            _ => Members(Rest::default()),
        }
    }
}

/// What is left of a container: its text and the offset after the opening bracket, a value or a
/// comma.
#[derive(Debug, Clone, Default)]
struct Rest<'m> {
    raw: &'m str,
    at: usize,
}

impl<'m> Rest<'m> {
    /// Steps to the next value or key; none at the closing bracket.
    fn next_start(&mut self) -> Option<usize> {
        let bytes = self.raw.as_bytes();
        let mut start = skip_space(bytes, self.at);
        if bytes.get(start) == Some(&b',') {
            start = skip_space(bytes, start + 1);
        }
        match bytes.get(start) {
            None | Some(b']' | b'}') => None,
            Some(_) => Some(start),
        }
    }

    fn value(&mut self, at: usize) -> Option<Node<'m>> {
        let bytes = self.raw.as_bytes();
        let start = skip_space(bytes, at);
        self.at = skip_value(bytes, start, MAX_DEPTH).ok()?;
        Some(Node::of_valid(self.raw.get(start..self.at)?))
    }
}

/// The elements of an array, see [`Node::items`].
#[derive(Debug, Clone)]
pub struct Items<'m>(Rest<'m>);

impl<'m> Iterator for Items<'m> {
    type Item = Node<'m>;

    fn next(&mut self) -> Option<Node<'m>> {
        let start = self.0.next_start()?;
        self.0.value(start)
    }
}

/// The members of an object, see [`Node::members`].
#[derive(Debug, Clone)]
pub struct Members<'m>(Rest<'m>);

impl<'m> Iterator for Members<'m> {
    type Item = (RawString<'m>, Node<'m>);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.0.next_start()?;
        let key = object_key(self.0.raw.as_bytes(), start).ok()?;
        let name = self.0.raw.get(start..key.name.end)?;
        Some((RawString::of_valid(name), self.0.value(key.value)?))
    }
}
