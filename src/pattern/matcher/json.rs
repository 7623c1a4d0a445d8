//! Conditions on JSON nodes.

use super::super::ast::{Condition, Literal, Test};
use super::super::extract::Fields;
use super::super::json::Node;
use super::super::selector::{Step, spread, walk};
use super::super::slots::{Selectors, Slot};
use super::comparison::Comparison;
use super::judge::Seen;

/// A compiled condition.
#[derive(Debug, Clone)]
pub(super) struct JsonTest {
    pub(super) slot: Slot,
    pub(super) way: Way,
    pub(super) question: Question,
}

/// The steps from the node in the slot to what the condition looks at.
#[derive(Debug, Clone)]
pub(super) enum Way {
    /// To one node.
    One(Box<[Step]>),
    /// To a parent, to each of its children, and on.
    Many {
        to_parent: Box<[Step]>,
        from_child: Box<[Step]>,
    },
}

#[derive(Debug, Clone)]
pub(super) enum Question {
    Compare(Comparison),
    Is(Literal),
    NotExists,
}

impl JsonTest {
    pub fn new(condition: &Condition, selectors: &mut Selectors) -> JsonTest {
        let selector = &condition.selector.node;
        let (_, steps) = selector.split();
        let mut halves = steps.splitn(2, |step| *step == Step::Wildcard);
        let first = halves.next().unwrap_or_default().into();
        JsonTest {
            slot: selectors.add(selector),
            way: match halves.next() {
                None => Way::One(first),
                Some(rest) => Way::Many {
                    to_parent: first,
                    from_child: rest.into(),
                },
            },
            question: match &condition.test {
                Test::Compare(comparison) => Question::Compare(Comparison::new(comparison)),
                Test::Is(literal) => Question::Is(*literal),
                Test::NotExists => Question::NotExists,
            },
        }
    }

    pub fn holds(&self, fields: &Fields<'_>) -> bool {
        if let Way::One(steps) = &self.way
            && steps.is_empty()
            && let Some(holds) = self.question.holds_for_raw(fields.raw(self.slot))
        {
            return holds;
        }
        let found = fields.get(self.slot);
        match &self.way {
            Way::One(steps) => {
                let node = found.and_then(|node| walk(node, steps));
                self.question.holds_for_one(node)
            }
            Way::Many {
                to_parent,
                from_child,
            } => {
                let parent = found.and_then(|node| walk(node, to_parent));
                self.question.holds_for_many(parent, from_child)
            }
        }
    }
}

impl JsonTest {
    /// What the condition looks at.
    pub fn look<'m>(&self, fields: &Fields<'m>) -> Seen<'m> {
        let found = fields.get(self.slot);
        let at = |steps: &[Step]| found.and_then(|node| walk(node, steps));
        match &self.way {
            Way::One(steps) => Seen::Node(at(steps)),
            Way::Many {
                to_parent,
                from_child,
            } => Seen::Nodes(at(to_parent).map(|parent| {
                let children = spread(parent).into_iter();
                children
                    .filter_map(|child| walk(child, from_child))
                    .collect()
            })),
        }
    }
}

impl Question {
    /// The answer where it needs no look at more than a few bytes.
    fn holds_for_raw(&self, raw: Option<&[u8]>) -> Option<bool> {
        match (self, raw) {
            (Question::NotExists, raw) => Some(raw.is_none()),
            (_, None) => Some(false),
            // May hold a null.
            (Question::Is(Literal::Null), Some([b'[', ..])) => None,
            (Question::Is(Literal::Null), Some(raw)) => Some(raw == b"null"),
            (Question::Is(Literal::True), Some(raw)) => Some(raw == b"true"),
            (Question::Is(Literal::False), Some(raw)) => Some(raw == b"false"),
            (Question::Compare(_), Some(_)) => None,
        }
    }

    fn holds_for_one(&self, node: Option<Node<'_>>) -> bool {
        match (self, node) {
            (Question::NotExists, node) => node.is_none(),
            (_, None) => false,
            (Question::Compare(comparison), Some(node)) => comparison.holds(node),
            // The service takes an array for null when one of its direct elements is (filter
            // pattern spec 4.7).
            (Question::Is(Literal::Null), Some(array @ Node::Array(_))) => {
                array.items().any(|item| item == Node::Null)
            }
            (Question::Is(literal), Some(node)) => is(*literal, node),
        }
    }

    /// Any child will do, but for `!=`, which asks that the parent exists and none of its children
    /// equals (filter pattern spec 4.9).
    fn holds_for_many(&self, parent: Option<Node<'_>>, from_child: &[Step]) -> bool {
        let Some(parent) = parent else {
            return matches!(self, Question::NotExists);
        };
        let any = |holds: &dyn Fn(Node<'_>) -> bool| {
            spread(parent)
                .into_iter()
                .filter_map(|child| walk(child, from_child))
                .any(holds)
        };
        match self {
            Question::NotExists => !any(&|_| true),
            Question::Is(literal) => any(&|node| is(*literal, node)),
            Question::Compare(comparison) if comparison.is_negative() => {
                !any(&|node| comparison.equals(node))
            }
            Question::Compare(comparison) => any(&|node| comparison.holds(node)),
        }
    }
}

fn is(literal: Literal, node: Node<'_>) -> bool {
    node == match literal {
        Literal::Null => Node::Null,
        Literal::True => Node::Bool(true),
        Literal::False => Node::Bool(false),
    }
}
