//! Many people at once: who is there, where they stand, and their leaves in a set.

use std::collections::{BTreeMap, BTreeSet};

use gate::Standing;
use keys::{PersonKeys, RecordPart};
use ledger::Hash;
use model::{PurposeName, SetId, SubjectId};
use store::identity::{Subject, SubjectState};
use store::key_record::{self, KeyPart};
use store::{ReadTx, consent, identity};

use crate::controller::Core;
use crate::error::AppError;
use crate::memory::Memory;
use crate::person;
use crate::recorder::leaf;

/// Where ids lead.
#[derive(Debug, Default)]
pub(super) struct People {
    /// Living people under their leading ids, with their versions.
    pub(super) living: BTreeMap<SubjectId, i64>,
    /// Ids of people who were erased.
    pub(super) erased: BTreeSet<SubjectId>,
    /// The leading ids of those who were merged into others.
    leaders: BTreeMap<SubjectId, SubjectId>,
}

impl People {
    /// Finds everybody behind these ids.
    pub(super) fn find(tx: &mut ReadTx<'_>, ids: &BTreeSet<SubjectId>) -> Result<Self, AppError> {
        let mut people = Self::default();
        let mut followed = BTreeSet::new();
        for row in identity::find_many(tx, &ids.iter().copied().collect::<Vec<_>>())? {
            match row.leader.filter(|_| row.state == SubjectState::Alias) {
                Some(leader) => {
                    people.leaders.insert(row.id, leader);
                    followed.insert(leader);
                }
                None => people.note(&row),
            }
        }
        followed.retain(|leader| !ids.contains(leader));
        for row in identity::find_many(tx, &followed.into_iter().collect::<Vec<_>>())? {
            people.note(&row);
        }
        Ok(people)
    }

    /// The leading id behind an id.
    pub(super) fn leader(&self, id: SubjectId) -> SubjectId {
        self.leaders.get(&id).copied().unwrap_or(id)
    }

    fn note(&mut self, row: &Subject) {
        match row.state {
            SubjectState::Active => {
                self.living.insert(row.id, row.version);
            }
            SubjectState::Erased => {
                self.erased.insert(row.id);
            }
            SubjectState::Alias => {}
        }
    }
}

/// The standings of these people; one that another version of this program stored is folded again.
pub(super) fn standings(
    tx: &mut ReadTx<'_>,
    ids: &[SubjectId],
) -> Result<BTreeMap<SubjectId, Standing>, AppError> {
    let mut standings: BTreeMap<SubjectId, Standing> =
        ids.iter().map(|id| (*id, Standing::default())).collect();
    for (id, row) in consent::standings(tx, ids)? {
        let standing = match person::read_standing(&row) {
            Some((standing, _)) => standing,
            None => person::standing(tx, id)?.0,
        };
        standings.insert(id, standing);
    }
    Ok(standings)
}

/// These people's keys, opened; whose trace key is gone, because they were erased, is left out.
pub(super) fn keys(
    tx: &mut ReadTx<'_>,
    core: &Core,
    ids: &[SubjectId],
) -> Result<BTreeMap<SubjectId, PersonKeys>, AppError> {
    let mut opened = BTreeMap::new();
    for (id, body) in key_record::find_many(tx, ids, KeyPart::Person)? {
        let keys = core.keys.open(id, RecordPart::Person, &body)?;
        if keys.trace_key().is_ok() {
            opened.insert(id, keys);
        }
    }
    Ok(opened)
}

/// The standings of these people, whose rows this transaction has read at these versions, as
/// far as decisions for `purpose` ask: out of memory where it holds the very version.
pub(super) fn standings_at(
    tx: &mut ReadTx<'_>,
    memory: Option<&Memory>,
    purpose: &PurposeName,
    people: &BTreeSet<(SubjectId, i64)>,
) -> Result<BTreeMap<SubjectId, Standing>, AppError> {
    let (mut known, mut others) = (BTreeMap::new(), Vec::new());
    for (id, version) in people {
        match memory.and_then(|memory| memory.standing_at(id, *version, purpose)) {
            Some(standing) => drop(known.insert(*id, standing)),
            None => others.push(*id),
        }
    }
    known.extend(standings(tx, &others)?);
    Ok(known)
}

/// These people's leaves in a set, each under a trace key of their own.
pub(super) fn leaves(
    tx: &mut ReadTx<'_>,
    core: &Core,
    set: SetId,
    ids: &[SubjectId],
) -> Result<BTreeMap<SubjectId, Hash>, AppError> {
    let mut leaves = BTreeMap::new();
    for (id, keys) in keys(tx, core, ids)? {
        leaves.insert(id, leaf(set, id, &keys)?);
    }
    Ok(leaves)
}
