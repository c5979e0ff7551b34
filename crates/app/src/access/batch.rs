//! Many questions in one request: one entry for each question and answer, whose set names
//! everybody it is about.

use std::collections::{BTreeMap, BTreeSet};

use gate::{Enforcement, Finding};
use keys::PersonKeys;
use model::{Answer, EntryId, EntryKind, SetId, SubjectId, Timestamp};
use store::{ReadTx, Tx, identity};

use super::people::{self, People};
use super::{Absent, Asker, Mode, Question, Target, What, about_nobody, absent, hide};
use crate::ask::{Reason, Verdict};
use crate::controller::{Controller, Core, InForce};
use crate::error::{AppError, Fault};
use crate::idempotency::Idempotency;
use crate::memory::Memory;
use crate::person;
use crate::recorder::{Recorder, SetDraft};

/// Questions in one request at most.
pub const BATCH_MAX: usize = 10_000;

/// Answers many questions, in their order, as [`super::decide_one`] would answer each.
///
/// # Errors
/// [`AppError::Invalid`] for too many questions or malformed identifiers, each by its place;
/// [`AppError::NoManifest`]; [`AppError::Busy`] when a yes was over before it was recorded; or
/// when the store fails.
pub async fn decide_batch(
    controller: &Controller,
    questions: Vec<Question>,
    asker: Asker,
    mode: Mode,
) -> Result<Vec<Verdict>, AppError> {
    asker.check()?;
    let in_force = controller.in_force()?;
    let core = controller.core();
    let mut batch = Batch::new(&core, questions, asker, controller.now())?;
    let memory = controller.memory().cloned();
    if !mode.dry_run {
        return controller
            .db
            .write("access.decide_batch", move |tx| batch.answer(tx, &core, &in_force, memory.as_deref()))
            .await;
    }
    let mut verdicts = match memory.filter(|_| !mode.strict) {
        Some(memory) => batch.foresee(&memory, &in_force),
        None => vec![None; batch.items.len()],
    };
    // Whom memory does not know, the store does.
    let mut known = verdicts.iter().map(Option::is_some);
    batch.items.retain(|_| !known.next().unwrap_or_default());
    if !batch.items.is_empty() {
        let others = controller.db.read("access.dry_run", move |tx| batch.try_all(tx, &in_force)).await?;
        for (place, verdict) in verdicts.iter_mut().filter(|verdict| verdict.is_none()).zip(others) {
            *place = Some(verdict);
        }
    }
    verdicts
        .into_iter()
        .map(|verdict| verdict.ok_or(AppError::Internal("an item was not answered")))
        .collect()
}

/// The questions of one request, each asked once for all the people it is about.
struct Batch {
    asker: Asker,
    items: Vec<(Target, usize)>,
    questions: Vec<What>,
    ids: Ids,
    now: Timestamp,
}

/// Ids drawn before the transaction, as many as it can need.
pub(super) struct Ids(Vec<(EntryId, SetId)>);

impl Ids {
    pub(super) fn draw(count: usize) -> Self {
        Self((0..count).map(|_| (EntryId::random(), SetId::random())).collect())
    }

    /// Gives them out from the first, anew in each run of the transaction.
    pub(super) fn hand_out(&self) -> HandOut<'_> {
        HandOut(self.0.iter())
    }
}

pub(super) struct HandOut<'i>(std::slice::Iter<'i, (EntryId, SetId)>);

impl HandOut<'_> {
    pub(super) fn next(&mut self) -> Result<(EntryId, SetId), AppError> {
        self.0.next().copied().ok_or(AppError::Internal("a batch has more answers than ids"))
    }
}

/// Whom an item turned out to be about.
#[derive(Debug, Clone, Copy)]
enum Who {
    /// A living person, whose row has this version.
    Living(SubjectId, i64),
    Absent(Absent),
}

