//! An export that is asked for twice under one key: the same document, sealed for its person
//! while it is kept. It is forgotten as soon as anything ends that it may quote (a lifetime, what
//! a term is over of, the person) or its person is merged or parted; a repeat makes it anew.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keys::{FieldClass, Place, Subkey};
use model::{EntryId, Personal, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{ReadTx, Tx, inventory};

use super::Export;
use crate::error::AppError;
use crate::idempotency::Idempotency;
use crate::person::Person;
use crate::recorder::identity_lifetime;

/// Sealed documents of kept exports, under the `identity` lifetime.
const DOCUMENT: FieldClass = FieldClass { room: "exports", name: "document" };

/// An export as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    entry: EntryId,
    /// Base64 of the sealed document.
    document: String,
}

/// The export given before under this key. Its entry stands; handing the same document to the
/// same caller again is the same act.
#[expect(clippy::disallowed_methods, reason = "the kept document was permitted by the entry it names")]
pub(super) fn before(
    tx: &mut ReadTx<'_>,
    repeat: Option<&Idempotency>,
    person: &Person,
) -> Result<Option<Export>, AppError> {
    let unreadable = || AppError::Internal("a kept export does not read");
    let Some(kept) = Idempotency::replayed::<Kept>(repeat, tx)? else { return Ok(None) };
    let sealed = STANDARD.decode(&kept.document).map_err(|_| unreadable())?;
    let opened = subkey(person)?.open(place(&kept.entry.to_string()), &sealed)?;
    let document: Value = serde_json::from_slice(opened.expose()).map_err(|_| unreadable())?;
    Ok(Some(Export { entry: kept.entry, document }))
}

/// Keeps an export for whoever asked for it with a key.
pub(super) fn keep(
    tx: &mut Tx<'_>,
    repeat: Option<&Idempotency>,
    person: &Person,
    export: &Export,
    now: Timestamp,
) -> Result<(), AppError> {
    if repeat.is_none() {
        return Ok(());
    }
    let document = serde_json::to_vec(&export.document)
        .map_err(|_| AppError::Internal("an export does not serialise"))?;
    let sealed = subkey(person)?.seal(place(&export.entry.to_string()), &Personal::new(document))?;
    let kept = Kept { entry: export.entry, document: STANDARD.encode(sealed.into_bytes()) };
    Idempotency::keep_about(repeat, tx, &kept, Some(&person.id()), now)
}

fn subkey(person: &Person) -> Result<Subkey, AppError> {
    Ok(person.keys.subkey(&identity_lifetime(), DOCUMENT)?)
}

fn place(entry: &str) -> Place<'_> {
    let column = inventory::IDEMPOTENCY_BODY;
    Place { table: column.table, column: column.column, value: entry }
}
