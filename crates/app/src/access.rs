//! Asking whether a person's data may be used: one question, many, or everybody.

mod audience;
mod batch;
mod look_up;
mod people;
mod recall;

use std::collections::BTreeSet;

use gate::{Enforcement, StaffReason, Standing, Use, decide};
use model::{
    Action, Actor, Answer, CategoryName, Channel, Entry, EntryId, EntryKind, FindingCode, FindingStage,
    PurposeName, RecipientName, SubjectId, Timestamp, is_reference,
};
use store::identity::SubjectState;
use store::key_record::KeyPart;
use store::{ReadTx, Tx};

pub use audience::{
    AUDIENCE_KEPT_HOURS, AUDIENCE_MAX, Audience, AudiencePage, Whom, audience, audience_page,
};
pub use batch::{BATCH_MAX, decide_batch};
pub use look_up::{LookUp, Looked, look_up};
pub use recall::{Recalled, decision};

use crate::ask::{Asked, Reason, Verdict, answer, ask};
use crate::controller::{Controller, Core, InForce};
use crate::error::AppError;
use crate::idempotency::Idempotency;
use crate::identity::{Known, SubjectRef};
use crate::memory::Memory;
use crate::person::{self, Person, Taken};
use crate::recorder::Recorder;

/// One question about one person.
#[derive(Debug)]
pub struct Question {
    /// Whose data.
    pub subject: SubjectRef,
    /// What is to be done, and why.
    pub what: What,
}

/// What is to be done with whose data ever, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct What {
    /// Why.
    pub purpose: PurposeName,
    /// Which kinds of data.
    pub categories: BTreeSet<CategoryName>,
    /// What is to be done.
    pub action: Action,
    /// Over which channel; needed to send.
    pub channel: Option<Channel>,
    /// Towards whom; needed to share.
    pub recipient: Option<RecipientName>,
    /// Why a member of staff looks: the code and the ticket.
    pub reason: Option<(model::ReasonCode, String)>,
    /// Since when the data has been held, where the caller knows.
    pub held_since: Option<Timestamp>,
}

impl What {
    /// A question that says only this much; the rest is set by field.
    #[must_use]
    pub const fn new(purpose: PurposeName, action: Action) -> Self {
        Self {
            purpose,
            categories: BTreeSet::new(),
            action,
            channel: None,
            recipient: None,
            reason: None,
            held_since: None,
        }
    }
}

/// Who asks, and how much they may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// Who.
    pub actor: Actor,
    /// Whether they may learn that nobody is known by an identifier. Others get one answer
    /// for somebody unknown and for somebody who said no.
    pub look_up: bool,
    /// Their own id of the request.
    pub request: Option<String>,
    /// Whether the person's browser sent `Sec-GPC: 1`.
    pub gpc: bool,
    /// Their key for repeating the request safely. A yes that is given again ends when it
    /// would have ended; what is only tried is never kept.
    pub idempotency: Option<Idempotency>,
}

impl Asker {
    /// An asker who may look people up, without a request of their own.
    #[must_use]
    pub const fn new(actor: Actor) -> Self {
        Self { actor, look_up: true, request: None, gpc: false, idempotency: None }
    }

    fn check(&self) -> Result<(), AppError> {
        if self.request.as_ref().is_none_or(|request| is_reference(request)) {
            return Ok(());
        }
        Err(AppError::invalid("request", "an opaque id: up to 128 letters, digits and `-_./:#`"))
    }

    fn ask(&self, what: &What, entry: EntryId, in_force: &InForce) -> Use {
        self.ask_once(what.clone(), entry, in_force)
    }

    fn ask_once(&self, what: What, entry: EntryId, in_force: &InForce) -> Use {
        let mut asked = Use::new(entry, self.actor.clone(), what.action, what.purpose);
        asked.categories = what.categories;
        asked.channel = what.channel;
        asked.recipient = what.recipient;
        asked.reason = what.reason.map(|(code, ticket)| StaffReason { code, ticket });
        asked.held_since = what.held_since;
        asked.via = in_force.via.clone();
        asked.gpc = self.gpc;
        asked.request = self.request.clone();
        asked
    }
}

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mode {
    /// Whether the answer must be read from the primary store. What is recorded always is; a
    /// dry run may come out of memory, which never lags behind an answer ([`AnsweredFrom`]).
    pub strict: bool,
    /// Whether it is only tried: nothing is recorded, and no permit comes of it.
    pub dry_run: bool,
}

/// Which state of the store an answer was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnsweredFrom {
    /// The primary store, or what memory holds of it: every act that was answered before the
    /// question is in the answer.
    Primary,
}

impl Mode {
    /// Where the answer of a question in this mode comes from.
    #[must_use]
    pub const fn answered_from(self) -> AnsweredFrom {
        AnsweredFrom::Primary
    }
}

/// Who a question is about, before the store is asked.
enum Target {
    Id(SubjectId),
    Known(Known),
}

