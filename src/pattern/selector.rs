//! Where in a JSON message a condition looks.

use std::collections::HashMap;
use std::fmt;

use super::error::ParseErrors;
use super::json::Node;
use super::parse;

/// A path into a JSON message: `$.userIdentity.arn`, `$.resources[0].ARN`, `$.['detail.type']`,
/// `$.resources[*].ARN` (AWS user guide, Filter pattern syntax; filter pattern spec 4.3).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Selector {
    steps: Vec<Step>,
}

/// One step of a selector.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// `.name` or `.['name']`: the member of an object, and of nothing else.
    Name(String),
    /// `[0]`: the element of an array, and of nothing else.
    Index(usize),
    /// `[*]` or `.*`: the elements of an array or the values of an object. One in a selector.
    Wildcard,
}

impl Selector {
    /// Reads a selector that stands alone, such as `$.userIdentity.arn`.
    pub fn parse(text: &str) -> Result<Selector, ParseErrors> {
        parse::selector(text)
    }

    pub(super) fn new(steps: Vec<Step>) -> Selector {
        Selector { steps }
    }

    /// The steps, in order; there is at least one.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Whether the selector may yield several nodes.
    pub fn has_wildcard(&self) -> bool {
        self.steps.contains(&Step::Wildcard)
    }

    /// The names before the first index or wildcard, which [`Fields`](super::Fields) holds the node
    /// for, and the steps that are left to take from there.
    pub(super) fn split(&self) -> (&[Step], &[Step]) {
        let names = self
            .steps
            .iter()
            .take_while(|step| matches!(step, Step::Name(_)))
            .count();
        self.steps.split_at_checked(names).unwrap_or_default()
    }

    /// The node that the selector yields, given what [`Fields`](super::Fields) holds for its slot:
    /// takes the steps from the first index or wildcard on. Of several nodes, the first.
    pub fn finish<'m>(&self, found: Option<Node<'m>>) -> Option<Node<'m>> {
        let (_, rest) = self.split();
        match rest.iter().position(|step| *step == Step::Wildcard) {
            None => walk(found?, rest),
            Some(at) => {
                let (before, from) = rest.split_at_checked(at)?;
                let (_, after) = from.split_first()?;
                let parent = walk(found?, before)?;
                spread(parent)
                    .into_iter()
                    .find_map(|node| walk(node, after))
            }
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        for (index, step) in self.steps.iter().enumerate() {
            match step {
                Step::Name(name) if name.chars().all(is_name_char) => write!(f, ".{name}")?,
                Step::Name(name) => write!(f, ".['{name}']")?,
                Step::Index(at) => write!(f, "[{at}]")?,
                // `$[*]` does not exist.
                Step::Wildcard if index == 0 => f.write_str(".*")?,
                Step::Wildcard => f.write_str("[*]")?,
            }
        }
        Ok(())
    }
}

/// What a name holds that needs no brackets (filter pattern spec 4.3).
pub(super) fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

/// Takes steps without a wildcard. Names step into objects only, indexes into arrays only: there is
/// no implicit iteration (filter pattern spec 4.3).
pub(super) fn walk<'m>(from: Node<'m>, steps: &[Step]) -> Option<Node<'m>> {
    steps.iter().try_fold(from, |node, step| match step {
        Step::Name(name) => node.get(name),
        Step::Index(at) => node.items().nth(*at),
        Step::Wildcard => None,
    })
}

/// The nodes that a wildcard yields: elements of an array, values of an object (filter pattern spec
/// 4.3), the last value where a name repeats.
pub(super) fn spread(parent: Node<'_>) -> Vec<Node<'_>> {
    match parent {
        Node::Array(_) => parent.items().collect(),
        Node::Object(_) => {
            let mut values = Vec::new();
            let mut places = HashMap::new();
            for (key, value) in parent.members() {
                let place = *places.entry(key.decode()).or_insert(values.len());
                match values.get_mut(place) {
                    Some(earlier) => *earlier = value,
                    None => values.push(value),
                }
            }
            values
        }
        _ => Vec::new(),
    }
}
