//! CloudTrail's public keys by `ListPublicKeys`.

use aws_sdk_cloudtrail::primitives::DateTime;
use aws_sdk_cloudtrail::types::PublicKey as Listed;

use super::Clients;
use super::said::said;
use crate::integrity::{KeyRing, PublicKey};
use crate::ports::{KeyError, KeySource};
use crate::record::EventTime;

/// The key source of AWS.
#[derive(Debug, Clone)]
pub struct CloudTrailKeys(Clients);

impl CloudTrailKeys {
    /// Over the process's clients: each region is asked for its own keys.
    pub fn new(clients: Clients) -> Self {
        Self(clients)
    }
}

impl KeySource for CloudTrailKeys {
    async fn keys(
        &self,
        region: &str,
        from: EventTime,
        to: EventTime,
    ) -> Result<KeyRing, KeyError> {
        let client = self.0.cloudtrail_in(region);
        let mut ring = KeyRing::default();
        let mut token = None;
        loop {
            let answer = client
                .list_public_keys()
                .start_time(DateTime::from_secs(from.seconds()))
                .end_time(DateTime::from_secs(to.seconds()))
                .set_next_token(token.take())
                .send()
                .await
                .map_err(|error| KeyError(said(&error).into()))?;
            for listed in answer.public_key_list() {
                ring.add(read(listed)?);
            }
            match answer.next_token() {
                Some(next) if !next.is_empty() => token = Some(next.to_owned()),
                _ => return Ok(ring),
            }
        }
    }
}

fn read(listed: &Listed) -> Result<PublicKey, KeyError> {
    let time = |time: Option<&DateTime>| time.map(|time| EventTime::from_seconds(time.secs()));
    match (
        listed.fingerprint(),
        listed.value(),
        time(listed.validity_start_time()),
        time(listed.validity_end_time()),
    ) {
        (Some(fingerprint), Some(value), Some(from), Some(to)) => {
            PublicKey::new(fingerprint, value.as_ref().to_vec(), from, to)
                .map_err(|error| KeyError(error.into()))
        }
        _ => Err(KeyError("a key is listed without all its members".into())),
    }
}
