//! Writes ledger entries: the canonical JSON, whom it is about, and what is sealed in it.
//!
//! `docs/formats.md` fixes the bytes; a golden file holds them.

#[cfg(test)]
mod golden;
#[cfg(test)]
mod refusals;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gate::Record;
use keys::{FieldClass, PersonKeys, Place, Sealed, Subkey};
use ledger::{Hash, Opening, Set, canonical};
use model::{
    About, Actor, Entry, EntryId, FindingCode, LifetimeName, Personal, SetId, SubjectId, is_reference,
};
use serde_json::{Map, Value, json};
use store::ledger::EntryRow;
use store::{Tx, inventory};

use crate::error::{AppError, Fault};

/// The version of the entry's format.
pub(crate) const ENTRY_FORMAT: u64 = 1;

/// Sealed parts of entries under the trace key: gone at erasure.
pub(crate) const DETAILS: FieldClass = FieldClass { room: "ledger", name: "details" };
/// Sealed parts of entries under the evidence lifetime: they outlive erasure for their term.
pub(crate) const EVIDENCE: FieldClass = FieldClass { room: "ledger", name: "evidence" };

/// The people one bulk use covers, ready to be written with its entry.
pub(crate) struct SetDraft {
    /// The set.
    pub(crate) id: SetId,
    /// Its leaves, sorted.
    pub(crate) set: Set,
    /// Its members in the order of their ids.
    pub(crate) members: Vec<SubjectId>,
}

impl SetDraft {
    /// The set of these people, each with a leaf under the trace key of their own.
    ///
    /// # Errors
    /// When a person's trace key is gone, or there are too many.
    pub(crate) fn new<'k>(
        id: SetId,
        people: impl IntoIterator<Item = (SubjectId, &'k PersonKeys)>,
    ) -> Result<Self, AppError> {
        let text = id.to_string();
        let mut leaves = Vec::new();
        let mut members = Vec::new();
        for (subject, keys) in people {
            let opening = Opening::of(keys.trace_key()?.expose(), &text);
            leaves.push(opening.tag(&subject.to_string()));
            members.push(subject);
        }
        Self::from_leaves(id, leaves, members)
    }

    /// The set of these people, whose leaves were made one by one ([`leaf`]).
    ///
    /// # Errors
    /// When there are too many.
    pub(crate) fn from_leaves(
        id: SetId,
        leaves: Vec<Hash>,
        members: Vec<SubjectId>,
    ) -> Result<Self, AppError> {
        let set =
            Set::new(leaves).map_err(|_| AppError::Internal("a set holds a person twice or is too large"))?;
        Ok(Self { id, set, members })
    }

    /// How the entry names the set.
    #[must_use]
    pub(crate) fn about(&self) -> About {
        About::Many(model::Set { id: self.id, root: *self.set.root().as_bytes(), count: self.set.count() })
    }
}

/// One person's leaf in a set.
///
/// # Errors
/// When the person's trace key is gone.
pub(crate) fn leaf(set: SetId, subject: SubjectId, keys: &PersonKeys) -> Result<Hash, AppError> {
    let opening = Opening::of(keys.trace_key()?.expose(), &set.to_string());
    Ok(opening.tag(&subject.to_string()))
}

/// Writes one entry in a transaction. What is to be sealed is given before.
pub(crate) struct Recorder<'t, 'c> {
    tx: &'t mut Tx<'c>,
    trace: Option<&'t PersonKeys>,
    evidence_keys: Option<&'t PersonKeys>,
    details: Option<Value>,
    evidence: Option<Value>,
    set: Option<&'t SetDraft>,
}

impl<'t, 'c> Recorder<'t, 'c> {
    /// Writes entries about nobody, or nobody known.
    pub(crate) fn about_nobody(tx: &'t mut Tx<'c>) -> Self {
        Self { tx, trace: None, evidence_keys: None, details: None, evidence: None, set: None }
    }

    /// Writes entries about one person, whose keys these are.
    pub(crate) fn about(tx: &'t mut Tx<'c>, keys: &'t PersonKeys) -> Self {
        Self { trace: Some(keys), ..Self::about_nobody(tx) }
    }

    /// Writes entries about the members of a set.
    pub(crate) fn about_set(tx: &'t mut Tx<'c>, set: &'t SetDraft) -> Self {
        Self { set: Some(set), ..Self::about_nobody(tx) }
    }

    /// Adds details, sealed under the person's trace key.
    #[must_use]
    pub(crate) fn with_details(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }

