//! Which columns of a source are read, which are left out, and which it must have.

use std::collections::BTreeSet;

use super::ImportError;
use crate::vault::mapping::Mapping;

/// What a run needs of a source's columns.
pub(super) struct Columns {
    pub(super) wanted: Vec<String>,
    pub(super) dropped: Vec<String>,
    pub(super) missing: Vec<String>,
}

impl Columns {
    pub(super) fn choose(
        mapping: &Mapping,
        found: &[String],
        drop: &BTreeSet<String>,
    ) -> Result<Self, ImportError> {
        let undeclared = mapping.undeclared(found.iter().map(String::as_str));
        if undeclared.len() == found.len() {
            return Err(ImportError::NoColumns);
        }
        let (dropped, refused): (Vec<_>, Vec<_>) =
            undeclared.into_iter().partition(|column| drop.contains(column));
        if !refused.is_empty() {
            return Err(ImportError::Undeclared(refused));
        }
        let held: Vec<(&str, bool)> = mapping.held_columns().collect();
        let is_held = |column: &&String| held.iter().any(|(name, _)| name == column);
        let is_there = |name: &str| found.iter().any(|column| column == name);
        let missing = |name: &str| !is_there(name);
        let identifiers = || held.iter().filter(|(_, identifier)| *identifier).map(|(name, _)| *name);
        let mut needed: Vec<&str> =
            mapping.record.iter().flat_map(|record| &record.key).map(String::as_str).collect();
        if !identifiers().any(is_there) {
            needed.extend(identifiers());
        }
        let needed: Vec<String> =
            needed.into_iter().filter(|name| missing(name)).map(str::to_owned).collect();
        if !needed.is_empty() {
            return Err(ImportError::Missing(needed));
        }
        Ok(Self {
            wanted: found.iter().filter(is_held).cloned().collect(),
            dropped,
            missing: held
                .iter()
                .map(|(name, _)| *name)
                .filter(|name| missing(name))
                .map(str::to_owned)
                .collect(),
        })
    }
}
