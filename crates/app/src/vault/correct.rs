//! Correcting a value: the new one takes its place, the old one stays as history.

use std::collections::HashSet;
use std::sync::Arc;

use gate::{Permit, StaffReason, Use};
use model::manifest::{Manifest, Source};
use model::{
    Action, Actor, CategoryName, EntryId, IdentifierKind, Personal, PurposeName, SubjectId, Timestamp,
    ValueId,
};
use serde_json::json;
use store::key_record::KeyPart;
use store::vault::ValueRow;
use store::{ReadTx, Tx};

use super::mapping::VALUE_BYTES_MAX;
use super::sealing::Sealer;
use crate::ask::{Asked, Verdict, ask};
use crate::consent::{ChangeIds, Changed, note_changed};
use crate::controller::{Controller, Core, InForce};
use crate::error::AppError;
use crate::idempotency::Idempotency;
use crate::identity::{self, Claims, Home, Known};
use crate::person::{self, Person};
use crate::sessions::Session;

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
/// finds the person, and the new one is unproved, and its channel unconfirmed, until its owner confirms it.
///
/// # Errors
/// [`AppError::NotFound`] for a value that is not current, [`AppError::Denied`],
/// [`AppError::Erased`]; `identifier-taken` when somebody else has the new identifier, and
/// `erased-before` when somebody erased had it and this is not the person's own act.
pub async fn correct(controller: &Controller, request: Correct) -> Result<Corrected, AppError> {
    begin(controller, request, false).await
}

/// Corrects a value in a session of ours. What the person signs in by changes only soon after
/// a proven code: whoever finds an open session does not take the person's place with it.
///
/// # Errors
/// As [`correct`]; the conflict `proof-too-old` for an identifier later than
/// [`FRESH_MINUTES`](crate::sessions::FRESH_MINUTES) after the code.
pub async fn correct_in_session(
    controller: &Controller,
    session: &Session,
    request: Correct,
) -> Result<Corrected, AppError> {
    begin(controller, request, !session.is_fresh(controller.now())).await
}

/// Whether people are found by values of the kind that this current value of a person's is:
/// whoever asks often for such a correction asks who else is known here.
///
/// # Errors
/// [`AppError::NotFound`] for a value that is not current or not the person's.
pub async fn is_found_by(
    controller: &Controller,
    subject: SubjectId,
    value: ValueId,
) -> Result<bool, AppError> {
    let in_force = controller.in_force()?;
    let category = controller
        .db
        .read("vault.category", move |tx| {
            for id in std::iter::once(subject).chain(store::identity::aliases(tx, &subject)?) {
                if let Some(category) = store::vault::category_of(tx, &id, &value)? {
                    return Ok::<_, AppError>(category);
                }
            }
            Err(AppError::NotFound("current value"))
        })
        .await?;
    let mut tables = in_force.manifest.systems.values().flat_map(|system| system.tables.values());
    Ok(tables.any(|table| {
        table
            .fields
            .values()
            .any(|field| field.identifier.is_some() && field.category.as_ref() == Some(&category))
    }))
}

async fn begin(controller: &Controller, request: Correct, is_stale: bool) -> Result<Corrected, AppError> {
    refuse_unfit(&request.new)?;
    let now = controller.now();
    let prepared = Prepared {
        request,
        is_stale,
        core: controller.core(),
        in_force: controller.in_force()?,
        entry: EntryId::random(),
        fresh: ValueId::ordered(now),
        identifier: ValueId::ordered(now),
        changes: ChangeIds::all(now),
        now,
    };
    match identity::write_again(controller, "vault.correct", move |tx| prepared.run(tx)).await? {
        Outcome::Corrected(corrected) => Ok(corrected),
        Outcome::Denied(verdict) => Err(AppError::Denied(Box::new(verdict))),
    }
}

/// A correction with every id made, so that running it twice is harmless.
struct Prepared {
    request: Correct,
    /// Whether the person's last proof is too old to change what they sign in by.
    is_stale: bool,
    core: Arc<Core>,
    in_force: Arc<InForce>,
    entry: EntryId,
    fresh: ValueId,
    identifier: ValueId,
    changes: ChangeIds,
    now: Timestamp,
}

