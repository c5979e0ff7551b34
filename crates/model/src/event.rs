//! Consent events: what a person said, where, when, and what they were shown.
//!
//! An event has two halves. [`EventFacts`] holds codes only and stands in clear columns, so
//! that a standing can be folded from it. [`Shown`] and the rest are proof: they are sealed
//! in the evidence lifetime.

mod act;

pub use act::{Act, ActError, AgeBand, EventColumns, EventKind, RegionSource, Signal, Switch};

use crate::ids::{EventId, SubjectId};
use crate::time::Timestamp;

/// Where an act came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The consent banner of a site.
    Banner,
    /// The person's own portal.
    Portal,
    /// A link or header of a message, such as one-click unsubscribe.
    Mail,
    /// A call.
    Phone,
    /// The till of a shop.
    Till,
    /// A form on paper.
    Paper,
    /// A member of staff on the person's behalf.
    Staff,
    /// Another program of the business.
    Api,
    /// A file or table read in.
    Import,
}

impl Origin {
    /// Every origin, in the order of the declaration.
    pub const ALL: [Self; 9] = [
        Self::Banner,
        Self::Portal,
        Self::Mail,
        Self::Phone,
        Self::Till,
        Self::Paper,
        Self::Staff,
        Self::Api,
        Self::Import,
    ];

    /// The code used in JSON and SQL.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Banner => "banner",
            Self::Portal => "portal",
            Self::Mail => "mail",
            Self::Phone => "phone",
            Self::Till => "till",
            Self::Paper => "paper",
            Self::Staff => "staff",
            Self::Api => "api",
            Self::Import => "import",
        }
    }

    /// The origin with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.code() == code)
    }

    /// Whether the person acted on a surface of ours, at the moment we recorded it.
    /// Everything else reaches us through others and may be late.
    #[must_use]
    pub const fn is_first_hand(self) -> bool {
        matches!(self, Self::Banner | Self::Portal | Self::Mail)
    }
}

/// How well an act is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// We saw it and hold what was shown.
    Proven,
    /// Somebody answerable says so.
    Asserted,
    /// Nobody can say. Such an act may protect the person but never loosens anything
    /// (GDPR 7(1): the controller must be able to demonstrate consent).
    Unknown,
}

impl Grade {
    /// Every grade, best first.
    pub const ALL: [Self; 3] = [Self::Proven, Self::Asserted, Self::Unknown];

    /// The code used in JSON and SQL.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Asserted => "asserted",
            Self::Unknown => "unknown",
        }
    }

    /// The grade with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grade| grade.code() == code)
    }
}

/// What the person was shown when they chose.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// SHA-256 of the text as rendered, 64 hexadecimal digits in lower case.
    pub text_sha256: String,
    /// The language of the text, as a BCP 47 tag.
    pub locale: String,
    /// The buttons from first to last, such as `refuse`, `accept`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub button_order: Vec<String>,
    /// The version of the privacy notice that was linked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice_version: Option<String>,
    /// The page, form or script on which it was shown.
    pub surface: String,
}

/// The half of an event that a standing is folded from: codes, no personal value.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventFacts {
    /// The event.
    pub id: EventId,
    /// What was done.
    pub act: Act,
    /// When it is said to have happened.
    pub occurred: Timestamp,
    /// When we recorded it; strictly rising per person.
    pub recorded: Timestamp,
    /// Where it came from.
    pub origin: Origin,
    /// How well it is proven.
    pub grade: Grade,
}

impl EventFacts {
    /// The moment from which the act counts: what the person did with us at the moment we
    /// recorded it, what others report at the earlier of the two moments, so that no claim
    /// lies in the future.
    #[must_use]
    pub fn effective(&self) -> Timestamp {
        if self.origin.is_first_hand() { self.recorded } else { self.recorded.min(self.occurred) }
    }
}

/// One act of a person, whole. Append-only.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentEvent {
    /// The event.
    pub id: EventId,
    /// The person.
    pub subject: SubjectId,
    /// What was done.
    pub act: Act,
    /// When it is said to have happened.
    pub occurred: Timestamp,
    /// When we recorded it.
    pub recorded: Timestamp,
    /// Where it came from.
    pub origin: Origin,
    /// How well it is proven.
    pub grade: Grade,
    /// What the person was shown, where anything was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
    /// The year of birth that the person stated, from which the age band was reckoned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_year: Option<u16>,
}

impl ConsentEvent {
    /// The half that a standing is folded from.
    #[must_use]
    pub fn facts(&self) -> EventFacts {
        EventFacts {
            id: self.id,
            act: self.act.clone(),
            occurred: self.occurred,
            recorded: self.recorded,
            origin: self.origin,
            grade: self.grade,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PurposeName;

    fn event(origin: Origin, occurred: i64, recorded: i64) -> ConsentEvent {
        let purpose = PurposeName::new("newsletter").expect("a name");
        ConsentEvent {
            id: EventId::from_bytes([1; 16]),
            subject: SubjectId::from_bytes([2; 16]),
            act: Act::Given(Switch { purpose, channel: None, recipient: None }),
            occurred: Timestamp::from_seconds(occurred),
            recorded: Timestamp::from_seconds(recorded),
            origin,
            grade: Grade::Proven,
            shown: None,
            birth_year: None,
        }
    }

    #[test]
    fn a_claim_of_another_system_never_lies_in_the_future() {
        assert_eq!(event(Origin::Import, 9, 5).facts().effective(), Timestamp::from_seconds(5));
        assert_eq!(event(Origin::Api, 3, 5).facts().effective(), Timestamp::from_seconds(3));
    }

    #[test]
    fn what_the_person_did_with_us_counts_when_we_recorded_it() {
        assert_eq!(event(Origin::Portal, 3, 5).facts().effective(), Timestamp::from_seconds(5));
    }

    #[test]
    fn an_event_survives_json_and_an_unknown_field_is_refused() {
        let event = event(Origin::Portal, 3, 5);
        let json = serde_json::to_string(&event).expect("json");
        assert_eq!(serde_json::from_str::<ConsentEvent>(&json).expect("event"), event);
        assert!(json.contains(r#""act":{"kind":"given","purpose":"newsletter"}"#), "{json}");
        for broken in [
            json.replacen("\"purpose\"", "\"more\":1,\"purpose\"", 1),
            json.replacen("\"grade\"", "\"more\":1,\"grade\"", 1),
        ] {
            assert!(serde_json::from_str::<ConsentEvent>(&broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn codes_of_origins_and_grades_read_back() {
        for origin in Origin::ALL {
            assert_eq!(Origin::from_code(origin.code()), Some(origin));
        }
        for grade in Grade::ALL {
            assert_eq!(Grade::from_code(grade.code()), Some(grade));
        }
    }
}
