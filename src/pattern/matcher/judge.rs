//! The truth of every condition by itself, and what it looked at: for explanations, not for speed.
//! The conditions are those that [`Matcher::matches`] asks, in the order of the pattern, terms sorted
//! by their sign.

use super::super::json::Node;
use super::delimited::Columns;
use super::terms::Terms;
use super::{Matcher, Message, Program, Tree};

/// What became of one condition.
#[derive(Debug, Clone)]
pub(in crate::pattern) struct Judged<'m> {
    pub holds: bool,
    pub seen: Seen<'m>,
}

/// What a condition looked at.
#[derive(Debug, Clone)]
pub(in crate::pattern) enum Seen<'m> {
    /// A message that holds no fields at all.
    Unread,
    /// The node of a selector.
    Node(Option<Node<'m>>),
    /// The nodes of a selector with a wildcard; none if the wildcard is applied to nothing.
    Nodes(Option<Vec<Node<'m>>>),
    /// The token of a column.
    Token(Option<&'m str>),
    /// How many tokens there are.
    Tokens(usize),
    /// Where a term occurs first.
    Place(Option<usize>),
    /// The whole message.
    Message,
}

impl Matcher {
    /// The truth of every condition. A space-delimited pattern with columns first asks that there
    /// are enough tokens.
    pub(in crate::pattern) fn judge<'m>(&self, message: &Message<'m>) -> Vec<Judged<'m>> {
        let mut judged = Vec::new();
        match &self.program {
            Program::Terms(terms) => judged = terms.judge(message.text),
            Program::Regex(regex) => judged.push(Judged {
                holds: regex.is_match(message.text),
                seen: Seen::Message,
            }),
            Program::Json { tree, .. } => tree.for_each(&mut |test| {
                judged.push(match &message.fields {
                    Some(fields) => Judged {
                        holds: test.holds(fields),
                        seen: test.look(fields),
                    },
                    None => Judged {
                        holds: false,
                        seen: Seen::Unread,
                    },
                });
            }),
            Program::Delimited(columns) => judged = columns.judge(message.text),
        }
        judged
    }
}

impl<T> Tree<T> {
    pub fn for_each<'t>(&'t self, visit: &mut impl FnMut(&'t T)) {
        match self {
            Tree::Test(leaf) => visit(leaf),
            Tree::All(parts) | Tree::Any(parts) => {
                parts.iter().for_each(|part| part.for_each(visit));
            }
        }
    }
}

impl Terms {
    fn judge<'m>(&self, text: &str) -> Vec<Judged<'m>> {
        let wanted = [
            (&self.required, true),
            (&self.excluded, false),
            (&self.optional, true),
        ];
        let terms = wanted
            .into_iter()
            .flat_map(|(terms, wanted)| terms.iter().map(move |term| (term, wanted)));
        terms
            .map(|(term, wanted)| {
                let place = term.find(text.as_bytes());
                Judged {
                    holds: place.is_some() == wanted,
                    seen: Seen::Place(place),
                }
            })
            .collect()
    }
}

impl Columns {
    fn judge<'m>(&self, line: &'m str) -> Vec<Judged<'m>> {
        let mut judged = Vec::new();
        let (found, needed) = (Columns::count_tokens(line), self.needed_tokens());
        if needed > 0 {
            judged.push(Judged {
                holds: found >= needed,
                seen: Seen::Tokens(found),
            });
        }
        let mut values = self.values(line).into_iter();
        for column in self.iter() {
            let value = values.next();
            let Some(tests) = &column.tests else { continue };
            tests.for_each(&mut |test| {
                judged.push(Judged {
                    holds: value.is_some_and(|value| test.holds_for_token(value)),
                    seen: Seen::Token(value),
                });
            });
        }
        judged
    }
}
