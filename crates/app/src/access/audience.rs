//! Everybody who may be used for a purpose over a channel: asked for once, recorded as a
//! set, and decided again page by page as it is used.

mod quick;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gate::{Grant, Standing, decide};
use ledger::Hash;
use model::{
    Action, Answer, AudienceId, CategoryName, Channel, EntryId, EntryKind, PurposeName, SetId, SubjectId,
    Timestamp,
};
use serde_json::Value;
use store::{ReadTx, Tx, consent};

use super::batch::{Asks, Ids};
use super::people::{self, People};
use super::{Asker, What, is_of_person};
use crate::ask::{Asked, Verdict, ask};
use crate::controller::{Controller, Core, InForce};
use crate::error::AppError;
use crate::idempotency::Idempotency;
use crate::person;
use crate::recorder::{Recorder, SetDraft};

/// How long the pages of an audience are served, in hours.
pub const AUDIENCE_KEPT_HOURS: i64 = 24;

/// People in one audience at most.
pub const AUDIENCE_MAX: usize = 1_000_000;

/// People on one page at most.
const PAGE_MAX: i64 = 1_000;

/// Who is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whom {
    /// Why.
    pub purpose: PurposeName,
    /// Over which channel; needed to send.
    pub channel: Option<Channel>,
    /// Which kinds of data.
    pub categories: BTreeSet<CategoryName>,
    /// What is to be done: `send` or `use`.
    pub action: Action,
}

impl Whom {
    fn what(&self) -> What {
        let mut what = What::new(self.purpose.clone(), self.action);
        what.categories = self.categories.clone();
        what.channel = self.channel;
        what
    }
}

/// An audience as it was evaluated.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Audience {
    /// The audience.
    pub id: AudienceId,
    /// How many people.
    pub count: u64,
    /// The set that its entry names.
    pub set: SetId,
    /// The entry.
    pub entry: EntryId,
    /// Until when its pages are served.
    pub until: Timestamp,
}

/// One page of an audience.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AudiencePage {
    /// Who may be used now, in the order of their ids.
    pub subjects: Vec<SubjectId>,
    /// How many of this page may not be used any more.
    pub left_out: usize,
    /// The entry that records the page; none where nobody is left.
    pub entry: Option<EntryId>,
    /// Until when the page may be acted upon; then its people are asked about again.
    pub until: Option<Timestamp>,
    /// What the next page comes after; none on the last one.
    pub next: Option<SubjectId>,
}

enum Outcome {
    Recorded(Audience),
    Denied(Verdict),
}

/// Asks for everybody who may be used, and records them.
///
/// # Errors
/// [`AppError::Denied`] when whoever asks may not, or the question itself is not permitted;
/// [`AppError::Invalid`] for another action than `send` or `use`, or too many people;
/// [`AppError::Busy`] when it was over before it was recorded.
pub async fn audience(controller: &Controller, whom: Whom, asker: Asker) -> Result<Audience, AppError> {
    asker.check()?;
    if !matches!(whom.action, Action::Send | Action::Use) {
        return Err(AppError::invalid("action", "an audience is asked for to `send` or to `use`"));
    }
    let in_force = controller.in_force()?;
    let core = controller.core();
    let now = controller.now();
    if let Some(repeat) = asker.idempotency.clone() {
        let before =
            controller.db.read("access.repeated", move |tx| Idempotency::replayed(Some(&repeat), tx)).await?;
        if let Some(before) = before {
            return Ok(before);
        }
    }
    let evaluation = Arc::new(Evaluation {
        id: AudienceId::ordered(now),
        set: SetId::random(),
        entry: EntryId::random(),
        what: whom.what(),
        asker,
        now,
    });
    let quickly = match controller.memory().filter(|memory| memory.knows_everybody()) {
        Some(memory) => quick::audience(controller, memory, &evaluation, &in_force).await?,
        None => None,
    };
    let outcome = match quickly {
        Some(outcome) => outcome,
        None => from_store(controller, &core, &evaluation, &in_force).await?,
    };
    match outcome {
        Outcome::Recorded(audience) => Ok(audience),
        Outcome::Denied(verdict) => Err(AppError::Denied(Box::new(verdict))),
    }
}

/// Reads the store through for everybody who may be used, and records them.
async fn from_store(
    controller: &Controller,
    core: &Arc<Core>,
    evaluation: &Arc<Evaluation>,
    in_force: &Arc<InForce>,
) -> Result<Outcome, AppError> {
    let candidates = {
        let (evaluation, core, in_force) = (Arc::clone(evaluation), Arc::clone(core), Arc::clone(in_force));
        let work = move |tx: &mut ReadTx<'_>| evaluation.candidates(tx, &core, &in_force);
        controller.db.read_long("access.evaluate", work).await?
    };
    let (evaluation, in_force) = (evaluation.at(controller.now()), Arc::clone(in_force));
    controller.db.write_long("access.audience", move |tx| evaluation.record(tx, &in_force, &candidates)).await
}

