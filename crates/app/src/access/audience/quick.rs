//! An audience out of the standings in memory: a pass over three columns, then the leaves of
//! those who are permitted, then everything again in the transaction that records it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use gate::{Standing, decide};
use ledger::Hash;
use model::{EntryKind, SetId, SubjectId};
use store::{ReadTx, Tx};
use tokio::task::JoinSet;

use super::{AUDIENCE_MAX, Evaluation, Outcome};
use crate::access::people;
use crate::controller::{Controller, InForce};
use crate::error::AppError;
use crate::memory::{self, Memory};
use crate::recorder::SetDraft;

/// People whose leaves are made in one transaction.
const LEAVES: usize = 8_192;
/// Such transactions at one time.
const AT_ONCE: usize = 4;
/// One in so many members is decided again by the stored standing.
const CHECKED_ONE_IN: usize = 1_000;

/// Asks for everybody who may be used, and records them. None: memory does not know everybody
/// any more, or was found not to agree with the store; nothing was recorded.
pub(super) async fn audience(
    controller: &Controller,
    memory: &Arc<Memory>,
    evaluation: &Arc<Evaluation>,
    in_force: &Arc<InForce>,
) -> Result<Option<Outcome>, AppError> {
    memory::catch_up(controller).await?;
    let granted = {
        let (evaluation, in_force, memory) =
            (Arc::clone(evaluation), Arc::clone(in_force), Arc::clone(memory));
        let work = move |tx: &mut ReadTx<'_>| evaluation.granted(tx, &in_force, &memory);
        controller.db.read_long("access.evaluate", work).await?
    };
    let Some(granted) = granted else { return Ok(None) };
    if granted.len() > AUDIENCE_MAX {
        return Err(AppError::invalid("purpose", format!("more than {AUDIENCE_MAX} people qualify")));
    }
    let leaves = leaves(controller, evaluation, &granted).await?;
    let (in_force, memory) = (Arc::clone(in_force), Arc::clone(memory));
    let evaluation = evaluation.at(controller.now());
    controller
        .db
        .write_long("access.audience", move |tx| evaluation.record_quickly(tx, &in_force, &memory, &leaves))
        .await
}

/// Everybody's leaf who still has keys, by id.
async fn leaves(
    controller: &Controller,
    evaluation: &Arc<Evaluation>,
    granted: &[SubjectId],
) -> Result<HashMap<SubjectId, Hash>, AppError> {
    let mut leaves = HashMap::with_capacity(granted.len());
    let (mut running, set) = (JoinSet::new(), evaluation.set);
    for chunk in granted.chunks(LEAVES) {
        if running.len() >= AT_ONCE {
            take(&mut leaves, running.join_next().await)?;
        }
        let (controller, chunk) = (controller.clone(), chunk.to_vec());
        running.spawn(async move {
            let core = controller.core();
            let work = move |tx: &mut ReadTx<'_>| people::leaves(tx, &core, set, &chunk);
            controller.db.read("access.leaves", work).await
        });
    }
    while let Some(ended) = running.join_next().await {
        take(&mut leaves, Some(ended))?;
    }
    Ok(leaves)
}

type Leaves = Result<BTreeMap<SubjectId, Hash>, AppError>;

fn take(
    leaves: &mut HashMap<SubjectId, Hash>,
    ended: Option<Result<Leaves, tokio::task::JoinError>>,
) -> Result<(), AppError> {
    if let Some(ended) = ended {
        leaves.extend(ended.map_err(|_| AppError::Internal("making leaves panicked"))??);
    }
    Ok(())
}

impl Evaluation {
    /// Everybody who qualifies as far as this transaction sees; none where memory does not
    /// know everybody any more.
    fn granted(
        &self,
        tx: &mut ReadTx<'_>,
        in_force: &InForce,
        memory: &Memory,
    ) -> Result<Option<Vec<SubjectId>>, AppError> {
        let asked = self.asker.ask(&self.what, self.entry, in_force);
        let prepared = in_force.policy.prepare(&asked, self.now);
        let apart = apart(tx, memory)?;
        Ok(memory.everybody().map(|people| prepared.sift(&people, &apart).granted().to_vec()))
    }

    /// Decides once more and records. This transaction is the only one that writes, and
    /// memory was told of every commit before it, so what is decided here is not stale. Where
    /// memory and store do not agree, nothing is recorded and memory is given up.
    fn record_quickly(
        &self,
        tx: &mut Tx<'_>,
        in_force: &InForce,
        memory: &Memory,
        leaves: &HashMap<SubjectId, Hash>,
    ) -> Result<Option<Outcome>, AppError> {
        if let Some(before) = self.before(tx, in_force)? {
            return Ok(Some(before));
        }
        let asked = self.asker.ask(&self.what, self.entry, in_force);
        let prepared = in_force.policy.prepare(&asked, self.now);
        let apart = apart(tx, memory)?;
        let Some(mut sifted) = memory.everybody().map(|people| prepared.sift(&people, &apart)) else {
            return Ok(None);
        };
        if self.is_doubtful(tx, in_force, sifted.granted())? {
            memory.forget_everybody();
            return Ok(None);
        }
        sifted.retain(|id| leaves.contains_key(id));
        let members = sifted.granted().to_vec();
        let leaves = members.iter().filter_map(|id| leaves.get(id)).copied().collect();
        let draft = SetDraft::from_leaves(self.set, leaves, members)?;
        let grant = sifted.grant(self.entry, EntryKind::Audience, draft.about());
        self.keep(tx, in_force, &grant, &draft).map(Some)
    }
}

impl Evaluation {
    /// Decides about one member in a thousand again, by the stored standing, and says whether
    /// that denies anybody: then memory and store do not agree, and somebody must look into it
    /// (INVARIANT(audience-equals-decide)). With which member this begins is drawn with the id
    /// of the set, so that nobody is passed over each time; one is always among them.
    fn is_doubtful(
        &self,
        tx: &mut ReadTx<'_>,
        in_force: &InForce,
        granted: &[SubjectId],
    ) -> Result<bool, AppError> {
        let first = first_checked(self.set, granted.len());
        let some: Vec<SubjectId> = granted.iter().skip(first).step_by(CHECKED_ONE_IN).copied().collect();
        let asked = self.asker.ask(&self.what, self.entry, in_force);
        let doubted = memory::read(tx, &some)?
            .into_iter()
            .filter(|person| match &person.found {
                None => true,
                Some((_, standing)) => !decide(&in_force.policy, standing, &asked, self.now).is_granted(),
            })
            .count();
        if doubted > 0 {
            tracing::error!(
                checked = some.len(),
                doubted,
                "memory and store disagree about an audience: it is answered from the store, and memory is loaded anew"
            );
        }
        Ok(doubted > 0)
    }
}

/// The place of the first member who is checked, out of so many.
fn first_checked(set: SetId, count: usize) -> usize {
    let drawn =
        set.as_bytes().iter().rev().take(4).fold(0, |drawn: usize, byte| drawn << 8 | usize::from(*byte));
    drawn.checked_rem(count.min(CHECKED_ONE_IN)).unwrap_or_default()
}

/// Where those stand who were written about since memory read them; none: they are gone.
fn apart(tx: &mut ReadTx<'_>, memory: &Memory) -> Result<HashMap<SubjectId, Option<Standing>>, AppError> {
    memory::read(tx, &memory.touched()).map(|read| {
        read.into_iter().map(|person| (person.id, person.found.map(|(_, standing)| standing))).collect()
    })
}
