//! What a node keeps in memory beside the store: where everybody stands, and whose API keys
//! were presented.
//!
//! It is kept only where everything that is written passes this process (a SQLite file). Then
//! it never contradicts an answer that was given (INVARIANT(memory-told) of the store): of
//! whom a commit touched, nothing is told from memory until they were read again. A permit is
//! never given on it alone: what is recorded asks for the person's version in its transaction.

mod follow;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use gate::{Class, Foreseen, Prepared, Standing, Standings};
use model::{ApiKeyId, PurposeName, SubjectId};
use store::identity::{self, SubjectState};
use store::{Changes, ReadTx, consent};

pub(crate) use self::follow::catch_up;
pub use self::follow::run;
use crate::ask::Verdict;
use crate::error::AppError;
use crate::person;
use crate::services::Caller;

/// Callers that are remembered; when there are more, all are forgotten.
const CALLERS_MAX: usize = 10_000;
/// Standings of classes that are kept as a question takes them; when there are more, all go.
const JOINED_MAX: usize = 10_000;

/// The memory of one controller. Where two of its locks are held at once, `touched` was taken
/// before `people`, and `people` before `joined`.
#[derive(Default)]
pub(crate) struct Memory {
    people: RwLock<Standings>,
    /// Where people of a class stand, put together for a purpose: what a class says never changes.
    joined: Mutex<HashMap<(PurposeName, Class), Arc<Standing>>>,
    touched: Mutex<Touched>,
    /// Whether everybody was loaded.
    is_loaded: AtomicBool,
    callers: Mutex<Callers>,
}

/// Who was written about since they were read.
#[derive(Default)]
struct Touched {
    /// Whether a loading has begun, so that there is something to fall behind.
    is_kept: bool,
    /// Counts what was told; it never begins anew, so that no stamp is given twice.
    stamp: u64,
    /// Each with the stamp of the last time.
    people: HashMap<SubjectId, u64>,
}

impl Touched {
    /// Takes note of people who are not to be believed until they are read from now on.
    fn note(&mut self, people: &[SubjectId]) {
        if self.is_kept {
            self.stamp += 1;
            let stamp = self.stamp;
            self.people.extend(people.iter().map(|id| (*id, stamp)));
        }
    }
}

#[derive(Default)]
struct Callers {
    /// Counts how often API keys were written.
    stamp: u64,
    known: HashMap<ApiKeyId, ([u8; 32], Arc<Caller>)>,
}

impl Memory {
    /// Takes note of a commit; runs on the database's threads.
    pub(crate) fn note(&self, changes: &Changes) {
        if changes.keys {
            let mut callers = lock(&self.callers);
            callers.stamp += 1;
            callers.known.clear();
        }
        lock(&self.touched).note(&changes.subjects);
    }

    /// What the answer about somebody would be; none where memory cannot tell.
    pub(crate) fn foresee(&self, prepared: &Prepared<'_>, id: &SubjectId) -> Option<Foreseen> {
        let people = self.knowing(id)?;
        let purpose = &prepared.asked().purpose;
        let standing = self.joined(&people, people.class(id, purpose)?, purpose)?;
        Some(prepared.foresee(&standing))
    }

    /// Where the people of a class stand, as far as decisions for the purpose ask.
    fn joined(&self, people: &Standings, class: Class, purpose: &PurposeName) -> Option<Arc<Standing>> {
        let key = (purpose.clone(), class);
        let mut joined = lock(&self.joined);
        if let Some(standing) = joined.get(&key) {
            return Some(Arc::clone(standing));
        }
        let standing = Arc::new(people.standing(class, purpose)?);
        if joined.len() >= JOINED_MAX {
            joined.clear();
        }
        joined.insert(key, Arc::clone(&standing));
        Some(standing)
    }

    /// [`Memory::foresee`] for many people, each with the place for the answer.
    pub(crate) fn foresee_many<'v>(
        &self,
        prepared: &Prepared<'_>,
        asked: impl Iterator<Item = (SubjectId, &'v mut Option<Verdict>)>,
    ) {
        let touched = lock(&self.touched);
        let Some(people) = self.everybody() else { return };
        let purpose = &prepared.asked().purpose;
        let mut answers: HashMap<Class, Verdict> = HashMap::new();
        for (id, place) in asked {
            if touched.people.contains_key(&id) {
                continue;
            }
            let Some(class) = people.class(&id, purpose) else { continue };
            if let Some(verdict) = answers.get(&class) {
                *place = Some(verdict.clone());
            } else if let Some(standing) = people.standing(class, purpose) {
                let verdict = Verdict::foreseen(&prepared.foresee(&standing));
                *place = Some(verdict.clone());
                answers.insert(class, verdict);
            }
        }
    }

