//! What is held of a person, as a page shows it: identifiers, values with their history,
//! and records, under one permit and one entry.

use std::collections::BTreeSet;

use gate::{StaffReason, Use};
use model::manifest::{Manifest, View};
use model::{Action, Actor, CategoryName, EntryId, IdentifierKind, PurposeName, SubjectId, Timestamp};
use privacy::Mask;
use serde_json::Value;
use store::key_record::KeyPart;
use store::{ReadTx, vault};

use crate::ask::{Asked, Verdict, ask};
use crate::controller::Controller;
use crate::error::AppError;
use crate::identity;
use crate::person::{self, Person};
use crate::vault::{DisclosedRecord, DisclosedValue, Extent, Opening};

/// A look at everything that is held of a person.
#[derive(Debug, Clone)]
pub struct LookAtAll {
    /// Whose.
    pub subject: SubjectId,
    /// Who looks.
    pub actor: Actor,
    /// The reason that a member of staff gives.
    pub reason: Option<StaffReason>,
}

/// What is held, as the permit shows it.
#[derive(serde::Serialize)]
pub struct Held {
    /// The entry that records the look.
    pub entry: EntryId,
    /// What the person is known by.
    pub identifiers: Vec<HeldIdentifier>,
    /// Values by category and field, those that corrections ended among them.
    pub values: Vec<DisclosedValue>,
    /// Records, in the order they were taken in.
    pub records: Vec<DisclosedRecord>,
}

/// Something a person is known by.
#[derive(serde::Serialize)]
pub struct HeldIdentifier {
    /// Its kind.
    pub kind: IdentifierKind,
    /// What kind of data it is.
    pub category: CategoryName,
    /// How it is shown.
    pub view: View,
    /// The identifier as shown.
    pub value: Value,
    /// Whether its owner proved it.
    pub verified: bool,
    /// When it was taken in.
    pub recorded: Timestamp,
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "‹personal, {} values, {} records›", self.values.len(), self.records.len())
    }
}

enum Outcome {
    Held(Box<Held>),
    Denied(Verdict),
}

/// Shows everything that is held of a person, for the necessity `rights`.
///
/// # Errors
/// [`AppError::Denied`] when the actor may not ask for it, [`AppError::NotFound`], [`AppError::Erased`].
pub async fn held(controller: &Controller, look: LookAtAll) -> Result<Held, AppError> {
    let in_force = controller.in_force()?;
    let core = controller.core();
    let now = controller.now();
    let rights = PurposeName::new("rights").map_err(|_| AppError::Internal("the necessity `rights`"))?;
    let mut asked = Use::new(EntryId::random(), look.actor.clone(), Action::Read, rights);
    asked.reason = look.reason.clone();
    let outcome = controller
        .db
        .write_long("exports.held", move |tx| {
            let person = person::take_living(tx, &core, look.subject, now)?;
            let mut asked = asked.clone().about(person.id());
            asked.categories = categories(tx, &in_force.manifest, &person)?;
            match ask(tx, &in_force, Some(&person), &asked, None, now)? {
                Asked::Refused(verdict) => Ok::<_, AppError>(Outcome::Denied(verdict)),
                Asked::Permitted(permit, _) => {
                    let extent = Extent { history: true, records: true };
                    let opening = Opening { core: &core, in_force: &in_force, permit: &permit };
                    let shown = opening.disclose(tx, &person, extent, |_| true)?;
                    let identifiers = identifiers(tx, opening, &person)?;
                    let (entry, values, records) = (shown.entry, shown.values, shown.records);
                    Ok(Outcome::Held(Box::new(Held { entry, identifiers, values, records })))
                }
            }
        })
        .await?;
    match outcome {
        Outcome::Held(held) => Ok(*held),
        Outcome::Denied(verdict) => Err(AppError::Denied(Box::new(verdict))),
    }
}

/// Every category of which something is held about a person, whether or not the manifest still
/// declares it.
pub(super) fn categories(
    tx: &mut ReadTx<'_>,
    manifest: &Manifest,
    person: &Person,
) -> Result<BTreeSet<CategoryName>, AppError> {
    let mut held = BTreeSet::new();
    for id in person.ids() {
        held.append(&mut vault::categories(tx, &id)?);
        for identifier in store::identity::held(tx, &id)? {
            held.insert(category_of(manifest, &identifier.kind)?);
        }
    }
    Ok(held)
}

/// The category of a kind of identifier. One whose kind nothing maps any more counts as a
/// number that the controller gave.
fn category_of(manifest: &Manifest, kind: &IdentifierKind) -> Result<CategoryName, AppError> {
    match identity::category(manifest, kind) {
        Some(category) => Ok(category),
        None => CategoryName::new("identity.customer-number")
            .map_err(|_| AppError::Internal("a name of the taxonomy")),
    }
}

/// The identifiers of a person as a permit shows them.
pub(super) fn identifiers<'c>(
    tx: &mut ReadTx<'c>,
    opening: Opening<'_, 'c>,
    person: &Person,
) -> Result<Vec<HeldIdentifier>, AppError> {
    let Opening { core, in_force, permit } = opening;
    let mut shown = Vec::new();
    for id in person.ids() {
        let Some(keys) = person::open_keys(tx, core, id, KeyPart::Person)? else { continue };
        for row in store::identity::identifiers(tx, permit, &id)? {
            let category = category_of(&in_force.manifest, &row.kind)?;
            let value = identity::open(&keys, &row)?;
            let view = permit.view(&category).unwrap_or(View::Masked);
            let revealed = permit
                .reveal_as(&value, &category, |text, _| Mask::of(&category).apply(text))
                .map_err(|_| AppError::Internal("a look leaves out what it asked for"))?;
            let value = serde_json::to_value(&revealed).map_err(|_| AppError::Internal("an identifier"))?;
            let (kind, verified, recorded) = (row.kind, row.verified, row.recorded);
            shown.push(HeldIdentifier { kind, category, view, value, verified, recorded });
        }
    }
    Ok(shown)
}
