//! The integrity core over a trail in memory: whatever byte is changed, and however much is held at
//! a time.
#![expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a failure here is a failed test"
)]

mod support;
#[path = "support/trail.rs"]
mod trail;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::LazyLock;

use md5::{Digest as _, Md5};
use proptest::prelude::*;
use trail::{ACCOUNT, BUCKET, REGION, Trail, at};
use trailwarden::integrity::{
    Audit, Candidate, Content, DigestName, Examined, KeyRing, Listing, Metadata, Newer,
    ObjectFinding, Overall, Piece, Place, PublicKey, Remembered, Scope, State, Unfetched, Verdict,
    Wanted, Watch, check_log, settle,
};
use trailwarden::logfile::{Limits, Scratch};
use trailwarden::record::EventTime;

fn place(key: &str) -> Place {
    Place {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
    }
}

fn keys() -> KeyRing {
    KeyRing::from_json(&trail::public_keys().to_string()).unwrap()
}

fn examined(trail: &Trail, key: &str) -> Examined {
    let name = DigestName::parse(key).unwrap();
    let object = &trail.objects[key];
    let said = |name: &str| object.metadata.get(name).cloned();
    Examined {
        place: place(key),
        end: name.end,
        backfill: name.backfill,
        metadata: Some(Metadata {
            signature: said("signature"),
            algorithm: said("signature-algorithm"),
            generated: None,
        }),
        content: Content::open(&object.bytes),
    }
}

/// Verifies everything, so many digests at a time; objects with their verdicts, and the worst.
fn verify(trail: &Trail, piece: usize) -> (BTreeMap<String, Verdict>, Overall) {
    let hours = i64::try_from(trail.hours.len()).unwrap();
    let mut audit = Audit::new(scope(at(hours, 2400)), ACCOUNT, REGION);
    let listing = |place: &Place| match trail.objects.contains_key(&place.key) {
        true => Listing::Here,
        false => Listing::Absent,
    };
    let names = trail.objects.keys().rev();
    let digests: Vec<&String> = names
        .filter(|key| DigestName::parse(key).is_some())
        .collect();
    for key in &digests {
        audit.expect(&place(key));
    }
    let mut up_to = None;
    for (at, keys_of) in digests.chunks(piece).enumerate() {
        let found = keys_of.iter().map(|key| examined(trail, key)).collect();
        for entry in audit.digests(found, &keys(), &listing) {
            let (verdict, reason) = match trail.objects.get(&entry.place.key) {
                Some(object) => check_log(
                    &entry,
                    &object.bytes,
                    Limits::default(),
                    &mut Scratch::default(),
                ),
                None => (Verdict::Missing, String::new()),
            };
            audit.log(&entry.place, verdict, reason);
        }
        let next = digests.get((at + 1) * piece);
        let above = next.map(|key| DigestName::parse(key).unwrap().end);
        let span = Piece { above, up_to };
        audit.log_folder(candidates(trail, span), span);
        up_to = above;
    }
    audit.finish(&listing);
    summary(&mut audit)
}

fn scope(as_of: EventTime) -> Scope {
    Scope {
        trail: None,
        from: None,
        until: None,
        as_of,
        overdue: 7200,
    }
}

fn candidates(trail: &Trail, span: Piece) -> Vec<Candidate> {
    let inside = |candidate: &Candidate| {
        candidate.time.is_none_or(|time| {
            span.above.is_none_or(|above| time > above)
                && span.up_to.is_none_or(|up_to| time <= up_to)
        })
    };
    let all = trail.objects.keys();
    let all = all.filter_map(|key| Candidate::of(place(key)));
    all.filter(inside).collect()
}

fn summary(audit: &mut Audit) -> (BTreeMap<String, Verdict>, Overall) {
    let objects: Vec<ObjectFinding> = audit.take_objects();
    let ranges = audit.ranges();
    let worst = objects.iter().map(|finding| finding.weight);
    let open = ranges.iter().map(|range| range.state.weight());
    let overall = worst.chain(open).max().unwrap_or(Overall::Incomplete);
    let verdict = |finding: ObjectFinding| (finding.object, finding.verdict);
    (objects.into_iter().map(verdict).collect(), overall)
}

static CLEAN: LazyLock<Trail> = LazyLock::new(|| Trail::new(3, 2));

