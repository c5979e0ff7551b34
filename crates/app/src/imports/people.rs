//! The people of a chunk: whom its rows lead to, taken and opened once each.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use keys::{PersonKeys, RecordPart};
use model::{LifetimeName, SubjectId, Timestamp};
use store::identity::{self, Owner, SubjectState};
use store::key_record::{self, KeyPart};
use store::{ReadTx, Tx, consent, retention};

use super::chunk::Item;
use super::tally::{Reject, Rejection};
use crate::consent::{Changed, note_changed};
use crate::controller::{Core, InForce};
use crate::error::AppError;
use crate::identity::{Known, Lead, Led, Place, choose, raced};
use crate::person::{self, Person};
use crate::vault::sealing::Sealer;

/// Where the rows of a chunk lead, and who had which of their identifiers before.
pub(super) struct Places {
    /// One for each row.
    pub(super) rows: Vec<Result<Place, Reject>>,
    /// By the blind index.
    pub(super) owners: HashMap<[u8; 32], Owner>,
}

impl Places {
    /// Resolves all identifiers of a chunk at once. Rows of one chunk that share an
    /// identifier nobody has lead to one new person.
    pub(super) fn find(tx: &mut ReadTx<'_>, items: &[Item]) -> Result<Self, AppError> {
        let mut asked = HashSet::new();
        let every = || items.iter().flat_map(|item| &item.known);
        let wanted: Vec<_> = every()
            .filter(|known| asked.insert(&known.hash))
            .map(|known| (&known.kind, &known.hash))
            .collect();
        let owners: HashMap<[u8; 32], Owner> =
            identity::owners(tx, &wanted)?.into_iter().map(|owner| (owner.hash, owner)).collect();
        let unowned: HashSet<[u8; 32]> =
            every().filter(|known| !owners.contains_key(&known.hash)).map(|known| known.tomb).collect();
        let unowned: Vec<[u8; 32]> = unowned.into_iter().collect();
        let entombed: HashSet<[u8; 32]> =
            retention::tombstones(tx, &unowned)?.into_iter().map(|(hash, _)| hash).collect();
        let mut led: HashMap<[u8; 32], (Place, bool)> =
            owners.values().map(|owner| (owner.hash, (Place::of(owner), owner.verified))).collect();
        let rows = items.iter().map(|item| place(item, &mut led, &owners, &entombed)).collect();
        Ok(Self { rows, owners })
    }
}

/// Where one row leads, by the rule of [`choose`] and [`Place`].
fn place(
    item: &Item,
    led: &mut HashMap<[u8; 32], (Place, bool)>,
    owners: &HashMap<[u8; 32], Owner>,
    entombed: &HashSet<[u8; 32]>,
) -> Result<Place, Reject> {
    let each = item.known.iter().map(|known| {
        let led = led
            .get(&known.hash)
            .map(|(place, verified)| Led { place: *place, verified: *verified || known.is_proof() });
        (&known.kind, led)
    });
    let found = choose(each);
    if found == Lead::Disagree {
        return Err(Reject::new(item.line, Rejection::IdentifiersDisagree, ""));
    }
    let is_entombed = |known: &Known| !owners.contains_key(&known.hash) && entombed.contains(&known.tomb);
    if item.known.iter().any(is_entombed) {
        return Err(Reject::new(item.line, Rejection::Erased, ""));
    }
    let place = match found {
        Lead::Person(place) => place,
        _ => Place::of_new(item.subject),
    };
    for known in &item.known {
        let (owner, verified) = led.entry(known.hash).or_insert((place, false));
        *verified |= known.verified && owner.leader == place.leader;
    }
    Ok(place)
}

/// Looks again, now that the leaders are locked: an identity that was parted from its leader
/// between the look and the lock must not be written to under it.
fn refuse_moved(tx: &mut ReadTx<'_>, known: &[&Place]) -> Result<(), AppError> {
    let followed: BTreeMap<SubjectId, SubjectId> = known
        .iter()
        .filter(|place| place.home != place.leader)
        .map(|place| (place.home, place.leader))
        .collect();
    let homes: Vec<SubjectId> = followed.keys().copied().collect();
    let moved = identity::find_many(tx, &homes)?
        .into_iter()
        .any(|row| followed.get(&row.id) != Some(&row.leader.unwrap_or(row.id)));
    if moved { Err(raced()) } else { Ok(()) }
}

/// The people of a chunk, each taken and opened once.
#[derive(Default)]
pub(super) struct People {
    /// Living people under their leading ids.
    pub(super) living: BTreeMap<SubjectId, Person>,
    /// People who were erased.
    pub(super) erased: BTreeSet<SubjectId>,
    /// Keys of identities that follow another one.
    followers: BTreeMap<SubjectId, PersonKeys>,
    sealers: HashMap<(SubjectId, LifetimeName), Sealer>,
    /// Whose keys are to be stored again.
    rekeyed: BTreeSet<SubjectId>,
    /// Whose standing is to be stored again.
    restood: BTreeSet<SubjectId>,
}

