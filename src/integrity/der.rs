//! As much DER as two forms of an RSA public key need: PKCS#1 `RSAPublicKey` (RFC 8017 appendix
//! A.1.1), and X.509 `SubjectPublicKeyInfo` around it (RFC 5280 section 4.1).

/// `1.2.840.113549.1.1.1`, rsaEncryption.
const RSA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// The PKCS#1 key in `value`, which is one or holds one.
pub fn rsa_public_key(value: &[u8]) -> Option<&[u8]> {
    let (inside, rest) = element(value, SEQUENCE)?;
    if !rest.is_empty() {
        return None;
    }
    if inside.first() == Some(&INTEGER) {
        return is_pkcs1(inside).then_some(value);
    }
    let (algorithm, rest) = element(inside, SEQUENCE)?;
    let (object, _) = element(algorithm, OBJECT)?;
    let (bits, rest) = element(rest, BIT_STRING)?;
    // The first byte counts unused bits.
    let key = bits.strip_prefix(&[0])?;
    let (numbers, behind) = element(key, SEQUENCE)?;
    let valid = object == RSA && rest.is_empty() && behind.is_empty() && is_pkcs1(numbers);
    valid.then_some(key)
}

/// Two integers: modulus and exponent.
fn is_pkcs1(inside: &[u8]) -> bool {
    let numbers = element(inside, INTEGER).and_then(|(_, rest)| element(rest, INTEGER));
    numbers.is_some_and(|(_, rest)| rest.is_empty())
}

/// The content of the element of this kind at the front, and what is behind it.
fn element(bytes: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if *first != kind {
        return None;
    }
    let (length, mut rest) = rest.split_first()?;
    let mut size = usize::from(*length);
    if size >= 0x80 {
        let count = size & 0x7f;
        if count == 0 || count > 3 {
            return None;
        }
        size = 0;
        for byte in rest.get(..count)? {
            size = size << 8 | usize::from(*byte);
        }
        rest = rest.get(count..)?;
    }
    rest.split_at_checked(size)
}