/// What another decoder makes of an object, if it is one whole gzip member.
fn inflated(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = flate2::bufread::GzDecoder::new(bytes);
    let mut out = Vec::new();
    reader.read_to_end(&mut out).ok()?;
    reader.into_inner().is_empty().then_some(out)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Any single byte changed in any object of a clean trail is found. What may change unseen are
    /// the bytes of gzip around the content, such as the time in its header: then the object is
    /// still one whole gzip member around the very same content.
    #[test]
    fn a_changed_byte_is_found(object in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), change in 1..=255_u8) {
        let mut trail = CLEAN.clone();
        let key = object.get(&trail.objects.keys().cloned().collect::<Vec<_>>()).clone();
        let before = trail.objects[&key].bytes.clone();
        let index = at.index(before.len());
        trail.object(&key).bytes[index] ^= change;
        let (objects, overall) = verify(&trail, 96);
        let verdict = objects[&format!("s3://{BUCKET}/{key}")];
        if verdict == Verdict::Valid {
            prop_assert!(index >= 3 && inflated(&trail.objects[&key].bytes) == inflated(&before));
        } else {
            prop_assert_eq!(overall, Overall::Invalid, "{}", verdict.word());
        }
    }

    /// So is any digit of a signature.
    #[test]
    fn a_changed_signature_is_found(hour in 0..3_usize, at in any::<prop::sample::Index>(), digit in "[0-9a-f]") {
        let mut trail = CLEAN.clone();
        let key = trail.hours[hour].digest.clone();
        let signature = trail.object(&key).metadata.get_mut("signature").unwrap();
        let index = at.index(signature.len());
        prop_assume!(signature[index..=index] != digit);
        signature.replace_range(index..=index, &digit);
        let (objects, overall) = verify(&trail, 96);
        let expected = match hour {
            2 => (Verdict::SigInvalid, Overall::Invalid),
            _ => (Verdict::Recovered, Overall::Warning),
        };
        prop_assert_eq!((objects[&format!("s3://{BUCKET}/{key}")], overall), expected);
    }

    /// What is found does not depend on how many digests are held at a time.
    #[test]
    fn pieces_change_nothing(
        gone in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        changed in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        injected in prop::collection::vec(0..7 * 3600_i64, 0..4),
        restart in 0..6_i64,
        piece in 1..5_usize,
    ) {
        let mut trail = Trail::new(2, 1);
        for hour in 2..6 {
            trail.add(hour + i64::from(hour >= restart), 1, hour == restart);
        }
        let all: Vec<String> = trail.objects.keys().cloned().collect();
        for key in &changed {
            let key: &String = key.get(&all);
            trail.object(key).bytes[20] ^= 1;
        }
        for key in &gone {
            let key: &String = key.get(&all);
            trail.objects.remove(key);
        }
        for (number, seconds) in injected.iter().enumerate() {
            trail.put(&trail::log_key(at(0, *seconds), &format!("injected{number}")), "{}");
        }
        prop_assert_eq!(verify(&trail, piece), verify(&trail, 96));
    }
}

/// Takes in the digests of these hours in this order, and whatever is wanted then, as far as it is
/// there; what is remembered at the end.
fn watched(trail: &Trail, order: &[usize]) -> Watch {
    let mut watch = Watch::default();
    let now = trail.end().seconds() + 4 * 3_600;
    let take = |watch: &mut Watch, found: &Examined| {
        let links = watch.newer(&found.place);
        let newer = links.iter().map(|(link, trusted)| Newer {
            link,
            trusted: *trusted,
        });
        let settled = settle(found, &newer.collect::<Vec<_>>(), &keys());
        watch.take(Remembered::new(found, &settled), now);
    };
    let there = |key: &str| match trail.objects.contains_key(key) {
        true => examined(trail, key),
        false => {
            let name = DigestName::parse(key).unwrap();
            Examined {
                place: place(key),
                end: name.end,
                backfill: false,
                metadata: None,
                content: Err(Unfetched::Missing.into()),
            }
        }
    };
    let mut looked = 0;
    for hour in order {
        take(&mut watch, &examined(trail, &trail.hours[*hour].digest));
        while let Some(wanted) = watch.wanted(now) {
            looked += 1;
            assert!(looked < 1_000, "it never ends");
            match wanted {
                Wanted::Named(place) => take(&mut watch, &there(&place.key)),
                Wanted::Between { above, from, to } => {
                    let between = |key: &&String| {
                        let name = DigestName::parse(key);
                        name.is_some_and(|name| from < name.end && name.end < to)
                    };
                    let keys: Vec<&String> = trail.objects.keys().filter(between).collect();
                    for key in keys.into_iter().rev() {
                        take(&mut watch, &there(key));
                    }
                    let chain = watch.chain_mut(&above).unwrap();
                    chain.listed_below(&above);
                }
            }
        }
    }
    watch
}

