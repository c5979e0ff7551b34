//! The manifest: applying a new version is one ledgered act, and every version can be read back.

use gate::Record as _;
use ledger::canonical;
use model::manifest::{Change, Date, Loaded, Manifest, Severity, check, diff};
use model::{Actor, CategoryName, Entry, EntryId, EntryKind, LifetimeName, Timestamp};
use store::manifest::{self, ManifestVersion};
use store::retention;

use crate::controller::Controller;
use crate::error::{AppError, Fault};
use crate::recorder::Recorder;

/// What applying a manifest did.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Applied {
    /// The version now in force.
    pub version: u32,
    /// Whether it is a new one; `false`: this very manifest was in force already.
    pub is_new: bool,
    /// What changed from the version before, in the order of the sections.
    pub changes: Vec<Change>,
    /// What deserves a look: sentences for people, none of which stops the act.
    pub warnings: Vec<String>,
    /// The entry that records the act by which this version came into force.
    pub entry: EntryId,
}

/// One version of the manifest, as it was applied.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Version {
    /// Counted from 1.
    pub version: u32,
    /// SHA-256 of the canonical text in hexadecimal.
    pub fingerprint: String,
    /// When it was applied.
    pub applied: Timestamp,
    /// The entry that records the act.
    pub entry: EntryId,
    /// What it declares, with the built-in part. Never personal.
    pub manifest: Manifest,
}

/// Applies a manifest: a new version and its entry, in one transaction. The very manifest
/// that is in force already changes nothing.
///
/// # Errors
/// [`AppError::Invalid`] when a lint of severity `error` speaks against it;
/// `manifest-raced` when another node applied one at the same moment.
pub async fn apply(controller: &Controller, loaded: &Loaded, actor: Actor) -> Result<Applied, AppError> {
    let now = controller.now();
    refuse_errors(loaded, now)?;
    let (resolved, body) = canonical_text(loaded)?;
    let fingerprint = hex(&keys::sha256(body.as_bytes()));
    let warnings = still_held(controller, &resolved).await?;
    let entry_id = EntryId::random();
    let applied = controller
        .db
        .write("manifest.apply", move |tx| {
            let before = manifest::latest(tx)?;
            if let Some(same) = before.as_ref().filter(|before| before.fingerprint == fingerprint) {
                let version = read_number(same.version)?;
                let (changes, entry) = (Vec::new(), same.entry);
                return Ok(Applied { version, is_new: false, changes, warnings: Vec::new(), entry });
            }
            let number = before.as_ref().map_or(1, |before| before.version.saturating_add(1));
            let version = read_number(number)?;
            let mut entry = Entry::new(entry_id, EntryKind::Manifest, now, actor.clone(), version);
            // So that the log commits to the text, not only to its number.
            entry.request = Some(fingerprint.clone());
            Recorder::about_nobody(tx).record(&entry)?;
            let row = ManifestVersion {
                version: number,
                fingerprint: fingerprint.clone(),
                body: body.clone(),
                applied: now,
                entry: entry_id,
            };
            if !manifest::add(tx, &row)? {
                return Err(AppError::conflict(
                    "manifest-raced",
                    "another manifest was applied at the same moment: look at it, then apply again",
                ));
            }
            let changes = match &before {
                Some(before) => changes(&parse(&before.body)?, &resolved)?,
                None => Vec::new(),
            };
            Ok(Applied { version, is_new: true, changes, warnings: warnings.clone(), entry: entry_id })
        })
        .await?;
    controller.reload().await?;
    Ok(applied)
}

/// The version in force.
///
/// # Errors
/// [`AppError::NoManifest`] before the first `apply`.
pub async fn current(controller: &Controller) -> Result<Version, AppError> {
    let row = controller.db.read("manifest.current", manifest::latest).await?;
    read(row.ok_or(AppError::NoManifest)?)
}

/// One version by its number.
///
/// # Errors
/// [`AppError::NotFound`] when there is none of this number.
pub async fn version(controller: &Controller, number: u32) -> Result<Version, AppError> {
    let row = controller.db.read("manifest.version", move |tx| manifest::version(tx, number.into())).await?;
    read(row.ok_or(AppError::NotFound("version of the manifest"))?)
}

