//! Any bytes as a record: the scanner of compact JSON takes only what `serde_json` takes, to the
//! same length, and finds the same fields as the walk that goes token by token.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use trailwarden::pattern::{Extractor, Places, Selector, Selectors, Slot};

/// Nested, repeated, unusual and with steps that are left to the matcher.
const SELECTORS: [&str; 9] = [
    "$.a", "$.a.b", "$.a.b.c", "$.b", "$.a[0]", "$.c.*", "$.['a.b']", "$.eventName",
    "$.userIdentity.arn",
];

static FIELDS: LazyLock<(Vec<Slot>, Extractor)> = LazyLock::new(|| {
    let mut selectors = Selectors::default();
    let slots = SELECTORS
        .iter()
        .map(|text| selectors.add(&Selector::parse(text).expect("valid")))
        .collect();
    (slots, Extractor::new(&selectors))
});

fuzz_target!(|input: &[u8]| {
    let (slots, extractor) = &*FIELDS;
    let mut places = Places::default();
    let Some(end) = extractor.read_compact(input, 0, usize::MAX, &mut places) else {
        return;
    };
    let text = std::str::from_utf8(&input[..end]).expect("only UTF-8 is taken");
    let mut values = serde_json::Deserializer::from_slice(input).into_iter::<&RawValue>();
    let first = values.next().expect("a value").expect("valid JSON");
    assert_eq!(first.get(), text);

    // A blank in front is white space, with which the scanner leaves the text to the walk.
    let spaced = format!(" {text}");
    let mut spaced_places = Places::default();
    assert_eq!(
        extractor.read_compact(spaced.as_bytes(), 0, usize::MAX, &mut spaced_places),
        None
    );
    let walked = extractor
        .read(&spaced, &mut spaced_places)
        .expect("what the scanner takes, the walk takes");
    let mut places = Places::default();
    let scanned = extractor.read(text, &mut places).expect("taken before");
    for slot in slots {
        assert_eq!(scanned.raw(*slot), walked.raw(*slot), "{text}");
    }
});
