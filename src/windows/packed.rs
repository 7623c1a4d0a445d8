//! Keys in stored state: eight characters each, as a group may remember ten thousand.

use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

/// Bits of a key. Of ten thousand events, another one looks like one of them with a probability
/// below one in ten thousand million.
pub const KEY_BITS: u32 = 48;

/// Characters of a key, six bits each.
const WIDTH: usize = 8;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(super) fn serialize<S: Serializer>(keys: &[u64], to: S) -> Result<S::Ok, S::Error> {
    let mut text = String::with_capacity(keys.len() * WIDTH);
    for key in keys {
        for place in (0..WIDTH).rev() {
            let digit = key >> (6 * place) & 63;
            let letter = usize::try_from(digit)
                .ok()
                .and_then(|digit| ALPHABET.get(digit));
            text.push(letter.map_or('A', |letter| char::from(*letter)));
        }
    }
    to.serialize_str(&text)
}

pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Vec<u64>, D::Error> {
    let text = String::deserialize(from)?;
    let digit = |key: u64, letter: &u8| {
        let digit = ALPHABET.iter().position(|known| known == letter)? as u64;
        Some(key << 6 | digit)
    };
    let key = |letters: &[u8]| letters.iter().try_fold(0, digit);
    let keys: Option<Vec<u64>> = text.as_bytes().chunks(WIDTH).map(key).collect();
    keys.ok_or_else(|| D::Error::custom("keys have characters that no key has"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Keys(#[serde(with = "super")] Vec<u64>);

    #[test]
    fn keys_come_back() {
        let keys = vec![0, 1, 63, 64, 0x1234_5678_9abc, (1 << KEY_BITS) - 1];
        let text = serde_json::to_string(&Keys(keys.clone())).unwrap();
        assert_eq!(text.len(), keys.len() * WIDTH + 2);
        assert_eq!(serde_json::from_str::<Keys>(&text).unwrap().0, keys);
        assert!(serde_json::from_str::<Keys>("\"AAAA*AAA\"").is_err());
    }
}