    /// Adds evidence, sealed under the person's evidence lifetime.
    #[must_use]
    pub(crate) fn with_evidence(mut self, keys: &'t PersonKeys, evidence: Value) -> Self {
        self.evidence_keys = Some(keys);
        self.evidence = Some(evidence);
        self
    }

    fn write(&mut self, entry: &Entry) -> Result<EntryId, AppError> {
        check_references(entry)?;
        let mut body = plain_part(entry);
        let (set, members): (Option<&SetDraft>, Vec<SubjectId>) = match (&entry.about, self.set) {
            (About::Nobody, _) => (None, Vec::new()),
            (About::One(subject), _) => {
                let keys = self
                    .trace
                    .filter(|keys| keys.subject() == *subject)
                    .ok_or(AppError::Internal("an entry about a person needs their keys"))?;
                let tag =
                    Opening::of(keys.trace_key()?.expose(), &entry.id.to_string()).tag(&subject.to_string());
                body.insert("tag".to_owned(), json!(tag.to_string()));
                let replay = keys.replay_handle(entry.id);
                body.insert("replay".to_owned(), json!(STANDARD.encode(replay)));
                (None, vec![*subject])
            }
            (About::Many(_), Some(set)) => (Some(set), set.members.clone()),
            (About::Many(_), None) => return Err(AppError::Internal("an entry about many needs their set")),
        };
        self.add_sealed_parts(&mut body, entry.id)?;
        let bytes = canonical::encode_entry(&Value::Object(body))
            .map_err(|_| AppError::Internal("the ledger entry is too large"))?;
        store::ledger::add(self.tx, &row(entry, bytes))?;
        if let Some(set) = set {
            let leaves: Vec<[u8; 32]> = set.set.leaves().iter().map(|leaf| *leaf.as_bytes()).collect();
            store::ledger::add_set(
                self.tx,
                &set.id,
                &entry.id,
                entry.at,
                set.set.root().as_bytes(),
                &leaves,
            )?;
            fault::point("ask.after-set");
        }
        store::ledger::add_timeline(self.tx, &entry.id, entry.at, set.map(|set| &set.id), &members)?;
        Ok(entry.id)
    }

    fn add_sealed_parts(&self, body: &mut Map<String, Value>, id: EntryId) -> Result<(), AppError> {
        if let (Some(details), Some(keys)) = (&self.details, self.trace) {
            let sealed = seal(&keys.trace_subkey(DETAILS)?, id, details)?;
            body.insert("details".to_owned(), json!(STANDARD.encode(sealed.as_bytes())));
        }
        if let (Some(evidence), Some(keys)) = (&self.evidence, self.evidence_keys) {
            let sealed = seal(&keys.subkey(&evidence_lifetime(), EVIDENCE)?, id, evidence)?;
            body.insert("evidence".to_owned(), json!(STANDARD.encode(sealed.as_bytes())));
        }
        Ok(())
    }
}

impl<'c> Record<'c> for Recorder<'_, 'c> {
    type Error = AppError;

    fn record(&mut self, entry: &Entry) -> Result<EntryId, AppError> {
        self.write(entry)
    }
}

/// The built-in lifetime under which proof of consent is kept.
#[must_use]
#[expect(clippy::expect_used, reason = "the text is a constant that follows the rule for names")]
pub(crate) fn evidence_lifetime() -> LifetimeName {
    LifetimeName::new("evidence").expect("a name")
}

/// The built-in lifetime under which identifiers are sealed.
#[must_use]
#[expect(clippy::expect_used, reason = "the text is a constant that follows the rule for names")]
pub(crate) fn identity_lifetime() -> LifetimeName {
    LifetimeName::new("identity").expect("a name")
}

/// Opens the evidence of an entry, sealed under the person's evidence lifetime.
///
/// # Errors
/// When the entry has other bytes, or the keys are not the person's.
pub(crate) fn open_evidence(keys: &PersonKeys, entry: &EntryRow) -> Result<Option<Value>, AppError> {
    open(&keys.subkey(&evidence_lifetime(), EVIDENCE)?, entry, "evidence")
}

fn place(id: &str) -> Place<'_> {
    let column = inventory::LEDGER_ENTRY_BODY;
    Place { table: column.table, column: column.column, value: id }
}

fn seal(subkey: &Subkey, id: EntryId, part: &Value) -> Result<Sealed, AppError> {
    let text = serde_json::to_vec(part).map_err(|_| AppError::Internal("a sealed part is no JSON"))?;
    Ok(subkey.seal(place(&id.to_string()), &Personal::new(text))?)
}

