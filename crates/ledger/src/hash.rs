//! A SHA-256 hash.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::hmac;

use crate::encoding::{from_base64, to_base64};

/// The length of a hash in bytes.
pub const HASH_BYTES: usize = 32;

/// The 32 bytes of a SHA-256 or HMAC-SHA-256. As text it is standard base64 with
/// padding, as in every C2SP format.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; HASH_BYTES]);

impl Hash {
    /// A hash that was computed elsewhere.
    pub const fn from_bytes(bytes: [u8; HASH_BYTES]) -> Self {
        Self(bytes)
    }

    /// The SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self::of_parts(&[bytes])
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; HASH_BYTES] {
        &self.0
    }

    /// The SHA-256 of the parts, one behind the other.
    pub(crate) fn of_parts(parts: &[&[u8]]) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            context.update(part);
        }
        Self::from_output(context.finish().as_ref())
    }

    /// The HMAC-SHA-256 of `message`.
    pub(crate) fn hmac(key: &[u8; HASH_BYTES], message: &[u8]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        Self::from_output(hmac::sign(&key, message).as_ref())
    }

    fn from_output(output: &[u8]) -> Self {
        let mut bytes = [0; HASH_BYTES];
        // SHA-256 always gives 32 bytes, so that this copies all of them.
        bytes.copy_from_slice(output);
        Self(bytes)
    }
}

/// Why a text or some bytes are no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hash is 32 bytes, as text in base64 with padding")]
pub struct HashError;

impl TryFrom<&[u8]> for Hash {
    type Error = HashError;

    fn try_from(bytes: &[u8]) -> Result<Self, HashError> {
        bytes.try_into().map(Self).map_err(|_| HashError)
    }
}

impl FromStr for Hash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        from_base64(text).ok_or(HashError)?.as_slice().try_into()
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_base64(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}
