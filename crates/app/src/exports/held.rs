//! What is held of a person, as a page shows it: a page at a time, each look an ask with a
//! permit and an entry of its own, about the kinds of data that it opens and no others.

use std::collections::{BTreeMap, BTreeSet};

use gate::{StaffReason, Use};
use model::manifest::{Manifest, View};
use model::{
    Action, Actor, CategoryName, EntryId, IdentifierKind, PurposeName, RecordId, RecordKind, SubjectId,
    Timestamp, ValueId,
};
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

/// The part of what is held that one page shows.
#[derive(Debug, Clone)]
pub enum HeldPart {
    /// What the person is known by, their current values, and how many records there are.
    Profile,
    /// One current value, and what stood in its place before.
    Value(ValueId),
    /// Records, the newest first.
    Records {
        /// What they come before; none: the newest.
        before: Option<RecordId>,
        /// How many at most.
        limit: usize,
    },
}

/// A look at a part of what is held of a person.
#[derive(Debug, Clone)]
pub struct LookAtHeld {
    /// Whose.
    pub subject: SubjectId,
    /// Which part.
    pub part: HeldPart,
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
    /// Values by category and field; with one value, those that corrections ended too.
    pub values: Vec<DisclosedValue>,
    /// How many records of each kind there are.
    pub counts: Vec<(RecordKind, i64)>,
    /// Records, the newest first.
    pub records: Vec<DisclosedRecord>,
    /// What the next page of records comes before; none on the last one.
    pub next: Option<RecordId>,
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

/// Shows a part of what is held of a person, for the necessity `rights`.
///
/// # Errors
/// [`AppError::Denied`] when the actor may not ask for it, [`AppError::NotFound`] for a value that
/// is not current or records that are not there, [`AppError::Erased`].
pub async fn held(controller: &Controller, look: LookAtHeld) -> Result<Held, AppError> {
    let in_force = controller.in_force()?;
    let core = controller.core();
    let now = controller.now();
    let rights = PurposeName::new("rights").map_err(|_| AppError::Internal("the necessity `rights`"))?;
    let mut asked = Use::new(EntryId::random(), look.actor.clone(), Action::Read, rights);
    asked.reason = look.reason.clone();
    let outcome = controller
        .db
        .write("exports.held", move |tx| {
            let person = person::take_living(tx, &core, look.subject, now)?;
            let mut asked = asked.clone().about(person.id());
            asked.categories = look.part.categories(tx, &in_force.manifest, &person)?;
            match ask(tx, &in_force, Some(&person), &asked, None, now)? {
                Asked::Refused(verdict) => Ok::<_, AppError>(Outcome::Denied(verdict)),
                Asked::Permitted(permit, _) => {
                    let opening = Opening { core: &core, in_force: &in_force, permit: &permit };
                    Ok(Outcome::Held(Box::new(look.part.open(tx, opening, &person)?)))
                }
            }
        })
        .await?;
    match outcome {
        Outcome::Held(held) => Ok(*held),
        Outcome::Denied(verdict) => Err(AppError::Denied(Box::new(verdict))),
    }
}

impl HeldPart {
    /// The categories that a question about this part names.
    fn categories(
        &self,
        tx: &mut ReadTx<'_>,
        manifest: &Manifest,
        person: &Person,
    ) -> Result<BTreeSet<CategoryName>, AppError> {
        let mut held = BTreeSet::new();
        for id in person.ids() {
            match self {
                Self::Profile => {
                    held.append(&mut vault::value_categories(tx, &id)?);
                    held.append(&mut known_by(tx, manifest, &id)?);
                }
                Self::Value(value) => held.extend(vault::category_of(tx, &id, value)?),
                Self::Records { .. } => held.append(&mut vault::record_categories(tx, &id)?),
            }
        }
        match self {
            Self::Value(_) if held.is_empty() => Err(AppError::NotFound("current value")),
            Self::Records { .. } if held.is_empty() => Err(AppError::NotFound("record")),
            _ => Ok(held),
        }
    }

    /// Opens this part.
    fn open<'c>(
        &self,
        tx: &mut ReadTx<'c>,
        opening: Opening<'_, 'c>,
        person: &Person,
    ) -> Result<Held, AppError> {
        let entry = opening.permit.entry();
        let mut held = Held {
            entry,
            identifiers: Vec::new(),
            values: Vec::new(),
            counts: Vec::new(),
            records: Vec::new(),
            next: None,
        };
        match self {
            Self::Profile => {
                let extent = Extent { history: false, records: false };
                held.values = opening.disclose(tx, person, extent, |_| true)?.values;
                held.identifiers = identifiers(tx, opening, person)?;
                let mut counts = BTreeMap::new();
                for id in person.ids() {
                    for (kind, count) in vault::count_by_kind(tx, &id)? {
                        *counts.entry(kind).or_insert(0) += count;
                    }
                }
                held.counts = counts.into_iter().collect();
            }
            Self::Value(_) => {
                let extent = Extent { history: true, records: false };
                held.values = opening.disclose(tx, person, extent, |_| true)?.values;
            }
            Self::Records { before, limit } => {
                (held.records, held.next) = opening.records_before(tx, person, before.as_ref(), *limit)?;
            }
        }
        Ok(held)
    }
}

/// The categories of what an identity is known by.
fn known_by(
    tx: &mut ReadTx<'_>,
    manifest: &Manifest,
    id: &SubjectId,
) -> Result<BTreeSet<CategoryName>, AppError> {
    let known = store::identity::held(tx, id)?;
    known.iter().map(|identifier| category_of(manifest, &identifier.kind)).collect()
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
        held.append(&mut known_by(tx, manifest, &id)?);
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
