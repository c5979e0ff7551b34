//! A person as a transaction holds them: the row taken, the keys opened, the standing read.

use gate::Standing;
use keys::{PersonKeys, RecordPart};
use ledger::Opening;
use model::{Channel, EntryId, SetId, SubjectId, Timestamp};
use store::consent::StandingRow;
use store::identity::{Subject, SubjectState};
use store::key_record::KeyPart;
use store::{ReadTx, Tx, consent, identity, key_record};

use crate::controller::Core;
use crate::error::AppError;
use crate::recorder::{evidence_lifetime, identity_lifetime, leaf};

/// How often an identity may move between the look and the lock.
const MOVES_MAX: usize = 8;

/// A living person whose row this transaction has taken.
pub(crate) struct Person {
    /// The leading identity's row, as taken.
    pub(crate) row: Subject,
    /// Its opened keys.
    pub(crate) keys: PersonKeys,
    /// What the person's events, suppressions and merges come to.
    pub(crate) standing: Standing,
    /// The channels that suppressions close.
    pub(crate) suppressed: Vec<Channel>,
    /// Identities of the same person that follow this one.
    pub(crate) aliases: Vec<SubjectId>,
}

/// What an id leads to.
pub(crate) enum Taken {
    /// A living person.
    Living(Box<Person>),
    /// A person who was erased, under the leading id.
    Erased(SubjectId),
    /// Nobody.
    Nobody,
}

impl Person {
    /// The leading id.
    pub(crate) fn id(&self) -> SubjectId {
        self.row.id
    }

    /// Every id of the person, the leading one first.
    pub(crate) fn ids(&self) -> impl Iterator<Item = SubjectId> + '_ {
        std::iter::once(self.row.id).chain(self.aliases.iter().copied())
    }

    /// Moves the person's clock to `moment` where it is behind: what they say from now on comes
    /// after whatever was said until then, though it was said under another identity's clock.
    pub(crate) fn come_after(&mut self, tx: &mut Tx<'_>, moment: Timestamp) -> Result<(), AppError> {
        if self.row.clock < moment {
            self.row = identity::take(tx, &self.row.id, moment)?
                .ok_or(AppError::Internal("the row of a person who is taken is gone"))?;
        }
        Ok(())
    }

    /// Stores the keys again, after a lifetime was added or ended.
    pub(crate) fn store_keys(&self, tx: &mut Tx<'_>, core: &Core) -> Result<(), AppError> {
        store_keys(tx, core, &self.keys)
    }

    /// Stores the standing again, at the version that taking the row gave.
    pub(crate) fn store_standing(&self, tx: &mut Tx<'_>) -> Result<(), AppError> {
        Ok(consent::put_standing(tx, &self.row.id, self.row.version, &self.standing_row()?)?)
    }

    /// The standing as it is stored.
    pub(crate) fn standing_row(&self) -> Result<StandingRow, AppError> {
        let body = serde_json::to_string(&self.standing)
            .map_err(|_| AppError::Internal("a standing does not serialise"))?;
        let suppressed = self.suppressed.iter().map(|channel| channel.code()).collect::<Vec<_>>().join(" ");
        Ok(StandingRow { suppressed, body })
    }
}

/// Takes the row of the person whom `id` names, following a merge to the leading identity.
/// Where `id` was merged or parted between the look and the lock, it looks again.
///
/// # Errors
/// [`identity::RACED`](crate::identity::RACED) when that happens every time.
pub(crate) fn take(tx: &mut Tx<'_>, core: &Core, id: SubjectId, now: Timestamp) -> Result<Taken, AppError> {
    for _ in 0..MOVES_MAX {
        let Some(leader) = leader(tx, id)? else { return Ok(Taken::Nobody) };
        let Some(row) = identity::take(tx, &leader, now)? else { return Ok(Taken::Nobody) };
        if row.state == SubjectState::Alias || self::leader(tx, id)? != Some(leader) {
            continue;
        }
        if row.state == SubjectState::Erased {
            return Ok(Taken::Erased(row.id));
        }
        let keys = open_keys(tx, core, leader, KeyPart::Person)?
            .ok_or(AppError::Internal("a living person has no key record"))?;
        let (standing, suppressed) = standing(tx, leader)?;
        let aliases = identity::aliases(tx, &leader)?;
        return Ok(Taken::Living(Box::new(Person { row, keys, standing, suppressed, aliases })));
    }
    Err(crate::identity::raced())
}