/// Somebody who qualified when the store was read through.
struct Candidate {
    version: i64,
    standing: Standing,
    leaf: Hash,
}

#[derive(Clone)]
struct Evaluation {
    id: AudienceId,
    set: SetId,
    entry: EntryId,
    what: What,
    asker: Asker,
    now: Timestamp,
}

impl Evaluation {
    /// The same question at another moment. What is recorded is decided at the moment before
    /// that: to find whom it may be about can take longer than a permit holds.
    fn at(&self, now: Timestamp) -> Self {
        Self { now, ..self.clone() }
    }

    /// Everybody who qualifies, in one state of the store, read in chunks.
    fn candidates(
        &self,
        tx: &mut ReadTx<'_>,
        core: &Core,
        in_force: &InForce,
    ) -> Result<BTreeMap<SubjectId, Candidate>, AppError> {
        let asked = self.asker.ask(&self.what, self.entry, in_force);
        let prepared = in_force.policy.prepare(&asked, self.now);
        let mut candidates = BTreeMap::new();
        let mut after = None;
        loop {
            let rows = consent::standings_page(tx, after.as_ref(), PAGE_MAX)?;
            let Some((last, ..)) = rows.last() else { return Ok(candidates) };
            after = Some(*last);
            let mut chunk = BTreeMap::new();
            for (id, version, row) in rows {
                let standing = match row.as_ref().map(person::read_standing) {
                    None => Standing::default(),
                    Some(Some((standing, _))) => standing,
                    Some(None) => person::standing(tx, id)?.0,
                };
                chunk.insert(id, (version, standing));
            }
            let selection = prepared.select(chunk.iter().map(|(id, (_, standing))| (*id, standing)));
            let granted: Vec<SubjectId> = selection.granted().iter().copied().collect();
            for (id, leaf) in people::leaves(tx, core, self.set, &granted)? {
                if let Some((version, standing)) = chunk.remove(&id) {
                    candidates.insert(id, Candidate { version, standing, leaf });
                }
            }
            if candidates.len() > AUDIENCE_MAX {
                return Err(AppError::invalid("purpose", format!("more than {AUDIENCE_MAX} people qualify")));
            }
        }
    }

    fn record(
        &self,
        tx: &mut Tx<'_>,
        in_force: &InForce,
        candidates: &BTreeMap<SubjectId, Candidate>,
    ) -> Result<Outcome, AppError> {
        if let Some(denied) = self.before(tx, in_force)? {
            return Ok(denied);
        }
        let asked = self.asker.ask(&self.what, self.entry, in_force);
        let changed = changed(tx, candidates)?;
        let unchanged = candidates
            .iter()
            .filter(|(id, _)| !changed.gone.contains(id) && !changed.standings.contains_key(id))
            .map(|(id, candidate)| (*id, &candidate.standing));
        let prepared = in_force.policy.prepare(&asked, self.now);
        let selection =
            prepared.select(unchanged.chain(changed.standings.iter().map(|(id, standing)| (*id, standing))));
        let members: Vec<SubjectId> = selection.granted().iter().copied().collect();
        let leaves =
            members.iter().filter_map(|id| candidates.get(id)).map(|candidate| candidate.leaf).collect();
        let draft = SetDraft::from_leaves(self.set, leaves, members)?;
        let grant = selection.grant(self.entry, EntryKind::Audience, draft.about());
        self.keep(tx, in_force, &grant, &draft)
    }

    /// The answer that was given before to the same request, or where the question is not
    /// permitted, whoever it is about.
    fn before(&self, tx: &mut Tx<'_>, in_force: &InForce) -> Result<Option<Outcome>, AppError> {
        if let Some(before) = Idempotency::replayed(self.asker.idempotency.as_ref(), tx)? {
            return Ok(Some(Outcome::Recorded(before)));
        }
        let asked = self.asker.ask(&self.what, self.entry, in_force);
        let whoever = decide(&in_force.policy, &Standing::default(), &asked, self.now);
        if whoever.findings().iter().any(|finding| stops_everybody(finding.code)) {
            return match ask(tx, in_force, None, &asked, None, self.now)? {
                Asked::Refused(verdict) => Ok(Some(Outcome::Denied(verdict))),
                Asked::Permitted(..) => Err(AppError::Internal("one question has two answers")),
            };
        }
        Ok(None)
    }

    /// Records the audience with its entry, its set and everybody's timeline.
    fn keep(
        &self,
        tx: &mut Tx<'_>,
        in_force: &InForce,
        grant: &Grant,
        draft: &SetDraft,
    ) -> Result<Outcome, AppError> {
        let permit = grant.record(&mut Recorder::about_set(tx, draft))?;
        in_force.refuse_over(&permit)?;
        let audience = Audience {
            id: self.id,
            count: draft.set.count(),
            set: self.set,
            entry: permit.entry(),
            until: self.now.plus_seconds(AUDIENCE_KEPT_HOURS * 3_600),
        };
        store::access::add_audience(tx, &self.row(&audience, in_force))?;
        Idempotency::keep(self.asker.idempotency.as_ref(), tx, &audience, self.now)?;
        Ok(Outcome::Recorded(audience))
    }