/// In order, and those of one state that touch as one.
fn merged(mut ranges: Vec<(String, String, State)>) -> Vec<(String, String, State)> {
    ranges.sort();
    let mut merged: Vec<(String, String, State)> = Vec::new();
    for (from, to, state) in ranges {
        match merged.last_mut() {
            Some(last) if last.1 == from && last.2 == state => last.1 = to,
            _ => merged.push((from, to, state)),
        }
    }
    merged
}

/// Ranges of time as an audit of the whole bucket finds them.
fn audited(trail: &Trail) -> Vec<(String, String, State)> {
    let hours = i64::try_from(trail.hours.len()).unwrap();
    let mut audit = Audit::new(scope(at(hours, 2400)), ACCOUNT, REGION);
    let listing = |place: &Place| match trail.objects.contains_key(&place.key) {
        true => Listing::Here,
        false => Listing::Absent,
    };
    let digests = trail.objects.keys().rev();
    let digests = digests.filter(|key| DigestName::parse(key).is_some());
    audit.digests(
        digests.map(|key| examined(trail, key)).collect(),
        &keys(),
        &listing,
    );
    audit.finish(&listing);
    let ranges = audit.ranges().into_iter();
    ranges
        .map(|range| (range.from, range.to, range.state))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever order digests arrive in and whichever are announced at all, what is remembered of
    /// the chain is what an audit of the bucket finds, from the oldest one announced on.
    #[test]
    fn a_watch_knows_what_an_audit_finds(
        order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle(),
        announced in prop::collection::vec(prop::bool::weighted(0.6), 12),
        gone in prop::collection::vec(1_usize..11, 0..3),
        forged in prop::collection::vec(1_usize..11, 0..3),
        restart in prop::option::of(3_i64..9),
    ) {
        let mut trail = Trail::new(0, 0);
        for hour in 0..12 {
            let later = restart.filter(|restart| hour >= *restart).map_or(0, |_| 3);
            trail.add(hour + later, 1, hour == 0 || Some(hour) == restart);
        }
        for hour in &forged {
            let key = trail.hours[*hour].digest.clone();
            trail.object(&key).metadata.insert("signature".to_owned(), "00".repeat(256));
            let bytes = support::gzip(format!("{} ", trail.hours[*hour].document).as_bytes());
            trail.object(&key).bytes = bytes;
        }
        for hour in &gone {
            let key = trail.hours[*hour].digest.clone();
            trail.objects.remove(&key);
        }
        // The first and the last one are announced, so that there are two ends.
        let there = |hour: &usize| {
            let kept = announced[*hour] || [0, 11].contains(hour);
            kept && trail.objects.contains_key(&trail.hours[*hour].digest)
        };
        let order: Vec<usize> = order.into_iter().filter(there).collect();
        let watch = watched(&trail, &order);
        let walk = watch.chains()[0].walk(at(0, 0), 7_200);
        let found: Vec<(String, String, State)> = walk
            .ranges()
            .iter()
            .map(|range| (range.from.to_string(), range.to.to_string(), range.state))
            .collect();
        prop_assert_eq!(merged(found), merged(audited(&trail)));
    }
}

/// Of three digests the outer ones are forged, and the one between them was never announced; then
/// an older one comes.
#[test]
fn a_digest_between_two_forged_ones_is_looked_for() {
    let mut trail = Trail::new(12, 1);
    for hour in [2, 4] {
        let key = trail.hours[hour].digest.clone();
        let text = format!("{} ", trail.hours[hour].document);
        trail.object(&key).bytes = support::gzip(text.as_bytes());
    }
    let watch = watched(&trail, &[8, 2, 4, 5, 11, 0]);
    let walk = watch.chains()[0].walk(at(0, 0), 7_200);
    let known = walk
        .ranges()
        .iter()
        .map(|range| (range.from.to_string(), range.state));
    let between: Vec<_> = known
        .filter(|(from, _)| from.starts_with("2026-11-20T08"))
        .collect();
    assert_eq!(
        between,
        [("2026-11-20T08:41:17Z".to_owned(), State::Attested)]
    );
}

