//! What a register of a standing can hold. Each order is from least to most protective.

use model::manifest::Region;
use model::{AgeBand, Channel, PurposeName, RecipientName, RegionSource};
use serde::{Deserialize, Serialize};

use super::registers::State;

/// What a yes or no was about.
pub(crate) type ConsentKey = (PurposeName, Option<Channel>, Option<RecipientName>);

/// Where a person was said to live, and what showed it.
pub(crate) type RegionKey = (RegionSource, Region);

macro_rules! states {
    ($($(#[$doc:meta])* $type:ident { $($(#[$loosens:ident])? $name:ident = $code:literal),+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub(crate) enum $type { $(#[serde(rename = $code)] $name),+ }

        impl State for $type {
            fn loosens(self) -> bool {
                match self { $(Self::$name => states!(@ $($loosens)?)),+ }
            }
        }
    )+};
    (@ loosens) => { true };
    (@) => { false };
}

states! {
    /// The last word on a purpose. `Unsettled`: two histories were joined and only one has a yes.
    Consent { #[loosens] Given = "given", Unsettled = "unsettled", Refused = "refused", Withdrawn = "withdrawn" }
    /// `Lifted`: staff recorded a compelling ground.
    Objection { #[loosens] Ended = "ended", Lifted = "lifted", Objected = "objected" }
    /// The last word under an opt-out law.
    OptOut { #[loosens] OptedIn = "in", OptedOut = "out" }
    /// Whether data is restricted.
    Restriction { #[loosens] Lifted = "lifted", Restricted = "restricted" }
    /// The address or number of a channel.
    Address { #[loosens] Confirmed = "confirmed", Changed = "changed" }
    /// What the person says of a recipient.
    RecipientChoice { #[loosens] Accepted = "accepted", Declined = "declined" }
    /// Whether the person lives.
    Life { #[loosens] Alive = "alive", Dead = "dead" }
    /// That something was seen or said; there is no other state.
    Seen { Yes = "yes" }
}

/// The version of a notice; at equal times the older one, of which less was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct NoticeVersion(pub(crate) u32);

impl Ord for NoticeVersion {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.0.cmp(&self.0)
    }
}

impl PartialOrd for NoticeVersion {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl State for NoticeVersion {
    fn loosens(self) -> bool {
        true
    }
}

impl State for AgeBand {
    fn loosens(self) -> bool {
        self == Self::Adult
    }
}