/// The work of taking a person, about nobody: the same questions to the store under an id that
/// nobody has, and keys opened. For answers that must not tell by their time that nobody is there.
pub(crate) fn pretend(tx: &mut Tx<'_>, core: &Core, now: Timestamp) -> Result<Taken, AppError> {
    let nobody = SubjectId::random();
    leader(tx, nobody)?;
    identity::take(tx, &nobody, now)?;
    leader(tx, nobody)?;
    key_record::find(tx, &nobody, KeyPart::Person)?;
    let keys = core.keys.create(nobody, RecordPart::Person, [&identity_lifetime()])?;
    let keys = core.keys.open(nobody, RecordPart::Person, &core.keys.wrap(&keys).body)?;
    standing(tx, nobody)?;
    identity::aliases(tx, &nobody)?;
    // What an entry about somebody says of them: its tag, and the handle of a replay.
    let entry = EntryId::random();
    let tag = Opening::of(keys.trace_key()?.expose(), &entry.to_string()).tag(&nobody.to_string());
    std::hint::black_box((tag, keys.replay_handle(entry)));
    Ok(Taken::Nobody)
}

/// The work of opening `count` people for one question, about nobody: the same questions to the
/// store under ids that nobody has, and for each a key record opened and a leaf made.
pub(crate) fn pretend_many(tx: &mut ReadTx<'_>, core: &Core, count: usize) -> Result<(), AppError> {
    if count == 0 {
        return Ok(());
    }
    let nobody: Vec<SubjectId> = (0..count).map(|_| SubjectId::random()).collect();
    key_record::find_many(tx, &nobody, KeyPart::Person)?;
    consent::standings(tx, &nobody)?;
    let (decoy, set) = (SubjectId::random(), SetId::random());
    let keys = core.keys.create(decoy, RecordPart::Person, [&identity_lifetime()])?;
    let body = core.keys.wrap(&keys).body;
    for id in nobody {
        std::hint::black_box(leaf(set, id, &core.keys.open(decoy, RecordPart::Person, &body)?)?);
    }
    Ok(())
}

/// The identity that leads `id`, as this transaction sees it.
fn leader(tx: &mut ReadTx<'_>, id: SubjectId) -> Result<Option<SubjectId>, AppError> {
    Ok(identity::find(tx, &id)?.map(|row| row.leader.unwrap_or(id)))
}

/// Takes a living person, or says why not.
pub(crate) fn take_living(
    tx: &mut Tx<'_>,
    core: &Core,
    id: SubjectId,
    now: Timestamp,
) -> Result<Box<Person>, AppError> {
    match take(tx, core, id, now)? {
        Taken::Living(person) => Ok(person),
        Taken::Erased(id) => Err(AppError::Erased(id)),
        Taken::Nobody => Err(AppError::NotFound("person")),
    }
}

/// Makes a new person with keys for identity and the trace.
pub(crate) fn create(
    tx: &mut Tx<'_>,
    core: &Core,
    id: SubjectId,
    now: Timestamp,
) -> Result<Box<Person>, AppError> {
    identity::create(tx, &id, now)?;
    let person = draft(core, id, now)?;
    person.store_keys(tx, core)?;
    person.store_standing(tx)?;
    Ok(Box::new(person))
}

/// A new person who is not stored yet, with keys for identity and the trace.
pub(crate) fn draft(core: &Core, id: SubjectId, now: Timestamp) -> Result<Person, AppError> {
    let keys = core.keys.create(id, RecordPart::Person, [&identity_lifetime()])?;
    let row = Subject { id, version: 1, clock: now, state: SubjectState::Active, leader: None };
    Ok(Person { row, keys, standing: Standing::default(), suppressed: Vec::new(), aliases: Vec::new() })
}

