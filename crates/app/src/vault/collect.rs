//! Taking data in: one row of a declared system becomes identifiers, sealed values and a record.

use std::collections::{BTreeMap, HashMap, HashSet};

use gate::{Permit, Standing, Use};
use keys::PersonKeys;
use model::manifest::{Manifest, Stage};
use model::{
    Action, Actor, Answer, CategoryName, EntryId, Identifier, IdentifierKind, LifetimeName, Personal,
    PurposeName, RecordId, SubjectId, SystemName, Timestamp, ValueId,
};
use serde_json::json;
use store::Tx;
use store::identity::Owner;
use store::vault::{RecordRow, ValueRow};

use super::corrected::corrected_away;
use super::mapping::{Mapping, ParsedRow, ParsedValue, RecordMapping};
use super::sealing::Sealer;
use crate::ask::{Asked, Verdict, ask, foresee};
use crate::consent::{ChangeIds, Changed, note_changed};
use crate::controller::{Controller, Core, InForce};
use crate::error::AppError;
use crate::idempotency::Idempotency;
use crate::identity::{self, Claimed, Claims, Home, Known, Place, Resolved};
use crate::person::{self, Person, Taken};

/// Fields in one request at most.
pub const COLLECT_FIELDS_MAX: usize = 256;

/// One row to be taken in.
#[derive(Debug)]
pub struct Collect {
    /// The system of the manifest that gives it.
    pub system: SystemName,
    /// The table of that system.
    pub table: String,
    /// What the person is known by beyond the row's own identifier fields.
    pub identifiers: Vec<Identifier>,
    /// The values by column.
    pub fields: BTreeMap<String, Personal<String>>,
    /// For which purpose; none: the one that the manifest names for the table.
    pub purpose: Option<PurposeName>,
    /// Who sends it.
    pub actor: Actor,
    /// The caller's own id of the request.
    pub request: Option<String>,
    /// Whether the browser of the person sent `Sec-GPC: 1`.
    pub gpc: bool,
    /// Whether this is the person's own act, which alone brings an erased person back.
    pub own_act: bool,
    /// The caller's key for repeating the request safely.
    pub idempotency: Option<Idempotency>,
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Collected {
    /// The person.
    pub subject: SubjectId,
    /// Whether the person is new.
    pub created: bool,
    /// Values and records stored.
    pub stored: usize,
    /// Values and records that were there already.
    pub unchanged: usize,
    /// Columns that no category covers: dropped, by name.
    pub dropped: Vec<String>,
    /// Kinds of identifiers that somebody else has claimed: they stay theirs, and do not find
    /// this person.
    #[serde(default)]
    pub unclaimed: Vec<IdentifierKind>,
    /// The entry that records it.
    pub entry: EntryId,
}

/// Ids made before the transaction, so that running it twice is harmless.
struct RowIds {
    values: Vec<ValueId>,
    identifiers: Vec<ValueId>,
    record: RecordId,
    changes: ChangeIds,
}

impl RowIds {
    fn new(row: &ParsedRow, extra_identifiers: usize, now: Timestamp) -> Self {
        let ids = |count: usize| (0..count).map(|_| ValueId::ordered(now)).collect();
        Self {
            values: ids(row.values.len()),
            identifiers: ids(row.identifiers.len() + extra_identifiers),
            record: RecordId::ordered(now),
            changes: ChangeIds::all(now),
        }
    }
}

/// How many values and records a row changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Stored {
    stored: usize,
    unchanged: usize,
}

enum Outcome {
    Collected(Collected),
    Denied(Verdict),
}

/// Takes one row in.
///
/// # Errors
/// [`AppError::Invalid`] for undeclared columns in development and for values out of format;
/// `identifiers-disagree` or `erased-before`; [`AppError::Denied`].
pub async fn collect(controller: &Controller, request: Collect) -> Result<Collected, AppError> {
    let in_force = controller.in_force()?;
    let core = controller.core();
    let now = controller.now();
    let prepared = Prepared::new(&core, &in_force, request, now)?;
    let outcome =
        identity::write_again(controller, "vault.collect", move |tx| prepared.run(tx, &core, &in_force))
            .await?;
    match outcome {
        Outcome::Collected(collected) => Ok(collected),
        Outcome::Denied(verdict) => Err(AppError::Denied(Box::new(verdict))),
    }
}

