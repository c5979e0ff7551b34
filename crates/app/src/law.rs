//! The laws that the controller is held against: the packs of the executable, with the reviews
//! that its manifest carries.

use std::sync::LazyLock;

use gate::Laws;
use law::{Library, Pack, UnknownMetric};
use model::manifest::Manifest;

/// The packs of the executable, read once. None where one of them is wrong, which no build that
/// passed its tests has.
static PACKS: LazyLock<Option<Vec<Pack>>> = LazyLock::new(|| law::pack::builtin().ok());

/// Why there are no laws to be held against.
#[derive(Debug, thiserror::Error)]
pub enum LawError {
    /// The executable's own packs do not read.
    #[error("the law packs of this executable do not read")]
    Packs,
    /// The manifest answers what no pack asks.
    #[error(transparent)]
    Metric(#[from] UnknownMetric),
}

/// The digest of a pack's text, which a review names.
#[must_use]
pub fn digest(text: &str) -> String {
    hex(&keys::sha256(text.as_bytes()))
}

/// The laws for the controller of a manifest.
///
/// # Errors
/// When the manifest answers a metric that no pack knows.
pub fn laws(manifest: &Manifest) -> Result<Laws, LawError> {
    let packs = PACKS.as_ref().ok_or(LawError::Packs)?.clone();
    let reviews = law::reviews(&packs, &manifest.law, digest);
    // The packs and what was read of them have one name: the ledger tells by which it was decided.
    let mut all = String::new();
    for pack in &packs {
        let read = if reviews.contains_key(&*pack.id) { "read" } else { "unread" };
        all.push_str(&format!("{} {} {read}\n", pack.id, digest(&pack.text)));
    }
    let version: String = digest(&all).chars().take(32).collect();
    Ok(Laws::new(Library::new(packs, &reviews), version, manifest)?)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
