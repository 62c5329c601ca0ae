//! Time-based one-time codes: RFC 6238 over RFC 4226, HMAC-SHA-1, six digits, 30 seconds.
//!
//! Owns the algorithm and the acceptance window. A step is accepted once: the caller stores the last one
//! (RFC 6238 section 5.2).

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use zeroize::Zeroizing;

use crate::id::Time;

/// The time step, RFC 6238 section 4.1.
pub const STEP_SECONDS: i64 = 30;
/// Six digits (63B-4 3.1.4.1).
pub const DIGITS: usize = 6;

/// A seed. 160 bits as RFC 4226 section 4 recommends.
#[derive(Clone, Serialize, Deserialize)]
pub struct Stored {
    seed: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Stored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stored(totp seed)")
    }
}

impl Stored {
    /// A new random seed.
    pub fn fresh(random: &mut dyn FnMut(&mut [u8])) -> Self {
        let mut seed = Zeroizing::new(vec![0; 20]);
        random(&mut seed);
        Stored { seed }
    }

    /// A seed given from outside: an import, a benchmark.
    pub fn from_seed(seed: &[u8]) -> Self {
        Stored { seed: Zeroizing::new(seed.to_vec()) }
    }

    /// The seed in base 32, for a person to type.
    pub fn base32(&self) -> Zeroizing<String> {
        Zeroizing::new(data_encoding::BASE32_NOPAD.encode(&self.seed))
    }

    /// The address that a QR code carries.
    pub fn uri(&self, issuer: &str, name: &str) -> Zeroizing<String> {
        let (issuer, name) = (escape(issuer), escape(name));
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{name}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}",
            *self.base32()
        ))
    }

    /// The step that the code belongs to: now, one before or one after, and later than `last_step`.
    ///
    /// All three codes are computed and compared in constant time whatever matches.
    pub fn verify(&self, code: &str, now: Time, last_step: i64) -> Option<i64> {
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let current = now.seconds().div_euclid(STEP_SECONDS);
        let mut matched = None;
        for step in [current - 1, current, current + 1] {
            let expected = hotp(&self.seed, step.cast_unsigned(), DIGITS);
            let equal: bool = subtle::ConstantTimeEq::ct_eq(expected.as_bytes(), code.as_bytes()).into();
            if equal && step > last_step {
                matched = Some(step);
            }
        }
        matched
    }
}

/// RFC 4226 section 5.3: the code of one counter value.
#[expect(clippy::missing_panics_doc, reason = "HMAC takes a key of any length: it cannot panic")]
pub fn hotp(key: &[u8], counter: u64, digits: usize) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(&counter.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 0x0f);
    let word =
        u32::from_be_bytes([digest[offset], digest[offset + 1], digest[offset + 2], digest[offset + 3]]);
    let modulus = 10_u32.pow(u32::try_from(digits).unwrap_or(6));
    format!("{:0digits$}", (word & 0x7fff_ffff) % modulus)
}

fn escape(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"12345678901234567890";

    #[test]
    fn the_codes_of_rfc_4226_appendix_d() {
        let expected = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        for (counter, code) in (0..).zip(expected) {
            assert_eq!(hotp(KEY, counter, 6), code);
        }
    }

    #[test]
    fn the_sha1_codes_of_rfc_6238_appendix_b() {
        for (seconds, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(hotp(KEY, seconds / 30, 8), code);
        }
    }

    #[test]
    fn one_step_of_drift_is_accepted_and_two_are_not() {
        let seed = Stored::from_seed(KEY);
        let code = hotp(KEY, 100, 6);
        let at = |step: i64| Time(step * 30_000_000);
        for (now, accepted) in [(98, false), (99, true), (100, true), (101, true), (102, false)] {
            assert_eq!(seed.verify(&code, at(now), 0).is_some(), accepted, "at step {now}");
        }
    }

    #[test]
    fn a_step_is_accepted_once_and_none_before_it_after() {
        let seed = Stored::from_seed(KEY);
        let now = Time(100 * 30_000_000);
        assert_eq!(seed.verify(&hotp(KEY, 100, 6), now, 99), Some(100));
        assert_eq!(seed.verify(&hotp(KEY, 100, 6), now, 100), None);
        assert_eq!(seed.verify(&hotp(KEY, 99, 6), now, 100), None);
    }
}