struct Prepared {
    mapping: Mapping,
    row: ParsedRow,
    known: Vec<Known>,
    /// How many of them the row itself names; the rest came beside it.
    in_row: usize,
    asked: Use,
    own_act: bool,
    ids: RowIds,
    new_subject: SubjectId,
    idempotency: Option<Idempotency>,
    now: Timestamp,
}

impl Prepared {
    fn new(core: &Core, in_force: &InForce, request: Collect, now: Timestamp) -> Result<Self, AppError> {
        if request.fields.len() > COLLECT_FIELDS_MAX {
            return Err(AppError::invalid("fields", format!("{COLLECT_FIELDS_MAX} fields at most")));
        }
        let mapping = Mapping::compile(&in_force.manifest, &request.system, &request.table)?;
        let mut row = mapping.read(request.fields)?;
        refuse_undeclared(in_force, &request.actor, &row)?;
        let extra = request.identifiers.len();
        let ids = RowIds::new(&row, extra, now);
        let mut identifiers = std::mem::take(&mut row.identifiers);
        let in_row = identifiers.len();
        let named = categories_of(&in_force.manifest, &request.identifiers)?;
        identifiers.extend(request.identifiers.into_iter().map(|identifier| (identifier, false)));
        let known = identity::all_known(core, identifiers, "identifiers")?;
        if known.is_empty() {
            return Err(AppError::invalid(
                "identifiers",
                "the row names nobody: send at least one identifier",
            ));
        }
        let purpose = request.purpose.or_else(|| mapping.purpose.clone()).ok_or_else(|| {
            AppError::invalid("purpose", "neither the request nor the manifest's table names a purpose")
        })?;
        let mut asked = Use::new(EntryId::random(), request.actor, Action::Collect, purpose);
        asked.categories = row.values.iter().map(|value| value.category.clone()).collect();
        asked.categories.extend(mapping.record.iter().map(|record| record.category.clone()));
        asked.categories.extend(named);
        asked.gpc = request.gpc;
        asked.request = request.request;
        Ok(Self {
            mapping,
            row,
            known,
            in_row,
            asked,
            own_act: request.own_act,
            ids,
            new_subject: SubjectId::random(),
            idempotency: request.idempotency,
            now,
        })
    }

