//! Any bytes as a digest object, a digest's JSON, a key, a key file and a name: each is read or
//! refused, and what is read says the same when it is signed and settled.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailwarden::integrity::{
    Content, Digest, DigestName, Examined, Folders, KeyRing, Metadata, PublicKey, settle,
};
use trailwarden::logfile::Sha256;
use trailwarden::record::EventTime;

fuzz_target!(|bytes: &[u8]| {
    let _object = Content::open(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _keys = KeyRing::from_json(text);
        let _folders = Folders::parse(text);
        if let Some(name) = DigestName::parse(text) {
            assert!(text.contains(name.trail) && name.account.len() == 12);
        }
    }
    let time = EventTime::from_seconds(0);
    // The fingerprint is the key's own only by luck: what is tried is that nothing panics.
    let _key = PublicKey::new("", bytes.to_vec(), time, time);
    let Ok(digest) = Digest::parse(bytes) else {
        return;
    };
    assert!(digest.start <= digest.end);
    let sha256 = Sha256([0; 32]);
    assert!(digest.string_to_sign(&sha256).starts_with(&digest.end_text));
    let found = Examined {
        place: digest.place.clone(),
        end: digest.end,
        backfill: false,
        metadata: Some(Metadata::default()),
        content: Ok(Content { digest, sha256 }),
    };
    assert!(!settle(&found, &[], &KeyRing::default()).trusted);
});
