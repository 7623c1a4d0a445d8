//! Whether a digest is genuine: its place, key, signature and scope, and what later digests say
//! of it (digest spec section 5).

use super::digest::SIGNATURE_ALGORITHM;
use super::{Content, DigestName, Examined, KeyRing, Link, Metadata, Overall, PublicKey, Verdict};
use crate::logfile::read_hex;

/// How long after the end of its range a digest may be signed: it is signed at delivery, about
/// half an hour later, and late deliveries happen (digest spec section 4). Seconds.
pub const SIGNING_SLACK: i64 = 6 * 3600;

/// A later digest's word on an earlier one.
#[derive(Debug, Clone, Copy)]
pub struct Newer<'a> {
    /// What it says.
    pub link: &'a Link,
    /// Whether it is genuine itself. A signature proves itself even when its bearer does not.
    pub trusted: bool,
}

/// What a digest is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in words.
    pub reason: String,
    /// Whether CloudTrail signed what it lists, for this place.
    pub trusted: bool,
    /// What it makes of the whole.
    pub weight: Overall,
}

impl Settled {
    fn not(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self {
            verdict,
            reason: reason.into(),
            trusted: false,
            weight: verdict.weight(),
        }
    }

    fn genuine(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self {
            trusted: true,
            ..Self::not(verdict, reason)
        }
    }
}

