//! Numbers of the controller's own, and which system gives them out.

use std::collections::BTreeSet;

use super::Manifest;
use super::texts::Texts;
use crate::identifier::IdentifierKind;
use crate::name::SystemName;

/// A kind of number that a system of the controller gives out. Customer 7 of one shop is not
/// customer 7 of another, so each system's numbers are a kind of their own.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentifierUse {
    /// What people read.
    pub title: Texts,
    /// The system that gives the number out.
    pub given_by: SystemName,
    /// Other systems that carry the very same number.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub also_in: BTreeSet<SystemName>,
}

impl IdentifierUse {
    /// Whether the system gives this number out, or carries it.
    #[must_use]
    pub fn is_in(&self, system: &SystemName) -> bool {
        self.given_by == *system || self.also_in.contains(system)
    }
}

impl Manifest {
    /// The kinds by which the tables of the systems name people.
    #[must_use]
    pub fn identifier_kinds(&self) -> BTreeSet<&IdentifierKind> {
        let tables = self.systems.values().flat_map(|system| system.tables.values());
        tables.flat_map(|table| table.identifiers().map(|(_, kind, _)| kind)).collect()
    }
}