impl People {
    /// Takes the rows of everybody known, in the order of their ids, and opens their keys.
    pub(super) fn take(
        tx: &mut Tx<'_>,
        core: &Core,
        places: &[Place],
        now: Timestamp,
    ) -> Result<Self, AppError> {
        let known: Vec<&Place> = places.iter().filter(|place| !place.is_new).collect();
        let leaders: BTreeSet<SubjectId> = known.iter().map(|place| place.leader).collect();
        let mut people = Self::default();
        let mut rows = BTreeMap::new();
        for row in identity::take_many(tx, &leaders, now)? {
            match row.state {
                SubjectState::Active => drop(rows.insert(row.id, row)),
                SubjectState::Erased => drop(people.erased.insert(row.id)),
                // Merged between the look and the lock.
                SubjectState::Alias => return Err(raced()),
            }
        }
        refuse_moved(tx, &known)?;
        let identities: BTreeSet<SubjectId> = known
            .iter()
            .filter(|place| rows.contains_key(&place.leader))
            .flat_map(|place| [place.leader, place.home])
            .collect();
        let identities: Vec<SubjectId> = identities.into_iter().collect();
        let mut keys = BTreeMap::new();
        for (id, body) in key_record::find_many(tx, &identities, KeyPart::Person)? {
            keys.insert(id, core.keys.open(id, RecordPart::Person, &body)?);
        }
        let living: Vec<SubjectId> = rows.keys().copied().collect();
        let mut standings: BTreeMap<_, _> = consent::standings(tx, &living)?.into_iter().collect();
        for (id, row) in rows {
            let keys = keys.remove(&id).ok_or(AppError::Internal("a living person has no key record"))?;
            let read = standings.remove(&id).and_then(|row| person::read_standing(&row));
            let (standing, suppressed) = match read {
                Some(read) => read,
                None => person::standing(tx, id)?,
            };
            people.living.insert(id, Person { row, keys, standing, suppressed, aliases: Vec::new() });
        }
        people.followers = keys;
        Ok(people)
    }

    /// Makes the rows of new people; their keys follow with [`People::store`].
    pub(super) fn create(
        &mut self,
        tx: &mut Tx<'_>,
        core: &Core,
        ids: &BTreeSet<SubjectId>,
        now: Timestamp,
    ) -> Result<(), AppError> {
        identity::create_many(tx, &ids.iter().copied().collect::<Vec<_>>(), now)?;
        for id in ids {
            self.living.insert(*id, person::draft(core, *id, now)?);
            self.rekeyed.insert(*id);
            self.restood.insert(*id);
        }
        Ok(())
    }

    /// The opened keys of an identity.
    pub(super) fn keys(&self, id: SubjectId) -> Result<&PersonKeys, AppError> {
        let keys = self.living.get(&id).map(|person| &person.keys).or_else(|| self.followers.get(&id));
        keys.ok_or(AppError::Internal("an identity has no key record"))
    }

    /// The moment of a person who is taken, on their own clock.
    pub(super) fn clock(&self, leader: SubjectId) -> Option<Timestamp> {
        self.living.get(&leader).map(|person| person.row.clock)
    }

    /// What seals under a lifetime of an identity; the lifetime begins here if it has not.
    pub(super) fn sealer(&mut self, id: SubjectId, lifetime: &LifetimeName) -> Result<&Sealer, AppError> {
        let place = (id, lifetime.clone());
        if !self.sealers.contains_key(&place) {
            let keys = match self.living.get_mut(&id) {
                Some(person) => &mut person.keys,
                None => {
                    self.followers.get_mut(&id).ok_or(AppError::Internal("an identity has no key record"))?
                }
            };
            if keys.ensure_lifetime(lifetime)? {
                self.rekeyed.insert(id);
            }
            let sealer = Sealer::new(keys, lifetime)?;
            self.sealers.insert(place.clone(), sealer);
        }
        self.sealers.get(&place).ok_or(AppError::Internal("a sealer is missing"))
    }

    /// Closes the channels of one suppression for a person.
    pub(super) fn close(&mut self, leader: SubjectId, scope: &str) {
        if let Some(person) = self.living.get_mut(&leader) {
            crate::identity::close(person, scope);
            self.restood.insert(leader);
        }
    }

    /// Notes that addresses of somebody known changed.
    pub(super) fn note_changed(
        &mut self,
        tx: &mut Tx<'_>,
        (core, in_force): (&Core, &InForce),
        leader: SubjectId,
        changed: &Changed<'_>,
    ) -> Result<(), AppError> {
        let Some(person) = self.living.get_mut(&leader) else { return Ok(()) };
        // Few people of a file have a new address, so only their other identities are looked up.
        person.aliases = identity::aliases(tx, &leader)?;
        if note_changed(tx, core, in_force, person, changed)? {
            self.restood.insert(leader);
        }
        Ok(())
    }

    /// Stores keys and standings that are new or changed.
    pub(super) fn store(&self, tx: &mut Tx<'_>, core: &Core) -> Result<(), AppError> {
        let mut records = Vec::new();
        for id in &self.rekeyed {
            let wrapped = core.keys.wrap(self.keys(*id)?);
            records.push((*id, i64::from(wrapped.epoch), wrapped.body));
        }
        key_record::put_many(tx, KeyPart::Person, &records)?;
        let mut standings = Vec::new();
        for person in self.restood.iter().filter_map(|id| self.living.get(id)) {
            standings.push((person.id(), person.row.version, person.standing_row()?));
        }
        Ok(consent::put_standings(tx, &standings)?)
    }
}
