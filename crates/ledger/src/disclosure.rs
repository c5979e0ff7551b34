//! What a `.tlog-proof` of ours carries besides the proof: the entry itself and
//! what shows one person that it is about them.

use serde::{Deserialize, Serialize};

use crate::canonical::{self, CanonicalError, ENTRY_BYTES_MAX};
use crate::hash::Hash;
use crate::opening::Opening;
use crate::set::SetProof;

/// The largest disclosure, in bytes (64 KiB): an entry whose every byte is escaped,
/// and the path in a set.
pub const DISCLOSURE_BYTES_MAX: usize = 64 * 1024;

/// The version of the form.
const VERSION: u64 = 1;

/// An entry, and whom it is about.
///
/// It stands in the proof's `extra` line, which nobody has signed: what it says is
/// true only as far as [`crate::Proof::verify_disclosed`] and [`Disclosure::about`]
/// bear it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// The bytes of the entry.
    pub entry: Vec<u8>,
    /// What opens it for one person; `None` for an entry about nobody.
    pub about: Option<About>,
}

/// What opens an entry for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// The entry is about this person alone: the entry's tag must equal
    /// `opening.tag(subject id)`.
    Tag(Opening),
    /// The entry names a set: [`SetProof::verify`] with its root and count.
    Set(SetProof),
}

/// Why a disclosure is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DisclosureError {
    /// Not canonical JSON.
    #[error("the disclosure is {0}")]
    Canonical(#[from] CanonicalError),
    /// Canonical JSON of another shape or version.
    #[error("the disclosure has another shape or version")]
    Shape,
    /// The entry is longer than [`ENTRY_BYTES_MAX`] or not UTF-8.
    #[error("the entry is too long or not text")]
    Entry,
}

impl Disclosure {
    /// The canonical JSON of the disclosure.
    pub fn to_bytes(&self) -> Result<Vec<u8>, DisclosureError> {
        if self.entry.len() > ENTRY_BYTES_MAX {
            return Err(DisclosureError::Entry);
        }
        let entry = str::from_utf8(&self.entry).map_err(|_| DisclosureError::Entry)?;
        let wire = Wire {
            version: VERSION,
            entry: entry.to_owned(),
            opening: match &self.about {
                Some(About::Tag(opening)) => Some(opening.to_string()),
                _ => None,
            },
            set: match &self.about {
                Some(About::Set(proof)) => Some(proof.into()),
                _ => None,
            },
        };
        let value = serde_json::to_value(wire).map_err(|_| DisclosureError::Shape)?;
        let bytes = canonical::encode(&value)?;
        // An entry is canonical JSON, whose bytes at most double when quoted.
        if bytes.len() > DISCLOSURE_BYTES_MAX {
            return Err(DisclosureError::Entry);
        }
        Ok(bytes)
    }

    /// Reads a disclosure.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DisclosureError> {
        let value = canonical::parse(bytes, DISCLOSURE_BYTES_MAX)?;
        let wire: Wire = serde_json::from_value(value).map_err(|_| DisclosureError::Shape)?;
        if wire.version != VERSION {
            return Err(DisclosureError::Shape);
        }
        if wire.entry.len() > ENTRY_BYTES_MAX {
            return Err(DisclosureError::Entry);
        }
        let about = match (wire.opening, wire.set) {
            (None, None) => None,
            (Some(opening), None) => Some(About::Tag(opening.parse().map_err(|_| DisclosureError::Shape)?)),
            (None, Some(set)) => Some(About::Set(set.try_into()?)),
            (Some(_), Some(_)) => return Err(DisclosureError::Shape),
        };
        let disclosure = Self { entry: wire.entry.into_bytes(), about };
        // One disclosure has one form: a member that is absent is never null.
        if disclosure.to_bytes()? != bytes {
            return Err(DisclosureError::Shape);
        }
        Ok(disclosure)
    }
}

/// The JSON object. Optional members are absent, never null.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    version: u64,
    entry: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opening: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    set: Option<WireSet>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSet {
    opening: String,
    leaf: String,
    /// A string: it may lie beyond what a JSON number keeps.
    index: String,
    path: Vec<String>,
}

impl From<&SetProof> for WireSet {
    fn from(proof: &SetProof) -> Self {
        Self {
            opening: proof.opening.to_string(),
            leaf: proof.leaf.to_string(),
            index: proof.index.to_string(),
            path: proof.path.iter().map(Hash::to_string).collect(),
        }
    }
}

impl TryFrom<WireSet> for SetProof {
    type Error = DisclosureError;

    fn try_from(wire: WireSet) -> Result<Self, DisclosureError> {
        let shape = |_| DisclosureError::Shape;
        Ok(Self {
            opening: wire.opening.parse().map_err(shape)?,
            leaf: wire.leaf.parse().map_err(shape)?,
            index: crate::encoding::from_decimal(&wire.index).ok_or(DisclosureError::Shape)?,
            path: wire.path.iter().map(|hash| hash.parse().map_err(shape)).collect::<Result<_, _>>()?,
        })
    }
}