impl Target {
    fn new(core: &Core, subject: SubjectRef) -> Result<Self, AppError> {
        Ok(match subject {
            SubjectRef::Id(id) => Self::Id(id),
            SubjectRef::Identifier(identifier) => Self::Known(Known::new(core, identifier, false)?),
        })
    }

    fn find(&self, tx: &mut ReadTx<'_>) -> Result<Option<SubjectId>, AppError> {
        Ok(match self {
            Self::Id(id) => Some(*id),
            Self::Known(known) => {
                store::identity::owner(tx, &known.kind, &known.hash)?.map(|row| row.leader.unwrap_or(row.id))
            }
        })
    }

    /// Whether the answer must not tell somebody unknown from somebody who said no.
    const fn hides(&self, asker: &Asker) -> bool {
        matches!(self, Self::Known(_)) && !asker.look_up
    }
}

/// Answers one question. A no is an answer, not an error.
///
/// # Errors
/// [`AppError::Invalid`] for a malformed identifier, [`AppError::NoManifest`], or when the
/// store fails.
pub async fn decide_one(
    controller: &Controller,
    question: Question,
    asker: Asker,
    mode: Mode,
) -> Result<Verdict, AppError> {
    asker.check()?;
    let in_force = controller.in_force()?;
    let core = controller.core();
    let now = controller.now();
    let target = Target::new(&core, question.subject)?;
    let (hides, tells) = (target.hides(&asker), asker.look_up);
    // A dry run writes no entry, so it needs no id.
    let entry = if mode.dry_run { EntryId::from_bytes([0; 16]) } else { EntryId::random() };
    let asked = asker.ask_once(question.what, entry, &in_force);
    if mode.dry_run
        && !mode.strict
        && let (Target::Id(id), Some(memory)) = (&target, controller.memory())
        && let Some(foreseen) = memory.foresee(&in_force.policy.prepare(&asked, now), id)
    {
        return Ok(Verdict::foreseen(&foreseen));
    }
    let memory = controller.memory().filter(|memory| memory.knows_everybody()).cloned();
    let verdict = if mode.dry_run {
        controller
            .db
            .read("access.dry_run", move |tx| try_one(tx, &in_force, &target, &asked, tells, now))
            .await?
    } else {
        controller
            .db
            .write("access.decide_one", move |tx| {
                let repeat = asker.idempotency.as_ref();
                if let Some(before) = Idempotency::replayed(repeat, tx)? {
                    return Ok(before);
                }
                let quickly = match &memory {
                    Some(memory) => answer_quickly(tx, &core, &in_force, memory, (&target, &asked), now)?,
                    None => None,
                };
                let verdict = match quickly {
                    Some(verdict) => verdict,
                    None => answer_one(tx, (&core, &in_force), &target, &asked, tells, now)?,
                };
                Idempotency::keep(repeat, tx, &verdict, now)?;
                Ok::<_, AppError>(verdict)
            })
            .await?
    };
    Ok(if hides { hide(verdict) } else { verdict })
}

/// The recorded answer about a living person who leads, where this process alone writes the
/// store, one transaction after the other: then the row need not be taken, and a standing in
/// memory at the row's version is the stored one. `None`: the long way.
fn answer_quickly(
    tx: &mut Tx<'_>,
    core: &Core,
    in_force: &InForce,
    memory: &Memory,
    (target, asked): (&Target, &Use),
    now: Timestamp,
) -> Result<Option<Verdict>, AppError> {
    let Target::Id(id) = target else { return Ok(None) };
    let row = store::identity::find(tx, id)?;
    let Some(row) = row.filter(|row| row.state == SubjectState::Active && row.leader.is_none()) else {
        return Ok(None);
    };
    let Some(keys) = person::open_keys(tx, core, *id, KeyPart::Person)? else { return Ok(None) };
    let standing = match memory.standing_at(id, row.version, &asked.purpose) {
        Some(standing) => standing,
        None => person::standing(tx, *id)?.0,
    };
    let asked = asked.clone().about(*id);
    answer(tx, in_force, &keys, &standing, &asked, now).map(Some)
}

fn answer_one(
    tx: &mut Tx<'_>,
    (core, in_force): (&Core, &InForce),
    target: &Target,
    asked: &Use,
    tells: bool,
    now: Timestamp,
) -> Result<Verdict, AppError> {
    let taken = match target.find(tx)? {
        Some(id) => person::take(tx, core, id, now)?,
        None if tells => Taken::Nobody,
        // Whoever may not know that nobody is there must not learn it from the time either.
        None => person::pretend(tx, core, now)?,
    };
    match taken {
        Taken::Living(person) => answer_about(tx, in_force, &person, asked, now),
        Taken::Erased(_) => about_nobody(tx, in_force, asked, (Absent::Erased, tells), now),
        Taken::Nobody => about_nobody(tx, in_force, asked, (Absent::Unknown, tells), now),
    }
}

fn answer_about(
    tx: &mut Tx<'_>,
    in_force: &InForce,
    person: &Person,
    asked: &Use,
    now: Timestamp,
) -> Result<Verdict, AppError> {
    let asked = asked.clone().about(person.id());
    match ask(tx, in_force, Some(person), &asked, None, now)? {
        Asked::Permitted(_, verdict) | Asked::Refused(verdict) => Ok(verdict),
    }
}