    /// Where somebody whose row a transaction has read at this version stands, as far as
    /// decisions for `purpose` ask. The version says that nothing was written since.
    pub(crate) fn standing_at(
        &self,
        id: &SubjectId,
        version: i64,
        purpose: &PurposeName,
    ) -> Option<Standing> {
        let people = self.knowing(id)?;
        if !people.is_at(id, version) {
            return None;
        }
        people.standing(people.class(id, purpose)?, purpose)
    }

    /// Whether everybody was loaded.
    pub(crate) fn knows_everybody(&self) -> bool {
        self.is_loaded.load(Ordering::Acquire)
    }

    /// Who was written about since they were read; of them nothing here is to be believed.
    pub(crate) fn touched(&self) -> Vec<SubjectId> {
        lock(&self.touched).people.keys().copied().collect()
    }

    /// Everybody, as they were read last; none where they are not all here.
    pub(crate) fn everybody(&self) -> Option<RwLockReadGuard<'_, Standings>> {
        let people = self.people.read().unwrap_or_else(PoisonError::into_inner);
        // Whoever forgets everybody holds this lock while saying so.
        self.knows_everybody().then_some(people)
    }

    /// Forgets everybody, and whom it was told of: until all are loaded anew, every answer
    /// comes from the store.
    pub(crate) fn forget_everybody(&self) {
        let mut touched = lock(&self.touched);
        let mut people = self.people_mut();
        self.is_loaded.store(false, Ordering::Release);
        touched.is_kept = false;
        touched.people = HashMap::new();
        *people = Standings::default();
        lock(&self.joined).clear();
    }

    /// The memory, where it holds what the last commit about this person left.
    fn knowing(&self, id: &SubjectId) -> Option<RwLockReadGuard<'_, Standings>> {
        if !self.knows_everybody() || lock(&self.touched).people.contains_key(id) {
            return None;
        }
        self.everybody()
    }

    /// Whoever presented a key with this hash of its secret before, since API keys were last
    /// written.
    pub(crate) fn caller(&self, id: &ApiKeyId, hash: &[u8; 32]) -> Option<Arc<Caller>> {
        let callers = lock(&self.callers);
        let (known, caller) = callers.known.get(id)?;
        keys::constant_time_eq(known, hash).then(|| Arc::clone(caller))
    }

    /// Counts the writes of API keys; asked before a key is read.
    pub(crate) fn key_stamp(&self) -> u64 {
        lock(&self.callers).stamp
    }

    /// Remembers a caller whose key was read since `stamp`, where everybody is loaded.
    pub(crate) fn remember(&self, stamp: u64, hash: [u8; 32], caller: &Arc<Caller>) {
        if !self.knows_everybody() {
            return;
        }
        let mut callers = lock(&self.callers);
        if callers.stamp == stamp {
            if callers.known.len() >= CALLERS_MAX {
                callers.known.clear();
            }
            callers.known.insert(caller.key_id, (hash, Arc::clone(caller)));
        }
    }

    fn people_mut(&self) -> RwLockWriteGuard<'_, Standings> {
        self.people.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn put(people: &mut Standings, Read { id, found }: &Read) {
    match found {
        Some((version, standing)) => people.put(*id, *version, standing),
        None => people.remove(id),
    }
}

/// Somebody read.
pub(crate) struct Read {
    /// Who.
    pub(crate) id: SubjectId,
    /// Version and standing; none where nobody living leads under this id.
    pub(crate) found: Option<(i64, Standing)>,
}

/// Reads where people stand.
pub(crate) fn read(tx: &mut ReadTx<'_>, ids: &[SubjectId]) -> Result<Vec<Read>, AppError> {
    let mut rows: HashMap<SubjectId, consent::StandingRow> =
        consent::standings(tx, ids)?.into_iter().collect();
    let living: HashMap<SubjectId, i64> = identity::find_many(tx, ids)?
        .into_iter()
        .filter(|row| row.state == SubjectState::Active)
        .map(|row| (row.id, row.version))
        .collect();
    let mut read = Vec::with_capacity(ids.len());
    for id in ids {
        let found = match living.get(id) {
            None => None,
            Some(version) => match rows.remove(id).map(|row| person::read_standing(&row)) {
                None => Some((*version, Standing::default())),
                Some(Some((standing, _))) => Some((*version, standing)),
                Some(None) => Some((*version, person::standing(tx, *id)?.0)),
            },
        };
        read.push(Read { id: *id, found });
    }
    Ok(read)
}

/// What is behind a lock is whole between any two statements of its owners.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
