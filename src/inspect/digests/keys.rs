//! Public keys by fingerprint: known to this process, kept in state, or asked for.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::inspect::recorder::TrailState;
use crate::inspect::report::ObjectFailure;
use crate::integrity::{Examined, KeyRing, SIGNING_SLACK};
use crate::ports::KeySource;
use crate::record::EventTime;

/// Where keys come from, and those that this process has met, by region.
pub struct Keys<K> {
    source: K,
    known: Mutex<BTreeMap<String, KeyRing>>,
}

impl<K: KeySource> Keys<K> {
    /// Asks this source.
    pub fn new(source: K) -> Self {
        Self {
            source,
            known: Mutex::default(),
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, KeyRing>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key that a digest says it is signed with, in a ring; an empty ring when CloudTrail lists
    /// none with its fingerprint.
    pub(super) async fn of<T: TrailState>(
        &self,
        examined: &Examined,
        region: &str,
        state: &T,
    ) -> Result<KeyRing, ObjectFailure> {
        let Ok(content) = &examined.content else {
            return Ok(KeyRing::default());
        };
        // A digest that was made for another place is not genuine, whatever its key. Its name may
        // name a region that is none.
        if content.digest.place != examined.place {
            return Ok(KeyRing::default());
        }
        let fingerprint = &content.digest.fingerprint;
        if let Some(ring) = self.known().get(region)
            && ring.get(fingerprint).is_some()
        {
            return Ok(ring.clone());
        }
        let mut ring = state.key(region, fingerprint).await?;
        if ring.get(fingerprint).is_none() {
            let (from, to) = signed_between(examined);
            ring = self.source.keys(region, from, to).await?;
            // What is not listed now may be listed later; and names of regions are free to whoever
            // writes to the bucket.
            if ring.get(fingerprint).is_none() {
                return Ok(ring);
            }
            state.keep_keys(region, &ring).await?;
        }
        let mut known = self.known();
        known
            .entry(region.to_owned())
            .or_default()
            .extend(ring.clone());
        Ok(ring)
    }
}

/// When a digest may have been signed (digest spec section 4).
fn signed_between(examined: &Examined) -> (EventTime, EventTime) {
    let metadata = examined.metadata.as_ref();
    let made = metadata
        .and_then(|data| data.generated)
        .filter(|_| examined.backfill);
    let at =
        |time: EventTime, more: i64| EventTime::from_seconds(time.seconds().saturating_add(more));
    match made {
        Some(made) => (at(made, -3_600), at(made, 3_600)),
        None => (examined.end, at(examined.end, SIGNING_SLACK)),
    }
}
