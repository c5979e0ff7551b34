//! Purposes: why data is used, on which ground, and what the person can do about it.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor, value};

use super::period::Retention;
use super::texts::Texts;
use crate::channel::Channel;
use crate::name::{CategoryName, LawFamily, RecipientName};
use crate::purpose::{Basis, Choice, PurposeKind, codes};

/// Why data is used.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// What sort of purpose it is.
    pub kind: PurposeKind,
    /// The name that people read at the switch.
    pub title: Texts,
    /// What is done and why, in plain words.
    pub explanation: Texts,
    /// In which capacity the controller acts.
    #[serde(default)]
    pub capacity: Capacity,
    /// The ground under every law that `basis_under` does not name.
    pub basis: Ground,
    /// Other grounds under single laws or families of laws.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub basis_under: BTreeMap<LawFamily, Ground>,
    /// The categories it needs, and no others.
    #[serde(default)]
    pub categories: BTreeSet<CategoryName>,
    /// How long it needs them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,
    /// What becomes of the data when the person withdraws, objects or opts out.
    #[serde(default)]
    pub on_withdraw: OnWithdraw,
    /// Whether a decision about the person rests on it. A score others rely on counts as `alone`.
    #[serde(default)]
    pub decides: Decides,
    /// How far such a decision reaches.
    #[serde(default)]
    pub effect: Effect,
    /// Who else receives data for it.
    #[serde(default)]
    pub recipients: BTreeSet<RecipientName>,
    /// The channels over which it reaches people.
    #[serde(default)]
    pub channels: BTreeSet<Channel>,
    /// Why there is no switch, in plain words; needed exactly where there is none.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub no_choice_because: Texts,
}

impl Purpose {
    /// The ground under a law: the law's own entry first, then its family's, then the general one.
    pub fn ground_under<'a>(&'a self, laws: impl IntoIterator<Item = &'a str>) -> &'a Ground {
        laws.into_iter().find_map(|law| self.basis_under.get(law)).unwrap_or(&self.basis)
    }

    /// Whether people have no switch for it under any law.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.kind.is_necessity()
            || (self.basis.basis.choice() == Choice::None
                && self.basis_under.values().all(|ground| ground.basis.choice() == Choice::None))
    }

    /// The general ground and all grounds under single laws.
    pub fn grounds(&self) -> impl Iterator<Item = &Ground> {
        std::iter::once(&self.basis).chain(self.basis_under.values())
    }
}

/// A legal ground with the fact it relies on. Written as the bare basis where there is no more to say.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Ground {
    /// The basis.
    pub basis: Basis,
    /// For legitimate interests: where the balancing test lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balancing_test: Option<String>,
    /// The law or fact relied on, as people read it: a citation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub citation: Option<String>,
    /// For an opt-out law: the facts of the law data relied on, such as `us-ca-ccpa/consent/share`,
    /// one for each law.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub facts: BTreeSet<String>,
}

impl From<Basis> for Ground {
    fn from(basis: Basis) -> Self {
        Self { basis, balancing_test: None, citation: None, facts: BTreeSet::new() }
    }
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct GroundInFull {
    basis: Basis,
    #[serde(default)]
    balancing_test: Option<String>,
    #[serde(default)]
    citation: Option<String>,
    #[serde(default)]
    facts: BTreeSet<String>,
}

impl<'de> Deserialize<'de> for Ground {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct GroundVisitor;

        impl<'de> Visitor<'de> for GroundVisitor {
            type Value = Ground;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a basis such as `consent`, or a mapping with `basis`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Ground, E> {
                Basis::deserialize(value::StrDeserializer::new(text)).map(Ground::from)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Ground, A::Error> {
                let full = GroundInFull::deserialize(value::MapAccessDeserializer::new(map))?;
                let GroundInFull { basis, balancing_test, citation, facts } = full;
                Ok(Ground { basis, balancing_test, citation, facts })
            }
        }

        deserializer.deserialize_any(GroundVisitor)
    }
}

impl schemars::JsonSchema for Ground {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Ground".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let (short, full) = (generator.subschema_for::<Basis>(), generator.subschema_for::<GroundInFull>());
        schemars::json_schema!({
            "description": "A basis, or a basis with the fact it relies on.",
            "anyOf": [short, full]
        })
    }
}

/// In which capacity the controller acts for a purpose.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Capacity {
    /// It decides alone.
    #[default]
    Controller,
    /// It decides together with others (GDPR 26).
    Joint {
        /// With whom.
        with: Vec<String>,
    },
    /// It acts for somebody else (GDPR 28).
    Processor {
        /// For whom.
        #[serde(rename = "for")]
        on_behalf_of: String,
        /// On whose documented instructions: the contract and its date.
        instructions: String,
    },
}

/// What becomes of the data when the person withdraws.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum OnWithdraw {
    /// What only this purpose needed is erased.
    #[default]
    Erase,
    /// It stays on its other ground.
    Keep {
        /// The other ground; never consent.
        basis: Basis,
    },
}

codes! {
    /// Whether a decision about the person rests on a purpose (GDPR 22).
    #[derive(Default)]
    Decides {
        /// No decision.
        #[default]
        No = "no",
        /// A human decides with its help.
        Assists = "assists",
        /// No human has a say of weight.
        Alone = "alone",
    }
}

codes! {
    /// How far a decision reaches.
    #[derive(Default)]
    Effect {
        /// Not beyond what is shown.
        #[default]
        None = "none",
        /// It affects the person much: price, credit, refusal of an order.
        Significant = "significant",
        /// It changes the person's legal position.
        Legal = "legal",
    }
}
