//! Any bytes as a log file: nothing panics, what is called a record is one, it stands where it is
//! said to stand, and it does not matter how the bytes are stored.
#![no_main]

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use trailwarden::logfile::{Item, Limits, LogFile, Scratch, Summary};
use trailwarden::pattern::Extractor;

fuzz_target!(|bytes: &[u8]| {
    let Some((records, summary)) = read(bytes) else {
        return;
    };
    let is_gzip = bytes.starts_with(&[0x1f, 0x8b]);
    if is_gzip {
        return;
    }
    assert_eq!(summary.inflated, bytes.len() as u64);
    for (offset, text) in &records {
        let found = bytes
            .get(*offset..)
            .is_some_and(|rest| rest.starts_with(text.as_bytes()));
        assert!(found, "no such record at {offset}: {text}");
    }
    assert_finds_all(bytes, &records);
    let gzipped = read(&gzip(bytes)).expect("a gzip member opens");
    assert_eq!(gzipped, (records.clone(), summary));
    // Seldom, because it is slow.
    if bytes.len().is_multiple_of(16) {
        assert_same_across_chunks(bytes, &records);
    }
});

/// Offset and text of a record.
type Record = (usize, String);

/// The records of a file; none when it does not open.
fn read(stored: &[u8]) -> Option<(Vec<Record>, Summary)> {
    let mut scratch = Scratch::default();
    let mut file = LogFile::open(stored, Limits::default(), true, &mut scratch).ok()?;
    let no_fields = Extractor::default();
    let mut records = Vec::new();
    let mut items = 0;
    while let Some(item) = file.next(&no_fields) {
        let number = match item {
            Item::Record {
                json,
                offset,
                number,
                ..
            } => {
                let text = std::str::from_utf8(json).expect("UTF-8");
                assert!(text.starts_with('{'), "{text}");
                // Lone surrogates and any depth are fine with this type, as they are with us.
                let valid = serde_json::from_str::<IgnoredAny>(text);
                assert!(valid.is_ok(), "{valid:?}: {text}");
                records.push((
                    usize::try_from(offset).expect("a small file"),
                    text.to_owned(),
                ));
                number
            }
            Item::Malformed { number, .. } => number,
        };
        assert_eq!(number, items);
        items += 1;
    }
    Some((records, file.finish()))
}

/// What `serde_json` takes for a log file gives the same records.
fn assert_finds_all(bytes: &[u8], records: &[Record]) {
    #[derive(Deserialize)]
    struct Whole<'a> {
        #[serde(rename = "Records", borrow)]
        records: Vec<&'a RawValue>,
    }
    let depth = bytes
        .iter()
        .filter(|byte| matches!(byte, b'{' | b'['))
        .count();
    let Ok(whole) = serde_json::from_slice::<Whole<'_>>(bytes) else {
        return;
    };
    // An array is a `Whole` to serde, too; and beyond our limit on depth we find less.
    let starts = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if starts != Some(&b'{') || depth > Limits::default().depth {
        return;
    }
    let expected = whole
        .records
        .iter()
        .map(|raw| raw.get())
        .filter(|text| text.starts_with('{'));
    assert!(
        expected.eq(records.iter().map(|(_, text)| text.as_str())),
        "{records:?}"
    );
}

/// Moves the file so that the end of an inflated chunk falls into it.
fn assert_same_across_chunks(bytes: &[u8], records: &[Record]) {
    const CHUNK: usize = 256 << 10;
    let blanks = CHUNK - bytes.len() / 2;
    let mut moved = vec![b' '; blanks];
    moved.extend_from_slice(bytes);
    let (found, _) = read(&moved).expect("it opens");
    let expected = records
        .iter()
        .map(|(offset, text)| (offset + blanks, text.clone()));
    assert!(
        expected.eq(found.iter().cloned()),
        "{found:?} and not {records:?}"
    );
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}