    fn row(&self, audience: &Audience, in_force: &InForce) -> store::access::Audience {
        store::access::Audience {
            id: audience.id,
            set: audience.set,
            entry: audience.entry,
            asker: self.asker.actor.to_string(),
            purpose: self.what.purpose.clone(),
            channel: self.what.channel,
            count: i64::try_from(audience.count).unwrap_or(i64::MAX),
            policy_version: i64::from(in_force.policy.version()),
            created: self.now,
            until: audience.until,
        }
    }
}

/// Whether a finding holds whoever the person is and wherever they live.
const fn stops_everybody(code: model::FindingCode) -> bool {
    !is_of_person(code) && !matches!(code.stage(), model::FindingStage::Law)
}

/// What became of candidates between the reading and the recording.
struct Changed {
    /// Erased, or merged into somebody else.
    gone: BTreeSet<SubjectId>,
    /// Written about meanwhile: where they stand now.
    standings: BTreeMap<SubjectId, Standing>,
}

fn changed(tx: &mut ReadTx<'_>, candidates: &BTreeMap<SubjectId, Candidate>) -> Result<Changed, AppError> {
    let people = People::find(tx, &candidates.keys().copied().collect())?;
    let mut gone = BTreeSet::new();
    let mut touched = Vec::new();
    for (id, candidate) in candidates {
        match people.living.get(id) {
            None => {
                gone.insert(*id);
            }
            Some(version) if *version != candidate.version => touched.push(*id),
            Some(_) => {}
        }
    }
    Ok(Changed { gone, standings: people::standings(tx, &touched)? })
}

/// One page of an audience. Each of its people is decided anew, and the page is recorded as
/// an ask of its own; who does not qualify any more is left out.
///
/// # Errors
/// [`AppError::NotFound`] when there is none of this id, it is over, or somebody else asked for it.
pub async fn audience_page(
    controller: &Controller,
    id: AudienceId,
    after: Option<SubjectId>,
    limit: i64,
    asker: Asker,
) -> Result<AudiencePage, AppError> {
    asker.check()?;
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(AppError::invalid("limit", format!("1 to {PAGE_MAX}")));
    }
    let in_force = controller.in_force()?;
    let core = controller.core();
    let now = controller.now();
    let ids = Ids::draw(usize::try_from(limit).unwrap_or_default());
    let memory = controller.memory().cloned();
    controller
        .db
        .write("access.audience_page", move |tx| {
            let audience = store::access::audience(tx, &id)?
                .filter(|audience| audience.asker == asker.actor.to_string() && now < audience.until)
                .ok_or(AppError::NotFound("audience"))?;
            let members = store::ledger::members(tx, &audience.set, after.as_ref(), limit)?;
            let what = asked_before(tx, &audience)?;
            let people = People::find(tx, &members.iter().copied().collect())?;
            let living: BTreeSet<(SubjectId, i64)> =
                members.iter().filter_map(|id| Some((*id, *people.living.get(id)?))).collect();
            let asks = Asks { asker: &asker, what: &what, kind: EntryKind::Decision, now };
            let answers =
                asks.record(tx, (&core, &in_force, memory.as_deref()), &living, &mut ids.hand_out())?;
            let granted: Vec<(SubjectId, &Verdict)> = answers
                .iter()
                .filter(|(_, verdict)| verdict.answer == Answer::Granted)
                .map(|(id, verdict)| (*id, verdict))
                .collect();
            let is_full = i64::try_from(members.len()).is_ok_and(|count| count == limit);
            Ok(AudiencePage {
                left_out: members.len() - granted.len(),
                entry: granted.first().and_then(|(_, verdict)| verdict.entry),
                until: granted.first().and_then(|(_, verdict)| verdict.until),
                subjects: granted.into_iter().map(|(id, _)| id).collect(),
                next: members.last().copied().filter(|_| is_full),
            })
        })
        .await
}

/// The question that an audience's entry answers.
fn asked_before(tx: &mut ReadTx<'_>, audience: &store::access::Audience) -> Result<What, AppError> {
    let unreadable = || AppError::Internal("the entry of an audience does not read");
    let row = store::ledger::find(tx, &audience.entry)?.ok_or_else(unreadable)?;
    let body: Value = serde_json::from_slice(&row.body).map_err(|_| unreadable())?;
    let action = body.get("action").and_then(Value::as_str).and_then(|code| code.parse().ok());
    let mut what = What::new(audience.purpose.clone(), action.ok_or_else(unreadable)?);
    what.channel = audience.channel;
    let categories = body.get("categories").and_then(Value::as_array).into_iter().flatten();
    what.categories = categories.filter_map(Value::as_str).filter_map(|name| name.parse().ok()).collect();
    Ok(what)
}