    fn run<'c>(&self, tx: &mut Tx<'c>, core: &Core, in_force: &InForce) -> Result<Outcome, AppError> {
        if let Some(before) = Idempotency::replayed(self.idempotency.as_ref(), tx)? {
            return Ok(Outcome::Collected(before));
        }
        let Resolved { place, owners } = identity::resolve_row(tx, &self.known)?;
        let details = json!({ "system": self.mapping.system, "table": self.mapping.table });
        let (mut person, created) = match place {
            Some(place) => match person::take(tx, core, place.leader, self.now)? {
                Taken::Living(person) => (person, false),
                Taken::Erased(id) => return Err(AppError::Erased(id)),
                Taken::Nobody => return Err(AppError::NotFound("person")),
            },
            // Nobody is made for a row that is not taken in: the denial is about nobody.
            None => {
                let foreseen = foresee(in_force, &Standing::default(), &self.asked, self.now);
                if foreseen.answer != Answer::Granted {
                    return match ask(tx, in_force, None, &self.asked, Some(details), self.now)? {
                        Asked::Refused(verdict) => Ok(Outcome::Denied(verdict)),
                        Asked::Permitted(..) => Err(AppError::Internal("one question had two answers")),
                    };
                }
                (person::create(tx, core, self.new_subject, self.now)?, true)
            }
        };
        let asked = self.asked.clone().about(person.id());
        let permit = match ask(tx, in_force, Some(&person), &asked, Some(details), self.now)? {
            Asked::Permitted(permit, _) => permit,
            Asked::Refused(_) if created => return Err(AppError::Internal("one question had two answers")),
            Asked::Refused(verdict) => return Ok(Outcome::Denied(verdict)),
        };
        let place = place.unwrap_or(Place::of_new(person.id()));
        let mut home = Home::open(tx, core, &person, place)?;
        let storing = Storing {
            permit: &permit,
            mapping: &self.mapping,
            row: &self.row,
            ids: &self.ids,
            now: self.now,
        };
        let stored = storing.store(tx, core, &mut person, &mut home)?;
        let corrected = match created {
            true => HashSet::new(),
            false => self.corrected(tx, core, &permit, (&person, &home), (&owners, stored))?,
        };
        let claims = Claims {
            known: &self.known,
            owners: &owners,
            value_ids: &self.ids.identifiers,
            own_act: self.own_act,
            corrected: &corrected,
            home: &home,
            now: self.now,
        };
        let claimed = identity::claim(tx, &mut person, &claims)?;
        if !created {
            let kinds = self.changed(&person, &owners, stored, &claimed);
            self.note_changed(tx, core, in_force, &mut person, &kinds)?;
        }
        person.store_standing(tx)?;
        let collected = Collected {
            subject: person.id(),
            created,
            stored: stored.stored,
            unchanged: stored.unchanged,
            dropped: self.row.undeclared.clone(),
            unclaimed: claimed.unclaimed,
            entry: permit.entry(),
        };
        Idempotency::keep(self.idempotency.as_ref(), tx, &collected, self.now)?;
        Ok(Outcome::Collected(collected))
    }
}

impl Prepared {
    /// Identifiers of the row that nobody has because they were corrected away, and that the
    /// row does not say anew. A row of records that is there already says nothing anew.
    fn corrected<'c>(
        &self,
        tx: &mut Tx<'c>,
        core: &Core,
        permit: &Permit<'c>,
        (person, home): (&Person, &Home),
        (owners, stored): (&[Option<Owner>], Stored),
    ) -> Result<HashSet<[u8; 32]>, AppError> {
        let named = self.known.iter().zip(owners).take(self.in_row);
        let unowned: HashSet<[u8; 32]> =
            named.filter(|(_, owner)| owner.is_none()).map(|(known, _)| known.hash).collect();
        if unowned.is_empty() {
            return Ok(unowned);
        }
        if self.mapping.record.is_some() {
            return Ok(if stored.stored == 0 { unowned } else { HashSet::new() });
        }
        let whose = (&home.id(), home.keys(person));
        corrected_away(tx, core, permit, whose, &self.mapping.system, (&self.row, &unowned))
    }

    /// The kinds of addresses that this row changed and nobody vouches for: what was claimed,
    /// and in a row that brought something new also what somebody else has claimed.
    fn changed(
        &self,
        person: &Person,
        owners: &[Option<Owner>],
        stored: Stored,
        claimed: &Claimed,
    ) -> Vec<IdentifierKind> {
        let mut kinds = claimed.unproved.clone();
        if stored.stored > 0 {
            let anothers = |owner: &Option<Owner>| {
                owner.as_ref().is_some_and(|owner| person.ids().all(|id| id != owner.subject))
            };
            let known = self.known.iter().zip(owners);
            let theirs = known.filter(|(known, owner)| !known.verified && anothers(owner));
            kinds.extend(theirs.map(|(known, _)| known.kind.clone()));
        }
        kinds
    }

    fn note_changed(
        &self,
        tx: &mut Tx<'_>,
        core: &Core,
        in_force: &InForce,
        person: &mut Person,
        kinds: &[IdentifierKind],
    ) -> Result<(), AppError> {
        let changed = Changed {
            kinds,
            released: false,
            actor: &self.asked.actor,
            request: self.asked.request.as_deref(),
            ids: &self.ids.changes,
            now: self.now,
        };
        note_changed(tx, core, in_force, person, &changed).map(|_| ())
    }
}

