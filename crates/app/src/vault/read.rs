//! Showing what the vault holds: in the clear, masked or tokenised, as the permit says.

use std::collections::{BTreeMap, BTreeSet};

use gate::{Permit, StaffReason, Use};
use keys::PersonKeys;
use model::manifest::View;
use model::{
    Action, Actor, CategoryName, EntryId, Personal, PurposeName, RecordId, SubjectId, SystemName, Timestamp,
};
use privacy::Mask;
use serde_json::Value;
use store::key_record::KeyPart;
use store::vault::{RecordRow, ValueRow};
use store::{ReadTx, vault};

use super::sealing::Sealer;
use crate::ask::{Asked, Verdict, ask};
use crate::controller::{Controller, Core, InForce};
use crate::error::AppError;
use crate::person::{self, Person};

/// Records read from the store at once.
const RECORDS_PAGE: i64 = 1_000;

/// A look at a person's data.
#[derive(Debug, Clone)]
pub struct Read {
    /// Whose.
    pub subject: SubjectId,
    /// Why.
    pub purpose: PurposeName,
    /// Which categories; what else is held stays closed.
    pub categories: BTreeSet<CategoryName>,
    /// Who looks.
    pub actor: Actor,
    /// The reason that a member of staff gives.
    pub reason: Option<StaffReason>,
    /// The caller's own id of the request.
    pub request: Option<String>,
    /// Whether values that corrections ended are shown too.
    pub with_history: bool,
    /// Whether records are shown too.
    pub with_records: bool,
}

/// What a permitted look showed.
#[derive(serde::Serialize)]
pub struct Disclosed {
    /// The entry that records the look.
    pub entry: EntryId,
    /// Values, by category and field.
    pub values: Vec<DisclosedValue>,
    /// Records, in the order they were taken in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<DisclosedRecord>,
}

impl std::fmt::Debug for Disclosed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "‹personal, {} values, {} records›", self.values.len(), self.records.len())
    }
}

/// One value as the permit shows it.
#[derive(serde::Serialize)]
pub struct DisclosedValue {
    /// Its id.
    pub id: String,
    /// What kind of data it is.
    pub category: CategoryName,
    /// `Table.column`.
    pub field: String,
    /// The system that gave it.
    pub system: SystemName,
    /// Where it came from, as a code.
    pub source: String,
    /// When it was recorded.
    pub recorded: Timestamp,
    /// When a correction ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// How it is shown.
    pub view: View,
    /// The value as shown.
    pub value: Value,
}

/// One record as the permit shows it: the fields whose category the permit covers.
#[derive(serde::Serialize)]
pub struct DisclosedRecord {
    /// Its id.
    pub id: String,
    /// What it is a record of.
    pub kind: model::RecordKind,
    /// The system that gave it.
    pub system: SystemName,
    /// When it was recorded.
    pub recorded: Timestamp,
    /// The fields shown, as `Table.column`.
    pub fields: BTreeMap<String, Value>,
}

enum Outcome {
    Disclosed(Disclosed),
    Denied(Verdict),
}

/// Shows what a purpose may see of a person.
///
/// # Errors
/// [`AppError::Denied`], [`AppError::NotFound`], [`AppError::Erased`].
pub async fn read(controller: &Controller, request: Read) -> Result<Disclosed, AppError> {
    let in_force = controller.in_force()?;
    let core = controller.core();
    let now = controller.now();
    let mut asked = Use::new(EntryId::random(), request.actor.clone(), Action::Read, request.purpose.clone());
    asked.categories = request.categories.clone();
    asked.reason = request.reason.clone();
    asked.request = request.request.clone();
    let outcome = controller
        .db
        .write("vault.read", move |tx| {
            let person = person::take_living(tx, &core, request.subject, now)?;
            let asked = asked.clone().about(person.id());
            match ask(tx, &in_force, Some(&person), &asked, None, now)? {
                Asked::Refused(verdict) => Ok::<_, AppError>(Outcome::Denied(verdict)),
                Asked::Permitted(permit, _) => {
                    let extent = Extent { history: request.with_history, records: request.with_records };
                    let opening = Opening { core: &core, in_force: &in_force, permit: &permit };
                    opening.disclose(tx, &person, extent, |_| true).map(Outcome::Disclosed)
                }
            }
        })
        .await?;
    match outcome {
        Outcome::Disclosed(disclosed) => Ok(disclosed),
        Outcome::Denied(verdict) => Err(AppError::Denied(Box::new(verdict))),
    }
}

