//! An audience: one question about everybody, answered class by class.

use std::collections::hash_map::Entry as Slot;
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use model::{About, Basis, EntryId, EntryKind, RestrictionException, SubjectId};

use crate::decide::Prepared;
use crate::permit::{Covered, Grant};
use crate::selection::shared;
use crate::standing::Standing;
use crate::standings::{Class, Standings};

/// Whom one question permits among everybody.
///
/// Each person is decided as [`crate::decide`] would (INVARIANT(audience-equals-decide)):
/// those of one class together, since they are decided alike.
#[must_use]
#[derive(Debug)]
pub struct Sifted<'p, 'a> {
    prepared: &'p Prepared<'a>,
    granted: Vec<SubjectId>,
    bases: BTreeSet<Option<Basis>>,
    exceptions: BTreeSet<Option<RestrictionException>>,
}

impl<'a> Prepared<'a> {
    /// Sifts everybody in `standings` but those in `apart`, who are decided by the standings
    /// given there; none: they are left out.
    pub fn sift(
        &self,
        standings: &Standings,
        apart: &HashMap<SubjectId, Option<Standing>>,
    ) -> Sifted<'_, 'a> {
        let purpose = &self.asked().purpose;
        let mut sifted = Sifted {
            prepared: self,
            granted: Vec::new(),
            bases: BTreeSet::new(),
            exceptions: BTreeSet::new(),
        };
        let mut answers: HashMap<Class, bool, BuildHasherDefault<Mixed>> = HashMap::default();
        for (id, class) in standings.classes(purpose, self.asked().recipient.is_some()) {
            let is_granted = match answers.entry(class) {
                Slot::Occupied(known) => *known.get(),
                Slot::Vacant(new) => {
                    let standing = standings.standing(class, purpose);
                    *new.insert(standing.is_some_and(|standing| sifted.admits(&standing)))
                }
            };
            if is_granted && (apart.is_empty() || !apart.contains_key(&id)) {
                sifted.granted.push(id);
            }
        }
        for (id, standing) in apart {
            if standing.as_ref().is_some_and(|standing| sifted.admits(standing)) {
                sifted.granted.push(*id);
            }
        }
        sifted.granted.sort_unstable();
        sifted
    }
}

impl Sifted<'_, '_> {
    /// The people who are permitted, in the order of their ids.
    #[must_use]
    pub fn granted(&self) -> &[SubjectId] {
        &self.granted
    }

    /// Leaves everybody out but those whom `keep` keeps.
    pub fn retain(&mut self, keep: impl FnMut(&SubjectId) -> bool) {
        self.granted.retain(keep);
    }

    /// One grant for everybody who is permitted, as [`crate::Selection::grant`] makes it.
    pub fn grant(&self, entry: EntryId, kind: EntryKind, about: About) -> Grant {
        let covered = Covered::Many(self.granted.iter().copied().collect());
        let mut grant = self.prepared.grant(about, covered, shared(&self.bases), shared(&self.exceptions));
        grant.entry.id = entry;
        grant.entry.kind = kind;
        grant
    }

    /// Whether somebody who stands so is permitted; notes on what ground.
    fn admits(&mut self, standing: &Standing) -> bool {
        let verdict = self.prepared.verdict(standing);
        if verdict.findings.is_empty() {
            self.bases.insert(verdict.basis);
            self.exceptions.insert(verdict.exception);
            return true;
        }
        false
    }
}

/// Mixes the three small numbers of a class; nobody outside chooses them.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0.rotate_left(23) ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
