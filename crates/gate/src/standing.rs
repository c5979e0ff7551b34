//! A person's present legal state, folded from their consent events.

mod fold;
pub(crate) mod parts;
mod read;
mod registers;
mod states;
#[cfg(test)]
mod tests;

use model::{AgeBand, CategoryName, Channel, NoticeName, PurposeName, RecipientName};
use serde::{Deserialize, Serialize};

pub use read::ConsentState;
pub(crate) use read::Objected;
use registers::Registers;
use states::{
    Address, Consent, ConsentKey, Life, NoticeVersion, Objection, OptOut, RecipientChoice, RegionKey,
    Restriction, Seen,
};

/// The version of the stored form below.
pub const STANDING_FORMAT: u8 = 1;

/// A person's present legal state: a pure fold of the facts of their events, whatever the
/// order in which these are read.
///
/// It is stored as JSON; empty parts are left out, and another [`STANDING_FORMAT`] does not
/// read. Whether the person was erased, and which channels are suppressed, is not said by
/// events: the store says it with [`Standing::with_erased`] and [`Standing::with_suppressed`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    #[serde(rename = "v")]
    format: Format,
    #[serde(default, skip_serializing_if = "Registers::is_empty")]
    consents: Registers<ConsentKey, Consent>,
    #[serde(default, skip_serializing_if = "Registers::is_empty")]
    objections: Registers<Option<PurposeName>, Objection>,
    #[serde(default, skip_serializing_if = "Registers::is_empty")]
    opt_outs: Registers<Option<PurposeName>, OptOut>,
    #[serde(default, skip_serializing_if = "Registers::is_empty")]
    restrictions: Registers<Option<CategoryName>, Restriction>,
    #[serde(default, skip_serializing_if = "Registers::is_empty")]
    recipients: Registers<RecipientName, RecipientChoice>,
    #[serde(default, skip_serializing_if = "Registers::is_empty")]
    addresses: Registers<Channel, Address>,
    #[serde(default, skip_serializing_if = "Registers::is_empty")]
    notices: Registers<NoticeName, NoticeVersion>,
    #[serde(default, skip_serializing_if = "Registers::is_empty")]
    regions: Registers<RegionKey, Seen>,
    #[serde(default, skip_serializing_if = "Registers::is_empty")]
    age: Registers<(), AgeBand>,
    #[serde(default, skip_serializing_if = "Registers::is_empty")]
    gpc: Registers<(), Seen>,
    #[serde(default, skip_serializing_if = "Registers::is_empty")]
    life: Registers<(), Life>,
    #[serde(skip)]
    outside: Outside,
}

/// What the store knows beside the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Outside {
    erased: bool,
    suppressed: u8,
}

/// The stored form's version, which reads only as itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
struct Format;

/// A standing was stored by another version of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the standing has a format that this version does not read; fold it again from the events")]
pub struct StandingFormatError;

impl TryFrom<u8> for Format {
    type Error = StandingFormatError;

    fn try_from(version: u8) -> Result<Self, StandingFormatError> {
        (version == STANDING_FORMAT).then_some(Self).ok_or(StandingFormatError)
    }
}

impl From<Format> for u8 {
    fn from(_: Format) -> Self {
        STANDING_FORMAT
    }
}

impl Standing {
    /// This standing, of a person who was erased or not.
    #[must_use]
    pub fn with_erased(mut self, erased: bool) -> Self {
        self.outside.erased = erased;
        self
    }

    /// This standing, of a person whom `channels` must not reach: one of their addresses or
    /// numbers is on the suppression list.
    #[must_use]
    pub fn with_suppressed(mut self, channels: impl IntoIterator<Item = Channel>) -> Self {
        self.outside.suppressed = channels.into_iter().fold(0, |set, channel| set | bit(channel));
        self
    }
}

/// The place of a channel in a set of channels.
const fn bit(channel: Channel) -> u8 {
    1 << channel as u8
}
