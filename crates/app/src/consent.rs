//! What people choose: their consent events, what these come to, and the receipts.
//!
//! Recording a choice of somebody known asks the gate nothing: to say yes or no is the person's right (GDPR 7(3),
//! 21), and the proof of it a duty of the controller (GDPR 7(1)), so nothing may refuse it
//! once the caller may speak for people at all. What the caller may not do is invent switches
//! that the manifest does not declare, or lift an objection as a program.

mod address;
mod admit;
mod all;
mod check;
mod look;
mod proven;
mod receipt;
mod suppress;
mod view;
mod visitor;
mod withdraw;

use std::collections::HashSet;
use std::sync::Arc;

use gate::Record as _;
use model::{
    Act, Action, Actor, ConsentEvent, Entry, EntryId, EntryKind, EventId, Grade, Origin, Shown, SubjectId,
    Timestamp, ValueId,
};
use store::consent::EventRow;
use store::{Tx, consent};

pub(crate) use address::{ChangeIds, Changed, note_changed};
pub use all::{Withdrawal, withdraw, withdraw_all};
pub use look::Look;
pub(crate) use look::{Looked, record_look};
pub(crate) use proven::confirm_email;
pub use receipt::receipt;
pub(crate) use suppress::{lasting, outlast};
pub use view::{ChannelView, PurposeView, RestrictionView, StandingView, standing};
pub use visitor::{
    Join, Joined, NewVisitorChoice, VISITOR_KEPT_DAYS, VisitorChoice, VisitorEvent, erase_visitor, join,
    record_visitor, visitor,
};

use self::admit::{Admission, Admitted, Settled};
use crate::ask::{Asked, Verdict, ask, ask_beforehand};
use crate::controller::{Controller, Core, InForce};
use crate::error::AppError;
use crate::idempotency::Idempotency;
use crate::identity::{self, Claims, Home, Known, Resolved, SubjectRef};
use crate::person::{self, Person};
use crate::recorder::Recorder;

/// Events in one request at most.
pub const EVENTS_MAX: usize = 100;

/// Acts of one person, to be recorded together or not at all.
#[derive(Debug)]
pub struct RecordConsent {
    /// Whose acts.
    pub subject: SubjectRef,
    /// Whether a person is made where nobody has the identifier.
    pub create: bool,
    /// The acts, in the order in which they were done.
    pub events: Vec<NewEvent>,
    /// Who sends them.
    pub actor: Actor,
    /// The caller's own id of the request.
    pub request: Option<String>,
    /// The caller's key for repeating the request safely.
    pub idempotency: Option<Idempotency>,
}

/// One act of a person, as it reaches us.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// What was done.
    pub act: Act,
    /// When it is said to have happened; none: now.
    pub occurred: Option<Timestamp>,
    /// Where it came from.
    pub origin: Origin,
    /// How well it is proven; none: `proven` where we hold what was shown, else `asserted`.
    pub grade: Option<Grade>,
    /// What the person was shown; needed to be `proven`.
    pub shown: Option<Shown>,
    /// The year of birth that the person stated, beside a stated age.
    pub birth_year: Option<u16>,
}

impl NewEvent {
    /// An act that says only this much; the rest is set by field.
    #[must_use]
    pub const fn new(act: Act, origin: Origin) -> Self {
        Self { act, occurred: None, origin, grade: None, shown: None, birth_year: None }
    }

    fn grade(&self) -> Grade {
        self.grade.unwrap_or(if self.shown.is_some() { Grade::Proven } else { Grade::Asserted })
    }
}

/// What was recorded.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Recorded {
    /// The person, under the leading id.
    pub subject: SubjectId,
    /// Whether the person is new.
    pub created: bool,
    /// The events, in the order of the request.
    pub events: Vec<RecordedEvent>,
    /// Lifetimes that ended with a withdrawal, because nothing else needs their data.
    pub ended: Vec<model::LifetimeName>,
    /// The person's version after the acts: an answer about a later one has seen them.
    pub version: i64,
}

/// One recorded event.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RecordedEvent {
    /// The event; its receipt is asked for under this id.
    pub event: EventId,
    /// The entry that records it.
    pub entry: EntryId,
    /// When it was recorded by the person's own clock.
    pub recorded: Timestamp,
}