fn try_one(
    tx: &mut ReadTx<'_>,
    in_force: &InForce,
    target: &Target,
    asked: &Use,
    tells: bool,
    now: Timestamp,
) -> Result<Verdict, AppError> {
    let found = match target.find(tx)? {
        Some(id) => store::identity::find(tx, &id)?,
        None => None,
    };
    let Some(row) = found else { return Ok(absent(in_force, asked, (Absent::Unknown, tells), now)) };
    if row.state == store::identity::SubjectState::Erased {
        return Ok(absent(in_force, asked, (Absent::Erased, tells), now));
    }
    let leader = row.leader.unwrap_or(row.id);
    let (standing, _) = person::standing(tx, leader)?;
    let asked = asked.clone().about(leader);
    Ok(Verdict::of(&decide(&in_force.policy, &standing, &asked, now), None))
}

/// Why nobody stands behind a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Absent {
    /// Nobody is known by what was sent.
    Unknown,
    /// The person was erased.
    Erased,
}

/// The answer about somebody who is not there: never a yes. A service that is observed is
/// observed here too, but for somebody erased, which was their choice, and but for whoever
/// must not tell nobody from somebody who said no (`tells` is false).
fn absent(in_force: &InForce, asked: &Use, (why, tells): (Absent, bool), now: Timestamp) -> Verdict {
    let prepared = in_force.policy.prepare(asked, now);
    let decision = prepared.decide(&Standing::default());
    let enforcement = match why {
        Absent::Unknown if tells => prepared.enforcement_about_nobody(),
        Absent::Unknown | Absent::Erased => Enforcement::Enforce,
    };
    let code = match why {
        Absent::Unknown => FindingCode::SubjectUnknown,
        Absent::Erased => FindingCode::Erased,
    };
    let fixed = decision.findings().iter().filter(|finding| !is_of_person(finding.code)).map(Reason::from);
    let mut findings: Vec<Reason> = fixed.chain([Reason::of(code)]).collect();
    findings.sort_by_key(|reason| reason.code);
    Verdict::refused(None, enforcement, findings)
}

/// [`absent`], recorded: the entry is about nobody.
fn about_nobody(
    tx: &mut Tx<'_>,
    in_force: &InForce,
    asked: &Use,
    why: (Absent, bool),
    now: Timestamp,
) -> Result<Verdict, AppError> {
    record_about_nobody(tx, in_force, asked, absent(in_force, asked, why, now), now)
}

/// Records a no that is about nobody.
fn record_about_nobody(
    tx: &mut Tx<'_>,
    in_force: &InForce,
    asked: &Use,
    mut verdict: Verdict,
    now: Timestamp,
) -> Result<Verdict, AppError> {
    use gate::Record as _;
    let mut entry =
        Entry::new(asked.entry, EntryKind::Decision, now, asked.actor.clone(), in_force.policy.version());
    entry.via = asked.via.clone();
    entry.action = Some(asked.action);
    entry.purpose = Some(asked.purpose.clone());
    entry.categories = asked.categories.iter().cloned().collect();
    entry.channel = asked.channel;
    entry.recipient = asked.recipient.clone();
    entry.reason = asked.reason.as_ref().map(|reason| reason.code.clone());
    entry.ticket = asked.reason.as_ref().map(|reason| reason.ticket.clone());
    entry.request = asked.request.clone();
    entry.answer = Some(verdict.answer);
    entry.findings = verdict.findings.iter().map(|reason| reason.code).collect();
    entry.findings.dedup();
    verdict.entry = Some(Recorder::about_nobody(tx).record(&entry)?);
    Ok(verdict)
}

/// Whether a finding says something about the person rather than about the question.
const fn is_of_person(code: FindingCode) -> bool {
    matches!(code.stage(), FindingStage::Standing)
        || matches!(
            code,
            // What the laws say tells where the person lives.
            FindingCode::LawProhibits
                | FindingCode::LawAsksConsent
                | FindingCode::LawAsksForm
                | FindingCode::LooseningUnreviewed
                | FindingCode::LooseningUnfit
                | FindingCode::CustomerEvidenceMissing
                | FindingCode::Suppressed
                | FindingCode::ChannelUnconfirmed
                | FindingCode::RecipientDeclined
        )
}

/// A denial with everything about the person folded into one reason, which somebody unknown
/// gets as well. What is only observed is nobody's no, and stays as it is.
fn hide(mut verdict: Verdict) -> Verdict {
    let is_no = verdict.answer == Answer::Denied;
    if is_no && verdict.findings.iter().any(|reason| is_of_person(reason.code)) {
        verdict.findings.retain(|reason| !is_of_person(reason.code));
        verdict.findings.push(Reason::of(FindingCode::SubjectUnknown));
        verdict.findings.sort_by_key(|reason| reason.code);
    }
    verdict
}