/// How the signature in the metadata fares.
enum Own {
    Right,
    Wrong(&'static str),
    Absent,
}

/// Decides on one digest. `newer` are the later digests that name it as the one before them.
pub fn settle(found: &Examined, newer: &[Newer<'_>], keys: &KeyRing) -> Settled {
    let content = match &found.content {
        Ok(content) => content,
        Err(flaw) => return Settled::not(flaw.verdict, flaw.reason.clone()),
    };
    let digest = &content.digest;
    if digest.place != found.place {
        let reason = format!("it was made for {}", digest.place);
        return Settled::not(Verdict::Moved, reason);
    }
    let Some(key) = keys.get(&digest.fingerprint) else {
        return unknown_key(content, newer, keys);
    };
    let message = digest.string_to_sign(&content.sha256);
    let metadata = found.metadata.as_ref();
    let own = own_signature(metadata, key, message.as_bytes());
    let carried = newer
        .iter()
        .any(|newer| fits(newer.link, content) && signed(key, &message, &newer.link.signature));
    if !matches!(own, Own::Right) && !carried {
        return unproven(&own, found);
    }
    if let Some(reason) = out_of_scope(found, content) {
        return Settled::not(Verdict::WrongScope, reason);
    }
    if let Some(reason) = outside_validity(found, content, key) {
        return Settled::genuine(Verdict::KeyOutsideValidity, reason);
    }
    match own {
        Own::Right => linked(found, content, newer),
        other => recovered(&other, found),
    }
}

/// What nobody can prove is not wrong yet, unless CloudTrail was asked for the key or a genuine
/// digest attests another content.
fn unknown_key(content: &Content, newer: &[Newer<'_>], keys: &KeyRing) -> Settled {
    let fingerprint = &content.digest.fingerprint;
    let reason = format!("no public key has its fingerprint {fingerprint}");
    let contradicted = |newer: &Newer<'_>| newer.trusted && !fits(newer.link, content);
    if newer.iter().any(contradicted) {
        let reason = format!("{reason}, and the next digest attests another content");
        return Settled::not(Verdict::KeyNotFound, reason);
    }
    match keys.partial() {
        Some(why) => Settled {
            weight: Overall::Incomplete,
            ..Settled::not(Verdict::KeyNotFound, format!("{reason}: {why}"))
        },
        None => Settled::not(Verdict::KeyNotFound, reason),
    }
}

fn own_signature(metadata: Option<&Metadata>, key: &PublicKey, message: &[u8]) -> Own {
    let Some(text) = metadata.and_then(|metadata| metadata.signature.as_deref()) else {
        return Own::Absent;
    };
    let mut signature = vec![0; text.len() / 2];
    if !read_hex(text, &mut signature) {
        return Own::Wrong("its signature is not hexadecimal");
    }
    match key.verifies(message, &signature) {
        true => Own::Right,
        false => Own::Wrong("its signature does not fit its content, place and key"),
    }
}

fn signed(key: &PublicKey, message: &str, text: &str) -> bool {
    let mut signature = vec![0; text.len() / 2];
    read_hex(text, &mut signature) && key.verifies(message.as_bytes(), &signature)
}

fn fits(link: &Link, content: &Content) -> bool {
    link.place == content.digest.place && link.sha256 == Some(content.sha256)
}

fn unproven(own: &Own, found: &Examined) -> Settled {
    match (own, &found.metadata) {
        (Own::Wrong(reason), _) => Settled::not(Verdict::SigInvalid, *reason),
        (_, Some(_)) => Settled::not(
            Verdict::SigMissing,
            "it has no signature, and no later digest carries one that fits",
        ),
        // A copy without metadata proves nothing, and nothing is wrong with it.
        (_, None) => Settled {
            weight: Overall::Incomplete,
            ..Settled::not(
                Verdict::SigMissing,
                "its object metadata are not known, and no later digest carries its signature",
            )
        },
    }
}

fn recovered(own: &Own, found: &Examined) -> Settled {
    let reason = match own {
        Own::Wrong(reason) => format!("{reason}; the next digest carries the right signature"),
        _ => "it has no signature of its own; the next digest carries the right one".to_owned(),
    };
    let settled = Settled::genuine(Verdict::Recovered, reason);
    match found.metadata {
        Some(_) => settled,
        None => Settled {
            weight: Overall::Valid,
            ..settled
        },
    }
}

/// The signed content is of this account and time, or why not.
fn out_of_scope(found: &Examined, content: &Content) -> Option<String> {
    let digest = &content.digest;
    let name = DigestName::parse(&found.place.key)?;
    if digest.account != name.account {
        let (account, named) = (&digest.account, name.account);
        return Some(format!("it is of account {account}, its name of {named}"));
    }
    (digest.end != name.end)
        .then(|| format!("it ends at {}, its name says {}", digest.end, name.end))
}

fn outside_validity(found: &Examined, content: &Content, key: &PublicKey) -> Option<String> {
    let generated = found.metadata.as_ref().and_then(|data| data.generated);
    let end = content.digest.end;
    let signed = match (found.backfill, generated) {
        (false, _) => end,
        (true, Some(generated)) => generated,
        // Nobody knows when it was made.
        (true, None) => return None,
    };
    let early = i64::from(found.backfill) * 3600;
    let fits = key.valid_from.seconds() <= signed.seconds() + SIGNING_SLACK
        && key.valid_to.seconds() >= signed.seconds() - early;
    (!fits).then(|| {
        let (from, to) = (key.valid_from, key.valid_to);
        format!("its key was in use from {from} to {to}, it was signed about {signed}")
    })
}

/// A digest whose own signature is right: whether what points at it fits.
fn linked(found: &Examined, content: &Content, newer: &[Newer<'_>]) -> Settled {
    let metadata = found.metadata.as_ref();
    let own = metadata.and_then(|metadata| metadata.signature.as_deref());
    for newer in newer.iter().filter(|newer| newer.trusted) {
        if !fits(newer.link, content) {
            return Settled::genuine(
                Verdict::ChainMismatch,
                "signed, but the next digest attests another content",
            );
        }
        if own.is_some_and(|own| !own.eq_ignore_ascii_case(&newer.link.signature)) {
            return Settled::genuine(
                Verdict::ChainMismatch,
                "signed, but the next digest attests another signature",
            );
        }
    }
    let algorithm = metadata.and_then(|metadata| metadata.algorithm.as_deref());
    let altered = match algorithm {
        Some(SIGNATURE_ALGORITHM) => None,
        Some(_) => Some("its metadata name another algorithm than its signed content"),
        None => Some("its metadata lack the signature's algorithm"),
    };
    let undated = found.backfill && metadata.is_some_and(|data| data.generated.is_none());
    match altered.or(undated.then_some("its metadata lack the time of its making")) {
        Some(reason) => Settled {
            weight: Overall::Warning,
            ..Settled::genuine(Verdict::Valid, format!("{reason}; the signature is right"))
        },
        None => Settled::genuine(Verdict::Valid, "signature, place and link are right"),
    }
}
