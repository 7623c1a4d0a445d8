//! The part of an audit that words what it found.

use super::audit::Audit;
use super::{
    DigestName, Examined, Kind, Listing, ObjectFinding, Overall, Place, RangeFinding, Settled,
    State, Verdict,
};
use crate::record::EventTime;

impl Audit {
    pub(super) fn report_digest(&mut self, examined: &Examined, settled: &Settled, wanted: bool) {
        let (verdict, reason, weight) = match wanted {
            true => (settled.verdict, settled.reason.clone(), settled.weight),
            false => (
                Verdict::OtherTrail,
                "it belongs to a trail that is not being verified".to_owned(),
                Overall::Valid,
            ),
        };
        self.objects.push(ObjectFinding {
            object: examined.place.to_string(),
            kind: kind(examined.backfill),
            verdict,
            reason,
            weight,
        });
    }

    /// Reports digests that are pointed at and not there.
    pub(super) fn report_lost(
        &mut self,
        name: &DigestName<'_>,
        examined: &Examined,
        settled: &Settled,
        listing: &dyn Fn(&Place) -> Listing,
    ) {
        let from = self.scope.from;
        let chain = self.chain(name, &examined.place.key);
        let mut lost = chain.walk.take_lost();
        let link = match &examined.content {
            Ok(content) if settled.trusted && name.backfill => content.digest.previous.as_ref(),
            _ => None,
        };
        if let Some(link) = link {
            lost.extend(chain.walk.missing(link, None, &[], listing));
        }
        let wanted = chain.wanted;
        for lost in lost.into_iter().filter(|_| wanted) {
            let end = DigestName::parse(&lost.place.key).map(|name| name.end);
            if matches!((end, from), (Some(end), Some(from)) if end < from) {
                continue;
            }
            self.objects.push(lost.report(name.backfill));
        }
    }

    /// The ranges of the chains that are verified, oldest first.
    pub fn ranges(&self) -> Vec<RangeFinding> {
        let finding = |trail: Option<&str>, from: EventTime, to: EventTime, state| RangeFinding {
            account: self.account.clone(),
            region: self.region.clone(),
            trail: trail.map(str::to_owned),
            from: from.to_string(),
            to: to.to_string(),
            state,
            reason: None,
        };
        let mut found = Vec::new();
        for ((trail, _, _), chain) in self.chains.iter().filter(|(_, chain)| chain.wanted) {
            let mut ranges = chain.walk.ranges().to_vec();
            ranges.sort_by_key(|range| (range.from, range.to));
            let findings = ranges.iter().map(|range| RangeFinding {
                reason: chain.reason(range),
                ..finding(Some(trail), range.from, range.to, range.state)
            });
            found.extend(findings);
        }
        if let Some(first) = self.orphans {
            let from = self.scope.from.map_or(first, |from| from.min(first));
            let trail = self.scope.trail.as_ref().map(|arn| arn.name.as_str());
            found.push(finding(trail, from, self.scope.as_of, State::Stale));
        }
        found
    }
}

fn kind(backfill: bool) -> Kind {
    match backfill {
        true => Kind::BackfillDigest,
        false => Kind::Digest,
    }
}
