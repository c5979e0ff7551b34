//! What a person can do, and how each act stands in clear columns.

use std::fmt;
use std::str::FromStr;

use crate::channel::Channel;
use crate::ids::VisitorId;
use crate::manifest::Region;
use crate::name::{CategoryName, GroundName, NoticeName, PurposeName, RecipientName};

/// The switch that a yes or no turns: a purpose, and where stated one channel or recipient of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// The purpose.
    pub purpose: PurposeName,
    /// Only over this channel; none: over all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Only towards this recipient; none: all that the purpose names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<RecipientName>,
}

/// How old a person is, as far as law cares. The order is from least to most protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum AgeBand {
    /// 18 or older.
    #[serde(rename = "adult")]
    Adult,
    /// 16 or 17.
    #[serde(rename = "16-17")]
    From16To17,
    /// 13 to 15.
    #[serde(rename = "13-15")]
    From13To15,
    /// Younger than 13.
    #[serde(rename = "under-13")]
    Under13,
}

impl AgeBand {
    /// Every band, from least to most protected.
    pub const ALL: [Self; 4] = [Self::Adult, Self::From16To17, Self::From13To15, Self::Under13];

    /// The code used in JSON and SQL.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Adult => "adult",
            Self::From16To17 => "16-17",
            Self::From13To15 => "13-15",
            Self::Under13 => "under-13",
        }
    }

    /// The band of somebody born in `birth_year`, reckoned in `year` as if their birthday
    /// were its last day, so that nobody is taken for older than they are.
    #[must_use]
    pub fn from_birth_year(birth_year: u16, year: u16) -> Self {
        match year.saturating_sub(birth_year).saturating_sub(1) {
            0..=12 => Self::Under13,
            13..=15 => Self::From13To15,
            16..=17 => Self::From16To17,
            _ => Self::Adult,
        }
    }
}

/// What shows where a person lives, the most telling first.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum RegionSource {
    /// The person said so.
    #[default]
    Person,
    /// Where an order is delivered.
    Delivery,
    /// What the account holds.
    Account,
    /// The country of the network, from a trusted proxy's header.
    Network,
}

impl RegionSource {
    /// Every source, the most telling first.
    pub const ALL: [Self; 4] = [Self::Person, Self::Delivery, Self::Account, Self::Network];

    /// The code used in JSON and SQL.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Delivery => "delivery",
            Self::Account => "account",
            Self::Network => "network",
        }
    }

    /// Whether it is the person's own word, which is what silence about the source means.
    #[must_use]
    pub fn is_person(&self) -> bool {
        *self == Self::Person
    }
}

