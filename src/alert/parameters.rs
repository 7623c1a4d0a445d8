//! What a request asked for, in a few words: `userName=backup`, `policyArn=…`. Secrets are never
//! shown, whatever the service lets through.

use super::facts::cut;
use crate::pattern::json::Node;
use crate::record::Record;

/// At most this many parameters are shown.
const SHOWN: usize = 8;

/// Members are looked for this deep.
const DEPTH: usize = 3;

/// At most this many members are looked at.
const VISITED: usize = 200;

/// A member with one of these in its name is not shown.
const SECRET: [&str; 8] = [
    "password",
    "secret",
    "token",
    "credential",
    "privatekey",
    "authorization",
    "passphrase",
    "sessionkey",
];

/// Names and values of `requestParameters`, in the record's order.
pub(super) fn of(record: &Record<'_>) -> Vec<(String, String)> {
    let mut shown = Vec::new();
    if let Some(parameters) = record.node(&["requestParameters"]) {
        let mut visited = 0;
        walk(parameters, String::new(), DEPTH, &mut visited, &mut shown);
    }
    shown
}

fn walk(
    node: Node<'_>,
    path: String,
    depth: usize,
    visited: &mut usize,
    shown: &mut Vec<(String, String)>,
) {
    *visited += 1;
    if shown.len() >= SHOWN || *visited > VISITED {
        return;
    }
    match node {
        Node::Object(_) if depth > 0 => {
            for (name, value) in node.members() {
                let name = cut(&name.decode());
                let inner = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                if is_secret(&name) {
                    shown.push((inner, "(redacted)".to_owned()));
                } else {
                    walk(value, inner, depth - 1, visited, shown);
                }
            }
        }
        Node::Array(_) if depth > 0 => {
            for value in node.items() {
                walk(value, path.clone(), depth - 1, visited, shown);
            }
        }
        Node::Null | Node::Object(_) | Node::Array(_) => {}
        Node::String(text) => shown.push((path, cut(&text.decode()))),
        Node::Bool(_) | Node::Number(_) => shown.push((path, cut(node.raw()))),
    }
}

fn is_secret(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    SECRET.iter().any(|secret| plain.contains(secret))
}
