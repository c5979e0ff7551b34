//! The receipt of one event, made of its sealed proof.

use gate::Receipt;
use model::manifest::Manifest;
use model::{ConsentEvent, EntryId, EventId, SubjectId};
use serde_json::Value;
use store::key_record::KeyPart;
use store::ledger::EntryRow;
use store::{ReadTx, consent, manifest};

use super::{Look, Looked, record_look};
use crate::controller::Controller;
use crate::error::AppError;
use crate::person;
use crate::recorder::open_evidence;

/// The receipt of one event of a living person by ISO/IEC TS 27560, as JSON-LD, in the words
/// of the manifest that was in force. `withdraw_at` is where the person can withdraw.
/// Whoever asks but the person themselves leaves an entry.
///
/// # Errors
/// [`AppError::NotFound`] where the person has no such event; [`AppError::Erased`];
/// [`AppError::Denied`].
pub async fn receipt(
    controller: &Controller,
    subject: SubjectId,
    event: EventId,
    locale: &str,
    withdraw_at: &str,
    look: impl Into<Look>,
) -> Result<Value, AppError> {
    let in_force = controller.in_force()?;
    let core = controller.core();
    let (now, entry, look) = (controller.now(), EntryId::random(), look.into());
    let (locale, withdraw_at) = (locale.to_owned(), withdraw_at.to_owned());
    let looked = controller
        .db
        .write("consent.receipt", move |tx| {
            let person = person::take_living(tx, &core, subject, now)?;
            let none = AppError::NotFound("event of this person");
            let Some((owner, row)) = proof(tx, person.ids(), event)? else { return Err(none) };
            // The proof is opened only once the look is on record.
            if let Looked::Refused(verdict) = record_look(tx, &in_force, &person, &look, entry, now)? {
                return Ok(Looked::Refused(verdict));
            }
            let keys = person::open_keys(tx, &core, owner, KeyPart::Evidence)?;
            let opened = keys.map(|keys| open_evidence(&keys, &row)).transpose()?.flatten();
            let Some(opened) = opened else { return Err(none) };
            let event: ConsentEvent = serde_json::from_value(opened)
                .map_err(|_| AppError::Internal("the proof of an event does not read"))?;
            let manifest = manifest_of(tx, &row)?;
            let receipt = Receipt {
                id: &row.id.to_string(),
                event: &event,
                manifest: &manifest,
                language: &locale,
                withdraw_at: &withdraw_at,
            };
            Ok::<_, AppError>(Looked::Shown(receipt.to_json()))
        })
        .await?;
    looked.shown()
}

/// The entry that carries the event's proof, and the identity of the person that it names.
fn proof(
    tx: &mut ReadTx<'_>,
    ids: impl Iterator<Item = SubjectId>,
    event: EventId,
) -> Result<Option<(SubjectId, EntryRow)>, AppError> {
    for id in ids {
        if let Some(row) = consent::evidence(tx, &id, &event.to_string())? {
            return Ok(Some((id, row)));
        }
    }
    Ok(None)
}

/// The manifest by which the entry was written.
fn manifest_of(tx: &mut ReadTx<'_>, row: &EntryRow) -> Result<Manifest, AppError> {
    let unreadable = || AppError::Internal("the manifest of an entry does not read");
    let body: Value = serde_json::from_slice(&row.body).map_err(|_| unreadable())?;
    let version = body.get("policy").and_then(Value::as_i64).ok_or_else(unreadable)?;
    let version = manifest::version(tx, version)?.ok_or_else(unreadable)?;
    serde_json::from_str(&version.body).map_err(|_| unreadable())
}
