//! Correcting a value: the new one takes its place, the old one stays as history.

use gate::{StaffReason, Use};
use model::manifest::Source;
use model::{Action, Actor, EntryId, Personal, PurposeName, SubjectId, ValueId};
use serde_json::json;
use store::vault::ValueRow;

use super::mapping::VALUE_BYTES_MAX;
use super::sealing::Sealer;
use crate::ask::{Asked, Verdict, ask};
use crate::controller::Controller;
use crate::error::AppError;
use crate::idempotency::Idempotency;
use crate::identity::{self, Known};
use crate::person;

/// A correction of one current value.
#[derive(Debug)]
pub struct Correct {
    /// Whose.
    pub subject: SubjectId,
    /// The value that is wrong.
    pub value: ValueId,
    /// What is right.
    pub new: Personal<String>,
    /// Why; the person's own correction is `rights`.
    pub purpose: PurposeName,
    /// Who corrects.
    pub actor: Actor,
    /// The reason that a member of staff gives.
    pub reason: Option<StaffReason>,
    /// The caller's key for repeating the request safely.
    pub idempotency: Option<Idempotency>,
}

/// What a correction changed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Corrected {
    /// The new value; the old one's id when it was the same already.
    pub value: ValueId,
    /// Whether anything changed.
    pub changed: bool,
    /// The entry that records it.
    pub entry: EntryId,
}

enum Outcome {
    Corrected(Corrected),
    Denied(Verdict),
}

/// Corrects a value. A value that is an identifier is claimed anew: the old one no longer
/// finds the person, and the new one is unproved until its owner confirms it.
///
/// # Errors
/// [`AppError::NotFound`] for a value that is not current, [`AppError::Denied`],
/// [`AppError::Erased`], and `identifier-taken` when somebody else has the new identifier.
pub async fn correct(controller: &Controller, request: Correct) -> Result<Corrected, AppError> {
    let in_force = controller.in_force()?;
    let core = controller.core();
    let now = controller.now();
    refuse_unfit(&request.new)?;
    let entry = EntryId::random();
    let (fresh, identifier_id) = (ValueId::ordered(now), ValueId::ordered(now));
    let outcome = controller
        .db
        .write("vault.correct", move |tx| {
            if let Some(before) = Idempotency::replayed(request.idempotency.as_ref(), tx)? {
                return Ok::<_, AppError>(Outcome::Corrected(before));
            }
            let mut person = person::take_living(tx, &core, request.subject, now)?;
            // The category comes first: the question to the gate names it, and shows nothing.
            let Some((owner, category)) = owner_of(tx, &person, &request.value)? else {
                return Err(AppError::NotFound("current value"));
            };
            let mut asked = Use::new(entry, request.actor.clone(), Action::Correct, request.purpose.clone());
            asked.categories.insert(category.clone());
            asked.reason = request.reason.clone();
            let asked = asked.about(person.id());
            let details = json!({ "category": category, "value": request.value });
            let permit = match ask(tx, &in_force, Some(&person), &asked, Some(details), now)? {
                Asked::Permitted(permit, _) => permit,
                Asked::Refused(verdict) => return Ok(Outcome::Denied(verdict)),
            };
            let alias_keys;
            let keys = if owner == person.id() {
                &person.keys
            } else {
                alias_keys = person::open_keys(tx, &core, owner, store::key_record::KeyPart::Person)?
                    .ok_or(AppError::Internal("an alias has no key record"))?;
                &alias_keys
            };
            let rows = store::vault::values(tx, &permit, &owner)?;
            let Some(old) = rows.into_iter().find(|row| row.id == request.value) else {
                return Err(AppError::NotFound("current value"));
            };
            let sealer = Sealer::new(keys, &old.lifetime)?;
            let fingerprint = sealer.fingerprint(&request.new);
            if fingerprint == old.fingerprint {
                let same = Corrected { value: old.id, changed: false, entry: permit.entry() };
                Idempotency::keep(request.idempotency.as_ref(), tx, &same, now)?;
                return Ok(Outcome::Corrected(same));
            }
            if let Some(kind) = identifier_kind(&in_force.manifest, &old) {
                let before = sealer.open_value(&old.id, &old.sealed)?;
                let after = Known::of(&core, kind.clone(), &request.new)?;
                identity::release(tx, &core, &person, kind, &before)?;
                identity::claim(tx, &mut person, &[after], &[identifier_id], now)?;
                person.store_standing(tx)?;
            }
            let row = ValueRow {
                id: fresh,
                source: Source::Person.code().to_owned(),
                recorded: now,
                ended: None,
                fingerprint,
                sealed: sealer.seal_value(&fresh, &request.new)?,
                ..old.clone()
            };
            store::vault::end_value(tx, &permit, &owner, &old.id, now)?;
            store::vault::add_values(tx, &permit, &owner, &[row])?;
            let corrected = Corrected { value: fresh, changed: true, entry: permit.entry() };
            Idempotency::keep(request.idempotency.as_ref(), tx, &corrected, now)?;
            Ok(Outcome::Corrected(corrected))
        })
        .await?;
    match outcome {
        Outcome::Corrected(corrected) => Ok(corrected),
        Outcome::Denied(verdict) => Err(AppError::Denied(Box::new(verdict))),
    }
}

/// Which of the person's identities holds the value, and of which category it is.
fn owner_of(
    tx: &mut store::ReadTx<'_>,
    person: &person::Person,
    value: &ValueId,
) -> Result<Option<(SubjectId, model::CategoryName)>, AppError> {
    for id in person.ids() {
        if let Some(category) = store::vault::category_of(tx, &id, value)? {
            return Ok(Some((id, category)));
        }
    }
    Ok(None)
}

/// The kind of identifier that a value is, by the manifest's mapping of its field.
fn identifier_kind<'m>(
    manifest: &'m model::manifest::Manifest,
    row: &ValueRow,
) -> Option<&'m model::IdentifierKind> {
    let (table, column) = row.field.rsplit_once('.')?;
    manifest.systems.get(&row.system)?.tables.get(table)?.fields.get(column)?.identifier.as_ref()
}

#[expect(
    clippy::disallowed_methods,
    reason = "checking limits is normalising, one of the three places that may look"
)]
fn refuse_unfit(value: &Personal<String>) -> Result<(), AppError> {
    let text = value.expose();
    if text.is_empty() || text.len() > VALUE_BYTES_MAX || text.contains('\0') {
        return Err(AppError::invalid("value", "a value has 1 to 65,536 bytes and no NUL bytes"));
    }
    Ok(())
}