/// A signal of a browser that speaks for the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signal {
    /// Global Privacy Control (`Sec-GPC: 1`).
    Gpc,
}

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident $body:tt = $code:literal),+ $(,)?) => {
        /// What was done. Its JSON names it as `kind`.
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
        pub enum Act { $($(#[$doc])* $name $body),+ }

        /// The kind of an act, without what it is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum EventKind { $($(#[$doc])* $name),+ }

        impl EventKind {
            /// Every kind, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code used in JSON and SQL.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }
        }

        impl Act {
            /// The kind of this act.
            #[must_use]
            pub const fn kind(&self) -> EventKind {
                match self { $(Self::$name { .. } => EventKind::$name),+ }
            }
        }
    };
}

acts! {
    /// The person said yes.
    Given(Switch) = "given",
    /// The person said no when asked.
    Refused(Switch) = "refused",
    /// The person took a yes back.
    Withdrawn(Switch) = "withdrawn",
    /// The person objects to a purpose that stands on legitimate interests or public task.
    Objected {
        /// The purpose; none: direct marketing as a whole (GDPR 21(2)).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        purpose: Option<PurposeName>,
    } = "objected",
    /// Staff recorded a compelling ground against an objection (GDPR 21(1)). It never
    /// lifts an objection to direct marketing (GDPR 21(3)).
    ObjectionLifted {
        /// The purpose that goes on.
        purpose: PurposeName,
        /// The code of the ground, such as `legal-claims`.
        ground: GroundName,
    } = "objection-lifted",
    /// The person took an objection back.
    ObjectionEnded {
        /// The purpose; none: direct marketing as a whole.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        purpose: Option<PurposeName>,
    } = "objection-ended",
    /// The person opted out.
    OptedOut {
        /// The purpose; none: sale, sharing and targeted advertising as a whole.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        purpose: Option<PurposeName>,
    } = "opted-out",
    /// The person took an opt-out back.
    OptedIn {
        /// The purpose; none: sale, sharing and targeted advertising as a whole.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        purpose: Option<PurposeName>,
    } = "opted-in",
    /// A signal was seen in a signed-in browser of the person.
    SignalSeen {
        /// Which signal.
        signal: Signal,
    } = "signal-seen",
    /// The person stated their age.
    AgeStated {
        /// The band.
        band: AgeBand,
    } = "age-stated",
    /// The person stated where they live, or was found to be there. The latest word of each
    /// source counts; where sources differ, the laws of all their regions apply.
    RegionStated {
        /// The region.
        region: Region,
        /// What shows it.
        #[serde(default, skip_serializing_if = "RegionSource::is_person")]
        source: RegionSource,
    } = "region-stated",
    /// The person asked that data be kept but not used (GDPR 18).
    Restricted {
        /// The category, and what lies below it; none: all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        category: Option<CategoryName>,
    } = "restricted",
    /// A restriction ended.
    RestrictionLifted {
        /// The category whose restriction ends; none: every restriction.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        category: Option<CategoryName>,
    } = "restriction-lifted",
    /// The address or number of a channel was confirmed there, or the shop has verified it.
    AddressConfirmed {
        /// The channel.
        channel: Channel,
    } = "address-confirmed",
    /// The address or number of a channel changed, so that it is to be confirmed again.
    AddressChanged {
        /// The channel.
        channel: Channel,
    } = "address-changed",
    /// The person was shown a privacy notice.
    NoticeShown {
        /// The notice.
        notice: NoticeName,
        /// Its version.
        version: u32,
    } = "notice-shown",
    /// The person does not want a recipient to have their data.
    RecipientDeclined {
        /// The recipient.
        recipient: RecipientName,
    } = "recipient-declined",
    /// The person took that back.
    RecipientAccepted {
        /// The recipient.
        recipient: RecipientName,
    } = "recipient-accepted",
    /// The person was reported dead.
    Deceased {} = "deceased",
    /// The report of the death was wrong.
    NotDeceased {} = "not-deceased",
    /// A visitor became this person by signing in.
    Joined {
        /// The visitor.
        visitor: VisitorId,
    } = "joined",
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl EventKind {
    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

/// Why columns make no act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// No act has this kind.
    #[error("unknown kind of event")]
    Kind,
    /// The act needs this column, or it cannot be read.
    #[error("the event needs `{0}`")]
    Column(&'static str),
}

/// An act as clear columns. `detail` is one code whose meaning follows from `kind`: an age
/// band, a region (`US-CA`, or `US-CA@delivery` with its source), a category, a ground, a signal, a
/// visitor, or `notice@version`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventColumns {
    /// The purpose.
    pub purpose: Option<PurposeName>,
    /// The channel.
    pub channel: Option<Channel>,
    /// The recipient.
    pub recipient: Option<RecipientName>,
    /// The code of whatever else the act names.
    pub detail: Option<String>,
}

impl Act {
    /// What the act is about, as clear columns beside its kind.
    #[must_use]
    pub fn columns(&self) -> EventColumns {
        let none = EventColumns::default();
        let detail = |text: String| EventColumns { detail: Some(text), ..EventColumns::default() };
        match self {
            Self::Given(choice) | Self::Refused(choice) | Self::Withdrawn(choice) => EventColumns {
                purpose: Some(choice.purpose.clone()),
                channel: choice.channel,
                recipient: choice.recipient.clone(),
                detail: None,
            },
            Self::Objected { purpose }
            | Self::ObjectionEnded { purpose }
            | Self::OptedOut { purpose }
            | Self::OptedIn { purpose } => EventColumns { purpose: purpose.clone(), ..none },
            Self::ObjectionLifted { purpose, ground } => {
                EventColumns { purpose: Some(purpose.clone()), ..detail(ground.to_string()) }
            }
            Self::SignalSeen { signal: Signal::Gpc } => detail("gpc".to_owned()),
            Self::AgeStated { band } => detail(band.code().to_owned()),
            Self::RegionStated { region, source } if source.is_person() => detail(region.to_string()),
            Self::RegionStated { region, source } => detail(format!("{region}@{}", source.code())),
            Self::Restricted { category } | Self::RestrictionLifted { category } => {
                EventColumns { detail: category.as_ref().map(ToString::to_string), ..none }
            }
            Self::AddressConfirmed { channel } | Self::AddressChanged { channel } => {
                EventColumns { channel: Some(*channel), ..none }
            }
            Self::NoticeShown { notice, version } => detail(format!("{notice}@{version}")),
            Self::RecipientDeclined { recipient } | Self::RecipientAccepted { recipient } => {
                EventColumns { recipient: Some(recipient.clone()), ..none }
            }
            Self::Deceased {} | Self::NotDeceased {} => none,
            Self::Joined { visitor } => detail(visitor.to_string()),
        }
    }

    /// The act that these columns say. Columns that the kind has no use for are ignored.
    ///
    /// # Errors
    /// When a column that the kind needs is missing or cannot be read.
    pub fn from_columns(kind: EventKind, columns: EventColumns) -> Result<Self, ActError> {
        let EventColumns { purpose, channel, recipient, detail } = columns;
        let need_purpose = |purpose: Option<PurposeName>| purpose.ok_or(ActError::Column("purpose"));
        let choice =
            |purpose| Ok(Switch { purpose: need_purpose(purpose)?, channel, recipient: recipient.clone() });
        let detail = detail.as_deref();
        Ok(match kind {
            EventKind::Given => Self::Given(choice(purpose)?),
            EventKind::Refused => Self::Refused(choice(purpose)?),
            EventKind::Withdrawn => Self::Withdrawn(choice(purpose)?),
            EventKind::Objected => Self::Objected { purpose },
            EventKind::ObjectionLifted => {
                Self::ObjectionLifted { purpose: need_purpose(purpose)?, ground: read(detail, "ground")? }
            }
            EventKind::ObjectionEnded => Self::ObjectionEnded { purpose },
            EventKind::OptedOut => Self::OptedOut { purpose },
            EventKind::OptedIn => Self::OptedIn { purpose },
            EventKind::SignalSeen => match detail {
                Some("gpc") => Self::SignalSeen { signal: Signal::Gpc },
                _ => return Err(ActError::Column("signal")),
            },
            EventKind::AgeStated => Self::AgeStated {
                band: AgeBand::ALL
                    .into_iter()
                    .find(|band| Some(band.code()) == detail)
                    .ok_or(ActError::Column("band"))?,
            },
            EventKind::RegionStated => {
                let (region, source) = match detail.and_then(|text| text.split_once('@')) {
                    None => (detail, RegionSource::Person),
                    Some((region, code)) => {
                        let source = RegionSource::ALL.into_iter().find(|source| source.code() == code);
                        (Some(region), source.ok_or(ActError::Column("source"))?)
                    }
                };
                Self::RegionStated { region: read(region, "region")?, source }
            }
            EventKind::Restricted => Self::Restricted { category: read_optional(detail, "category")? },
            EventKind::RestrictionLifted => {
                Self::RestrictionLifted { category: read_optional(detail, "category")? }
            }
            EventKind::AddressConfirmed => {
                Self::AddressConfirmed { channel: channel.ok_or(ActError::Column("channel"))? }
            }
            EventKind::AddressChanged => {
                Self::AddressChanged { channel: channel.ok_or(ActError::Column("channel"))? }
            }
            EventKind::NoticeShown => {
                let (notice, version) =
                    detail.and_then(|text| text.split_once('@')).ok_or(ActError::Column("notice"))?;
                Self::NoticeShown {
                    notice: read(Some(notice), "notice")?,
                    version: read(Some(version), "version")?,
                }
            }
            EventKind::RecipientDeclined => {
                Self::RecipientDeclined { recipient: recipient.ok_or(ActError::Column("recipient"))? }
            }
            EventKind::RecipientAccepted => {
                Self::RecipientAccepted { recipient: recipient.ok_or(ActError::Column("recipient"))? }
            }
            EventKind::Deceased => Self::Deceased {},
            EventKind::NotDeceased => Self::NotDeceased {},
            EventKind::Joined => Self::Joined { visitor: read(detail, "visitor")? },
        })
    }
}

fn read<T: FromStr>(text: Option<&str>, column: &'static str) -> Result<T, ActError> {
    text.and_then(|text| text.parse().ok()).ok_or(ActError::Column(column))
}

fn read_optional<T: FromStr>(text: Option<&str>, column: &'static str) -> Result<Option<T>, ActError> {
    text.map(|text| text.parse().map_err(|_| ActError::Column(column))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examples() -> Vec<Act> {
        let purpose = PurposeName::new("newsletter").expect("a name");
        let choice = Switch {
            purpose: purpose.clone(),
            channel: Some(Channel::Email),
            recipient: RecipientName::new("mailer").ok(),
        };
        let category = CategoryName::new("contact.email").ok();
        let recipient = RecipientName::new("mailer").expect("a name");
        vec![
            Act::Given(choice.clone()),
            Act::Refused(Switch { channel: None, recipient: None, ..choice.clone() }),
            Act::Withdrawn(choice),
            Act::Objected { purpose: None },
            Act::ObjectionLifted {
                purpose: purpose.clone(),
                ground: GroundName::new("legal-claims").expect("a name"),
            },
            Act::ObjectionEnded { purpose: Some(purpose.clone()) },
            Act::OptedOut { purpose: Some(purpose) },
            Act::OptedIn { purpose: None },
            Act::SignalSeen { signal: Signal::Gpc },
            Act::AgeStated { band: AgeBand::From13To15 },
            Act::RegionStated { region: "US-CA".parse().expect("a region"), source: RegionSource::Person },
            Act::RegionStated { region: "FR".parse().expect("a region"), source: RegionSource::Delivery },
            Act::Restricted { category: category.clone() },
            Act::RestrictionLifted { category: None },
            Act::AddressConfirmed { channel: Channel::Sms },
            Act::AddressChanged { channel: Channel::Sms },
            Act::NoticeShown { notice: NoticeName::new("privacy").expect("a name"), version: 3 },
            Act::RecipientDeclined { recipient: recipient.clone() },
            Act::RecipientAccepted { recipient },
            Act::Deceased {},
            Act::NotDeceased {},
            Act::Joined { visitor: VisitorId::from_bytes([7; 16]) },
        ]
    }

    #[test]
    fn every_act_survives_its_columns_and_its_json() {
        let examples = examples();
        for kind in EventKind::ALL {
            assert!(examples.iter().any(|act| act.kind() == *kind), "an example of {kind}");
        }
        for act in examples {
            assert_eq!(EventKind::from_code(act.kind().code()), Some(act.kind()));
            assert_eq!(Act::from_columns(act.kind(), act.columns()), Ok(act.clone()));
            let json = serde_json::to_value(&act).expect("json");
            assert_eq!(json.get("kind").and_then(|kind| kind.as_str()), Some(act.kind().code()));
            assert_eq!(serde_json::from_value::<Act>(json).expect("act"), act);
        }
    }

    #[test]
    fn a_kind_without_what_it_needs_is_refused_by_name() {
        let refused = Act::from_columns(EventKind::Given, EventColumns::default());
        assert_eq!(refused, Err(ActError::Column("purpose")));
        let refused = Act::from_columns(EventKind::NoticeShown, EventColumns::default());
        assert_eq!(refused, Err(ActError::Column("notice")));
    }

    #[test]
    fn nobody_is_reckoned_older_than_they_are() {
        assert_eq!(AgeBand::from_birth_year(2008, 2026), AgeBand::From16To17);
        assert_eq!(AgeBand::from_birth_year(2007, 2026), AgeBand::Adult);
        assert_eq!(AgeBand::from_birth_year(2013, 2026), AgeBand::Under13);
        assert_eq!(AgeBand::from_birth_year(2030, 2026), AgeBand::Under13);
    }
}