impl Batch {
    fn new(core: &Core, asked: Vec<Question>, asker: Asker, now: Timestamp) -> Result<Self, AppError> {
        if asked.is_empty() || asked.len() > BATCH_MAX {
            return Err(AppError::invalid("items", format!("1 to {BATCH_MAX} items")));
        }
        let mut places: BTreeMap<What, usize> = BTreeMap::new();
        let (mut items, mut questions, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        for (index, question) in asked.into_iter().enumerate() {
            let place = *places.entry(question.what).or_insert_with_key(|what| {
                questions.push(what.clone());
                questions.len() - 1
            });
            match Target::new(core, question.subject) {
                Ok(target) => items.push((target, place)),
                Err(AppError::Invalid(of_item)) => {
                    let within = |fault: Fault| {
                        Fault::new(format!("items[{index}].subject.{}", fault.path), fault.message)
                    };
                    faults.extend(of_item.into_iter().map(within));
                }
                Err(other) => return Err(other),
            }
        }
        if !faults.is_empty() {
            return Err(AppError::Invalid(faults));
        }
        // An answer about each person, and two about nobody, for each question at most.
        let ids = Ids::draw(items.len() + 2 * questions.len());
        Ok(Self { asker, items, questions, ids, now })
    }

    /// What memory can tell, each where its item stands.
    fn foresee(&self, memory: &Memory, in_force: &InForce) -> Vec<Option<Verdict>> {
        let mut verdicts = vec![None; self.items.len()];
        for (question, what) in self.questions.iter().enumerate() {
            let asked = self.asker.ask(what, EntryId::from_bytes([0; 16]), in_force);
            let prepared = in_force.policy.prepare(&asked, self.now);
            let ids = self.items.iter().zip(&mut verdicts).filter_map(|((target, of), place)| match target {
                Target::Id(id) if *of == question => Some((*id, place)),
                Target::Id(_) | Target::Known(_) => None,
            });
            memory.foresee_many(&prepared, ids);
        }
        verdicts
    }

    fn answer(
        &self,
        tx: &mut Tx<'_>,
        core: &Core,
        in_force: &InForce,
        memory: Option<&Memory>,
    ) -> Result<Vec<Verdict>, AppError> {
        let repeat = self.asker.idempotency.as_ref();
        if let Some(before) = Idempotency::replayed(repeat, tx)? {
            return Ok(before);
        }
        let who = self.resolve(tx)?;
        let mut ids = self.ids.hand_out();
        let mut verdicts: Vec<Option<Verdict>> = vec![None; self.items.len()];
        for (question, what) in self.questions.iter().enumerate() {
            let living = of_question(&self.items, &who, question, |who| match who {
                Who::Living(id, version) => Some((id, version)),
                Who::Absent(_) => None,
            });
            person::pretend_many(tx, core, self.hidden(&who, question))?;
            let asks = Asks { asker: &self.asker, what, kind: EntryKind::Decision, now: self.now };
            let answers = asks.record(tx, (core, in_force, memory), &living, &mut ids)?;
            let mut nobody: BTreeMap<Absent, Verdict> = BTreeMap::new();
            // Erased between the look and the answer.
            let gone = living.iter().any(|(id, _)| !answers.contains_key(id)).then_some(Absent::Erased);
            let mut absent = of_question(&self.items, &who, question, |who| match who {
                Who::Absent(why) => Some(why),
                Who::Living(..) => None,
            });
            absent.extend(gone);
            for why in absent {
                let asked = self.asker.ask(what, ids.next()?.0, in_force);
                let tells = self.asker.look_up;
                nobody.insert(why, about_nobody(tx, in_force, &asked, (why, tells), self.now)?);
            }
            self.place(&who, question, &answers, &nobody, &mut verdicts);
        }
        let told = self.tell(verdicts)?;
        Idempotency::keep(repeat, tx, &told, self.now)?;
        Ok(told)
    }

    fn try_all(&self, tx: &mut ReadTx<'_>, in_force: &InForce) -> Result<Vec<Verdict>, AppError> {
        let who = self.resolve(tx)?;
        let mut verdicts: Vec<Option<Verdict>> = vec![None; self.items.len()];
        for (question, what) in self.questions.iter().enumerate() {
            let living = of_question(&self.items, &who, question, |who| match who {
                Who::Living(id, version) => Some((id, version)),
                Who::Absent(_) => None,
            });
            let asked = self.asker.ask(what, EntryId::from_bytes([0; 16]), in_force);
            let prepared = in_force.policy.prepare(&asked, self.now);
            let standings = people::standings(tx, &living.into_iter().map(|(id, _)| id).collect::<Vec<_>>())?;
            let answers = standings
                .iter()
                .map(|(id, standing)| (*id, Verdict::of(&prepared.decide(standing), None)))
                .collect();
            let nobody = [Absent::Unknown, Absent::Erased]
                .into_iter()
                .map(|why| (why, absent(in_force, &asked, (why, self.asker.look_up), self.now)))
                .collect();
            self.place(&who, question, &answers, &nobody, &mut verdicts);
        }
        self.tell(verdicts)
    }

    /// How many items of a question are about nobody, and the asker must not learn it, not from
    /// the time that the answer takes either.
    fn hidden(&self, who: &[Who], question: usize) -> usize {
        let of_question = self.items.iter().zip(who).filter(|((_, of), _)| *of == question);
        of_question
            .filter(|((target, _), who)| matches!(who, Who::Absent(_)) && target.hides(&self.asker))
            .count()
    }

    /// Whom each item is about.
    fn resolve(&self, tx: &mut ReadTx<'_>) -> Result<Vec<Who>, AppError> {
        let hashes: BTreeSet<_> = self
            .items
            .iter()
            .filter_map(|(target, _)| match target {
                Target::Known(known) => Some((known.kind.clone(), known.hash)),
                Target::Id(_) => None,
            })
            .collect();
        let wanted: Vec<_> = hashes.iter().map(|(kind, hash)| (kind, hash)).collect();
        let owners: BTreeMap<_, _> = identity::owners(tx, &wanted)?
            .into_iter()
            .map(|owner| ((owner.kind, owner.hash), owner.subject))
            .collect();
        let ids: Vec<Option<SubjectId>> = self
            .items
            .iter()
            .map(|(target, _)| match target {
                Target::Id(id) => Some(*id),
                Target::Known(known) => owners.get(&(known.kind.clone(), known.hash)).copied(),
            })
            .collect();
        let people = People::find(tx, &ids.iter().flatten().copied().collect())?;
        let who = |id: Option<SubjectId>| match id.map(|id| people.leader(id)) {
            Some(id) => match people.living.get(&id) {
                Some(version) => Who::Living(id, *version),
                None if people.erased.contains(&id) => Who::Absent(Absent::Erased),
                None => Who::Absent(Absent::Unknown),
            },
            None => Who::Absent(Absent::Unknown),
        };
        Ok(ids.into_iter().map(who).collect())
    }

    /// Puts the answers to one question where its items stand.
    fn place(
        &self,
        who: &[Who],
        question: usize,
        answers: &BTreeMap<SubjectId, Verdict>,
        nobody: &BTreeMap<Absent, Verdict>,
        verdicts: &mut [Option<Verdict>],
    ) {
        for (((_, of), who), verdict) in self.items.iter().zip(who).zip(verdicts) {
            if *of == question {
                *verdict = match who {
                    Who::Living(id, _) => answers.get(id).or_else(|| nobody.get(&Absent::Erased)).cloned(),
                    Who::Absent(why) => nobody.get(why).cloned(),
                };
            }
        }
    }

    /// What the asker is told. Where somebody unknown must look like somebody who said no,
    /// a denial names no entry, since one entry names everybody with the same answer.
    fn tell(&self, verdicts: Vec<Option<Verdict>>) -> Result<Vec<Verdict>, AppError> {
        let told = verdicts.into_iter().zip(&self.items).map(|(verdict, (target, _))| {
            let verdict = verdict.ok_or(AppError::Internal("an item was not answered"))?;
            if !target.hides(&self.asker) || verdict.answer != Answer::Denied {
                return Ok(verdict);
            }
            Ok(Verdict { entry: None, ..hide(verdict) })
        });
        told.collect()
    }
}

/// What one question is about, each once.
fn of_question<T: Ord>(
    items: &[(Target, usize)],
    who: &[Who],
    question: usize,
    pick: impl Fn(Who) -> Option<T>,
) -> BTreeSet<T> {
    items.iter().zip(who).filter(|((_, of), _)| *of == question).filter_map(|(_, who)| pick(*who)).collect()
}

/// One question about many people.
pub(super) struct Asks<'a> {
    pub(super) asker: &'a Asker,
    pub(super) what: &'a What,
    pub(super) kind: EntryKind,
    pub(super) now: Timestamp,
}

