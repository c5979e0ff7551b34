//! Keepers and epochs of a controller's keys.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use keys::Keeper;
use serde::Deserialize;

use super::ControllerConfig;

/// The longest epoch, in days: whoever is erased stays readable in old copies for as long.
const EPOCH_DAYS_MAX: u16 = 365;
/// The longest name of a keeper.
const NAME_BYTES_MAX: usize = 32;

/// A folder on another machine or medium that holds a second copy of the keys.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeeperConfig {
    /// Its name; the store remembers by it what the keeper holds.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
}

impl KeeperConfig {
    /// The keeper itself.
    #[must_use]
    pub fn keeper(&self) -> Keeper {
        Keeper::new(&self.name, &self.folder)
    }

    pub(super) fn resolve(&mut self, folder: &Path) {
        self.folder = folder.join(&self.folder);
    }
}

/// Why the keepers and epochs of a controller are refused.
pub(super) fn check(controller: &ControllerConfig, keys: &Path, data: &Path) -> Result<(), String> {
    if !(1..=EPOCH_DAYS_MAX).contains(&controller.epoch_days) {
        return Err(format!("`epoch_days` goes from 1 to {EPOCH_DAYS_MAX}"));
    }
    let mut names = BTreeSet::new();
    for keeper in &controller.keepers {
        let name = &keeper.name;
        let is_small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.bytes().all(is_small) {
            return Err(format!(
                "a keeper's name has 1 to {NAME_BYTES_MAX} small letters, digits and hyphens"
            ));
        }
        if !names.insert(name) {
            return Err(format!("two keepers are called `{name}`"));
        }
        let parent = keys.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(keys);
        if [parent, keys, data].iter().any(|place| keeper.folder.starts_with(place)) {
            return Err(format!(
                "the keeper `{name}` lies in the key or data folder: a second copy belongs in another place"
            ));
        }
    }
    Ok(())
}
