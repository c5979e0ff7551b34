//! The manifest: what a controller declares about its customers' data.
//!
//! A manifest is a folder of YAML files. The types here are its content, one file per
//! section.

mod access;
mod as_text;
mod builtin;
mod check;
mod controller;
mod diff;
mod files;
mod identifiers;
mod law;
mod load;
mod period;
mod problem;
mod purposes;
mod recipients;
mod schema;
mod systems;
mod texts;
mod typed;
mod yaml;

use std::collections::BTreeMap;

pub use access::{Mode, Role, Service, ServiceUse, Stage, View};
pub use builtin::{Asker, Builtin, Holding, builtin};
pub use check::{Finding, Lint, Severity, check};
pub use controller::{
    Carries, CategoryUse, ChannelUse, Confirmation, Controller, Lifetime, Region, RegionError, Site,
};
pub use diff::{Change, diff};
pub use files::{EXTENDS_MAX, FILE_BYTES_MAX, FILES_MAX};
pub use identifiers::IdentifierUse;
pub use law::{Fact, FactValue, Law, PackReview};
pub use load::Loaded;
pub use period::{Date, DateError, Period, PeriodError, PeriodUnit, Retention, RetentionStart};
pub use problem::{Place, Problem, did_you_mean};
pub use purposes::{Capacity, Decides, Effect, Ground, OnWithdraw, Purpose};
pub use recipients::{Contract, ContractKind, Recipient, RecipientKind};
pub use schema::{json_schema, starting_manifest, yaml_to_json};
pub use systems::{ColumnRef, Field, Format, RecordTable, RepeatedKeys, Source, System, SystemKind, Table};
pub use texts::{Language, LanguageError, Texts};

use crate::channel::Channel;
use crate::identifier::IdentifierKind;
use crate::name::{
    CategoryName, LifetimeName, PurposeName, RecipientName, RoleName, ServiceName, SiteName, SystemName,
};
use crate::taxonomy::{self, Category, Sensitivity};

/// The version of the manifest's format that this program reads.
pub const MANIFEST_FORMAT: u32 = 1;

/// The controller's declaration: why it uses which data, how long, and who else sees it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the format, now 1.
    pub manifest: u32,
    /// Who decides why data is used.
    pub controller: Controller,
    /// What the laws ask about the controller, and the rule packs its reviewers have read.
    #[serde(default, skip_serializing_if = "Law::is_empty")]
    pub law: Law,
    /// The controller's web sites and apps.
    #[serde(default)]
    pub sites: BTreeMap<SiteName, Site>,
    /// Groups of categories that end together, each with a key of its own per person.
    #[serde(default)]
    pub lifetimes: BTreeMap<LifetimeName, Lifetime>,
    /// The categories of personal data in use.
    #[serde(default)]
    pub categories: BTreeMap<CategoryName, CategoryUse>,
    /// Why data is used.
    #[serde(default)]
    pub purposes: BTreeMap<PurposeName, Purpose>,
    /// Who else receives data.
    #[serde(default)]
    pub recipients: BTreeMap<RecipientName, Recipient>,
    /// Numbers of the controller's own by which people are known, each given out by one system.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub identifiers: BTreeMap<IdentifierKind, IdentifierUse>,
    /// The controller's own systems that hold data.
    #[serde(default)]
    pub systems: BTreeMap<SystemName, System>,
    /// The ways by which the controller reaches people.
    #[serde(default)]
    pub channels: BTreeMap<Channel, ChannelUse>,
    /// The programs that ask.
    #[serde(default)]
    pub services: BTreeMap<ServiceName, Service>,
    /// What members of staff may do.
    #[serde(default)]
    pub roles: BTreeMap<RoleName, Role>,
}

impl Manifest {
    /// The built-in category whose legal class this category has: its own, or that of `like`.
    #[must_use]
    pub fn class_of(&self, category: &CategoryName) -> Option<&'static Category> {
        taxonomy::category(category.as_str()).or_else(|| {
            let like = self.categories.get(category)?.like.as_ref()?;
            taxonomy::category(like.as_str())
        })
    }

    /// Whether laws treat this category as special (GDPR 9 and 10). A category that nobody
    /// knows counts as special, so that nothing is loosened by a slip.
    #[must_use]
    pub fn is_special(&self, category: &CategoryName) -> bool {
        self.class_of(category).is_none_or(|class| class.sensitivity == Sensitivity::Special)
    }

    /// The lifetime whose key seals values of this category, if the category is in use.
    #[must_use]
    pub fn lifetime_of(&self, category: &CategoryName) -> Option<&LifetimeName> {
        self.categories.get(category).map(|used| &used.lifetime)
    }
}
