//! Tests on text: the cheapest one that decides, chosen once.

use memchr::memmem::Finder;

use super::ast::Operand;
use super::regex::Regex;

/// What a text operand asks of a text.
#[derive(Debug, Clone)]
pub(super) enum TextTest {
    /// `*`: any text will do. This is how a pattern asks that a value exists (filter pattern spec
    /// 4.5).
    Anything,
    /// `DeleteTrail`
    Equals(Box<str>),
    /// `Delete*`
    Prefix(Box<str>),
    /// `*Trail`
    Suffix(Box<str>),
    /// `*lete*`
    Contains(Box<Finder<'static>>),
    /// `D*lete*rail`
    Glob(Glob),
    /// `%^Delete%`
    Regex(Regex),
}

/// A glob with a star inside, or more than two.
#[derive(Debug, Clone)]
pub(super) struct Glob {
    head: Box<str>,
    middle: Box<[Finder<'static>]>,
    tail: Box<str>,
}

impl TextTest {
    pub fn glob(text: &str) -> TextTest {
        let Some((head, rest)) = text.split_once('*') else {
            return TextTest::Equals(text.into());
        };
        let (inner, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
        let mut middle: Vec<_> = inner
            .split('*')
            .filter(|part| !part.is_empty())
            .map(|part| Finder::new(part).into_owned())
            .collect();
        match (head, middle.as_slice(), tail) {
            ("", [], "") => TextTest::Anything,
            (head, [], "") => TextTest::Prefix(head.into()),
            ("", [], tail) => TextTest::Suffix(tail.into()),
            ("", [_], "") => match middle.pop() {
                Some(only) => TextTest::Contains(Box::new(only)),
                None => TextTest::Anything,
            },
            _ => TextTest::Glob(Glob {
                head: head.into(),
                middle: middle.into(),
                tail: tail.into(),
            }),
        }
    }

    /// What a text has to begin with, and whether that is all of it; none where nothing is said.
    pub fn head(&self) -> Option<(&str, bool)> {
        match self {
            TextTest::Equals(whole) => Some((whole, true)),
            TextTest::Prefix(head) => Some((head, false)),
            TextTest::Glob(glob) => Some((&glob.head, false)),
            TextTest::Anything
            | TextTest::Suffix(_)
            | TextTest::Contains(_)
            | TextTest::Regex(_) => None,
        }
    }

    pub fn matches(&self, text: &str) -> bool {
        match self {
            TextTest::Anything => true,
            TextTest::Equals(whole) => text == &**whole,
            TextTest::Prefix(head) => text.starts_with(&**head),
            TextTest::Suffix(tail) => text.ends_with(&**tail),
            TextTest::Contains(part) => part.find(text.as_bytes()).is_some(),
            TextTest::Glob(glob) => glob.matches(text),
            TextTest::Regex(regex) => regex.is_match(text),
        }
    }
}

impl Glob {
    /// Takes every part at its first place after the one before. A later place never helps a part
    /// that follows, so there is no backtracking, and each byte is searched once.
    fn matches(&self, text: &str) -> bool {
        let Some(rest) = text.strip_prefix(&*self.head) else {
            return false;
        };
        let Some(rest) = rest.strip_suffix(&*self.tail) else {
            return false;
        };
        let mut rest = rest.as_bytes();
        for part in &self.middle {
            let after = part
                .find(rest)
                .and_then(|at| rest.get(at + part.needle().len()..));
            match after {
                Some(after) => rest = after,
                None => return false,
            }
        }
        true
    }
}

impl From<&Operand> for TextTest {
    fn from(operand: &Operand) -> TextTest {
        match operand {
            Operand::Number(number) => TextTest::Equals(number.spelling().into()),
            Operand::Text(text) => TextTest::glob(text),
            Operand::Regex(regex) => TextTest::Regex(regex.clone()),
        }
    }
}
