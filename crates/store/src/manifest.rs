//! Facts about this store, and the versions of the manifest.

use model::{EntryId, Timestamp};

use crate::{DbError, FromRow, ReadTx, Row, Sql, Tx, sql};

/// One applied version of the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestVersion {
    /// Counted from 1.
    pub version: i64,
    /// SHA-256 of the body in hexadecimal.
    pub fingerprint: String,
    /// The resolved manifest as canonical JSON.
    pub body: String,
    /// When it was applied.
    pub applied: Timestamp,
    /// The entry that records the act.
    pub entry: EntryId,
}

impl FromRow for ManifestVersion {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            version: row.get(0)?,
            fingerprint: row.get(1)?,
            body: row.get(2)?,
            applied: row.get(3)?,
            entry: row.get(4)?,
        })
    }
}

const LATEST: Sql = sql!(
    "SELECT version, fingerprint, body, applied_us, entry_id FROM manifest_version \
     ORDER BY version DESC LIMIT 1"
);
const FIND: Sql =
    sql!("SELECT version, fingerprint, body, applied_us, entry_id FROM manifest_version WHERE version = $1");
const ADD: Sql = sql!(
    "INSERT INTO manifest_version (version, fingerprint, body, applied_us, entry_id) \
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (version) DO NOTHING"
);
const SETTING: Sql = sql!("SELECT value FROM setting WHERE name = $1");
const SET: Sql = sql!("INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING");

/// The version in force.
pub fn latest(tx: &mut ReadTx<'_>) -> Result<Option<ManifestVersion>, DbError> {
    tx.query_opt(&LATEST, &[])
}

/// One version by its number.
pub fn version(tx: &mut ReadTx<'_>, version: i64) -> Result<Option<ManifestVersion>, DbError> {
    tx.query_opt(&FIND, &[&version])
}

/// Adds a version. `false`: another node was first.
pub fn add(tx: &mut Tx<'_>, version: &ManifestVersion) -> Result<bool, DbError> {
    tx.execute(
        &ADD,
        &[&version.version, &version.fingerprint, &version.body, &version.applied, &version.entry],
    )
    .map(|rows| rows > 0)
}

/// A fact about this store.
pub fn setting(tx: &mut ReadTx<'_>, name: &str) -> Result<Option<String>, DbError> {
    Ok(tx.query_opt::<(String,)>(&SETTING, &[&name])?.map(|(value,)| value))
}

/// States a fact about this store once; a second time changes nothing.
pub fn set_once(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<(), DbError> {
    tx.execute(&SET, &[&name, &value]).map(|_| ())
}
