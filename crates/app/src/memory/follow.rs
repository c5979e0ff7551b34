//! Loading everybody into memory, and reading again whoever was written about.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use gate::Standing;
use model::SubjectId;
use store::{consent, identity};
use tokio::task::{JoinError, JoinSet};

use super::{Memory, Read, lock, put, read};
use crate::controller::Controller;
use crate::error::AppError;
use crate::person;

/// People read in one transaction while everybody is loaded.
const LOAD_PAGE: i64 = 1_000;
/// Pages taken apart at one time.
const LOAD_AT_ONCE: usize = 2;
/// The longest wait before loading is tried again.
const LOAD_AGAIN_MAX: Duration = Duration::from_secs(60);
/// How often people who were written about are read again.
const FOLLOW_EVERY: Duration = Duration::from_millis(200);
/// How many of them at one time; the others are answered from the store meanwhile.
const FOLLOW_PEOPLE: usize = 500;

/// Loads everybody, then reads again whoever was written about, until `shutdown` resolves.
/// A loading that fails is tried again, after twice as long each time; until one succeeds
/// nothing is kept, and every answer comes from the store. So it is too, until everybody is
/// loaded anew, when memory and store were found to disagree.
///
/// On a store that others write too it returns at once: there every answer comes from the store.
pub async fn run(controller: &Controller, shutdown: impl Future<Output = ()>) {
    let Some(memory) = controller.memory() else { return };
    let mut pause = FOLLOW_EVERY;
    tokio::pin!(shutdown);
    loop {
        if memory.knows_everybody() {
            if let Err(error) = follow(controller, memory).await {
                tracing::warn!(%error, "people who were written about could not be read again");
            }
        } else {
            match load(controller, memory).await {
                Ok(()) => pause = FOLLOW_EVERY,
                Err(error) => {
                    pause = (pause * 2).min(LOAD_AGAIN_MAX);
                    let controller = &controller.core().name;
                    tracing::error!(%controller, %error, "no standings in memory: every answer comes from the store");
                }
            }
        }
        tokio::select! {
            () = &mut shutdown => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Loads everybody; when it fails, nothing is kept and nobody is noted any more.
pub(super) async fn load(controller: &Controller, memory: &Arc<Memory>) -> Result<(), AppError> {
    // From here on whoever is written about is not believed, whatever a page says of them.
    lock(&memory.touched).is_kept = true;
    let mut running = JoinSet::new();
    let mut ended = load_pages(controller, memory, &mut running).await;
    // When this returns, nobody takes a page in any more.
    while let Some(last) = running.join_next().await {
        ended = ended.and(finish(last));
    }
    ended.inspect_err(|_| memory.forget_everybody())?;
    memory.is_loaded.store(true, Ordering::Release);
    let people = memory.everybody().map(|people| people.len());
    tracing::info!(people, "everybody's standing is in memory");
    Ok(())
}

async fn load_pages(
    controller: &Controller,
    memory: &Arc<Memory>,
    running: &mut JoinSet<()>,
) -> Result<(), AppError> {
    let count = controller.db.read("memory.count", identity::count).await?;
    let reserve = usize::try_from(count).unwrap_or_default();
    memory.people_mut().reserve(reserve + reserve / 16);
    let mut after = None;
    loop {
        let page = controller
            .db
            .read_long("memory.load", move |tx| consent::standings_page(tx, after.as_ref(), LOAD_PAGE))
            .await?;
        let Some((last, ..)) = page.last() else { return Ok(()) };
        after = Some(*last);
        if running.len() >= LOAD_AT_ONCE
            && let Some(ended) = running.join_next().await
        {
            finish(ended)?;
        }
        let memory = Arc::clone(memory);
        running.spawn_blocking(move || memory.take_in(page));
    }
}

fn finish(ended: Result<(), JoinError>) -> Result<(), AppError> {
    ended.map_err(|_| AppError::Internal("the loading of standings panicked"))
}

impl Memory {
    /// Takes a page of living people in. Whoever's standing another version of this program
    /// stored counts as written about: read again, it is folded anew.
    pub(super) fn take_in(&self, page: Vec<(SubjectId, i64, Option<consent::StandingRow>)>) {
        let (mut some, mut unread) = (Vec::with_capacity(page.len()), Vec::new());
        for (id, version, row) in page {
            let standing = match row {
                None => Some(Standing::default()),
                Some(row) => person::read_standing(&row).map(|(standing, _)| standing),
            };
            match standing {
                Some(standing) => some.push(Read { id, found: Some((version, standing)) }),
                None => unread.push(id),
            }
        }
        lock(&self.touched).note(&unread);
        let mut people = self.people_mut();
        some.iter().for_each(|person| put(&mut people, person));
    }

    /// Some of those who were written about since they were read, each with the stamp of it;
    /// nobody while the loading goes on, whose pages may be older than what would be read.
    pub(super) fn behind(&self) -> HashMap<SubjectId, u64> {
        let touched = lock(&self.touched);
        if !self.knows_everybody() {
            return HashMap::new();
        }
        touched.people.iter().take(FOLLOW_PEOPLE).map(|(id, stamp)| (*id, *stamp)).collect()
    }

    /// Takes in who was read after they were [`Memory::behind`] with these stamps. Of whoever
    /// was written about meanwhile, or taken in by another follower, nothing is taken from
    /// here: it may be the older.
    pub(super) fn settle(&self, behind: &HashMap<SubjectId, u64>, read: &[Read]) {
        let mut touched = lock(&self.touched);
        let mut people = self.people_mut();
        for person in read {
            let stamp = behind.get(&person.id);
            if stamp.is_some() && touched.people.get(&person.id) == stamp {
                put(&mut people, person);
                touched.people.remove(&person.id);
            }
        }
    }
}

/// Reads some of those again who were written about.
async fn follow(controller: &Controller, memory: &Memory) -> Result<(), AppError> {
    let behind = memory.behind();
    if behind.is_empty() {
        return Ok(());
    }
    let ids: Vec<SubjectId> = behind.keys().copied().collect();
    let read = controller.db.read_long("memory.follow", move |tx| read(tx, &ids)).await?;
    memory.settle(&behind, &read);
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
