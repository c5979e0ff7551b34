//! Typed identifiers: one type per entity, each with a prefix a reader can tell.
//!
//! The text form is `<prefix>_<26 characters>`: 128 bits in Crockford's base 32,
//! lower case. Ids of people, sets and ledger entries are random; ids of rows that
//! only append are ordered by time (48 bits of milliseconds, then 80 random bits).

use std::fmt;
use std::str::FromStr;

use crate::time::Timestamp;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const TEXT_LENGTH: usize = 26;

/// Why a text is no id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an id that starts with `{prefix}_` and goes on with 26 characters")]
pub struct IdError {
    /// The prefix that was expected.
    pub prefix: &'static str,
}

/// Draws 128 random bits from the operating system.
///
/// # Panics
/// Never in practice: a system that cannot give random bytes cannot protect
/// anyone, so the process stops rather than go on with guessable ids.
#[expect(clippy::expect_used, reason = "without randomness nothing here is safe")]
fn random_bytes() -> [u8; 16] {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

fn encode(bytes: [u8; 16]) -> String {
    let value = u128::from_be_bytes(bytes);
    (0..TEXT_LENGTH)
        .rev()
        .map(|place| {
            let digit = (value >> (place * 5)) as usize & 31;
            char::from(ALPHABET.get(digit).copied().unwrap_or(b'0'))
        })
        .collect()
}

fn decode(text: &str) -> Option<[u8; 16]> {
    if text.len() != TEXT_LENGTH || !matches!(text.bytes().next(), Some(b'0'..=b'7')) {
        return None;
    }
    text.bytes()
        .try_fold(0u128, |value, byte| {
            let digit = ALPHABET.iter().position(|&known| known == byte)?;
            Some((value << 5) | digit as u128)
        })
        .map(u128::to_be_bytes)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// What the text form starts with, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// A new id of 128 random bits.
            #[must_use]
            pub fn random() -> Self {
                Self(random_bytes())
            }

            /// A new id that sorts by `at`: milliseconds first, then 80 random bits.
            #[must_use]
            pub fn ordered(at: Timestamp) -> Self {
                let millis = u128::from(at.micros().max(0).unsigned_abs() / 1_000) & ((1 << 48) - 1);
                let noise = u128::from_be_bytes(random_bytes()) & ((1 << 80) - 1);
                Self(((millis << 80) | noise).to_be_bytes())
            }

            /// The id with exactly these 128 bits.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 128 bits, most significant first.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", Self::PREFIX, encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(Self::PREFIX)
                    .and_then(|rest| rest.strip_prefix('_'))
                    .and_then(decode)
                    .map(Self)
                    .ok_or(IdError { prefix: Self::PREFIX })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// A person (data subject).
    SubjectId, "sub"
);
id!(
    /// One consent event.
    EventId, "evt"
);
id!(
    /// One ledger entry: random, so that nobody can guess a leaf hash.
    EntryId, "ent"
);
id!(
    /// The set of people that one bulk use covers.
    SetId, "set"
);
id!(
    /// One sealed profile value.
    ValueId, "val"
);
id!(
    /// One sealed record (an order, an invoice, an event).
    RecordId, "rec"
);
id!(
    /// One evaluated audience.
    AudienceId, "aud"
);
id!(
    /// One API key (its public half).
    ApiKeyId, "key"
);
id!(
    /// One job of the background worker.
    JobId, "job"
);
id!(
    /// One run of an import.
    ImportId, "imp"
);
id!(
    /// One merge of two identities.
    MergeId, "mrg"
);
id!(
    /// A browser without a known person.
    VisitorId, "vis"
);
id!(
    /// One request for a login code.
    LoginId, "lgn"
);
id!(
    /// One account of a member of staff.
    StaffId, "stf"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text_form() {
        for _ in 0..200 {
            let id = SubjectId::random();
            assert_eq!(id.to_string().parse::<SubjectId>(), Ok(id));
        }
    }

    #[test]
    fn an_id_of_another_kind_or_shape_is_refused() {
        let event = EventId::random().to_string();
        assert!(event.parse::<SubjectId>().is_err());
        for text in ["", "sub_", "sub_0", "sub_zzzzzzzzzzzzzzzzzzzzzzzzzz", "SUB_00000000000000000000000000"]
        {
            assert!(text.parse::<SubjectId>().is_err(), "{text}");
        }
    }

    #[test]
    fn ordered_ids_sort_by_time_in_bytes_and_in_text() {
        let early = EventId::ordered(Timestamp::from_micros(1_000_000));
        let late = EventId::ordered(Timestamp::from_micros(2_000_000));
        assert!(early < late);
        assert!(early.to_string() < late.to_string());
    }
}
