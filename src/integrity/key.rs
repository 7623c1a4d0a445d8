//! CloudTrail's public keys, as `ListPublicKeys` answers them and as files keep them (digest spec
//! section 4).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use super::der;
use crate::record::EventTime;

/// A key that digests of one region are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// MD5 of the key as listed, 32 hexadecimal digits.
    pub fingerprint: String,
    /// As listed: DER, PKCS#1 or X.509 SubjectPublicKeyInfo.
    pub value: Vec<u8>,
    /// First second of its validity.
    pub valid_from: EventTime,
    /// Last second of its validity.
    pub valid_to: EventTime,
}

/// A key that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// The fingerprint is another key's.
    #[error("the key listed as {listed} has the fingerprint {computed}")]
    Fingerprint {
        /// As listed.
        listed: String,
        /// MD5 of the value.
        computed: String,
    },
    /// Neither PKCS#1 nor SubjectPublicKeyInfo.
    #[error("the key {0} is not an RSA public key in DER")]
    Der(String),
    /// A validity that is no time.
    #[error("the validity of key {0} is not understood")]
    Validity(String),
    /// The file is not what `list-public-keys` prints.
    #[error("not a list of public keys: {0}")]
    File(String),
}

impl PublicKey {
    /// Takes a key as it is listed, and checks that its fingerprint is its own.
    ///
    /// # Errors
    /// When it is not, or the value is not an RSA key.
    pub fn new(
        fingerprint: &str,
        value: Vec<u8>,
        valid_from: EventTime,
        valid_to: EventTime,
    ) -> Result<Self, BadKey> {
        let computed = hex_text(&Md5::digest(&value));
        if !computed.eq_ignore_ascii_case(fingerprint) {
            return Err(BadKey::Fingerprint {
                listed: fingerprint.to_owned(),
                computed,
            });
        }
        if der::rsa_public_key(&value).is_none() {
            return Err(BadKey::Der(computed));
        }
        Ok(Self {
            fingerprint: computed,
            value,
            valid_from,
            valid_to,
        })
    }

    /// Whether the signature is this key's for the message: RSASSA-PKCS1-v1_5 with SHA-256.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let Some(key) = der::rsa_public_key(&self.value) else {
            return false;
        };
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
            .verify(message, signature)
            .is_ok()
    }
}

/// Keys by fingerprint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyRing {
    keys: BTreeMap<String, PublicKey>,
    partial: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    public_key_list: Vec<Listed>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    fingerprint: String,
    value: String,
    validity_start_time: Time,
    validity_end_time: Time,
}

/// The API answers epoch seconds; the AWS command line prints RFC 3339.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Time {
    Seconds(i64),
    Float(f64),
    Text(String),
}

impl Time {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a time is far from the ends of i64, and `as` saturates there"
    )]
    fn read(&self) -> Option<EventTime> {
        match self {
            Self::Seconds(seconds) => Some(EventTime::from_seconds(*seconds)),
            Self::Float(seconds) => Some(EventTime::from_seconds(*seconds as i64)),
            Self::Text(text) => text.parse().ok(),
        }
    }
}

impl KeyRing {
    /// Reads what `aws cloudtrail list-public-keys` prints and [`to_json`](Self::to_json) writes.
    ///
    /// # Errors
    /// With the first key that cannot be used: a key file is evidence, and is right or wrong.
    pub fn from_json(text: &str) -> Result<Self, BadKey> {
        let file: File =
            serde_json::from_str(text).map_err(|error| BadKey::File(error.to_string()))?;
        let mut ring = Self::default();
        for listed in file.public_key_list {
            let validity = || BadKey::Validity(listed.fingerprint.clone());
            let from = listed.validity_start_time.read().ok_or_else(validity)?;
            let to = listed.validity_end_time.read().ok_or_else(validity)?;
            let value = STANDARD
                .decode(&listed.value)
                .map_err(|_| BadKey::Der(listed.fingerprint.clone()))?;
            ring.add(PublicKey::new(&listed.fingerprint, value, from, to)?);
        }
        Ok(ring)
    }

    /// The keys as JSON, in the shape of the API's answer.
    pub fn to_json(&self) -> String {
        let listed = |key: &PublicKey| Listed {
            fingerprint: key.fingerprint.clone(),
            value: STANDARD.encode(&key.value),
            validity_start_time: Time::Text(key.valid_from.to_string()),
            validity_end_time: Time::Text(key.valid_to.to_string()),
        };
        let file = File {
            public_key_list: self.keys.values().map(listed).collect(),
        };
        serde_json::to_string_pretty(&file).unwrap_or_default()
    }

    /// Adds a key.
    pub fn add(&mut self, key: PublicKey) {
        self.keys.insert(key.fingerprint.clone(), key);
    }

    /// Adds all keys of another ring.
    pub fn extend(&mut self, other: Self) {
        self.keys.extend(other.keys);
        self.partial = other.partial.or(self.partial.take());
    }

    /// Says that CloudTrail may list keys that are not here, and why: in words that follow "no
    /// public key has its fingerprint".
    pub fn set_partial(&mut self, why: String) {
        self.partial = Some(why);
    }

    /// Why keys that CloudTrail lists may not be here.
    pub fn partial(&self) -> Option<&str> {
        self.partial.as_deref()
    }

    /// The key with this fingerprint.
    pub fn get(&self, fingerprint: &str) -> Option<&PublicKey> {
        self.keys.get(&fingerprint.to_ascii_lowercase())
    }

    /// All keys, by fingerprint.
    pub fn iter(&self) -> impl Iterator<Item = &PublicKey> {
        self.keys.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// A ring of one key.
impl From<PublicKey> for KeyRing {
    fn from(key: PublicKey) -> Self {
        Self {
            keys: [(key.fingerprint.clone(), key)].into(),
            partial: None,
        }
    }
}

fn hex_text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