/// Records acts of one person, each with its entry and its sealed proof.
///
/// # Errors
/// [`AppError::Invalid`] for what the manifest does not declare; [`AppError::NotFound`] for
/// somebody unknown; [`AppError::Denied`] when the gate does not let an identifier in by which
/// a person would be made; [`AppError::Erased`]; `erased-before` when only the person's own act
/// may bring them back.
pub async fn record(controller: &Controller, request: RecordConsent) -> Result<Recorded, AppError> {
    let in_force = controller.in_force()?;
    let doubts = check::request(&in_force.manifest, &request, controller.now())?;
    record_checked(controller, in_force, request, doubts).await
}

/// Records acts that were checked but for what the person's standing has to say.
async fn record_checked(
    controller: &Controller,
    in_force: Arc<InForce>,
    request: RecordConsent,
    doubts: Vec<check::Doubt>,
) -> Result<Recorded, AppError> {
    let core = controller.core();
    let prepared = Prepared::new(&core, &in_force, request, doubts, controller.now())?;
    let outcome =
        identity::write_again(controller, "consent.record", move |tx| prepared.run(tx, &core, &in_force));
    match outcome.await? {
        Outcome::Recorded(recorded) => Ok(recorded),
        Outcome::Denied(verdict) => Err(AppError::Denied(Box::new(verdict))),
    }
}

enum Outcome {
    Recorded(Recorded),
    Denied(Verdict),
}

/// A request made ready: everything new is drawn, so that the transaction may run twice.
struct Prepared {
    subject: Target,
    /// The question to the gate, where a person may be made.
    admission: Option<Admission>,
    events: Vec<NewEvent>,
    doubts: Vec<check::Doubt>,
    ids: Vec<(EventId, EntryId)>,
    /// For an objection that a suppression stands for.
    spare: (EventId, EntryId),
    /// For the lifetimes that may end.
    end_ids: withdraw::EndIds,
    new_subject: SubjectId,
    identifier_value: ValueId,
    actor: Actor,
    request: Option<String>,
    idempotency: Option<Idempotency>,
    now: Timestamp,
}

enum Target {
    Id(SubjectId),
    Known(Box<Known>),
}

impl Prepared {
    fn new(
        core: &Core,
        in_force: &InForce,
        request: RecordConsent,
        doubts: Vec<check::Doubt>,
        now: Timestamp,
    ) -> Result<Self, AppError> {
        let subject = match request.subject {
            SubjectRef::Id(id) => Target::Id(id),
            SubjectRef::Identifier(identifier) => {
                let is_their_own = matches!(request.actor, Actor::Customer);
                let verified =
                    is_their_own && request.events.iter().any(|event| confirms(event, &identifier.kind));
                Target::Known(Box::new(Known::new(core, identifier, verified)?))
            }
        };
        let admission = match &subject {
            Target::Known(known) if request.create => {
                Some(Admission::new(in_force, &known.kind, &request.events, &request.actor, now)?)
            }
            Target::Known(_) | Target::Id(_) => None,
        };
        Ok(Self {
            subject,
            admission,
            ids: request.events.iter().map(|_| (EventId::ordered(now), EntryId::random())).collect(),
            spare: (EventId::ordered(now), EntryId::random()),
            end_ids: withdraw::EndIds::of(
                &in_force.manifest,
                request.events.iter().map(|event| &event.act),
                now,
            ),
            events: request.events,
            doubts,
            new_subject: SubjectId::random(),
            identifier_value: ValueId::ordered(now),
            actor: request.actor,
            request: request.request,
            idempotency: request.idempotency,
            now,
        })
    }