#[expect(
    clippy::disallowed_methods,
    reason = "unsealing gives the parsed part to callers that hold the keys"
)]
fn open(subkey: &Subkey, entry: &EntryRow, part: &str) -> Result<Option<Value>, AppError> {
    let body: Value =
        serde_json::from_slice(&entry.body).map_err(|_| AppError::Internal("a stored entry is no JSON"))?;
    let Some(sealed) = body.get(part).and_then(Value::as_str) else { return Ok(None) };
    let sealed = STANDARD.decode(sealed).map_err(|_| AppError::Internal("a sealed part is no base64"))?;
    let opened = subkey.open(place(&entry.id.to_string()), &sealed)?;
    serde_json::from_slice(opened.expose())
        .map(Some)
        .map_err(|_| AppError::Internal("a sealed part is no JSON"))
}

fn row(entry: &Entry, body: Vec<u8>) -> EntryRow {
    EntryRow {
        id: entry.id,
        recorded: entry.at,
        kind: entry.kind.code().to_owned(),
        actor: entry.actor.to_string(),
        purpose: entry.purpose.as_ref().map(ToString::to_string),
        answer: entry.answer.map(|answer| answer.code().to_owned()),
        body,
        log_index: None,
    }
}

/// INVARIANT(no-free-text): what callers name in their own words enters an entry only as an
/// opaque reference, whichever way it came.
fn check_references(entry: &Entry) -> Result<(), AppError> {
    let account = match &entry.actor {
        Actor::Staff { account: id, .. } | Actor::Agent(id) => Some(id),
        Actor::Service(_) | Actor::Customer | Actor::Job(_) | Actor::Operator => None,
    };
    let given =
        [("reason.ticket", entry.ticket.as_ref()), ("request", entry.request.as_ref()), ("by", account)];
    let faults: Vec<Fault> = given
        .into_iter()
        .filter(|(_, text)| text.is_some_and(|text| !is_reference(text)))
        .map(|(path, _)| Fault::new(path, "an opaque id: up to 128 letters, digits and `-_./:#`"))
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(AppError::Invalid(faults)) }
}

/// Everything an entry says in the clear: codes and random ids, nothing personal.
fn plain_part(entry: &Entry) -> Map<String, Value> {
    let texts = |items: Vec<String>| (!items.is_empty()).then(|| json!(items));
    let fields: BTreeMap<&str, Option<Value>> = BTreeMap::from([
        ("format", Some(json!(ENTRY_FORMAT))),
        ("id", Some(json!(entry.id))),
        ("kind", Some(json!(entry.kind.code()))),
        ("time", Some(json!(entry.at.seconds()))),
        ("actor", Some(json!(entry.actor.to_string()))),
        ("via", entry.via.as_ref().map(|via| json!(format!("service:{}", via.service)))),
        ("key", entry.via.as_ref().map(|via| json!(via.key))),
        ("action", entry.action.map(|action| json!(action.code()))),
        ("purpose", entry.purpose.as_ref().map(|purpose| json!(purpose))),
        ("basis", entry.basis.map(|basis| json!(basis.code()))),
        ("categories", texts(entry.categories.iter().map(ToString::to_string).collect())),
        ("channel", entry.channel.map(|channel| json!(channel.code()))),
        ("recipient", entry.recipient.as_ref().map(|recipient| json!(recipient))),
        ("reason", entry.reason.as_ref().map(|reason| json!(reason))),
        ("ticket", entry.ticket.as_ref().map(|ticket| json!(ticket))),
        ("request", entry.request.as_ref().map(|request| json!(request))),
        ("event", entry.event.map(|event| json!(event))),
        ("policy", Some(json!(entry.policy_version))),
        ("law", entry.law_version.as_ref().map(|law| json!(law))),
        ("answer", entry.answer.map(|answer| json!(answer.code()))),
        ("findings", texts(entry.findings.iter().map(|code| code.code().to_owned()).collect())),
        ("facts", facts_part(&entry.facts)),
        ("exception", entry.exception.map(|exception| json!(exception.code()))),
        ("set", set_part(&entry.about)),
    ]);
    fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// The facts behind the findings, by finding.
fn facts_part(facts: &[(FindingCode, String)]) -> Option<Value> {
    let mut by_finding: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (code, fact) in facts {
        by_finding.entry(code.code()).or_default().push(fact);
    }
    (!by_finding.is_empty()).then(|| json!(by_finding))
}

fn set_part(about: &About) -> Option<Value> {
    let About::Many(set) = about else { return None };
    Some(json!({ "id": set.id, "root": STANDARD.encode(set.root), "count": set.count }))
}
