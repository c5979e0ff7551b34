//! Handing a person's data out: everything held (access), or what they gave or generated
//! (portability).

mod held;
mod repeated;

use std::collections::BTreeSet;

use gate::{StaffReason, Use};
use model::manifest::{Manifest, Source};
use model::{Action, Actor, CategoryName, EntryId, PurposeName, SubjectId, Timestamp};
use serde_json::{Value, json};
use store::{ReadTx, consent, ledger};

use crate::ask::{Asked, Verdict, ask};
use crate::controller::Controller;
use crate::error::AppError;
use crate::idempotency::Idempotency;
use crate::person::{self, Person};
use crate::vault::{Disclosed, Extent, Opening};

pub use held::{Held, HeldIdentifier, LookAtAll, held};

/// The version of the export's format.
pub const EXPORT_FORMAT: u32 = 1;
/// Entries of the timeline in one export at most; the newest are kept.
pub const EXPORT_USES_MAX: i64 = 10_000;

/// Which of the two rights an export answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportKind {
    /// Everything held, with history, choices and uses (GDPR 15).
    Access,
    /// What the person gave or generated, current values only (GDPR 20).
    Portability,
}

/// A wish for an export.
#[derive(Debug, Clone)]
pub struct ExportRequest {
    /// Whose data.
    pub subject: SubjectId,
    /// Which right.
    pub kind: ExportKind,
    /// Who asks for it.
    pub actor: Actor,
    /// The reason that a member of staff gives.
    pub reason: Option<StaffReason>,
    /// The caller's own id of the request.
    pub request: Option<String>,
    /// The caller's key for repeating the request safely.
    pub idempotency: Option<Idempotency>,
}

/// An export: a document for the person, and the entry that records it.
#[derive(serde::Serialize)]
pub struct Export {
    /// The entry.
    pub entry: EntryId,
    /// The document (`docs/rooms/exports.md` describes it).
    pub document: Value,
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "‹personal, export {}›", self.entry)
    }
}

enum Outcome {
    Export(Box<Export>),
    Denied(Verdict),
}

/// Makes an export for the necessity `rights`.
///
/// # Errors
/// [`AppError::Denied`] when the actor may not ask for it, [`AppError::NotFound`], [`AppError::Erased`].
pub async fn export(controller: &Controller, request: ExportRequest) -> Result<Export, AppError> {
    let in_force = controller.in_force()?;
    let core = controller.core();
    let now = controller.now();
    let rights = PurposeName::new("rights").map_err(|_| AppError::Internal("the necessity `rights`"))?;
    let mut asked = Use::new(EntryId::random(), request.actor.clone(), Action::Export, rights);
    asked.categories = in_force.manifest.categories.keys().cloned().collect();
    asked.reason = request.reason.clone();
    asked.request = request.request.clone();
    let (kind, repeat) = (request.kind, request.idempotency);
    let outcome = controller
        .db
        .write_long("exports.export", move |tx| {
            let person = person::take_living(tx, &core, request.subject, now)?;
            let asked = asked.clone().about(person.id());
            if let Some(before) = repeated::before(tx, repeat.as_ref(), &person)? {
                return Ok(Outcome::Export(Box::new(before)));
            }
            match ask(tx, &in_force, Some(&person), &asked, Some(json!({ "export": kind })), now)? {
                Asked::Refused(verdict) => Ok::<_, AppError>(Outcome::Denied(verdict)),
                Asked::Permitted(permit, _) => {
                    let opening = Opening { core: &core, in_force: &in_force, permit: &permit };
                    let document = document(tx, opening, &person, kind, now)?;
                    let export = Export { entry: permit.entry(), document };
                    repeated::keep(tx, repeat.as_ref(), &person, &export, now)?;
                    Ok(Outcome::Export(Box::new(export)))
                }
            }
        })
        .await?;
    match outcome {
        Outcome::Export(export) => Ok(*export),
        Outcome::Denied(verdict) => Err(AppError::Denied(Box::new(verdict))),
    }
}

fn document<'c>(
    tx: &mut ReadTx<'c>,
    opening: Opening<'_, 'c>,
    person: &Person,
    kind: ExportKind,
    now: Timestamp,
) -> Result<Value, AppError> {
    let portable = |source: &str| Source::from_code(source).is_some_and(Source::is_portable);
    let extent = Extent { history: kind == ExportKind::Access, records: true };
    let held: Disclosed =
        opening.disclose(tx, person, extent, |source| kind == ExportKind::Access || portable(source))?;
    let manifest = &opening.in_force.manifest;
    let mut document = json!({
        "format": EXPORT_FORMAT,
        "kind": kind,
        "made": now,
        "controller": { "name": manifest.controller.name, "contact": manifest.controller.contact },
        "subject": person.id(),
        "identifiers": held::identifiers(tx, opening, person)?,
        "values": held.values,
        "records": held.records,
        "choices": choices(tx, person)?,
    });
    if let (ExportKind::Access, Some(fields)) = (kind, document.as_object_mut()) {
        let categories: BTreeSet<CategoryName> =
            held.values.iter().map(|value| value.category.clone()).collect();
        fields.insert("uses".to_owned(), uses(tx, person)?);
        fields.insert("purposes".to_owned(), purposes(manifest, &categories));
        fields.insert("recipients".to_owned(), recipients(manifest));
    }
    Ok(document)
}

fn choices(tx: &mut ReadTx<'_>, person: &Person) -> Result<Value, AppError> {
    let mut shown = Vec::new();
    for id in person.ids() {
        for event in consent::events(tx, &id)? {
            let facts = event.facts;
            shown.push(json!({
                "event": facts.id, "act": facts.act, "occurred": facts.occurred, "recorded": facts.recorded,
                "origin": facts.origin, "grade": facts.grade, "entry": event.entry,
            }));
        }
    }
    Ok(Value::Array(shown))
}

fn uses(tx: &mut ReadTx<'_>, person: &Person) -> Result<Value, AppError> {
    let mut shown = Vec::new();
    for id in person.ids() {
        for entry in ledger::timeline(tx, &id, None, EXPORT_USES_MAX)? {
            let body: Value = serde_json::from_slice(&entry.body)
                .map_err(|_| AppError::Internal("a stored entry is no JSON"))?;
            let part = |name: &str| body.get(name).cloned().unwrap_or(Value::Null);
            shown.push(json!({
                "entry": entry.id, "time": entry.recorded, "kind": entry.kind, "actor": entry.actor,
                "action": part("action"), "purpose": entry.purpose, "basis": part("basis"),
                "categories": part("categories"), "channel": part("channel"), "recipient": part("recipient"),
                "reason": part("reason"), "answer": entry.answer, "findings": part("findings"),
                "log_index": entry.log_index,
            }));
        }
    }
    Ok(Value::Array(shown))
}

/// The purposes that need what is held: title, basis, retention, recipients (GDPR 15(1)(a) to (d)).
fn purposes(manifest: &Manifest, held: &BTreeSet<CategoryName>) -> Value {
    let needing = manifest.purposes.iter().filter(|(_, purpose)| !purpose.categories.is_disjoint(held));
    needing
        .map(|(name, purpose)| {
            json!({
                "purpose": name, "title": purpose.title, "explanation": purpose.explanation,
                "basis": purpose.basis, "retention": purpose.retention, "recipients": purpose.recipients,
            })
        })
        .collect()
}

fn recipients(manifest: &Manifest) -> Value {
    manifest
        .recipients
        .iter()
        .map(|(name, recipient)| json!({ "recipient": name, "title": recipient.name, "country": recipient.country }))
        .collect()
}
