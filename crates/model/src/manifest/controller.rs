//! The controller, its sites, its lifetimes, and the categories and channels in use.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::period::{Period, Retention};
use super::texts::{Language, Texts};
use crate::name::{CategoryName, LifetimeName, NoticeName};
use crate::purpose::codes;

/// A country or a part of one by ISO 3166, such as `FR` or `US-CA`; `EU` stands for the Union.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(String);

/// The text is no region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a region is an ISO 3166 code such as `FR`, `GB` or `US-CA`")]
pub struct RegionError;

impl Region {
    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The country's code: `US` of `US-CA`.
    #[must_use]
    pub fn country(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }
}

impl FromStr for Region {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, RegionError> {
        let (country, part) = text.split_once('-').map_or((text, None), |(c, p)| (c, Some(p)));
        let fine = country.len() == 2
            && country.bytes().all(|byte| byte.is_ascii_uppercase())
            && part.is_none_or(|part| {
                (1..=3).contains(&part.len())
                    && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            });
        fine.then(|| Self(text.to_owned())).ok_or(RegionError)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A legal entity that decides why data is used.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Controller {
    /// The legal name.
    pub name: String,
    /// The postal address.
    pub address: String,
    /// The country of establishment.
    pub country: Region,
    /// Where people reach the controller about their data: an address or a web page.
    pub contact: String,
    /// The languages in which people are spoken to; every text exists in each of them.
    pub languages: BTreeSet<Language>,
    /// The countries and states whose people the controller serves.
    pub serves: BTreeSet<Region>,
}

/// A web site or app of the controller.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Its address, such as `https://shop.example`.
    pub address: String,
    /// Its languages, where they differ from the controller's.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub languages: BTreeSet<Language>,
    /// The privacy notice that it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeName>,
}

/// A group of categories that end together.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lifetime {
    /// What people read.
    pub title: Texts,
    /// How long it lasts, and from when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<Retention>,
}

/// A category of personal data that the controller uses.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryUse {
    /// The lifetime whose key seals it.
    pub lifetime: LifetimeName,
    /// For a category of the controller's own: the built-in category whose legal class it shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub like: Option<CategoryName>,
    /// What people read, where it differs from the built-in title.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// A remark for colleagues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

codes! {
    /// How an address or number is confirmed before marketing may use it.
    Confirmation {
        /// A link sent there.
        Link = "link",
        /// A code sent there.
        Code = "code",
        /// Not at all: letters, and addresses that the shop has verified by itself.
        None = "none",
    }
}

codes! {
    /// Which messages a channel carries.
    #[derive(Default)]
    Carries {
        /// Advertising and necessary messages, each under its own purpose.
        #[default]
        Everything = "everything",
        /// Advertising only; no necessity may use it.
        Marketing = "marketing",
        /// Necessary messages only; no marketing may use it.
        Service = "service",
    }
}

/// A channel of communication in use.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelUse {
    /// Who the messages come from, as people see it: an address, a number, a name.
    pub sender: String,
    /// How an address or number is confirmed.
    pub confirm: Confirmation,
    /// Which messages it carries.
    #[serde(default)]
    pub carries: Carries,
    /// The longest time a confirmation is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm_within: Option<Period>,
}
