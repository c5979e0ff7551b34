//! What the rows of a chunk bring: records, or values of profiles. Sealed under the keys of
//! the identity that each row leads to, and written in few statements.

use std::collections::{BTreeSet, HashMap};

use gate::Permit;
use model::{CategoryName, SubjectId, Timestamp, ValueId};
use store::vault::{self, ValueRow};
use store::{ReadTx, Tx};

use super::chunk::Item;
use super::people::People;
use super::tally::Rejection;
use crate::error::AppError;
use crate::identity::Place;
use crate::vault::mapping::{Mapping, ParsedValue, RecordMapping};
use crate::vault::{RecordDraft, seal_value};

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It brought something new.
    Imported,
    /// It was there already.
    Unchanged,
    /// It was not taken.
    Rejected(Rejection),
}

/// Stores each row as a record, in place of an older version of the same source row.
pub(super) fn records<'c>(
    tx: &mut Tx<'c>,
    permit: &Permit<'c>,
    mapping: &Mapping,
    spec: &RecordMapping,
    people: &mut People,
    accepted: &[(&Item, Place)],
    now: Timestamp,
) -> Result<Vec<Outcome>, AppError> {
    let mut drafts = Vec::with_capacity(accepted.len());
    for (item, place) in accepted {
        let key = item.row.key.as_ref().ok_or(AppError::Internal("a record without its key"))?;
        drafts.push(RecordDraft::new(people.sealer(place.home, &spec.lifetime)?, &item.row, key)?);
    }
    let wanted: Vec<_> = accepted
        .iter()
        .zip(&drafts)
        .map(|((_, place), draft)| (place.home, spec.kind.clone(), draft.source_key))
        .collect();
    let held: HashMap<_, _> = vault::known_records(tx, permit, &wanted)?
        .into_iter()
        .map(|(subject, _, key, id, fingerprint)| ((subject, key), (id, fingerprint)))
        .collect();
    let (mut fresh, mut replaced, mut outcomes) = (Vec::new(), Vec::new(), Vec::new());
    for ((item, place), draft) in accepted.iter().zip(&drafts) {
        match held.get(&(place.home, draft.source_key)) {
            Some((_, fingerprint)) if *fingerprint == draft.fingerprint => {
                outcomes.push(Outcome::Unchanged);
                continue;
            }
            Some((old, _)) => replaced.push((place.home, *old)),
            None => {}
        }
        let sealer = people.sealer(place.home, &spec.lifetime)?;
        fresh.push((place.home, draft.seal(sealer, mapping, spec, &item.row, item.record, now)?));
        outcomes.push(Outcome::Imported);
    }
    vault::delete_records(tx, permit, &replaced)?;
    vault::add_records(tx, permit, &fresh)?;
    Ok(outcomes)
}

/// Stores the values of profile rows. The first row about a person is the one that counts:
/// a later one of the same run that says something else is rejected, so that a second run
/// finds everything unchanged. Beside what became of a row: whether it names the person by
/// something that it said of them before.
pub(super) fn profiles<'c>(
    tx: &mut Tx<'c>,
    permit: &Permit<'c>,
    mapping: &Mapping,
    people: &mut People,
    accepted: &[(&Item, Place)],
    seen: &BTreeSet<SubjectId>,
    now: Timestamp,
) -> Result<Vec<(Outcome, bool)>, AppError> {
    let mut profiles = Profiles::load(tx, permit, mapping, accepted)?;
    let mut seen_here = BTreeSet::new();
    let mut outcomes = Vec::with_capacity(accepted.len());
    for (item, place) in accepted {
        let is_first = !seen.contains(&place.home) && seen_here.insert(place.home);
        outcomes.push(profiles.take(people, mapping, item, place.home, is_first, now)?);
    }
    vault::end_values(tx, permit, &profiles.ended, now)?;
    vault::add_values(tx, permit, &profiles.fresh)?;
    Ok(outcomes)
}

/// Whose value it is, of which category, in which field.
type Spot = (SubjectId, CategoryName, String);

/// The profile values of a chunk's people.
struct Profiles {
    /// Keyed hashes, with the id of what the store holds.
    held: HashMap<Spot, ([u8; 32], Option<ValueId>)>,
    fresh: Vec<(SubjectId, ValueRow)>,
    ended: Vec<(SubjectId, ValueId)>,
}

impl Profiles {
    fn load<'c>(
        tx: &mut ReadTx<'c>,
        permit: &Permit<'c>,
        mapping: &Mapping,
        accepted: &[(&Item, Place)],
    ) -> Result<Self, AppError> {
        let homes: BTreeSet<SubjectId> = accepted.iter().map(|(_, place)| place.home).collect();
        let held = vault::fingerprints(tx, permit, homes, &mapping.system)?
            .into_iter()
            .map(|(subject, id, category, field, fingerprint)| {
                ((subject, category, field), (fingerprint, Some(id)))
            })
            .collect();
        Ok(Self { held, fresh: Vec::new(), ended: Vec::new() })
    }

    fn take(
        &mut self,
        people: &mut People,
        mapping: &Mapping,
        item: &Item,
        home: SubjectId,
        is_first: bool,
        now: Timestamp,
    ) -> Result<(Outcome, bool), AppError> {
        let mut names_as_before = false;
        let mut changed: Vec<(&ParsedValue, ValueId, [u8; 32])> = Vec::new();
        for (value, id) in item.row.values.iter().zip(&item.values) {
            let fingerprint = value.fingerprint(people.sealer(home, &value.lifetime)?);
            match self.held.get(&spot_of(home, value)) {
                Some((held, _)) if *held == fingerprint => names_as_before |= value.identifier.is_some(),
                Some(_) if !is_first => return Ok((Outcome::Rejected(Rejection::PersonTwice), false)),
                Some(_) | None => changed.push((value, *id, fingerprint)),
            }
        }
        for (value, id, fingerprint) in &changed {
            if let Some((_, Some(old))) = self.held.insert(spot_of(home, value), (*fingerprint, None)) {
                self.ended.push((home, old));
            }
            let sealer = people.sealer(home, &value.lifetime)?;
            self.fresh.push((home, seal_value(sealer, mapping, value, *id, *fingerprint, now)?));
        }
        let outcome = if changed.is_empty() { Outcome::Unchanged } else { Outcome::Imported };
        Ok((outcome, names_as_before))
    }
}

fn spot_of(home: SubjectId, value: &ParsedValue) -> Spot {
    (home, value.category.clone(), value.field.to_string())
}
