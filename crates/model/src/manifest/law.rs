//! What the controller says of itself to the laws, and which rule packs its counsel has read.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::controller::Region;
use super::period::{Date, Period};
use crate::name::LawFamily;

/// What the laws ask about the controller, and what its reviewers have signed.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Law {
    /// Where it has an establishment besides the country of its seat.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub established: BTreeSet<Region>,
    /// What is so of the controller, by the metric of the law data: a number, yes or no, words,
    /// or one of these for each region. A law whose metric is not answered here applies.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Fact>,
    /// What "without undue delay" means here, where a law names no number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undue_delay: Option<Period>,
    /// The rule packs that a reviewer of the controller has read. Whatever is not listed may
    /// tighten what happens, and loosens nothing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reviewed: BTreeMap<LawFamily, PackReview>,
}

impl Law {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Who has read a rule pack, and which one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PackReview {
    /// The reviewer, as people call them.
    pub by: String,
    /// The day of the review.
    pub on: Date,
    /// The digest of the pack that was read, as `steward law show` prints it. Another text of
    /// the pack is unreviewed again.
    pub digest: String,
}

/// What is so of the controller under one metric.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Fact {
    /// The same everywhere.
    Everywhere(FactValue),
    /// What is so in each region; of a region that is not named nothing is known.
    ByRegion(BTreeMap<Region, FactValue>),
}

impl Fact {
    /// What is so in a region: its own answer, that of its country, or the one for everywhere.
    #[must_use]
    pub fn within(&self, region: &Region) -> Option<&FactValue> {
        match self {
            Self::Everywhere(value) => Some(value),
            Self::ByRegion(values) => values.get(region).or_else(|| {
                values.iter().find(|(of, _)| of.as_str() == region.country()).map(|(_, value)| value)
            }),
        }
    }
}

/// One answer to a metric.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum FactValue {
    /// Yes or no.
    Is(bool),
    /// How much or how many.
    Amount(i64),
    /// Which.
    Words(BTreeSet<String>),
}

impl<'de> Deserialize<'de> for Fact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Answer { by_region: true })
    }
}

impl<'de> Deserialize<'de> for FactValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(Answer { by_region: false })? {
            Fact::Everywhere(value) => Ok(value),
            Fact::ByRegion(_) => Err(D::Error::custom("a region's answer is a number, yes or no, or words")),
        }
    }
}

/// Reads an answer in any of its shapes.
struct Answer {
    by_region: bool,
}

impl<'de> Visitor<'de> for Answer {
    type Value = Fact;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a number, `true` or `false`, a word, a list of words")?;
        if self.by_region { f.write_str(", or one of these for each region") } else { Ok(()) }
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Fact, E> {
        Ok(Fact::Everywhere(FactValue::Is(value)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Fact, E> {
        Ok(Fact::Everywhere(FactValue::Amount(value)))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Fact, E> {
        i64::try_from(value).map_or_else(|_| Err(E::custom("the number is too large")), |v| self.visit_i64(v))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Fact, E> {
        Ok(Fact::Everywhere(FactValue::Words(BTreeSet::from([value.to_owned()]))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Fact, A::Error> {
        let mut words = BTreeSet::new();
        while let Some(word) = seq.next_element()? {
            words.insert(word);
        }
        Ok(Fact::Everywhere(FactValue::Words(words)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fact, A::Error> {
        if !self.by_region {
            return Err(A::Error::invalid_type(serde::de::Unexpected::Map, &self));
        }
        let mut values = BTreeMap::new();
        while let Some((region, value)) = map.next_entry()? {
            values.insert(region, value);
        }
        Ok(Fact::ByRegion(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Law, serde_json::Error> {
        serde_json::from_str(json)
    }

    fn region(code: &str) -> Region {
        code.parse().expect("a region")
    }

    #[test]
    fn a_fact_is_the_same_everywhere_or_one_for_each_region() {
        let law = read(
            r#"{"facts":{"annual-revenue-usd":40000000,"handles-payment-cards":true,
                "consumers-per-year":{"US-CA":250000,"US":900},"entity-type":"retailer"}}"#,
        )
        .expect("a law section");
        let people = law.facts.get("consumers-per-year").expect("the metric");
        assert_eq!(people.within(&region("US-CA")), Some(&FactValue::Amount(250_000)));
        assert_eq!(people.within(&region("US-TX")), Some(&FactValue::Amount(900)), "the country's");
        assert_eq!(people.within(&region("FR")), None, "nothing is known of France");
        let cards = law.facts.get("handles-payment-cards").expect("the metric");
        assert_eq!(cards.within(&region("FR")), Some(&FactValue::Is(true)));
    }

    #[test]
    fn an_answer_of_another_shape_is_refused_with_what_is_expected() {
        let error = read(r#"{"facts":{"consumers-per-year":{"US-CA":{"US":1}}}}"#).expect_err("too deep");
        assert!(error.to_string().contains("a number, `true` or `false`"), "{error}");
        assert!(read(r#"{"facts":{"consumers-per-year":{"California":1}}}"#).is_err(), "no region");
        assert!(read(r#"{"facts":{"annual-revenue-usd":1.5}}"#).is_err(), "no whole number");
        assert!(read(r#"{"fact":{}}"#).is_err(), "an unknown key");
    }

    #[test]
    fn what_was_read_is_written_as_it_was() {
        let text = r#"{"established":["DE"],"facts":{"a":["x","y"],"b":{"US-CA":true}},"undue_delay":"10 days","reviewed":{"eu-gdpr":{"by":"Counsel","on":"2026-11-20","digest":"ab"}}}"#;
        let law = read(text).expect("a law section");
        assert_eq!(serde_json::to_string(&law).expect("JSON"), text);
    }
}