/// However long a chain is, what is remembered of it is small, and nothing old is asked for again.
#[test]
fn what_is_remembered_of_a_chain_is_bounded() {
    let trail = Trail::new(60, 0);
    let all: Vec<usize> = (0..60).collect();
    for order in [all.clone(), vec![0, 59], vec![59, 0]] {
        let watch = watched(&trail, &order);
        assert_eq!(watch.wanted(i64::MAX), None);
        let state = serde_json::to_string(&watch).unwrap();
        assert!(state.len() < 40_000, "{}", state.len());
        let newest = watch.chains()[0].newest().unwrap();
        assert_eq!(newest.place.key, trail.hours[59].digest);
    }
}

/// A digest that contradicts what was seen is a fault of the older one, told once.
#[test]
fn a_digest_that_was_seen_cannot_be_exchanged() {
    let mut trail = Trail::new(2, 1);
    let mut other = trail.clone();
    let first = trail.hours[0].digest.clone();
    other.hours.clear();
    other.add(0, 2, true);
    let seen = examined(&trail, &first);
    let exchanged = examined(&other, &first);
    let next = examined(&trail, &trail.hours[1].digest.clone());
    let mut watch = Watch::default();
    let mut take = |found: &Examined| {
        let settled = settle(found, &[], &keys());
        assert!(settled.trusted);
        watch.take(Remembered::new(found, &settled), at(5, 0).seconds())
    };
    assert_eq!(take(&seen), []);
    assert_eq!(take(&exchanged), [place(&first)]);
    assert_eq!(take(&next), [place(&first)]);
    assert_eq!(take(&next), []);
    trail.objects.clear();
}

fn fingerprint(value: &[u8]) -> String {
    trail::hex(&Md5::digest(value))
}

/// X.509 SubjectPublicKeyInfo around a PKCS#1 key.
fn wrapped(key: &[u8]) -> Vec<u8> {
    let sized = |kind: u8, content: &[u8]| {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[kind, 0x82], &length[..], content].concat()
    };
    let algorithm = [
        0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
    ];
    let bits = sized(0x03, &[&[0], key].concat());
    sized(0x30, &[&algorithm[..], &bits].concat())
}

#[test]
fn keys_in_both_forms_and_as_files() {
    let ring = keys();
    assert_eq!(KeyRing::from_json(&ring.to_json()).unwrap(), ring);
    let listed = &trail::public_keys()["PublicKeyList"][0]["Fingerprint"];
    let key = ring.get(listed.as_str().unwrap()).unwrap();
    assert_eq!(ring.get(&key.fingerprint.to_uppercase()), Some(key));

    let new = |fingerprint: &str, value: Vec<u8>| {
        PublicKey::new(fingerprint, value, key.valid_from, key.valid_to)
    };
    let whole = wrapped(&key.value);
    let other = new(&fingerprint(&whole), whole.clone()).unwrap();
    let signature = trail::sign("what was signed");
    let signature: Vec<u8> = (0..signature.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&signature[at..at + 2], 16).unwrap())
        .collect();
    for key in [key, &other] {
        assert!(key.verifies(b"what was signed", &signature));
        assert!(!key.verifies(b"what was not", &signature));
    }
    assert!(new(&key.fingerprint, whole.clone()).is_err());
    for value in [&key.value, &whole] {
        for cut in 0..value.len() {
            let part = value[..cut].to_vec();
            assert!(new(&fingerprint(&part), part).is_err(), "{cut}");
        }
    }
}

#[test]
fn what_cannot_be_fetched_is_not_a_fault_of_the_content() {
    let trail = CLEAN.clone();
    let key = trail.hours[1].digest.clone();
    let mut found: Vec<Examined> = trail
        .hours
        .iter()
        .rev()
        .map(|hour| examined(&trail, &hour.digest))
        .collect();
    found[1].content = Err(Unfetched::Unreadable("access denied".to_owned()).into());
    let mut audit = Audit::new(scope(trail.end()), ACCOUNT, REGION);
    let here = |_: &Place| Listing::Here;
    assert_eq!(audit.digests(found, &keys(), &here).len(), 4);
    let objects = audit.take_objects();
    let finding = objects
        .iter()
        .find(|finding| finding.object.ends_with(&key))
        .unwrap();
    assert_eq!(
        (finding.verdict, finding.weight),
        (Verdict::Unreadable, Overall::Incomplete)
    );
}
