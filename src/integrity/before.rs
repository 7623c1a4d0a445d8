//! The part of an audit that looks before the range: a chain of which there is nothing in it may
//! have gone silent, or may only not be due yet.

use super::audit::Audit;
use super::{DigestName, Examined, KeyRing, Overall, Place, settle};

impl Audit {
    /// Tells of the last digest before the range, of each chain. A name is enough, unless
    /// [`rests_on`](Self::rests_on) holds: it only shows that there is a chain of which more was to
    /// come.
    pub fn before_range(&mut self, place: &Place) {
        if let Some(name) = DigestName::parse(&place.key).filter(|name| !name.backfill) {
            let chain = self.chain(&name, &place.key);
            chain.note_root(place);
            chain.walk.earlier(name.end);
        }
    }

    /// Whether this digest before the range would be all that makes its chain not overdue. Anybody
    /// who writes to the bucket can make a name, so it must be [believable](Self::is_believable).
    pub fn rests_on(&mut self, place: &Place) -> bool {
        let (as_of, overdue) = (self.scope.as_of, self.scope.overdue);
        let Some(name) = DigestName::parse(&place.key) else {
            return false;
        };
        let chain = self.chain(&name, &place.key);
        chain.wanted && chain.walk.rests_on(name.end, as_of, overdue)
    }

    /// Whether a digest before the range is genuine, or is what it is named and nobody can disprove
    /// it, as the newest one of a copy without metadata.
    pub fn is_believable(examined: &Examined, keys: &KeyRing) -> bool {
        let settled = settle(examined, &[], keys);
        let named = examined
            .content
            .as_ref()
            .is_ok_and(|content| content.digest.end == examined.end);
        settled.trusted || (named && settled.weight == Overall::Incomplete)
    }

    /// Tells that of all that was looked at before the range, of which this is one, nothing is
    /// believable: the chain counts as silent in the range.
    pub fn none_before_range(&mut self, place: &Place) {
        self.before_range(place);
        if let Some(name) = DigestName::parse(&place.key) {
            self.chain(&name, &place.key).walk.unbelievable = true;
        }
    }
}