/// The categories of identifiers that a request brings beside its row.
fn categories_of(manifest: &Manifest, identifiers: &[Identifier]) -> Result<Vec<CategoryName>, AppError> {
    let category = |(index, identifier): (usize, &Identifier)| {
        identity::category(manifest, &identifier.kind).ok_or_else(|| {
            let message = "the manifest gives no field of this kind a category: map one, or leave it out";
            AppError::invalid(format!("identifiers[{index}].kind"), message)
        })
    };
    identifiers.iter().enumerate().map(category).collect()
}

/// In development a field that no category covers is refused by name; in production it is
/// dropped and reported, so that no order is lost to a new field.
fn refuse_undeclared(in_force: &InForce, actor: &Actor, row: &ParsedRow) -> Result<(), AppError> {
    let Actor::Service(service) = actor else { return Ok(()) };
    let stage = in_force.manifest.services.get(service).map(|service| service.stage).unwrap_or_default();
    if row.undeclared.is_empty() || stage == Stage::Production {
        return Ok(());
    }
    let fault = |name: &String| {
        crate::error::Fault::new(
            format!("fields.{name}"),
            "the manifest does not declare this column: give it a category, or `ignore` it with a reason",
        )
    };
    Err(AppError::Invalid(row.undeclared.iter().map(fault).collect()))
}

/// What a row becomes under one permit.
struct Storing<'a, 'c> {
    permit: &'a Permit<'c>,
    mapping: &'a Mapping,
    row: &'a ParsedRow,
    ids: &'a RowIds,
    now: Timestamp,
}

impl<'c> Storing<'_, 'c> {
    /// Stores the values or the record of a row under the keys of its home. Lifetimes that it
    /// does not have yet begin here.
    fn store(
        &self,
        tx: &mut Tx<'c>,
        core: &Core,
        person: &mut Person,
        home: &mut Home,
    ) -> Result<Stored, AppError> {
        let lifetimes = match &self.mapping.record {
            Some(record) => vec![record.lifetime.clone()],
            None => self.row.values.iter().map(|value| value.lifetime.clone()).collect(),
        };
        home.begin(tx, core, person, &lifetimes)?;
        let whose = (home.id(), home.keys(person));
        match (&self.mapping.record, &self.row.key) {
            (Some(spec), Some(key)) => self.record(tx, whose, spec, key),
            (Some(_), None) => Err(AppError::Internal("a record without its key")),
            (None, _) => self.values(tx, whose),
        }
    }

    fn values(&self, tx: &mut Tx<'c>, (subject, keys): (SubjectId, &PersonKeys)) -> Result<Stored, AppError> {
        let Self { permit, mapping, row, ids, now } = *self;
        let mut held: HashMap<(String, String), (ValueId, [u8; 32])> = HashMap::new();
        for (_, id, category, field, fingerprint) in
            store::vault::fingerprints(tx, permit, [subject], &mapping.system)?
        {
            held.insert((category.to_string(), field), (id, fingerprint));
        }
        let mut sealers: HashMap<&LifetimeName, Sealer> = HashMap::new();
        let (mut fresh, mut ended) = (Vec::new(), Vec::new());
        let mut stored = Stored::default();
        for (value, id) in row.values.iter().zip(&ids.values) {
            let sealer = match sealers.entry(&value.lifetime) {
                std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(Sealer::new(keys, &value.lifetime)?)
                }
            };
            let fingerprint = value.fingerprint(sealer);
            match held.get(&(value.category.to_string(), value.field.to_string())) {
                Some((_, known)) if *known == fingerprint => {
                    stored.unchanged += 1;
                    continue;
                }
                Some((old, _)) => ended.push((subject, *old)),
                None => {}
            }
            stored.stored += 1;
            fresh.push((subject, seal_value(sealer, mapping, value, *id, fingerprint, now)?));
        }
        store::vault::end_values(tx, permit, &ended, now)?;
        store::vault::add_values(tx, permit, &fresh)?;
        Ok(stored)
    }

    fn record(
        &self,
        tx: &mut Tx<'c>,
        (subject, keys): (SubjectId, &PersonKeys),
        spec: &RecordMapping,
        key: &Personal<String>,
    ) -> Result<Stored, AppError> {
        let Self { permit, mapping, row, ids, now } = *self;
        let sealer = Sealer::new(keys, &spec.lifetime)?;
        let draft = RecordDraft::new(&sealer, row, key)?;
        let wanted = [(subject, spec.kind.clone(), draft.source_key)];
        for (_, _, _, old, fingerprint) in store::vault::known_records(tx, permit, &wanted)? {
            if fingerprint == draft.fingerprint {
                return Ok(Stored { stored: 0, unchanged: 1 });
            }
            store::vault::delete_records(tx, permit, &[(subject, old)])?;
        }
        let record = draft.seal(&sealer, mapping, spec, row, ids.record, now)?;
        store::vault::add_records(tx, permit, &[(subject, record)])?;
        Ok(Stored { stored: 1, unchanged: 0 })
    }
}

