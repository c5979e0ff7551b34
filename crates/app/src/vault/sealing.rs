//! Where the vault's values lie, and under which subkeys.

use std::cell::OnceCell;

use keys::{FieldClass, LifetimeKey, PersonKeys, Place, Subkey};
use model::{LifetimeName, Personal, RecordId, ValueId};
use store::inventory;

use crate::error::AppError;

/// Sealed profile values.
const VALUE: FieldClass = FieldClass { room: "vault", name: "value" };
/// Sealed records.
const RECORD: FieldClass = FieldClass { room: "vault", name: "record" };
/// Keyed hashes that tell unchanged from changed, and source rows apart.
const FINGERPRINT: FieldClass = FieldClass { room: "vault", name: "fingerprint" };
/// Tokens that stand for values.
const TOKEN: FieldClass = FieldClass { room: "vault", name: "token" };

/// The keys of one person and lifetime, ready for many values; each is made when it is first
/// needed.
pub(crate) struct Sealer {
    key: LifetimeKey,
    value: OnceCell<Subkey>,
    record: OnceCell<Subkey>,
    fingerprint: OnceCell<Subkey>,
    token: OnceCell<Subkey>,
}

impl Sealer {
    /// The subkeys of a lifetime.
    ///
    /// # Errors
    /// When the lifetime has ended or never began.
    pub(crate) fn new(keys: &PersonKeys, lifetime: &LifetimeName) -> Result<Self, AppError> {
        Ok(Self {
            key: keys.lifetime_key(lifetime)?,
            value: OnceCell::new(),
            record: OnceCell::new(),
            fingerprint: OnceCell::new(),
            token: OnceCell::new(),
        })
    }

    fn value(&self) -> &Subkey {
        self.value.get_or_init(|| self.key.subkey(VALUE))
    }

    fn record(&self) -> &Subkey {
        self.record.get_or_init(|| self.key.subkey(RECORD))
    }

    pub(crate) fn seal_value(&self, id: &ValueId, value: &Personal<String>) -> Result<Vec<u8>, AppError> {
        let column = inventory::PROFILE_VALUE_SEALED;
        let id = id.to_string();
        let place = Place { table: column.table, column: column.column, value: &id };
        Ok(self.value().seal(place, value)?.into_bytes())
    }

    pub(crate) fn open_value(&self, id: &ValueId, sealed: &[u8]) -> Result<Personal<String>, AppError> {
        let column = inventory::PROFILE_VALUE_SEALED;
        let id = id.to_string();
        let place = Place { table: column.table, column: column.column, value: &id };
        Ok(self.value().open_text(place, sealed)?)
    }

    pub(crate) fn seal_record(&self, id: &RecordId, body: &Personal<String>) -> Result<Vec<u8>, AppError> {
        let column = inventory::RECORD_SEALED;
        let id = id.to_string();
        let place = Place { table: column.table, column: column.column, value: &id };
        Ok(self.record().seal(place, body)?.into_bytes())
    }

    pub(crate) fn open_record(&self, id: &RecordId, sealed: &[u8]) -> Result<Personal<String>, AppError> {
        let column = inventory::RECORD_SEALED;
        let id = id.to_string();
        let place = Place { table: column.table, column: column.column, value: &id };
        Ok(self.record().open_text(place, sealed)?)
    }

    pub(crate) fn fingerprint(&self, value: &Personal<String>) -> [u8; 32] {
        self.fingerprint.get_or_init(|| self.key.subkey(FINGERPRINT)).fingerprint(value)
    }

    pub(crate) fn token(&self, purpose: &model::PurposeName, value: &Personal<String>) -> String {
        self.token.get_or_init(|| self.key.subkey(TOKEN)).token(purpose, value)
    }
}
