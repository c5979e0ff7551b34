//! An audience out of the standings in memory: a pass over three columns, then the leaves of
//! those who are permitted, then everything again in the transaction that records it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use gate::{Standing, decide};
use ledger::Hash;
use model::{EntryKind, SubjectId};
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

/// Asks for everybody who may be used, and records them.
pub(super) async fn audience(
    controller: &Controller,
    memory: &Arc<Memory>,
    evaluation: &Arc<Evaluation>,
    in_force: &Arc<InForce>,
) -> Result<Outcome, AppError> {
    memory::catch_up(controller).await?;
    let granted = {
        let (evaluation, in_force, memory) =
            (Arc::clone(evaluation), Arc::clone(in_force), Arc::clone(memory));
        let work = move |tx: &mut ReadTx<'_>| evaluation.granted(tx, &in_force, &memory);
        controller.db.read_long("access.evaluate", work).await?
    };
    if granted.len() > AUDIENCE_MAX {
        return Err(AppError::invalid("purpose", format!("more than {AUDIENCE_MAX} people qualify")));
    }
    let leaves = leaves(controller, evaluation, &granted).await?;
    let (evaluation, in_force, memory) = (Arc::clone(evaluation), Arc::clone(in_force), Arc::clone(memory));
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
    /// Everybody who qualifies as far as this transaction sees.
    fn granted(
        &self,
        tx: &mut ReadTx<'_>,
        in_force: &InForce,
        memory: &Memory,
    ) -> Result<Vec<SubjectId>, AppError> {
        let asked = self.asker.ask(&self.what, self.entry, in_force);
        let prepared = in_force.policy.prepare(&asked, self.now);
        let apart = apart(tx, memory)?;
        Ok(prepared.sift(&memory.people(), &apart).granted().to_vec())
    }

    /// Decides once more and records. This transaction is the only one that writes, and
    /// memory was told of every commit before it, so what is decided here is not stale.
    fn record_quickly(
        &self,
        tx: &mut Tx<'_>,
        in_force: &InForce,
        memory: &Memory,
        leaves: &HashMap<SubjectId, Hash>,
    ) -> Result<Outcome, AppError> {
        if let Some(before) = self.before(tx, in_force)? {
            return Ok(before);
        }
        let asked = self.asker.ask(&self.what, self.entry, in_force);
        let prepared = in_force.policy.prepare(&asked, self.now);
        let apart = apart(tx, memory)?;
        let mut sifted = prepared.sift(&memory.people(), &apart);
        let doubted = self.doubted(tx, in_force, sifted.granted())?;
        sifted.retain(|id| leaves.contains_key(id) && !doubted.contains(id));
        let members = sifted.granted().to_vec();
        let leaves = members.iter().filter_map(|id| leaves.get(id)).copied().collect();
        let draft = SetDraft::from_leaves(self.set, leaves, members)?;
        let grant = sifted.grant(self.entry, EntryKind::Audience, draft.about());
        self.keep(tx, in_force, &grant, &draft)
    }
}

impl Evaluation {
    /// Decides about one in a thousand again, by the stored standing, and answers whom that
    /// denies: memory and store do not agree about them, which somebody must look into
    /// (INVARIANT(audience-equals-decide)).
    fn doubted(
        &self,
        tx: &mut ReadTx<'_>,
        in_force: &InForce,
        granted: &[SubjectId],
    ) -> Result<BTreeSet<SubjectId>, AppError> {
        let asked = self.asker.ask(&self.what, self.entry, in_force);
        let some: Vec<SubjectId> = granted.iter().step_by(CHECKED_ONE_IN).copied().collect();
        let standings = people::standings(tx, &some)?;
        let denied = standings
            .into_iter()
            .filter(|(_, standing)| !decide(&in_force.policy, standing, &asked, self.now).is_granted());
        let doubted: BTreeSet<SubjectId> = denied.map(|(id, _)| id).collect();
        if !doubted.is_empty() {
            tracing::error!(people = doubted.len(), "memory and store disagree about an audience");
        }
        Ok(doubted)
    }
}

/// Where those stand who were written about since memory read them; none: they are gone.
fn apart(tx: &mut ReadTx<'_>, memory: &Memory) -> Result<HashMap<SubjectId, Option<Standing>>, AppError> {
    memory::read(tx, &memory.touched()).map(|read| {
        read.into_iter().map(|person| (person.id, person.found.map(|(_, standing)| standing))).collect()
    })
}
