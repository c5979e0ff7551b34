//! Codes of authenticator apps (TOTP, RFC 6238): SHA-1, six digits, steps of 30 seconds, which
//! is what every app knows.

use aws_lc_rs::hmac;
use model::Secret;

use crate::primitives::{constant_time_eq, random};

/// How long one code is shown, in seconds.
pub const TOTP_STEP_SECONDS: i64 = 30;
/// The digits of a code.
const TOTP_DIGITS: usize = 6;
/// Steps that a clock may be off either way.
const DRIFT_STEPS: i64 = 1;
const SECRET_BYTES: usize = 20;

/// A new secret of 160 random bits (RFC 4226, R6), in base 32 (RFC 4648) without padding, as
/// apps take it.
#[must_use]
pub fn totp_secret() -> Secret<String> {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bytes: [u8; SECRET_BYTES] = random();
    let mut text = String::with_capacity(32);
    for chunk in bytes.chunks(5) {
        let value = chunk.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        for place in (0..8).rev() {
            let digit = usize::try_from(value >> (5 * place) & 31).unwrap_or_default();
            text.push(char::from(ALPHABET.get(digit).copied().unwrap_or(b'A')));
        }
    }
    Secret::new(text)
}

/// The step whose code this is: now, or one before or after, and later than `last`, so that
/// nobody uses a code twice. Compared in constant time.
#[must_use]
pub fn totp_step(secret: &Secret<String>, code: &Secret<String>, now_seconds: i64, last: i64) -> Option<i64> {
    let key = decode(secret.expose()).unwrap_or_default();
    let current = now_seconds.div_euclid(TOTP_STEP_SECONDS);
    let mut found = None;
    for step in current - DRIFT_STEPS..=current + DRIFT_STEPS {
        let fits = constant_time_eq(at_step(&key, step).as_bytes(), code.expose().as_bytes());
        if fits && step > last && key.len() == SECRET_BYTES {
            found = Some(step);
        }
    }
    found
}

/// The code of this moment, for tests and for the demo's printed logins.
#[must_use]
pub fn totp_code(secret: &Secret<String>, now_seconds: i64) -> Secret<String> {
    let key = decode(secret.expose()).unwrap_or_default();
    Secret::new(at_step(&key, now_seconds.div_euclid(TOTP_STEP_SECONDS)))
}

/// The code of a step (RFC 4226, 5.3).
fn at_step(key: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag.last().copied().unwrap_or_default() & 15);
    let bytes = tag.get(offset..offset + 4).unwrap_or_default();
    let value = bytes.iter().fold(0_u32, |value, byte| value << 8 | u32::from(*byte)) & 0x7fff_ffff;
    format!("{:0width$}", value % 1_000_000, width = TOTP_DIGITS)
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let (mut held, mut bits, mut bytes) = (0_u32, 0_u32, Vec::new());
    for letter in text.bytes() {
        let digit = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => return None,
        };
        held = (held << 5 | u32::from(digit)) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, cut to six digits: the secret is `12345678901234567890`.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        let secret = Secret::new("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".to_owned());
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(totp_code(&secret, seconds).expose(), code);
        }
    }

    #[test]
    fn a_code_counts_one_step_either_way_and_never_twice() {
        let secret = totp_secret();
        assert_eq!(secret.expose().len(), 32);
        let code = totp_code(&secret, 3_000);
        for (now, counts) in [(2_969, false), (2_970, true), (3_029, true), (3_059, true), (3_060, false)] {
            assert_eq!(totp_step(&secret, &code, now, 0).is_some(), counts, "{now}");
        }
        let step = totp_step(&secret, &code, 3_000, 0).expect("a step");
        assert_eq!(totp_step(&secret, &code, 3_000, step), None);
        assert_eq!(totp_step(&totp_secret(), &code, 3_000, 0), None);
    }
}
