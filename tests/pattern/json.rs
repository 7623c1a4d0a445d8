//! JSON as raw text: the scanner against serde's, the extractor against a tree walk.

use proptest::prelude::*;
use serde_json::value::RawValue;
use trailwarden::pattern::json::{JsonErrorKind, Node, skip_value};
use trailwarden::pattern::{Extractor, Places, Selector, Selectors};

use super::generate;
use super::naive::{self, NUMBERS, Tree};
use super::properties::config;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_extractor_agrees_with_a_tree_walk(
        tree in generate::object(),
        seed: u64,
        selectors in prop::collection::vec(generate::selector(), 0..6),
    ) {
        let text = generate::json(&tree, seed);
        let mut set = Selectors::default();
        let slots: Vec<_> = selectors
            .iter()
            .map(|selector| Selector::parse(selector).unwrap())
            .map(|selector| (set.add(&selector), selector))
            .collect();
        let mut places = Places::default();
        let extractor = Extractor::new(&set);
        let fields = extractor.read(&text, &mut places).unwrap();
        for (slot, selector) in slots {
            let found = selector.finish(fields.get(slot)).map(to_tree);
            let expected = naive::select(&tree, selector.steps());
            let agrees = match &found {
                Some(node) => expected.contains(&node),
                None => expected.is_empty(),
            };
            prop_assert!(agrees, "{} | {} => {:?}", selector, text, found);
        }
    }

    /// A blank in front keeps the scanner of compact JSON out.
    #[test]
    fn both_ways_to_walk_find_the_same(
        tree in generate::object(),
        selectors in prop::collection::vec(generate::selector(), 0..6),
        behind in "(,\\{|\\]|\n)?",
    ) {
        let text = generate::compact_json(&tree);
        let mut set = Selectors::default();
        let slots: Vec<_> = selectors.iter().map(|text| set.add(&Selector::parse(text).unwrap())).collect();
        let extractor = Extractor::new(&set);
        let (mut compact, mut places) = (Places::default(), Places::default());
        let bytes = [text.as_bytes(), behind.as_bytes()].concat();
        let end = extractor.read_compact(&bytes, 0, 63, &mut compact);
        prop_assert!(end == Some(text.len()) || end.is_none() && text.contains('\\'), "{}", text);
        let spaced = format!(" {text}");
        let walked = extractor.read(&spaced, &mut places).unwrap();
        if end.is_some() {
            for slot in slots {
                prop_assert_eq!(extractor.fields(&bytes, &compact).raw(slot), walked.raw(slot), "{}", text);
            }
        }
    }

    #[test]
    fn json_is_what_serde_takes_for_json(
        tree in generate::tree(),
        seed: u64,
        edits in prop::collection::vec((any::<prop::sample::Index>(), "[ \"\\\\{}\\[\\],:0-9eE+.\\-a-u\\nµ]?"), 0..3),
    ) {
        let mut text = generate::json(&tree, seed);
        for (at, edit) in edits {
            let places: Vec<_> = text.char_indices().collect();
            let (at, old) = places[at.index(places.len())];
            text.replace_range(at..at + old.len_utf8(), &edit);
            if text.is_empty() {
                break;
            }
        }
        let ours = Node::parse(&text);
        let theirs = serde_json::from_str::<&RawValue>(&text);
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?}: {:?}, {:?}", text, ours, theirs);
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            prop_assert_eq!(ours.raw(), theirs.get());
        }
    }

    /// A splitter asks for more input exactly when more input can help.
    #[test]
    fn every_prefix_of_json_is_only_unfinished(tree in generate::object(), seed: u64) {
        let text = generate::json(&tree, seed);
        let text = text.trim();
        for end in 0..text.len() {
            let error = skip_value(&text.as_bytes()[..end], 0, 100).unwrap_err();
            prop_assert_eq!(error.kind, JsonErrorKind::UnexpectedEnd, "{}", &text[..end.min(9)]);
        }
        prop_assert_eq!(skip_value(text.as_bytes(), 0, 100), Ok(text.len()));
    }

    #[test]
    fn any_bytes_are_scanned_without_panic(bytes: Vec<u8>, mut inside in any::<Vec<u8>>()) {
        let _ = skip_value(&bytes, 0, 100);
        inside.insert(0, b'"');
        inside.push(b'"');
        if let Ok(end) = skip_value(&inside, 0, 100) {
            prop_assert!(std::str::from_utf8(&inside[..end]).is_ok());
        }
    }
}

fn to_tree(node: Node<'_>) -> Tree {
    match node {
        Node::Null => Tree::Null,
        Node::Bool(value) => Tree::Bool(value),
        Node::Number(raw) => {
            Tree::Number(NUMBERS.iter().position(|number| number.0 == raw).unwrap())
        }
        Node::String(text) => Tree::String(text.decode().into_owned()),
        Node::Array(_) => Tree::Array(node.items().map(to_tree).collect()),
        Node::Object(_) => Tree::Object(
            node.members()
                .map(|(name, value)| (name.decode().into_owned(), to_tree(value)))
                .collect(),
        ),
    }
}

#[test]
fn one_buffer_serves_many_messages() {
    let mut selectors = Selectors::default();
    let slot = selectors.add(&Selector::parse("$.a.b").unwrap());
    assert_eq!(selectors.add(&Selector::parse("$.['a'].b").unwrap()), slot);
    assert_eq!(selectors.len(), 1);
    let extractor = Extractor::new(&selectors);
    let mut places = Places::default();
    for (message, expected) in [
        (r#"{"a":{"b":1}}"#, Some("1")),
        (r#"{"a":{}}"#, None),
        (r#"{"a":{"b":[2]},"c":"#, None),
        (r#"{"a":{"b":[2]}}"#, Some("[2]")),
        ("[]", None),
    ] {
        let fields = extractor.read(message, &mut places).ok();
        let found = fields.and_then(|fields| fields.get(slot));
        assert_eq!(found.map(|node| node.raw()), expected, "{message}");
    }
}

#[test]
fn brackets_must_pair_at_any_depth() {
    for depth in [1, 2, 63, 64, 65, 127, 128, 129, 1000] {
        // Irregular, so that no bracket can be mistaken for its neighbour.
        let is_array = |level: usize| level * level % 7 < 3;
        let mut text = String::new();
        for level in 0..depth {
            text.push_str(if is_array(level) { "[" } else { "{\"a\":" });
        }
        text.push('0');
        let inside = text.len();
        for level in (0..depth).rev() {
            text.push(if is_array(level) { ']' } else { '}' });
        }
        assert_eq!(skip_value(text.as_bytes(), 0, depth), Ok(text.len()));
        let too_deep = skip_value(text.as_bytes(), 0, depth - 1).unwrap_err().kind;
        assert_eq!(too_deep, JsonErrorKind::TooDeep { limit: depth - 1 });
        for at in inside..text.len() {
            let mut wrong = text.clone().into_bytes();
            wrong[at] ^= b']' ^ b'}';
            assert_eq!(skip_value(&wrong, 0, depth).unwrap_err().offset, at);
        }
    }
}
