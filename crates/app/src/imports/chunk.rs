//! One chunk of an import: one transaction, one question to the gate, few statements.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use gate::{Decision, Finding, Permit, Standing, Use};
use model::{
    Action, Actor, EntryId, EntryKind, IdentifierKind, ImportId, PurposeName, RecordId, SetId, SubjectId,
    Timestamp, ValueId,
};
use store::Tx;
use store::identity::IdentifierRow;

use super::people::{People, Places};
use super::reader::End;
use super::rows::{self, Outcome};
use super::tally::{Reject, Rejection, Tally};
use crate::consent::{ChangeIds, Changed};
use crate::controller::{Core, InForce};
use crate::error::AppError;
use crate::identity::{self, Known, Place};
use crate::recorder::{Recorder, SetDraft};
use crate::vault::corrected_away;
use crate::vault::mapping::{Mapping, ParsedRow};

/// Answers of the gate to so many people at most: one to each, one about nobody known, and
/// one to everybody who is permitted.
pub(super) const fn answers_max(people: usize) -> usize {
    people + 2
}

/// What all chunks of a run share.
pub(super) struct Context {
    pub(super) core: Arc<Core>,
    pub(super) in_force: Arc<InForce>,
    pub(super) mapping: Mapping,
    pub(super) import: ImportId,
    pub(super) actor: Actor,
    pub(super) purpose: PurposeName,
}

/// Rows of the source, made ready for their transaction.
#[derive(Default)]
pub(super) struct Chunk {
    pub(super) items: Vec<Item>,
    /// Rows read, and what became of those that no transaction sees.
    pub(super) tally: Tally,
    pub(super) rejects: Vec<Reject>,
    /// Ids of the entries and sets that the transaction may write.
    pub(super) ids: Vec<(EntryId, SetId)>,
    /// How the source ended, in its last chunk.
    pub(super) end: Option<End>,
    /// Bytes or rows read so far, and how many there are.
    pub(super) done: u64,
    pub(super) total: Option<u64>,
}

/// One row that names somebody.
pub(super) struct Item {
    pub(super) line: u64,
    pub(super) row: ParsedRow,
    pub(super) known: Vec<Known>,
    /// An id for each value of a profile.
    pub(super) values: Vec<ValueId>,
    /// An id for each identifier.
    pub(super) identifiers: Vec<ValueId>,
    /// For noting that addresses of the person changed.
    pub(super) changes: ChangeIds,
    pub(super) record: RecordId,
    /// The person whom the row makes if nobody has its identifiers.
    pub(super) subject: SubjectId,
}

/// What a transaction did with its chunk.
pub(super) struct Written {
    pub(super) tally: Tally,
    pub(super) rejects: Vec<Reject>,
    /// Identities whose profile rows it saw.
    pub(super) profiles: BTreeSet<SubjectId>,
}

/// Writes one chunk. `seen` are the identities whose profile rows earlier chunks held.
pub(super) fn write(
    tx: &mut Tx<'_>,
    context: &Context,
    chunk: &Chunk,
    seen: &BTreeSet<SubjectId>,
    now: Timestamp,
) -> Result<Written, AppError> {
    let places = Places::find(tx, &chunk.items)?;
    let mut written = Written { tally: chunk.tally.clone(), rejects: Vec::new(), profiles: BTreeSet::new() };
    let mut accepted: Vec<(&Item, Place)> = Vec::with_capacity(chunk.items.len());
    for (item, place) in chunk.items.iter().zip(&places.rows) {
        match place {
            Ok(place) => accepted.push((item, *place)),
            Err(reject) => written.reject(reject.clone()),
        }
    }
    let everybody: Vec<Place> = accepted.iter().map(|(_, place)| *place).collect();
    let mut people = People::take(tx, &context.core, &everybody, now)?;
    accepted.retain(|(item, place)| {
        let is_erased = people.erased.contains(&place.leader);
        if is_erased {
            written.reject(Reject::new(item.line, Rejection::Erased, ""));
        }
        !is_erased
    });
    let Some((permit, denied)) = ask(tx, context, chunk, &mut people, &accepted, now)? else {
        return Ok(written);
    };
    accepted.retain(|(item, place)| match denied.get(&place.leader) {
        Some(codes) => {
            written.reject(Reject::new(item.line, Rejection::Denied, codes.clone()));
            false
        }
        None => true,
    });
    if let Some(permit) = permit {
        let created: BTreeSet<SubjectId> =
            accepted.iter().filter(|(_, place)| place.is_new).map(|(_, place)| place.leader).collect();
        written.tally.people_created += created.len() as u64;
        let taken = Taken { context, permit: &permit, places: &places, accepted: &accepted, seen, now };
        taken.store(tx, &mut people, &mut written)?;
    }
    Ok(written)
}

/// Codes of the gate by the people whom it denied.
type Denied = BTreeMap<SubjectId, String>;

