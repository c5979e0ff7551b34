//! Subkeys: one per key, room, field class and version.

use std::fmt;

use model::{Personal, PurposeName, SubjectId};

use crate::bytes::length_prefixed;
use crate::key::Key;
use crate::primitives::{hkdf_sha256, hmac_sha256};
use crate::token::base32;

/// What a subkey is for: a group of fields of one room. The pair is part of the
/// derivation, so it is chosen once and never renamed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FieldClass {
    /// The room, such as `vault`.
    pub room: &'static str,
    /// The group of fields within it, such as `value`.
    pub name: &'static str,
}

/// A key for one field class of one person and lifetime. It knows whose it is, so that
/// nothing is sealed in another person's or lifetime's name by mistake. Zeroed on drop.
pub struct Subkey {
    key: Key,
    subject: SubjectId,
    lifetime: Box<str>,
    version: u16,
}

impl Subkey {
    /// `HKDF-SHA-256(key, no salt, length-prefixed("steward/subkey/v1", room, field
    /// class, version))`. `lifetime` is empty for the trace key.
    #[expect(clippy::expect_used, reason = "HKDF-SHA-256 gives up to 8,160 bytes; 32 are asked for")]
    pub(crate) fn derive(
        key: &Key,
        subject: SubjectId,
        lifetime: &str,
        version: u16,
        class: FieldClass,
    ) -> Self {
        let info = length_prefixed(&[
            b"steward/subkey/v1",
            class.room.as_bytes(),
            class.name.as_bytes(),
            &version.to_be_bytes(),
        ]);
        let mut subkey = Key::zeroed();
        hkdf_sha256(&[], key.expose(), &info, subkey.bytes_mut()).expect("a subkey is 32 bytes");
        Self { key: subkey, subject, lifetime: lifetime.into(), version }
    }

    /// A token that stands for this person's value within one purpose: equal values of one
    /// person give equal tokens there and nowhere else, and the token dies with the key.
    ///
    /// `tok_` and 26 characters: the first 128 bits of `HMAC-SHA-256(subkey,
    /// length-prefixed("steward/token/v1", purpose, value))` in Crockford's base 32.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "a token, like a sealed value, shows nothing of it")]
    pub fn token<T: AsRef<[u8]>>(&self, purpose: &PurposeName, value: &Personal<T>) -> String {
        let input =
            length_prefixed(&[b"steward/token/v1", purpose.as_str().as_bytes(), value.expose().as_ref()]);
        let tag = hmac_sha256(self.key.expose(), &input);
        format!("tok_{}", base32(tag.iter().take(16)))
    }

    /// A keyed hash that tells an unchanged value from a changed one; it dies with the key:
    /// `HMAC-SHA-256(subkey, length-prefixed("steward/fingerprint/v1", value))`.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "a keyed hash, like a sealed value, shows nothing of it")]
    pub fn fingerprint<T: AsRef<[u8]>>(&self, value: &Personal<T>) -> [u8; 32] {
        let input = length_prefixed(&[b"steward/fingerprint/v1", value.expose().as_ref()]);
        hmac_sha256(self.key.expose(), &input)
    }

    pub(crate) const fn key(&self) -> &Key {
        &self.key
    }

    pub(crate) const fn subject(&self) -> SubjectId {
        self.subject
    }

    pub(crate) const fn lifetime(&self) -> &str {
        &self.lifetime
    }

    pub(crate) const fn version(&self) -> u16 {
        self.version
    }
}

impl fmt::Debug for Subkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹subkey›")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: FieldClass = FieldClass { room: "vault", name: "value" };
    const RECORD: FieldClass = FieldClass { room: "vault", name: "record" };

    fn subkey(key: &Key, version: u16, class: FieldClass) -> Subkey {
        Subkey::derive(key, SubjectId::from_bytes([1; 16]), "account", version, class)
    }

    #[test]
    fn every_field_class_and_version_has_a_subkey_of_its_own() {
        let key = Key::from_bytes(&[7; 32]);
        let subkeys = [subkey(&key, 1, VALUE), subkey(&key, 2, VALUE), subkey(&key, 1, RECORD)];
        for (at, one) in subkeys.iter().enumerate() {
            assert_ne!(one.key().expose(), key.expose());
            for other in subkeys.iter().skip(at + 1) {
                assert_ne!(one.key().expose(), other.key().expose());
            }
        }
        assert_eq!(subkey(&key, 1, VALUE).key().expose(), subkeys[0].key().expose());
    }

    #[test]
    fn a_token_links_one_value_within_one_purpose_and_person_only() {
        let (key, other_person) = (Key::from_bytes(&[7; 32]), Key::from_bytes(&[8; 32]));
        let (ads, mail) =
            (PurposeName::new("ads").expect("a name"), PurposeName::new("newsletter").expect("a name"));
        let value = Personal::new("ada@example.org");
        let subkey_of = |key| subkey(key, 1, VALUE);
        let token = subkey_of(&key).token(&ads, &value);
        assert_eq!(token, subkey_of(&key).token(&ads, &value));
        assert_eq!(token.len(), 30);
        assert_ne!(token, subkey_of(&key).token(&mail, &value));
        assert_ne!(token, subkey_of(&key).token(&ads, &Personal::new("ada@example.com")));
        assert_ne!(token, subkey_of(&other_person).token(&ads, &value));
    }
}