    fn run(&self, tx: &mut Tx<'_>, core: &Core, in_force: &InForce) -> Result<Outcome, AppError> {
        if let Some(before) = Idempotency::replayed(self.idempotency.as_ref(), tx)? {
            return Ok(Outcome::Recorded(before));
        }
        // The same question whoever has the identifier: the answer does not tell.
        let settled = self.admission.as_ref().map(|admission| admission.settle(in_force, self.now));
        let admitted = match settled.transpose()? {
            None => None,
            Some(Settled::Admitted(admitted)) => Some(*admitted),
            Some(Settled::Refused(refused)) => {
                return match ask_beforehand(tx, in_force, &refused.standing, &refused.asked, self.now)? {
                    Asked::Refused(verdict) => Ok(Outcome::Denied(verdict)),
                    Asked::Permitted(..) => Err(AppError::Internal("one question had two answers")),
                };
            }
        };
        let (mut person, created) = self.person(tx, core, in_force, admitted)?;
        check::judge(&self.doubts, &person.standing)?;
        let events = append(tx, core, in_force, &mut person, &self.batch())?;
        let ended = withdraw::end_lifetimes(
            tx,
            core,
            in_force,
            &mut person,
            self.events.iter().map(|event| &event.act),
            &self.end_ids,
        )?;
        person.store_standing(tx)?;
        fault::point("consent.after-standing");
        let recorded = Recorded { subject: person.id(), created, events, ended, version: person.row.version };
        Idempotency::keep(self.idempotency.as_ref(), tx, &recorded, self.now)?;
        Ok(Outcome::Recorded(recorded))
    }

    /// The person whom the request names, taken; made where that is wanted and permitted.
    fn person(
        &self,
        tx: &mut Tx<'_>,
        core: &Core,
        in_force: &InForce,
        admitted: Option<Admitted>,
    ) -> Result<(Box<Person>, bool), AppError> {
        let known = match &self.subject {
            Target::Id(id) => return Ok((person::take_living(tx, core, *id, self.now)?, false)),
            Target::Known(known) => std::slice::from_ref(&**known),
        };
        let Resolved { place, owners } = identity::resolve_row(tx, known)?;
        let (mut person, created) = match place {
            Some(place) => (person::take_living(tx, core, place.leader, self.now)?, false),
            None => {
                let admitted = admitted.ok_or(AppError::NotFound("person"))?;
                (self.create(tx, core, in_force, admitted)?, true)
            }
        };
        let home = Home::of_leader(&person);
        let claims = Claims {
            known,
            owners: &owners,
            value_ids: &[self.identifier_value],
            corrected: &HashSet::new(),
            own_act: matches!(self.actor, Actor::Customer)
                && self.events.iter().all(|event| event.origin.is_first_hand()),
            home: &home,
            now: self.now,
        };
        identity::claim(tx, &mut person, &claims)?;
        Ok((person, created))
    }

    /// Makes the person, with the entry of taking their identifier in.
    fn create(
        &self,
        tx: &mut Tx<'_>,
        core: &Core,
        in_force: &InForce,
        admitted: Admitted,
    ) -> Result<Box<Person>, AppError> {
        let mut person = person::create(tx, core, self.new_subject, self.now)?;
        let before = std::mem::replace(&mut person.standing, admitted.standing);
        let asked = admitted.asked.about(person.id());
        let answer = ask(tx, in_force, Some(&person), &asked, None, self.now)?;
        person.standing = before;
        match answer {
            Asked::Permitted(..) => Ok(person),
            Asked::Refused(_) => Err(AppError::Internal("one question had two answers")),
        }
    }

    fn batch(&self) -> Batch<'_> {
        Batch {
            events: &self.events,
            ids: &self.ids,
            spare: self.spare,
            actor: &self.actor,
            request: self.request.as_deref(),
            now: self.now,
        }
    }
}

/// Events to be appended to one person, with what they all share.
struct Batch<'b> {
    events: &'b [NewEvent],
    ids: &'b [(EventId, EntryId)],
    /// For an objection that a suppression stands for: one is enough for all of them.
    spare: (EventId, EntryId),
    actor: &'b Actor,
    request: Option<&'b str>,
    now: Timestamp,
}

/// The job under whose name an objection is recorded that a suppression stands for.
const TAKEN_OVER: &str = "suppression";