/// Asks the gate once for everybody of the chunk. Whoever is permitted and new is made.
fn ask<'c>(
    tx: &mut Tx<'c>,
    context: &Context,
    chunk: &Chunk,
    people: &mut People,
    accepted: &[(&Item, Place)],
    now: Timestamp,
) -> Result<Option<(Option<Permit<'c>>, Denied)>, AppError> {
    if accepted.is_empty() {
        return Ok(None);
    }
    let mut ids = chunk.ids.iter().copied();
    let mut next = || ids.next().ok_or(AppError::Internal("a chunk has more answers than ids"));
    let (nobody, _) = next()?;
    let mut asked = Use::new(nobody, context.actor.clone(), Action::Collect, context.purpose.clone());
    asked.categories = context.mapping.categories();
    asked.request = Some(context.import.to_string());
    let prepared = context.in_force.policy.prepare(&asked, now);
    let mut denied = Denied::new();
    let new: BTreeSet<SubjectId> =
        accepted.iter().filter(|(_, place)| place.is_new).map(|(_, place)| place.leader).collect();
    if !new.is_empty() {
        match prepared.decide(&Standing::default()) {
            Decision::Grant(_) => {
                people.create(tx, &context.core, &new, now)?;
                fault::point("import.after-people");
            }
            Decision::Denial(denial) => {
                denial.record(&mut Recorder::about_nobody(tx))?;
                denied.extend(new.iter().map(|id| (*id, codes(denial.findings()))));
            }
        }
    }
    let selection = prepared
        .select(people.living.iter().map(|(id, person)| (*id, &person.standing)))
        .with_followers(accepted.iter().map(|(_, place)| (place.leader, place.home)));
    for group in selection.denied() {
        let (entry, set) = next()?;
        let draft = draft(set, people, group.members().iter().copied())?;
        group.denial(entry, draft.about()).record(&mut Recorder::about_set(tx, &draft))?;
        denied.extend(group.members().iter().map(|id| (*id, codes(group.findings()))));
    }
    if selection.granted().is_empty() {
        return Ok(Some((None, denied)));
    }
    let (entry, set) = next()?;
    let homes =
        accepted.iter().filter(|(_, place)| !denied.contains_key(&place.leader)).map(|(_, place)| place.home);
    let members: BTreeSet<SubjectId> = selection.granted().iter().copied().chain(homes).collect();
    let draft = draft(set, people, members)?;
    let grant = selection.grant(entry, EntryKind::Import, draft.about());
    let permit = grant.record(&mut Recorder::about_set(tx, &draft))?;
    context.in_force.refuse_over(&permit)?;
    Ok(Some((Some(permit), denied)))
}

fn draft(
    set: SetId,
    people: &People,
    members: impl IntoIterator<Item = SubjectId>,
) -> Result<SetDraft, AppError> {
    let mut with_keys = Vec::new();
    for id in members {
        with_keys.push((id, people.keys(id)?));
    }
    SetDraft::new(set, with_keys)
}

fn codes(findings: &[Finding]) -> String {
    findings.iter().map(|finding| finding.code.code()).collect::<Vec<_>>().join(" ")
}

/// The rows of a chunk that are taken in, under their permit.
struct Taken<'a, 'c> {
    context: &'a Context,
    permit: &'a Permit<'c>,
    places: &'a Places,
    accepted: &'a [(&'a Item, Place)],
    seen: &'a BTreeSet<SubjectId>,
    now: Timestamp,
}