impl Asks<'_> {
    /// Answers the question about each of these living people. Everybody with the same answer
    /// is named by the set of one entry. Whose keys are gone was erased meanwhile, and is left
    /// out.
    pub(super) fn record(
        &self,
        tx: &mut Tx<'_>,
        (core, in_force, memory): (&Core, &InForce, Option<&Memory>),
        living: &BTreeSet<(SubjectId, i64)>,
        ids: &mut HandOut<'_>,
    ) -> Result<BTreeMap<SubjectId, Verdict>, AppError> {
        let mut verdicts = BTreeMap::new();
        let keys = people::keys(tx, core, &living.iter().map(|(id, _)| *id).collect::<Vec<_>>())?;
        let opening = living.iter().filter(|(id, _)| keys.contains_key(id)).copied().collect();
        let standings = people::standings_at(tx, memory, &self.what.purpose, &opening)?;
        let asked = self.asker.ask(self.what, EntryId::from_bytes([0; 16]), in_force);
        let prepared = in_force.policy.prepare(&asked, self.now);
        let selection = prepared.select(standings.iter().map(|(id, standing)| (*id, standing)));
        if !selection.granted().is_empty() {
            let (entry, set) = ids.next()?;
            let draft = draft(&keys, set, selection.granted())?;
            let grant = selection.grant(entry, self.kind, draft.about());
            let permit = grant.record(&mut Recorder::about_set(tx, &draft))?;
            in_force.refuse_over(&permit)?;
            let verdict = Verdict::granted(Some(permit.entry()), &grant);
            verdicts.extend(draft.members.iter().map(|id| (*id, verdict.clone())));
        }
        for group in selection.denied() {
            let (entry, set) = ids.next()?;
            let draft = draft(&keys, set, group.members())?;
            let entry = group.denial(entry, draft.about()).record(&mut Recorder::about_set(tx, &draft))?;
            let verdict = denied(group.findings(), group.enforcement(), entry);
            verdicts.extend(draft.members.iter().map(|id| (*id, verdict.clone())));
        }
        Ok(verdicts)
    }
}

fn denied(findings: &[Finding], enforcement: Enforcement, entry: EntryId) -> Verdict {
    Verdict::refused(Some(entry), enforcement, findings.iter().map(Reason::from).collect())
}

/// The set of these people, whose keys are all among `keys`.
fn draft(
    keys: &BTreeMap<SubjectId, PersonKeys>,
    set: SetId,
    members: &BTreeSet<SubjectId>,
) -> Result<SetDraft, AppError> {
    SetDraft::new(set, members.iter().filter_map(|id| Some((*id, keys.get(id)?))))
}
