//! What is found of digests and log files, as breaches.

use crate::alert::{Breach, BreachFound};
use crate::integrity::{
    Candidate, DigestName, Examined, Folders, Gap, Overall, Place, Settled, Step, Verdict, Watched,
};
use crate::record::EventTime;

/// The part of `key` that says whose it is.
fn of(breach: Breach, place: &Place, verdict: &'static str) -> BreachFound {
    let folders = Folders::parse(&place.key);
    let name = DigestName::parse(&place.key);
    let (account, region) = match (name, folders) {
        (Some(name), _) => (name.account, name.region),
        (None, Some(folders)) => (folders.account, folders.region),
        (None, None) => ("", ""),
    };
    let named = name.map(|name| name.end);
    BreachFound {
        breach,
        object: place.to_string(),
        apart: String::new(),
        account: account.to_owned(),
        region: region.to_owned(),
        time: named.or_else(|| Candidate::of(place.clone())?.time),
        verdict,
        details: Vec::new(),
    }
}

/// What a digest's verdict is to people; `None` when nothing is wrong with it.
pub(super) fn digest(examined: &Examined, settled: &Settled) -> Option<BreachFound> {
    let breach = match settled.verdict {
        Verdict::Missing => Breach::DigestMissing,
        Verdict::Unreadable => Breach::DigestUnreadable,
        _ => match settled.weight {
            Overall::Valid => return None,
            Overall::Warning => Breach::DigestAltered,
            // A copy without metadata, which no bucket is.
            Overall::Incomplete | Overall::Invalid => Breach::DigestNotGenuine,
        },
    };
    let content = examined.content.as_ref().ok();
    let mut found = of(breach, &examined.place, settled.verdict.word());
    found.details.push(("reason", settled.reason.clone()));
    if let Some(content) = content {
        found.apart = content.sha256.to_string();
        found.details.push(("sha256", found.apart.clone()));
        let signer = content.digest.fingerprint.clone();
        found.details.push(("signer's fingerprint", signer));
    }
    Some(found)
}

/// A genuine digest that another genuine one contradicts.
pub(super) fn contradicted(place: &Place, by: &Place) -> BreachFound {
    let verdict = Verdict::ChainMismatch.word();
    let mut found = of(Breach::DigestNotGenuine, place, verdict);
    let reason = "signed, but the next digest attests another content or signature";
    found.details = vec![
        ("reason", reason.to_owned()),
        ("next digest", by.to_string()),
    ];
    found
}

/// A digest that was written again with the same content.
pub(super) fn put_again(place: &Place, written: &str) -> BreachFound {
    let mut found = of(Breach::DigestPutAgain, place, "written_again");
    found.apart = written.to_owned();
    found.details.push(("version or ETag", written.to_owned()));
    found
}

/// A log file that a digest lists.
pub(super) fn listed(
    breach: Breach,
    place: &Place,
    verdict: &'static str,
    details: Vec<(&'static str, String)>,
) -> BreachFound {
    let mut found = of(breach, place, verdict);
    found.details = details;
    found
}

/// An object among the log files that no digest lists.
pub(super) fn unlisted(breach: Breach, place: &Place, verdict: Verdict, why: &str) -> BreachFound {
    let mut found = of(breach, place, verdict.word());
    found.details.push(("reason", why.to_owned()));
    found
}

/// There are no digests beside these log files.
pub(super) fn without_digests(place: &Place, root: &str, region: &str) -> BreachFound {
    let mut found = of(Breach::NoDigests, place, "no_digests");
    let example = std::mem::take(&mut found.object);
    // The same of every log file.
    found.time = None;
    found.object = format!("s3://{}/{root}/CloudTrail-Digest/{region}/", place.bucket);
    found.details.push(("first log file", example));
    found
}

/// The next digest stays away.
pub(super) fn overdue(chain: &Watched, newest: &Step) -> BreachFound {
    let mut found = of(Breach::DigestOverdue, &newest.place, "stale");
    found.details = vec![
        ("trail", chain.name.trail.clone()),
        ("last digest ends", newest.end.to_string()),
    ];
    found
}

/// A time whose digests nothing names, and no listing shows.
pub(super) fn not_listed(
    below: &Place,
    (from, to): (EventTime, EventTime),
    why: &str,
) -> BreachFound {
    let mut found = of(Breach::DigestsNotListed, below, "not listed");
    found.apart = format!("{from} {to}");
    found.details = vec![
        ("from", from.to_string()),
        ("to", to.to_string()),
        ("reason", why.to_owned()),
    ];
    found
}

/// A time without digests that nothing explains.
pub(super) fn gap(breach: Breach, chain: &Watched, gap: &Gap) -> BreachFound {
    let mut found = of(breach, &gap.before, "gap");
    found.apart = gap.from.to_string();
    found.details = vec![
        ("trail", chain.name.trail.clone()),
        ("from", gap.from.to_string()),
        ("to", gap.to.to_string()),
    ];
    found
}