/// How much of what a permit covers is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) history: bool,
    pub(crate) records: bool,
}

/// A permit with what opens the values it covers.
#[derive(Clone, Copy)]
pub(crate) struct Opening<'a, 'c> {
    pub(crate) core: &'a Core,
    pub(crate) in_force: &'a InForce,
    pub(crate) permit: &'a Permit<'c>,
}

impl<'c> Opening<'_, 'c> {
    /// Shows what the permit covers of a person, over all identities that were joined. `wanted`
    /// chooses by the code of the source.
    ///
    /// # Errors
    /// [`AppError::Busy`] when the permit ends meanwhile.
    pub(crate) fn disclose(
        self,
        tx: &mut ReadTx<'c>,
        person: &Person,
        extent: Extent,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Disclosed, AppError> {
        let permit = self.permit;
        let mut disclosed = Disclosed { entry: permit.entry(), values: Vec::new(), records: Vec::new() };
        for id in person.ids() {
            let opened;
            let keys = if id == person.id() {
                &person.keys
            } else {
                let Some(keys) = person::open_keys(tx, self.core, id, KeyPart::Person)? else { continue };
                opened = keys;
                &opened
            };
            let mut shower = Shower { keys, opening: self, sealers: BTreeMap::new() };
            let rows = match extent.history {
                true => vault::history(tx, permit, &id)?,
                false => vault::values(tx, permit, &id)?,
            };
            for row in rows.iter().filter(|row| wanted(&row.source)) {
                disclosed.values.extend(shower.value(row)?);
            }
            if extent.records {
                disclosed.records.extend(shower.all_records(tx, id, &wanted)?);
            }
        }
        Ok(disclosed)
    }
}

impl<'c> Opening<'_, 'c> {
    /// The newest records taken in before one, over all identities that were joined, and what the
    /// next page comes before; none on the last one.
    ///
    /// # Errors
    /// When the store fails or a record does not open.
    pub(crate) fn records_before(
        self,
        tx: &mut ReadTx<'c>,
        person: &Person,
        before: Option<&RecordId>,
        limit: usize,
    ) -> Result<(Vec<DisclosedRecord>, Option<RecordId>), AppError> {
        let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let (mut newest, mut opened) = (Vec::new(), BTreeMap::new());
        for id in person.ids() {
            let rows = vault::records_before(tx, self.permit, &id, before, most)?;
            if id != person.id() && !rows.is_empty() {
                opened.extend(person::open_keys(tx, self.core, id, KeyPart::Person)?.map(|keys| (id, keys)));
            }
            newest.extend(rows.into_iter().map(|row| (id, row)));
        }
        newest.sort_by_key(|(_, row)| std::cmp::Reverse(row.id.to_string()));
        let is_cut = newest.len() > limit;
        newest.truncate(limit);
        let next = newest.last().filter(|_| is_cut).map(|(_, row)| row.id);
        let (mut shown, mut showers) = (Vec::new(), BTreeMap::new());
        for (id, row) in &newest {
            let keys = if *id == person.id() { Some(&person.keys) } else { opened.get(id) };
            let Some(keys) = keys else { continue };
            let shower = showers.entry(*id).or_insert_with(|| Shower {
                keys,
                opening: self,
                sealers: BTreeMap::new(),
            });
            shown.extend(shower.record(row, &|_: &str| true)?);
        }
        Ok((shown, next))
    }
}

