//! The receipt of one event, made of its sealed proof.

use gate::{Permit, Receipt, Use};
use model::manifest::Manifest;
use model::{Action, Actor, ConsentEvent, EntryId, EventId, PurposeName, SubjectId};
use serde_json::Value;
use store::key_record::KeyPart;
use store::ledger::EntryRow;
use store::{ReadTx, consent, manifest};

use super::{Look, Looked};
use crate::ask::{Asked, ask};
use crate::controller::Controller;
use crate::error::AppError;
use crate::person::{self, Person};
use crate::recorder::open_evidence;

/// The job that reads a receipt for a program which may act for the person.
const JOB: &str = "receipt";

/// The receipt of one event of a living person by ISO/IEC TS 27560, as JSON-LD, in the words
/// of the manifest that was in force. `withdraw_at` is where the person can withdraw.
/// Every look is asked of the gate and leaves an entry.
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
            let permit =
                match ask(tx, &in_force, Some(&person), &question(&look, entry, &person)?, None, now)? {
                    Asked::Permitted(permit, _) => permit,
                    Asked::Refused(verdict) => return Ok(Looked::Refused(verdict)),
                };
            // An event that is not theirs leaves no entry either: the transaction ends.
            let Some((owner, row)) = proof(tx, &permit, person.ids(), event)? else { return Err(none) };
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

/// The question to the gate: the person, their agent and staff read for the person's rights. A
/// program that may act for them is answered through a job of ours, and the entry names the
/// program beside it; upkeep reads for its own work.
fn question(look: &Look, entry: EntryId, person: &Person) -> Result<Use, AppError> {
    let (actor, purpose) = match &look.actor {
        Actor::Service(_) => (Actor::Job(JOB.to_owned()), "rights"),
        actor @ (Actor::Job(_) | Actor::Operator) => (actor.clone(), "operation"),
        actor @ (Actor::Customer | Actor::Agent(_) | Actor::Staff { .. }) => (actor.clone(), "rights"),
    };
    let purpose = PurposeName::new(purpose).map_err(|_| AppError::Internal("a built-in name"))?;
    let mut asked = Use::new(entry, actor, Action::Read, purpose).about(person.id());
    asked.reason = look.reason.clone();
    Ok(asked)
}

/// The entry that carries the event's proof, and the identity of the person that it names.
fn proof<'c>(
    tx: &mut ReadTx<'c>,
    permit: &Permit<'c>,
    ids: impl Iterator<Item = SubjectId>,
    event: EventId,
) -> Result<Option<(SubjectId, EntryRow)>, AppError> {
    for id in ids {
        if let Some(row) = consent::evidence(tx, permit, &id, &event.to_string())? {
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
