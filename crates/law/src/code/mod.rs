//! Closed lists of codes, as the packs write them. A pack may use no other.

mod category;
mod listed;
mod other;
mod purpose;

pub use category::Category;
pub use listed::{AssessmentTrigger, BreachTrigger, Metric, Right};
pub use other::{
    Alternative, BreachClock, BreachTo, Counterpart, DutyKind, Exception, Mechanism, NoticeKind, PenaltyPer,
    Reach, Registry, RetentionSubject, RightClock, SignalEffect, Strength,
};
pub use purpose::Purpose;

/// A closed list of codes.
pub trait Code: Copy + 'static {
    /// What a code of the list is, in words for messages: `category`.
    const WHAT: &'static str;

    /// Every code of the list.
    fn all() -> &'static [Self];

    /// The code as text.
    fn text(self) -> &'static str;
}

/// An enum whose variants have fixed codes in the packs and in JSON. A variant without a
/// comment means what its code says.
macro_rules! codes {
    ($(#[$outer:meta])* $type:ident { $($(#[$doc:meta])* $name:ident = $code:literal),+ $(,)? }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type { $($(#[$doc])* #[doc = concat!("`", $code, "`")] $name),+ }

        impl $type {
            /// Every variant, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code used in the packs and in JSON.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The variant with this code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)+ _ => None }
            }
        }

        impl $crate::code::Code for $type {
            const WHAT: &'static str = stringify!($type);

            fn all() -> &'static [Self] {
                Self::ALL
            }

            fn text(self) -> &'static str {
                self.code()
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.code())
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }
    };
}
pub(crate) use codes;

codes! {
    /// What a law asks before a use, from least to most strict.
    Model {
        /// To tell the person.
        NoticeOnly = "notice-only",
        /// To stop when the person says no.
        OptOut = "opt-out",
        /// The country decides between opt-in and opt-out; taken as opt-in.
        NationalChoice = "national-choice",
        /// To ask first.
        OptIn = "opt-in",
        /// Nothing helps but the named alternatives.
        Prohibited = "prohibited",
    }
}

impl Model {
    /// The model a program goes by: a country's open choice counts as opt-in.
    #[must_use]
    pub const fn effective(self) -> Self {
        match self {
            Self::NationalChoice => Self::OptIn,
            other => other,
        }
    }
}

codes! {
    /// What sort of law a pack is.
    Kind {
        /// A general data protection law.
        Omnibus = "omnibus",
        /// Messages, calls and access to devices.
        Channel = "channel",
        Health = "health",
        Financial = "financial",
        Children = "children",
        Biometric = "biometric",
        Broadband = "broadband",
        /// One kind of business.
        Sector = "sector",
        DataBroker = "data-broker",
        Ai = "ai",
        /// Telling of breaches.
        Breach = "breach",
        /// An industry's standard.
        Standard = "standard",
    }
}

impl Kind {
    /// Whether a law of this kind reaches everybody in its territory, not only one sector.
    #[must_use]
    pub const fn is_general(self) -> bool {
        matches!(self, Self::Omnibus | Self::Channel)
    }

    /// Whether a law of this kind says anything about consent (law/README.md, rule 4).
    #[must_use]
    pub const fn decides_consent(self) -> bool {
        !matches!(self, Self::Breach | Self::Standard)
    }
}

codes! {
    /// Whether a fact was looked up.
    Checked {
        /// A statute text or a published summary was read for it.
        Source = "source",
        /// Written from general knowledge.
        Memory = "memory",
    }
}

codes! {
    /// Where a version of a law stands.
    VersionStatus {
        InForce = "in_force",
        /// Passed, not yet started.
        Enacted = "enacted",
        Proposed = "proposed",
        Superseded = "superseded",
        Withdrawn = "withdrawn",
    }
}

codes! {
    /// Where a change to watch stands.
    ChangeStatus {
        Enacted = "enacted",
        Proposed = "proposed",
        InForce = "in_force",
    }
}

codes! {
    /// What an exemption frees.
    ExemptLevel {
        /// A kind of organisation.
        Entity = "entity",
        /// A kind of data.
        Data = "data",
        /// Part of each; a person decides.
        Mixed = "mixed",
    }
}

codes! {
    /// Who agrees for a young person.
    AgeRule {
        ParentalOptIn = "parental-opt-in",
        SelfOptIn = "self-opt-in",
        /// The federal children's act decides.
        Coppa = "coppa",
    }
}

codes! {
    /// How a condition compares.
    Op {
        Equal = "=",
        Above = ">",
        AtLeast = ">=",
        /// The named region or word is among the controller's.
        In = "in",
    }
}

codes! {
    /// A signal that a browser sends.
    SignalName {
        /// Global Privacy Control.
        Gpc = "gpc",
    }
}

codes! {
    /// The model law a law is built on.
    Family {
        Gdpr = "gdpr",
        UsState = "us-state",
        /// None.
        None = "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stricter_model_is_the_greater() {
        assert!(Model::NoticeOnly < Model::OptOut);
        assert!(Model::OptOut < Model::OptIn);
        assert!(Model::OptIn < Model::Prohibited);
        assert_eq!(Model::NationalChoice.effective(), Model::OptIn);
    }

    #[test]
    fn every_code_is_read_back_as_itself_and_a_slip_is_refused() {
        for category in Category::ALL {
            assert_eq!(Category::from_code(category.code()), Some(*category));
        }
        assert_eq!(Category::from_code("helth"), None);
        assert_eq!(Purpose::from_code("Sale"), None);
    }
}