/// The keys of the evidence lifetime, made at the first piece of evidence.
pub(crate) fn evidence_keys(tx: &mut Tx<'_>, core: &Core, id: SubjectId) -> Result<PersonKeys, AppError> {
    if let Some(keys) = open_keys(tx, core, id, KeyPart::Evidence)? {
        return Ok(keys);
    }
    let keys = core.keys.create(id, RecordPart::Evidence, [&evidence_lifetime()])?;
    store_keys(tx, core, &keys)?;
    Ok(keys)
}

/// Opens one half of a person's keys, if it is still there.
pub(crate) fn open_keys(
    tx: &mut ReadTx<'_>,
    core: &Core,
    id: SubjectId,
    part: KeyPart,
) -> Result<Option<PersonKeys>, AppError> {
    let Some((_, body)) = key_record::find(tx, &id, part)? else { return Ok(None) };
    let part = match part {
        KeyPart::Person => RecordPart::Person,
        KeyPart::Evidence => RecordPart::Evidence,
    };
    Ok(Some(core.keys.open(id, part, &body)?))
}

/// The kept standing of one identity, and the channels that suppressions close.
pub(crate) fn standing(tx: &mut ReadTx<'_>, id: SubjectId) -> Result<(Standing, Vec<Channel>), AppError> {
    match consent::standing(tx, &id)? {
        None => Ok((Standing::default(), Vec::new())),
        Some(row) => match read_standing(&row) {
            Some(read) => Ok(read),
            // Stored by another version of this program: fold it again.
            None => {
                let suppressed = channels(&row.suppressed);
                let standing = fold(tx, id)?;
                Ok((standing.with_suppressed(suppressed.iter().copied()), suppressed))
            }
        },
    }
}

/// What the events of an identity and of those that follow it come to, as it came about: where
/// two that were merged differed, the more protective holds, until something is said later.
pub(crate) fn fold(tx: &mut ReadTx<'_>, leader: SubjectId) -> Result<Standing, AppError> {
    let mut merges = identity::merges_in_force(tx, &leader)?.into_iter().peekable();
    let mut events = consent::events(tx, &leader)?;
    events.sort_by_key(|event| event.facts.recorded);
    let mut standing = Standing::default();
    for event in &events {
        while let Some(merge) = merges.next_if(|merge| merge.merged < event.facts.recorded) {
            standing = standing.protective_merge(&fold_one(tx, merge.alias)?);
        }
        standing.apply(&event.facts);
    }
    for merge in merges {
        standing = standing.protective_merge(&fold_one(tx, merge.alias)?);
    }
    Ok(standing)
}

/// What one identity's own events come to.
fn fold_one(tx: &mut ReadTx<'_>, id: SubjectId) -> Result<Standing, AppError> {
    let events = consent::events(tx, &id)?;
    Ok(Standing::fold(events.iter().map(|event| &event.facts)))
}

/// A stored standing as the gate takes it. `None`: stored by another version of this program.
pub(crate) fn read_standing(row: &StandingRow) -> Option<(Standing, Vec<Channel>)> {
    let standing: Standing = serde_json::from_str(&row.body).ok()?;
    let suppressed = channels(&row.suppressed);
    Some((standing.with_suppressed(suppressed.iter().copied()), suppressed))
}

/// The channels of a stored list of codes.
pub(crate) fn channels(codes: &str) -> Vec<Channel> {
    codes.split_whitespace().filter_map(|code| code.parse().ok()).collect()
}

/// Stores one half of a person's keys, wrapped under the current epoch.
pub(crate) fn store_keys(tx: &mut Tx<'_>, core: &Core, keys: &PersonKeys) -> Result<(), AppError> {
    let part = match keys.part() {
        RecordPart::Person => KeyPart::Person,
        RecordPart::Evidence => KeyPart::Evidence,
    };
    let wrapped = core.keys.wrap(keys);
    Ok(key_record::put(tx, &keys.subject(), part, i64::from(wrapped.epoch), &wrapped.body)?)
}
