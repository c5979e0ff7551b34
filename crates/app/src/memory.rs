//! What a node keeps in memory beside the store: where everybody stands, and whose API keys
//! were presented.
//!
//! It is kept only where everything that is written passes this process (a SQLite file). Then
//! it never contradicts an answer that was given (INVARIANT(memory-told) of the store): of
//! whom a commit touched, nothing is told from memory until they were read again. A permit is
//! never given on it alone: what is recorded asks for the person's version in its transaction.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use gate::{Class, Foreseen, Prepared, Standing, Standings};
use model::{ApiKeyId, PurposeName, SubjectId};
use store::identity::{self, SubjectState};
use store::{Changes, ReadTx, consent};
use tokio::task::JoinSet;

use crate::ask::Verdict;
use crate::controller::Controller;
use crate::error::AppError;
use crate::person;
use crate::services::Caller;

/// People read in one transaction while everybody is loaded.
const LOAD_PAGE: i64 = 1_000;
/// Pages taken apart at one time.
const LOAD_AT_ONCE: usize = 2;
/// How often people who were written about are read again.
const FOLLOW_EVERY: Duration = Duration::from_millis(200);
/// How many of them at one time; the others are answered from the store meanwhile.
const FOLLOW_PEOPLE: usize = 500;
/// Callers that are remembered; when there are more, all are forgotten.
const CALLERS_MAX: usize = 10_000;

/// The memory of one controller.
#[derive(Default)]
pub(crate) struct Memory {
    people: RwLock<Standings>,
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
    /// Counts what was told.
    stamp: u64,
    /// Each with the stamp of the last time.
    people: HashMap<SubjectId, u64>,
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
        let mut touched = lock(&self.touched);
        if touched.is_kept {
            touched.stamp += 1;
            let stamp = touched.stamp;
            touched.people.extend(changes.subjects.iter().map(|id| (*id, stamp)));
        }
    }

    /// What the answer about somebody would be; none where memory cannot tell.
    pub(crate) fn foresee(&self, prepared: &Prepared<'_>, id: &SubjectId) -> Option<Foreseen> {
        let people = self.knowing(id)?;
        let purpose = &prepared.asked().purpose;
        Some(prepared.foresee(&people.standing(people.class(id, purpose)?, purpose)?))
    }

    /// [`Memory::foresee`] for many people, each with the place for the answer.
    pub(crate) fn foresee_many<'v>(
        &self,
        prepared: &Prepared<'_>,
        asked: impl Iterator<Item = (SubjectId, &'v mut Option<Verdict>)>,
    ) {
        if !self.is_loaded.load(Ordering::Acquire) {
            return;
        }
        let touched = lock(&self.touched);
        let people = self.people.read().unwrap_or_else(PoisonError::into_inner);
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

    /// Everybody, as they were read last.
    pub(crate) fn people(&self) -> RwLockReadGuard<'_, Standings> {
        self.people.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The memory, where it holds what the last commit about this person left.
    fn knowing(&self, id: &SubjectId) -> Option<RwLockReadGuard<'_, Standings>> {
        if !self.is_loaded.load(Ordering::Acquire) || lock(&self.touched).people.contains_key(id) {
            return None;
        }
        Some(self.people.read().unwrap_or_else(PoisonError::into_inner))
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
        if !self.is_loaded.load(Ordering::Acquire) {
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

    fn put(&self, read: &[Read]) {
        let mut people = self.people.write().unwrap_or_else(PoisonError::into_inner);
        for Read { id, found } in read {
            match found {
                Some((version, standing)) => people.put(*id, *version, standing),
                None => people.remove(id),
            }
        }
    }
}

/// Somebody read.
pub(crate) struct Read {
    /// Who.
    pub(crate) id: SubjectId,
    /// Version and standing; none where nobody living leads under this id.
    pub(crate) found: Option<(i64, Standing)>,
}

/// Loads everybody, then reads again whoever was written about, until `shutdown` resolves.
/// On a store that others write too it returns at once: there every answer comes from the store.
///
/// # Errors
/// When the store fails while everybody is loaded: then every answer comes from the store.
pub async fn run(controller: &Controller, shutdown: impl Future<Output = ()>) -> Result<(), AppError> {
    let Some(memory) = controller.memory() else { return Ok(()) };
    if !memory.is_loaded.load(Ordering::Acquire) {
        load(controller, memory).await?;
    }
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => return Ok(()),
            () = tokio::time::sleep(FOLLOW_EVERY) => {}
        }
        if let Err(error) = follow(controller, memory).await {
            tracing::warn!(%error, "people who were written about could not be read again");
        }
    }
}

