//! Handing a person's data out: everything held (access), or what they gave or generated
//! (portability).

mod held;
mod repeated;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use gate::{Permit, StaffReason, Use};
use keys::PersonKeys;
use model::manifest::{Manifest, Source};
use model::{Action, Actor, CategoryName, ConsentEvent, EntryId, EventId, PurposeName, SubjectId, Timestamp};
use serde_json::{Value, json};
use store::key_record::KeyPart;
use store::ledger::EntryRow;
use store::{ReadTx, consent, ledger};

use crate::ask::{Asked, Verdict, ask};
use crate::controller::Controller;
use crate::error::AppError;
use crate::idempotency::Idempotency;
use crate::person::{self, Person};
use crate::recorder::open_evidence;
use crate::vault::{Disclosed, Extent, Opening};

pub use held::{Held, HeldIdentifier, HeldPart, LookAtHeld, held};

/// The version of the export's format.
pub const EXPORT_FORMAT: u32 = 1;
/// Uses in one export at most; the newest are kept, and the export says that it was cut.
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
    asked.reason = request.reason.clone();
    asked.request = request.request.clone();
    let (kind, repeat) = (request.kind, request.idempotency);
    let outcome = controller
        .db
        .write_long("exports.export", move |tx| {
            let person = person::take_living(tx, &core, request.subject, now)?;
            let mut asked = asked.clone().about(person.id());
            if let Some(before) = repeated::before(tx, repeat.as_ref(), &person)? {
                return Ok(Outcome::Export(Box::new(before)));
            }
            asked.categories = held::categories(tx, &in_force.manifest, &person)?;
            match ask(tx, &in_force, Some(&person), &asked, Some(json!({ "export": kind })), now)? {
                Asked::Refused(verdict) => Ok::<_, AppError>(Outcome::Denied(verdict)),
                Asked::Permitted(permit, _) => {
                    let opening = Opening { core: &core, in_force: &in_force, permit: &permit };
                    let document = document(tx, opening, &person, &asked.categories, kind, now)?;
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
    held: &BTreeSet<CategoryName>,
    kind: ExportKind,
    now: Timestamp,
) -> Result<Value, AppError> {
    let portable = |source: &str| Source::from_code(source).is_some_and(Source::is_portable);
    let extent = Extent { history: kind == ExportKind::Access, records: true };
    let shown: Disclosed =
        opening.disclose(tx, person, extent, |source| kind == ExportKind::Access || portable(source))?;
    let manifest = &opening.in_force.manifest;
    let mut document = json!({
        "format": EXPORT_FORMAT,
        "kind": kind,
        "made": now,
        "controller": { "name": manifest.controller.name, "contact": manifest.controller.contact },
        "subject": person.id(),
        "identifiers": held::identifiers(tx, opening, person)?,
        "values": shown.values,
        "records": shown.records,
        "choices": choices(tx, opening, person)?,
    });
    if let (ExportKind::Access, Some(fields)) = (kind, document.as_object_mut()) {
        let (uses, is_cut) = uses(tx, person)?;
        fields.insert("uses".to_owned(), uses);
        fields.insert("uses_truncated".to_owned(), json!(is_cut));
        fields.insert("purposes".to_owned(), purposes(manifest, held));
        fields.insert("recipients".to_owned(), recipients(manifest));
    }
    Ok(document)
}

/// The person's choices, each with what its sealed proof adds: what they were shown, and the
/// year of birth that they stated.
fn choices<'c>(tx: &mut ReadTx<'c>, opening: Opening<'_, 'c>, person: &Person) -> Result<Value, AppError> {
    let mut shown = Vec::new();
    for id in person.ids() {
        let keys = person::open_keys(tx, opening.core, id, KeyPart::Evidence)?;
        for event in consent::events(tx, &id)? {
            opening.in_force.refuse_over(opening.permit)?;
            let proof = match &keys {
                Some(keys) => proof(tx, (opening.permit, keys), id, &event.facts.id)?,
                None => None,
            };
            let facts = event.facts;
            shown.push(json!({
                "event": facts.id, "act": facts.act, "occurred": facts.occurred, "recorded": facts.recorded,
                "origin": facts.origin, "grade": facts.grade, "entry": event.entry,
                "shown": proof.as_ref().and_then(|proof| proof.shown.as_ref()),
                "birth_year": proof.as_ref().and_then(|proof| proof.birth_year),
            }));
        }
    }
    Ok(Value::Array(shown))
}

/// The sealed proof of one event, if it is still there.
fn proof<'c>(
    tx: &mut ReadTx<'c>,
    (permit, keys): (&Permit<'c>, &PersonKeys),
    id: SubjectId,
    event: &EventId,
) -> Result<Option<ConsentEvent>, AppError> {
    let Some(row) = consent::evidence(tx, permit, &id, &event.to_string())? else { return Ok(None) };
    let Some(proof) = open_evidence(keys, &row)? else { return Ok(None) };
    let unreadable = |_| AppError::Internal("the proof of an event does not read");
    serde_json::from_value(proof).map(Some).map_err(unreadable)
}

/// The newest uses of the person's data, over all identities that were joined, and whether
/// there are more than an export holds.
fn uses(tx: &mut ReadTx<'_>, person: &Person) -> Result<(Value, bool), AppError> {
    let mut newest = BTreeMap::new();
    for id in person.ids() {
        for entry in ledger::timeline(tx, &id, None, EXPORT_USES_MAX + 1)? {
            newest.insert((Reverse(entry.recorded), entry.id), entry);
        }
    }
    let kept = usize::try_from(EXPORT_USES_MAX).unwrap_or(usize::MAX);
    let is_cut = newest.len() > kept;
    let shown = newest.values().take(kept).map(use_of).collect::<Result<_, _>>()?;
    Ok((Value::Array(shown), is_cut))
}

fn use_of(entry: &EntryRow) -> Result<Value, AppError> {
    let body: Value =
        serde_json::from_slice(&entry.body).map_err(|_| AppError::Internal("a stored entry is no JSON"))?;
    let part = |name: &str| body.get(name).cloned().unwrap_or(Value::Null);
    Ok(json!({
        "entry": entry.id, "time": entry.recorded, "kind": entry.kind, "actor": entry.actor,
        "action": part("action"), "purpose": entry.purpose, "basis": part("basis"),
        "categories": part("categories"), "channel": part("channel"), "recipient": part("recipient"),
        "reason": part("reason"), "answer": entry.answer, "findings": part("findings"),
        "log_index": entry.log_index,
    }))
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
