//! Passwords of staff, as Argon2id hashes (RFC 9106).

use argon2::{Algorithm, Argon2, Params, Version};
use model::Secret;

use crate::bytes::Reader;
use crate::primitives::{constant_time_eq, random};

/// The version of the stored form: `version u8 ‖ memory KiB u32 ‖ passes u32 ‖ lanes u32 ‖
/// salt 16 ‖ hash 32`, numbers most significant byte first.
const FORM: u8 = 1;
/// What OWASP asks for at least: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// More is no cost of ours but an attack with a stored row.
const MEMORY_KIB_MAX: u32 = 1 << 20;
const PASSES_MAX: u32 = 16;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// The hash of a password, with a salt of its own, as it is stored. Takes tens of milliseconds
/// and 19 MiB: call it where waiting harms nobody. None only where the memory is not to be had.
#[must_use]
pub fn hash_password(password: &Secret<String>) -> Option<Vec<u8>> {
    let salt: [u8; SALT_BYTES] = random();
    let hash = derive(password, &salt, (MEMORY_KIB, PASSES, LANES))?;
    let mut stored = vec![FORM];
    for number in [MEMORY_KIB, PASSES, LANES] {
        stored.extend_from_slice(&number.to_be_bytes());
    }
    stored.extend_from_slice(&salt);
    stored.extend_from_slice(&hash);
    Some(stored)
}

/// Whether this is the password of a stored hash, compared in constant time. Without a stored
/// hash, or with one of another form, it takes as long and is no.
#[must_use]
pub fn is_password(stored: Option<&[u8]>, password: &Secret<String>) -> bool {
    let read = stored.and_then(read);
    let (cost, salt, kept) = read.unwrap_or(((MEMORY_KIB, PASSES, LANES), [0; SALT_BYTES], [0; HASH_BYTES]));
    let fits = derive(password, &salt, cost).is_some_and(|hash| constant_time_eq(&hash, &kept));
    fits && read.is_some()
}

type Stored = ((u32, u32, u32), [u8; SALT_BYTES], [u8; HASH_BYTES]);

fn read(stored: &[u8]) -> Option<Stored> {
    let mut reader = Reader::new(stored);
    if reader.byte()? != FORM {
        return None;
    }
    let (memory, passes, lanes) = (reader.u32()?, reader.u32()?, reader.u32()?);
    let (salt, hash) = (*reader.array()?, *reader.array()?);
    let fits = memory <= MEMORY_KIB_MAX && passes <= PASSES_MAX && lanes == LANES;
    fits.then_some(((memory, passes, lanes), salt, hash))
}

fn derive(
    password: &Secret<String>,
    salt: &[u8],
    (memory, passes, lanes): (u32, u32, u32),
) -> Option<[u8; HASH_BYTES]> {
    let params = Params::new(memory, passes, lanes, Some(HASH_BYTES)).ok()?;
    let mut hash = [0; HASH_BYTES];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.expose().as_bytes(), salt, &mut hash)
        .ok()?;
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[test]
    fn only_the_password_itself_fits_and_no_two_hashes_are_alike() {
        let password = secret("correct horse battery staple");
        let (one, two) =
            (hash_password(&password).expect("memory"), hash_password(&password).expect("memory"));
        assert_ne!(one, two);
        assert!(is_password(Some(&one), &password));
        assert!(!is_password(Some(&one), &secret("correct horse battery stapl")));
        assert!(!is_password(None, &password));
        let mut costly = one;
        costly[1] = 0xff;
        assert!(!is_password(Some(&costly), &password), "a cost that nobody wrote is not paid");
    }
}