async fn load(controller: &Controller, memory: &Arc<Memory>) -> Result<(), AppError> {
    // From here on whoever is written about is not believed, whatever a page says of them.
    lock(&memory.touched).is_kept = true;
    let count = controller.db.read("memory.count", identity::count).await?;
    let reserve = usize::try_from(count).unwrap_or_default();
    memory.people.write().unwrap_or_else(PoisonError::into_inner).reserve(reserve + reserve / 16);
    let (mut after, mut running) = (None, JoinSet::new());
    loop {
        let page = controller
            .db
            .read_long("memory.load", move |tx| consent::standings_page(tx, after.as_ref(), LOAD_PAGE))
            .await?;
        let Some((last, ..)) = page.last() else { break };
        after = Some(*last);
        if running.len() >= LOAD_AT_ONCE {
            finish(running.join_next().await)?;
        }
        let memory = Arc::clone(memory);
        running.spawn_blocking(move || memory.take_in(page));
    }
    while let Some(ended) = running.join_next().await {
        finish(Some(ended))?;
    }
    memory.is_loaded.store(true, Ordering::Release);
    tracing::info!(people = count, "everybody's standing is in memory");
    Ok(())
}

fn finish(ended: Option<Result<(), tokio::task::JoinError>>) -> Result<(), AppError> {
    ended.transpose().map(drop).map_err(|_| AppError::Internal("the loading of standings panicked"))
}

impl Memory {
    /// Takes a page of living people in. Whoever's standing another version of this program
    /// stored is left to the store.
    fn take_in(&self, page: Vec<(SubjectId, i64, Option<consent::StandingRow>)>) {
        let read: Vec<Read> = page
            .into_iter()
            .filter_map(|(id, version, row)| {
                let standing = match row {
                    None => Standing::default(),
                    Some(row) => person::read_standing(&row)?.0,
                };
                Some(Read { id, found: Some((version, standing)) })
            })
            .collect();
        self.put(&read);
    }
}

/// Reads some of those again who were written about.
async fn follow(controller: &Controller, memory: &Arc<Memory>) -> Result<(), AppError> {
    let some: Vec<(SubjectId, u64)> =
        lock(&memory.touched).people.iter().take(FOLLOW_PEOPLE).map(|(id, stamp)| (*id, *stamp)).collect();
    if some.is_empty() {
        return Ok(());
    }
    let ids: Vec<SubjectId> = some.iter().map(|(id, _)| *id).collect();
    let read = controller.db.read_long("memory.follow", move |tx| read(tx, &ids)).await?;
    memory.put(&read);
    let mut touched = lock(&memory.touched);
    for (id, stamp) in some {
        // Whoever was written about meanwhile stays.
        if touched.people.get(&id) == Some(&stamp) {
            touched.people.remove(&id);
        }
    }
    Ok(())
}

/// Reads all those again who were written about, until few are left.
pub(crate) async fn catch_up(controller: &Controller) -> Result<(), AppError> {
    let Some(memory) = controller.memory() else { return Ok(()) };
    let waiting = lock(&memory.touched).people.len();
    for _ in 0..waiting / FOLLOW_PEOPLE {
        follow(controller, memory).await?;
    }
    Ok(())
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
