//! What is held of a person, as a page shows it: identifiers, values with their history,
//! and records, under one permit and one entry.

use gate::{StaffReason, Use};
use model::{Action, Actor, CategoryName, EntryId, IdentifierKind, PurposeName, SubjectId, Timestamp};
use serde_json::Value;
use store::ReadTx;
use store::key_record::KeyPart;

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
    asked.categories = in_force.manifest.categories.keys().cloned().collect();
    asked.reason = look.reason.clone();
    let outcome = controller
        .db
        .write_long("exports.held", move |tx| {
            let person = person::take_living(tx, &core, look.subject, now)?;
            let asked = asked.clone().about(person.id());
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

/// The identifiers of a person that a permit shows in the clear.
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
            let Some(category) = identity::category(&in_force.manifest, &row.kind) else { continue };
            let value = identity::open(&keys, &row)?;
            // A permit that does not show the category in the clear leaves the identifier out.
            let Ok(revealed) = permit.reveal(&value, &category) else { continue };
            let value = serde_json::to_value(&revealed).map_err(|_| AppError::Internal("an identifier"))?;
            let (kind, verified, recorded) = (row.kind, row.verified, row.recorded);
            shown.push(HeldIdentifier { kind, category, value, verified, recorded });
        }
    }
    Ok(shown)
}