/// What changed from one version to another, in the order of the sections.
///
/// # Errors
/// [`AppError::NotFound`] when there is no version of one of the numbers.
pub async fn diff_versions(
    controller: &Controller,
    before: u32,
    after: u32,
) -> Result<Vec<Change>, AppError> {
    let (before, after) = (version(controller, before).await?, version(controller, after).await?);
    changes(&before.manifest, &after.manifest)
}

/// What applying this manifest would change now, without applying it.
///
/// # Errors
/// As [`apply`], but for the race.
pub async fn preview(controller: &Controller, loaded: &Loaded) -> Result<Vec<Change>, AppError> {
    refuse_errors(loaded, controller.now())?;
    match current(controller).await {
        Ok(current) => changes(&current.manifest, &loaded.resolved()),
        Err(AppError::NoManifest) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn refuse_errors(loaded: &Loaded, now: Timestamp) -> Result<(), AppError> {
    let today: Date = now.date().parse().map_err(|_| AppError::Internal("the clock shows no day"))?;
    let faults: Vec<Fault> = check(loaded, today)
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| {
            let message = format!("{}; {} [{}]", finding.text, finding.mend, finding.code);
            Fault::new(finding.place.to_string(), message)
        })
        .collect();
    if !faults.is_empty() {
        return Err(AppError::Invalid(faults));
    }
    match crate::law::laws(&loaded.manifest) {
        Ok(_) => Ok(()),
        Err(error) => Err(AppError::Invalid(vec![Fault::new("law › facts", error.to_string())])),
    }
}

fn canonical_text(loaded: &Loaded) -> Result<(Manifest, String), AppError> {
    let resolved = loaded.resolved();
    let json =
        serde_json::to_value(&resolved).map_err(|_| AppError::Internal("the manifest does not serialise"))?;
    let body =
        canonical::encode(&json).map_err(|_| AppError::Internal("the manifest has no canonical form"))?;
    let body = String::from_utf8(body).map_err(|_| AppError::Internal("canonical JSON is text"))?;
    Ok((resolved, body))
}

/// Lifetimes and categories that the new manifest drops while values of them are held.
async fn still_held(controller: &Controller, after: &Manifest) -> Result<Vec<String>, AppError> {
    let Ok(before) = controller.in_force() else { return Ok(Vec::new()) };
    let lifetimes: Vec<LifetimeName> = before
        .manifest
        .lifetimes
        .keys()
        .filter(|name| !after.lifetimes.contains_key(*name))
        .cloned()
        .collect();
    let categories: Vec<CategoryName> = before
        .manifest
        .categories
        .keys()
        .filter(|name| !after.categories.contains_key(*name))
        .cloned()
        .collect();
    controller
        .db
        .read_long("manifest.still_held", move |tx| {
            let mut warnings = Vec::new();
            for name in &lifetimes {
                if retention::holds_lifetime(tx, name)? {
                    warnings.push(format!("the lifetime `{name}` is gone, but values of it are still held"));
                }
            }
            for name in &categories {
                if retention::holds_category(tx, name)? {
                    warnings.push(format!("the category `{name}` is gone, but values of it are still held"));
                }
            }
            Ok(warnings)
        })
        .await
}

fn read(row: ManifestVersion) -> Result<Version, AppError> {
    Ok(Version {
        version: read_number(row.version)?,
        fingerprint: row.fingerprint,
        applied: row.applied,
        entry: row.entry,
        manifest: parse(&row.body)?,
    })
}

fn read_number(version: i64) -> Result<u32, AppError> {
    u32::try_from(version).map_err(|_| AppError::Internal("manifest version"))
}

fn parse(body: &str) -> Result<Manifest, AppError> {
    serde_json::from_str(body).map_err(|_| AppError::Internal("the stored manifest does not read"))
}

fn changes(before: &Manifest, after: &Manifest) -> Result<Vec<Change>, AppError> {
    diff(before, after).map_err(|_| AppError::Internal("the manifest does not serialise"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