impl Prepared {
    fn run<'c>(&self, tx: &mut Tx<'c>) -> Result<Outcome, AppError> {
        let idempotency = self.request.idempotency.as_ref();
        if let Some(before) = Idempotency::replayed(idempotency, tx)? {
            return Ok(Outcome::Corrected(before));
        }
        let mut person = person::take_living(tx, &self.core, self.request.subject, self.now)?;
        // The category comes first: the question to the gate names it, and shows nothing.
        let Some((owner, category)) = owner_of(tx, &person, &self.request.value)? else {
            return Err(AppError::NotFound("current value"));
        };
        let details = json!({ "category": category, "value": self.request.value });
        let asked = self.question(&person, category);
        let permit = match ask(tx, &self.in_force, Some(&person), &asked, Some(details), self.now)? {
            Asked::Permitted(permit, _) => permit,
            Asked::Refused(verdict) => return Ok(Outcome::Denied(verdict)),
        };
        let corrected = self.replace(tx, &permit, &mut person, owner)?;
        Idempotency::keep(idempotency, tx, &corrected, self.now)?;
        Ok(Outcome::Corrected(corrected))
    }

    fn question(&self, person: &Person, category: CategoryName) -> Use {
        let request = &self.request;
        let mut asked = Use::new(self.entry, request.actor.clone(), Action::Correct, request.purpose.clone())
            .about(person.id());
        asked.categories.insert(category);
        asked.reason = request.reason.clone();
        asked
    }

    /// Ends the old value and adds the new one beside it, under the keys of the identity that holds it.
    fn replace<'c>(
        &self,
        tx: &mut Tx<'c>,
        permit: &Permit<'c>,
        person: &mut Person,
        owner: SubjectId,
    ) -> Result<Corrected, AppError> {
        let alias_keys;
        let keys = if owner == person.id() {
            &person.keys
        } else {
            alias_keys = person::open_keys(tx, &self.core, owner, KeyPart::Person)?
                .ok_or(AppError::Internal("an alias has no key record"))?;
            &alias_keys
        };
        let rows = store::vault::values(tx, permit, &owner)?;
        let is_asked =
            |row: &ValueRow| row.id == self.request.value && !keys.has_ended(&row.lifetime, &row.sealed);
        let Some(old) = rows.into_iter().find(is_asked) else {
            return Err(AppError::NotFound("current value"));
        };
        let sealer = Sealer::new(keys, &old.lifetime)?;
        let kind = identifier_kind(&self.in_force.manifest, &old);
        let before = sealer.open_value(&old.id, &old.sealed)?;
        if sealer.fingerprint(&before) == sealer.fingerprint(&self.request.new) {
            return Ok(Corrected { value: old.id, changed: false, entry: permit.entry() });
        }
        let new = ValueRow {
            id: self.fresh,
            source: Source::Person.code().to_owned(),
            recorded: self.now,
            ended: None,
            sealed: sealer.seal_value(&self.fresh, &self.request.new)?,
            // The hash of what the source last gave stays: the source saying the same again
            // does not undo what was corrected (GDPR 16).
            ..old.clone()
        };
        if let Some(kind) = kind {
            if self.is_stale {
                return Err(AppError::Conflict {
                    code: "proof-too-old",
                    detail: "what finds the person changes only soon after a proven code: sign in again"
                        .to_owned(),
                });
            }
            self.claim_anew(tx, person, kind, &before)?;
        }
        store::vault::end_values(tx, permit, &[(owner, old.id)], self.now)?;
        store::vault::add_values(tx, permit, &[(owner, new)])?;
        Ok(Corrected { value: self.fresh, changed: true, entry: permit.entry() })
    }

    fn claim_anew(
        &self,
        tx: &mut Tx<'_>,
        person: &mut Person,
        kind: &IdentifierKind,
        before: &Personal<String>,
    ) -> Result<(), AppError> {
        let after = Known::of(&self.core, kind.clone(), &self.request.new)?;
        identity::release(tx, &self.core, person, kind, before)?;
        let known = [after];
        let owners = identity::resolve_row(tx, &known)?.owners;
        let home = Home::of_leader(person);
        let claims = Claims {
            known: &known,
            owners: &owners,
            value_ids: &[self.identifier],
            own_act: matches!(self.request.actor, Actor::Customer),
            corrected: &HashSet::new(),
            home: &home,
            now: self.now,
        };
        if let Some(kind) = identity::claim(tx, person, &claims)?.unclaimed.first() {
            return Err(identity::taken(kind));
        }
        let changed = Changed {
            kinds: std::slice::from_ref(kind),
            released: true,
            actor: &self.request.actor,
            request: None,
            ids: &self.changes,
            now: self.now,
        };
        note_changed(tx, &self.core, &self.in_force, person, &changed)?;
        person.store_standing(tx)
    }
}

/// Which of the person's identities holds the value, and of which category it is.
fn owner_of(
    tx: &mut ReadTx<'_>,
    person: &Person,
    value: &ValueId,
) -> Result<Option<(SubjectId, CategoryName)>, AppError> {
    for id in person.ids() {
        if let Some(category) = store::vault::category_of(tx, &id, value)? {
            return Ok(Some((id, category)));
        }
    }
    Ok(None)
}

/// The kind of identifier that a value is, by the manifest's mapping of its field.
fn identifier_kind<'m>(manifest: &'m Manifest, row: &ValueRow) -> Option<&'m IdentifierKind> {
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