impl<'c> Taken<'_, 'c> {
    /// Stores what the rows bring, and claims their identifiers.
    fn store(&self, tx: &mut Tx<'c>, people: &mut People, written: &mut Written) -> Result<(), AppError> {
        let Self { context, permit, accepted, seen, now, .. } = *self;
        let stored: Vec<(Outcome, bool)> = match &context.mapping.record {
            // A row of records that is there already says nothing anew.
            Some(spec) => rows::records(tx, permit, &context.mapping, spec, people, accepted, now)?
                .into_iter()
                .map(|outcome| (outcome, outcome == Outcome::Unchanged))
                .collect(),
            None => {
                let profiles = rows::profiles(tx, permit, &context.mapping, people, accepted, seen, now)?;
                written.profiles = accepted.iter().map(|(_, place)| place.home).collect();
                profiles
            }
        };
        fault::point("import.after-rows");
        let mut away = Vec::with_capacity(accepted.len());
        for ((item, place), (_, said_before)) in accepted.iter().zip(&stored) {
            away.push(self.corrected(tx, people, item, *place, *said_before)?);
        }
        let mut outcomes: Vec<Outcome> = stored.into_iter().map(|(outcome, _)| outcome).collect();
        self.claim(tx, people, &away, &mut outcomes)?;
        fault::point("import.after-claims");
        people.store(tx, &context.core)?;
        for ((item, _), outcome) in accepted.iter().zip(outcomes) {
            match outcome {
                Outcome::Imported => written.tally.imported += 1,
                Outcome::Unchanged => written.tally.unchanged += 1,
                Outcome::Rejected(reason) => written.reject(Reject::new(item.line, reason, "")),
            }
        }
        Ok(())
    }

    /// Identifiers of a row that nobody has because they were corrected away.
    fn corrected(
        &self,
        tx: &mut Tx<'c>,
        people: &People,
        item: &Item,
        place: Place,
        said_before: bool,
    ) -> Result<HashSet<[u8; 32]>, AppError> {
        let Self { context, permit, places, .. } = *self;
        let hashes = item.known.iter().map(|known| known.hash);
        let unowned: HashSet<[u8; 32]> = hashes.filter(|hash| !places.owners.contains_key(hash)).collect();
        if place.is_new || !said_before || unowned.is_empty() {
            return Ok(HashSet::new());
        }
        if context.mapping.record.is_some() {
            return Ok(unowned);
        }
        let whose = (&place.home, people.keys(place.home)?);
        let system = &context.mapping.system;
        corrected_away(tx, &context.core, permit, whose, system, (&item.row, &unowned))
    }

    /// Claims the identifiers that nobody has, and proves those for which the source vouches.
    /// A confirmation does not reach what is new to somebody known.
    fn claim(
        &self,
        tx: &mut Tx<'_>,
        people: &mut People,
        away: &[HashSet<[u8; 32]>],
        outcomes: &mut [Outcome],
    ) -> Result<(), AppError> {
        let Self { places, accepted, now, .. } = *self;
        let mut claims: Vec<IdentifierRow> = Vec::new();
        let mut claimed: HashMap<[u8; 32], usize> = HashMap::new();
        let mut proved = BTreeSet::new();
        let mut tombs: HashMap<[u8; 32], SubjectId> = HashMap::new();
        let mut changes = Changes::default();
        for (((item, place), outcome), away) in accepted.iter().zip(outcomes).zip(away) {
            if matches!(outcome, Outcome::Rejected(_)) {
                continue;
            }
            let brings = *outcome == Outcome::Imported;
            for (known, id) in item.known.iter().zip(&item.identifiers) {
                if let Some(owner) = places.owners.get(&known.hash) {
                    let is_unproved = known.verified && !owner.verified && owner.leader == place.leader;
                    if is_unproved && proved.insert(known.hash) {
                        store::identity::verify(tx, &known.kind, &known.hash, &owner.subject)?;
                        *outcome = Outcome::Imported;
                    }
                    if brings && owner.leader != place.leader {
                        changes.add(item, *place, known);
                    }
                    continue;
                }
                if away.contains(&known.hash) {
                    continue;
                }
                changes.add(item, *place, known);
                if let Some(row) = claimed.get(&known.hash).and_then(|index| claims.get_mut(*index)) {
                    row.verified |= known.verified && row.subject == place.home;
                    continue;
                }
                *outcome = Outcome::Imported;
                claimed.insert(known.hash, claims.len());
                tombs.insert(known.tomb, place.leader);
                claims.push(IdentifierRow {
                    kind: known.kind.clone(),
                    hash: known.hash,
                    subject: place.home,
                    value_id: *id,
                    verified: known.verified,
                    recorded: people.clock(place.leader).unwrap_or(now),
                    sealed: identity::seal(people.keys(place.home)?, id, &known.value)?,
                    tomb: known.tomb,
                });
            }
        }
        if store::identity::claim_many(tx, &claims)? != claims.len() as u64 {
            return Err(identity::raced());
        }
        let hashes: Vec<[u8; 32]> = tombs.keys().copied().collect();
        for (hash, scope) in store::retention::suppressed(tx, &hashes)? {
            if let Some(leader) = tombs.get(&hash) {
                people.close(*leader, &scope);
            }
        }
        changes.note(tx, self.context, people, now)
    }
}

/// Addresses that a chunk changed, by the leading identity.
#[derive(Default)]
struct Changes(BTreeMap<SubjectId, (BTreeSet<IdentifierKind>, ChangeIds)>);

impl Changes {
    /// Takes in what a row brings of somebody known, unless the source vouches for it.
    fn add(&mut self, item: &Item, place: Place, known: &Known) {
        if place.is_new || known.verified {
            return;
        }
        let (kinds, ids) = self.0.entry(place.leader).or_default();
        if kinds.insert(known.kind.clone()) {
            ids.add(&item.changes);
        }
    }

    fn note(
        &self,
        tx: &mut Tx<'_>,
        context: &Context,
        people: &mut People,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let request = context.import.to_string();
        for (leader, (kinds, ids)) in &self.0 {
            let kinds: Vec<IdentifierKind> = kinds.iter().cloned().collect();
            let changed = Changed {
                kinds: &kinds,
                released: false,
                actor: &context.actor,
                request: Some(&request),
                ids,
                now,
            };
            people.note_changed(tx, (&context.core, &context.in_force), *leader, &changed)?;
        }
        Ok(())
    }
}

impl Written {
    fn reject(&mut self, reject: Reject) {
        self.tally.reject(reject.reason);
        self.rejects.push(reject);
    }
}