/// Opens one person's rows under one permit. Rows of a lifetime that ended wait for their sweep
/// and are passed over.
struct Shower<'a, 'c> {
    keys: &'a PersonKeys,
    opening: Opening<'a, 'c>,
    sealers: BTreeMap<model::LifetimeName, Sealer>,
}

impl<'c> Shower<'_, 'c> {
    fn sealer(&mut self, lifetime: &model::LifetimeName) -> Result<&Sealer, AppError> {
        if !self.sealers.contains_key(lifetime) {
            self.sealers.insert(lifetime.clone(), Sealer::new(self.keys, lifetime)?);
        }
        self.sealers.get(lifetime).ok_or(AppError::Internal("a sealer is missing"))
    }

    fn value(&mut self, row: &ValueRow) -> Result<Option<DisclosedValue>, AppError> {
        let permit = self.opening.permit;
        let Some(view) = permit.view(&row.category) else { return Ok(None) };
        if self.keys.has_ended(&row.lifetime, &row.sealed) {
            return Ok(None);
        }
        let sealer = self.sealer(&row.lifetime)?;
        let value = sealer.open_value(&row.id, &row.sealed)?;
        let shown = show(permit, sealer, &value, &row.category)?;
        Ok(Some(DisclosedValue {
            id: row.id.to_string(),
            category: row.category.clone(),
            field: row.field.clone(),
            system: row.system.clone(),
            source: row.source.clone(),
            recorded: row.recorded,
            ended: row.ended,
            view,
            value: shown,
        }))
    }

    /// Every record of one identity, read in pages.
    fn all_records(
        &mut self,
        tx: &mut ReadTx<'c>,
        id: SubjectId,
        wanted: &impl Fn(&str) -> bool,
    ) -> Result<Vec<DisclosedRecord>, AppError> {
        let mut shown = Vec::new();
        let mut after = None;
        loop {
            self.opening.in_force.refuse_over(self.opening.permit)?;
            let rows = vault::records(tx, self.opening.permit, &id, after.as_ref(), RECORDS_PAGE)?;
            for row in &rows {
                shown.extend(self.record(row, wanted)?);
            }
            match rows.last() {
                Some(last) => after = Some(last.id),
                None => return Ok(shown),
            }
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a record is unsealed as one text; its fields go on as personal values"
    )]
    fn record(
        &mut self,
        row: &RecordRow,
        wanted: &impl Fn(&str) -> bool,
    ) -> Result<Option<DisclosedRecord>, AppError> {
        let permit = self.opening.permit;
        if self.keys.has_ended(&row.lifetime, &row.sealed) {
            return Ok(None);
        }
        let sealer = self.sealer(&row.lifetime)?;
        let body = sealer.open_record(&row.id, &row.sealed)?;
        let held: Vec<(String, CategoryName, String, Personal<String>)> = serde_json::from_str(body.expose())
            .map_err(|_| AppError::Internal("a record has another form"))?;
        let mut fields = BTreeMap::new();
        for (field, category, source, value) in held {
            if permit.view(&category).is_some() && wanted(&source) {
                fields.insert(field, show(permit, sealer, &value, &category)?);
            }
        }
        Ok((!fields.is_empty()).then(|| DisclosedRecord {
            id: row.id.to_string(),
            kind: row.kind.clone(),
            system: row.system.clone(),
            recorded: row.recorded,
            fields,
        }))
    }
}

/// A value as the permit shows its category.
fn show(
    permit: &Permit<'_>,
    sealer: &Sealer,
    value: &Personal<String>,
    category: &CategoryName,
) -> Result<Value, AppError> {
    let revealed = permit
        .reveal_as(value, category, |text, view| match view {
            View::Tokenised => sealer.token(permit.purpose(), value),
            View::Clear | View::Masked => Mask::of(category).apply(text),
        })
        .map_err(|_| AppError::Internal("a permit does not cover what it showed"))?;
    serde_json::to_value(&revealed).map_err(|_| AppError::Internal("a value does not serialise"))
}
