//! What a condition looked at, and why that did not satisfy it.

use super::super::error::on_one_line;
use super::super::json::Node;
use super::super::matcher::Seen;
use super::super::number::json_number_text;

/// Characters of a value that are shown.
const LONGEST: usize = 80;
/// Values of a selector with a wildcard that are shown.
const MOST: usize = 5;

/// What a condition looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saw {
    /// What kind of thing it is.
    pub kind: SawKind,
    /// What it is, on one line and cut where it is long: `"Root"`, `array of 3`, `missing`.
    pub text: String,
}

/// The kinds of thing that a condition can look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SawKind {
    /// Nothing: the field is missing, the term does not occur, the line has too few tokens.
    Nothing,
    /// JSON `null`.
    Null,
    /// JSON `true` or `false`.
    Boolean,
    /// A JSON number.
    Number,
    /// A JSON string.
    Text,
    /// A JSON array.
    Array,
    /// A JSON object.
    Object,
    /// The nodes that a selector with a wildcard yields.
    Several,
    /// A token of a line.
    Token,
    /// The number of tokens of a line.
    Count,
    /// The place of a term.
    Place,
}

impl SawKind {
    /// The kind as a word, such as `null`.
    pub fn as_str(self) -> &'static str {
        match self {
            SawKind::Nothing => "nothing",
            SawKind::Null => "null",
            SawKind::Boolean => "boolean",
            SawKind::Number => "number",
            SawKind::Text => "text",
            SawKind::Array => "array",
            SawKind::Object => "object",
            SawKind::Several => "several",
            SawKind::Token => "token",
            SawKind::Count => "count",
            SawKind::Place => "place",
        }
    }
}

impl Saw {
    pub(super) fn new(seen: &Seen<'_>) -> Option<Saw> {
        let (kind, text) = match seen {
            Seen::Unread | Seen::Message => return None,
            Seen::Node(Some(node)) => of_node(*node),
            Seen::Node(None) | Seen::Nodes(None) => nothing("missing"),
            Seen::Nodes(Some(nodes)) if nodes.is_empty() => nothing("no values"),
            Seen::Nodes(Some(nodes)) => (SawKind::Several, several(nodes)),
            Seen::Token(Some(token)) => {
                let token = on_one_line(token, LONGEST);
                (SawKind::Token, format!("`{token}`"))
            }
            Seen::Token(None) => nothing("no such token"),
            Seen::Tokens(1) => (SawKind::Count, "1 token".to_owned()),
            Seen::Tokens(count) => (SawKind::Count, format!("{count} tokens")),
            Seen::Place(Some(at)) => (SawKind::Place, format!("found at byte {at}")),
            Seen::Place(None) => nothing("not found"),
        };
        Some(Saw { kind, text })
    }
}

fn nothing(text: &str) -> (SawKind, String) {
    (SawKind::Nothing, text.to_owned())
}

fn of_node(node: Node<'_>) -> (SawKind, String) {
    let kind = match node {
        Node::Null => SawKind::Null,
        Node::Bool(_) => SawKind::Boolean,
        Node::Number(raw) => return (SawKind::Number, of_number(raw)),
        Node::String(_) => SawKind::Text,
        Node::Array(_) => return (SawKind::Array, format!("array of {}", node.items().count())),
        Node::Object(_) => {
            let members = node.members().count();
            return (SawKind::Object, format!("object of {members}"));
        }
    };
    (kind, on_one_line(node.raw(), LONGEST))
}

/// A number, and the text that texts are compared with where that is another one (filter pattern spec
/// 4.6).
fn of_number(raw: &str) -> String {
    let shown = on_one_line(raw, LONGEST);
    let text = json_number_text(raw);
    match text == raw {
        true => shown,
        false => format!("{shown} with the text `{text}`"),
    }
}

fn several(nodes: &[Node<'_>]) -> String {
    let shown = nodes.iter().take(MOST).map(|node| of_node(*node).1);
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if nodes.len() > MOST {
        text.push_str(&format!(" and {} more", nodes.len() - MOST));
    }
    text
}