/// Appends events to a person who is taken: each gets its moment on the person's own clock,
/// its entry with the sealed proof, and its place in the standing. The caller stores the standing.
fn append(
    tx: &mut Tx<'_>,
    core: &Core,
    in_force: &InForce,
    person: &mut Person,
    batch: &Batch<'_>,
) -> Result<Vec<RecordedEvent>, AppError> {
    let appending =
        Appending { evidence_keys: person::evidence_keys(tx, core, person.id())?, in_force, batch };
    // A program's word for a portal or banner is no act of the person: only they lift what is closed.
    let is_their_own = matches!(batch.actor, Actor::Customer);
    let mut recorded = Vec::with_capacity(batch.events.len());
    for (place, (event, ids)) in batch.events.iter().zip(batch.ids).enumerate() {
        if place > 0 {
            advance(tx, person, batch.now)?;
        }
        let done = suppress::Done { act: &event.act, origin: event.origin, grade: event.grade() };
        if is_their_own && suppress::reopens_in_part(tx, in_force, person, done)? {
            let objection = NewEvent::new(Act::Objected { purpose: None }, Origin::Api);
            appending.one(tx, person, &objection, batch.spare, &Actor::Job(TAKEN_OVER.to_owned()))?;
            advance(tx, person, batch.now)?;
        }
        recorded.push(appending.one(tx, person, event, *ids, batch.actor)?);
        if is_their_own || !opens(&event.act) {
            suppress::follow(tx, in_force, person, done, batch.now)?;
        }
    }
    Ok(recorded)
}

/// What all events of a batch are appended with.
struct Appending<'a> {
    evidence_keys: keys::PersonKeys,
    in_force: &'a InForce,
    batch: &'a Batch<'a>,
}

impl Appending<'_> {
    /// Appends one event at the person's present moment.
    fn one(
        &self,
        tx: &mut Tx<'_>,
        person: &mut Person,
        event: &NewEvent,
        (event_id, entry_id): (EventId, EntryId),
        actor: &Actor,
    ) -> Result<RecordedEvent, AppError> {
        let (id, at) = (person.id(), person.row.clock);
        let event = ConsentEvent {
            id: event_id,
            subject: id,
            act: event.act.clone(),
            occurred: event.occurred.unwrap_or(at),
            recorded: at,
            origin: event.origin,
            grade: event.grade(),
            shown: event.shown.clone(),
            birth_year: event.birth_year,
        };
        let entry = self.entry_of(&event, entry_id, actor);
        let proof = serde_json::to_value(&event)
            .map_err(|_| AppError::Internal("a consent event does not serialise"))?;
        Recorder::about(tx, &person.keys).with_evidence(&self.evidence_keys, proof).record(&entry)?;
        fault::point("consent.after-entry");
        consent::add_events(tx, &id, &[EventRow { facts: event.facts(), entry: entry_id }])?;
        consent::add_evidence(tx, &id, &event_id.to_string(), EntryKind::Consent.code(), at, &entry_id)?;
        fault::point("consent.after-event");
        person.standing.apply(&event.facts());
        Ok(RecordedEvent { event: event_id, entry: entry_id, recorded: at })
    }

    fn entry_of(&self, event: &ConsentEvent, id: EntryId, actor: &Actor) -> Entry {
        let columns = event.act.columns();
        let version = self.in_force.policy.version();
        let mut entry = Entry::new(id, EntryKind::Consent, event.recorded, actor.clone(), version);
        entry.via = self.in_force.via.clone();
        entry.action = Some(Action::Collect);
        entry.purpose = columns.purpose;
        entry.channel = columns.channel;
        entry.recipient = columns.recipient;
        entry.request = self.batch.request.map(str::to_owned);
        entry.event = Some(event.id);
        entry.about = model::About::One(event.subject);
        entry
    }
}

/// Moves the person's clock on, so that no two events have the same moment.
fn advance(tx: &mut Tx<'_>, person: &mut Person, now: Timestamp) -> Result<(), AppError> {
    let id = person.id();
    person.row = store::identity::take(tx, &id, now)?
        .ok_or(AppError::Internal("the row of a person who is taken is gone"))?;
    Ok(())
}

/// Whether the act can lift a suppression.
const fn opens(act: &Act) -> bool {
    matches!(act, Act::Given(_) | Act::ObjectionEnded { .. })
}

/// Whether the act proves that the person owns the identifier by which the request names
/// them: they confirmed it themselves where it leads to.
fn confirms(event: &NewEvent, kind: &model::IdentifierKind) -> bool {
    let Act::AddressConfirmed { channel } = event.act else { return false };
    event.origin.is_first_hand() && event.grade() != Grade::Unknown && suppress::reaches(kind, channel)
}
