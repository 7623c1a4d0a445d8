//! Chains of digests as they are remembered, from a trail that is signed with the test key.

use trailwarden::integrity::{
    Content, DigestName, Examined, KeyRing, Metadata, Place, Remembered, Watch, settle,
};

use crate::signed_trail::{BUCKET, Trail, at, public_keys};

/// What is remembered after so many hourly digests.
pub fn watch(hours: usize) -> Watch {
    let trail = Trail::new(hours, 1);
    let keys = KeyRing::from_json(&public_keys().to_string()).unwrap();
    let mut watch = Watch::default();
    for hour in &trail.hours {
        let name = DigestName::parse(&hour.digest).unwrap();
        let place = Place {
            bucket: BUCKET.to_owned(),
            key: hour.digest.clone(),
        };
        let examined = Examined {
            end: name.end,
            backfill: false,
            metadata: Some(Metadata {
                signature: Some(hour.signature.clone()),
                algorithm: Some("SHA256withRSA".to_owned()),
                generated: None,
            }),
            content: Content::open(&trail.objects[&hour.digest].bytes),
            place,
        };
        let settled = settle(&examined, &[], &keys);
        assert!(settled.trusted, "{settled:?}");
        let hours = i64::try_from(hours).unwrap();
        watch.take(Remembered::new(&examined, &settled), at(hours, 0).seconds());
    }
    watch
}
