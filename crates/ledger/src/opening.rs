//! Whom an entry is about, so that only those can tell who are told.

use std::fmt;
use std::str::FromStr;

use crate::hash::{Hash, HashError};

/// The length of a person's trace key in bytes.
pub const TRACE_KEY_BYTES: usize = 32;

/// What opens one entry or one set for one person: `r = HMAC(trace key, id)`.
///
/// INVARIANT(unlinkable): each entry and each set has an opening of its own, and
/// without the trace key no opening follows from another. Whoever is shown one
/// learns about that one entry only; once the trace key is destroyed, nobody can
/// make another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Opening(Hash);

impl Opening {
    /// The opening of the entry or set with this id, as text (`ent_…`, `set_…`;
    /// the prefixes keep the two apart).
    pub fn of(trace_key: &[u8; TRACE_KEY_BYTES], id: &str) -> Self {
        Self(Hash::hmac(trace_key, id.as_bytes()))
    }

    /// What stands in the entry, or in the leaves of the set, for this person:
    /// `HMAC(r, subject id)`, the id as text (`sub_…`).
    pub fn tag(&self, subject_id: &str) -> Hash {
        Hash::hmac(self.0.as_bytes(), subject_id.as_bytes())
    }
}

/// Base64, for the proof handed to the person.
impl fmt::Display for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Opening {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        text.parse().map(Self)
    }
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opening(…)")
    }
}