/// Seals one value of a row.
pub(crate) fn seal_value(
    sealer: &Sealer,
    mapping: &Mapping,
    value: &ParsedValue,
    id: ValueId,
    fingerprint: [u8; 32],
    now: Timestamp,
) -> Result<ValueRow, AppError> {
    Ok(ValueRow {
        id,
        category: value.category.clone(),
        field: value.field.to_string(),
        lifetime: value.lifetime.clone(),
        source: value.source.code().to_owned(),
        system: mapping.system.clone(),
        recorded: now,
        ended: None,
        source_fingerprint: fingerprint,
        sealed: sealer.seal_value(&id, &value.value)?,
    })
}

/// One source row on its way to becoming a record: known by its keyed hashes, not sealed yet.
pub(crate) struct RecordDraft {
    body: Personal<String>,
    /// Keyed hash of the source row's key.
    pub(crate) source_key: [u8; 32],
    /// Keyed hash of the whole row.
    pub(crate) fingerprint: [u8; 32],
}

impl RecordDraft {
    /// The draft of a row under the keys of the person whom it is about.
    pub(crate) fn new(sealer: &Sealer, row: &ParsedRow, key: &Personal<String>) -> Result<Self, AppError> {
        let body = record_body(row)?;
        let (source_key, fingerprint) = (sealer.fingerprint(key), sealer.fingerprint(&body));
        Ok(Self { body, source_key, fingerprint })
    }

    /// The record, sealed.
    pub(crate) fn seal(
        &self,
        sealer: &Sealer,
        mapping: &Mapping,
        spec: &RecordMapping,
        row: &ParsedRow,
        id: RecordId,
        now: Timestamp,
    ) -> Result<RecordRow, AppError> {
        let mut categories: Vec<&str> = row.values.iter().map(|value| value.category.as_str()).collect();
        categories.push(spec.category.as_str());
        categories.sort_unstable();
        categories.dedup();
        Ok(RecordRow {
            id,
            kind: spec.kind.clone(),
            source_key: self.source_key,
            categories: categories.join(" "),
            lifetime: spec.lifetime.clone(),
            source: model::manifest::Source::Observed.code().to_owned(),
            system: mapping.system.clone(),
            recorded: now,
            fingerprint: self.fingerprint,
            sealed: sealer.seal_record(&id, &self.body)?,
        })
    }
}

/// A record's plain body: a list of `[field, category, source, value]`, by field, so that a row
/// is the same one in whatever order its columns come.
#[expect(clippy::disallowed_methods, reason = "sealing is one of the three places that may look")]
fn record_body(row: &ParsedRow) -> Result<Personal<String>, AppError> {
    let mut fields: Vec<[&str; 4]> = row
        .values
        .iter()
        .map(|value| {
            let text: &String = value.value.expose();
            [&*value.field, value.category.as_str(), value.source.code(), text.as_str()]
        })
        .collect();
    fields.sort_unstable();
    serde_json::to_string(&fields)
        .map(Personal::new)
        .map_err(|_| AppError::Internal("a record does not serialise"))
}
