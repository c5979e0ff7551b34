//! Who asks: programs and members of staff, and how they see values.

use std::collections::{BTreeMap, BTreeSet};

use super::period::Date;
use super::texts::Texts;
use crate::action::Action;
use crate::name::{CategoryName, PurposeName, ReasonCode};
use crate::purpose::codes;

/// A program of the business that may ask.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// What people read in their timeline.
    pub title: Texts,
    /// The purposes it may ask for.
    pub purposes: BTreeMap<PurposeName, ServiceUse>,
    /// How it sees values that `view_of` does not name.
    #[serde(default)]
    pub view: View,
    /// How it sees values of single categories.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub view_of: BTreeMap<CategoryName, View>,
    /// What becomes of fields that no category covers.
    #[serde(default)]
    pub stage: Stage,
    /// Optional purposes without which it does not work. Lint: there must be none.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub fails_without: BTreeSet<PurposeName>,
}

impl Service {
    /// How it sees values of a category.
    #[must_use]
    pub fn view_of(&self, category: &CategoryName) -> View {
        self.view_of.get(category).copied().unwrap_or(self.view)
    }
}

/// What a service may ask for one purpose.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceUse {
    /// The actions it may ask for.
    pub actions: BTreeSet<Action>,
    /// Whether a denial stops it.
    #[serde(default)]
    pub mode: Mode,
}

/// Whether a denial stops a service.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Mode {
    /// It does.
    #[default]
    Enforce,
    /// The service goes on and what would have been refused is recorded; for 90 days at
    /// most, and never against a person's own choice.
    Observe {
        /// The first day.
        from: Date,
        /// The last day; from the next on the mode is `enforce`.
        until: Date,
    },
}

codes! {
    /// How values are shown.
    #[derive(Default)]
    View {
        /// As they are.
        #[default]
        Clear = "clear",
        /// With the greater part hidden.
        Masked = "masked",
        /// As a token that is stable for one reader and says nothing.
        Tokenised = "tokenised",
    }
}

impl View {
    /// The view of roles that name none: people look at masked values.
    const fn masked() -> Self {
        Self::Masked
    }
}

codes! {
    /// What becomes of fields that no category covers.
    #[derive(Default)]
    Stage {
        /// They are refused by name.
        Development = "development",
        /// They are dropped and reported, so that no order is lost to a new field.
        #[default]
        Production = "production",
    }
}

/// What members of staff may do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// What people read in their timeline.
    pub title: Texts,
    /// The purposes it works for.
    pub purposes: BTreeSet<PurposeName>,
    /// The actions it may ask for.
    pub actions: BTreeSet<Action>,
    /// The categories it may see.
    #[serde(default)]
    pub categories: BTreeSet<CategoryName>,
    /// How it sees values that `view_of` does not name.
    #[serde(default = "View::masked")]
    pub view: View,
    /// How it sees values of single categories.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub view_of: BTreeMap<CategoryName, View>,
    /// The reasons it may give, with the words that the person reads.
    pub reasons: BTreeMap<ReasonCode, Texts>,
}

impl Role {
    /// How it sees values of a category.
    #[must_use]
    pub fn view_of(&self, category: &CategoryName) -> View {
        self.view_of.get(category).copied().unwrap_or(self.view)
    }
}
