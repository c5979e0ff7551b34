//! Visitors: browsers without a known person. They are no subjects and have no keys; what is
//! kept is their choice with its entry, and it expires with their cookie.

use gate::{ConsentState, Record as _, Standing};
use model::{
    Act, Action, Actor, Entry, EntryId, EntryKind, EventFacts, EventId, Grade, Origin, Shown, SubjectId,
    Timestamp, VisitorId,
};
use store::{Tx, consent as rows};

use super::{Batch, NewEvent, RecordedEvent, append, check, withdraw};
use crate::controller::{Controller, InForce};
use crate::error::{AppError, Fault};
use crate::idempotency::Idempotency;
use crate::recorder::Recorder;
use crate::{identity, person};

/// How long a visitor's choice is kept, in days: six months.
pub const VISITOR_KEPT_DAYS: i64 = 183;

/// A choice of a visitor, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisitorEvent {
    /// What was done, in the order in which it was done.
    pub acts: Vec<Act>,
    /// What was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
    /// When we recorded it.
    pub recorded: Timestamp,
}

/// A choice of a visitor, as it reaches us.
#[derive(Debug, Clone)]
pub struct NewVisitorChoice {
    /// The visitor whom the cookie names; none: somebody new, who gets an id.
    pub visitor: Option<VisitorId>,
    /// What was done, in the order in which it was done.
    pub acts: Vec<Act>,
    /// What was shown.
    pub shown: Option<Shown>,
    /// Who sends it.
    pub actor: Actor,
    /// The caller's own id of the request.
    pub request: Option<String>,
    /// The caller's key for repeating the request safely.
    pub idempotency: Option<Idempotency>,
}

impl NewVisitorChoice {
    /// A choice of somebody new that says only this much; the rest is set by field.
    #[must_use]
    pub const fn new(acts: Vec<Act>, actor: Actor) -> Self {
        Self { visitor: None, acts, shown: None, actor, request: None, idempotency: None }
    }
}

/// A recorded choice of a visitor.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct VisitorChoice {
    /// The visitor, to be carried in the cookie.
    pub visitor: VisitorId,
    /// The event.
    pub event: EventId,
    /// The entry that records it; it is about nobody.
    pub entry: EntryId,
    /// Until when it is kept.
    pub until: Timestamp,
}

/// What became of a visitor's choices when they signed in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Joined {
    /// The person.
    pub subject: SubjectId,
    /// The events that the choices became, that of the joining first; none without a choice.
    pub events: Vec<RecordedEvent>,
}

/// Records a visitor's choice; a new visitor gets an id.
///
/// # Errors
/// [`AppError::Invalid`] for what the manifest does not declare, or what only a known person can do.
pub async fn record_visitor(
    controller: &Controller,
    choice: NewVisitorChoice,
) -> Result<VisitorChoice, AppError> {
    let in_force = controller.in_force()?;
    let now = controller.now();
    let NewVisitorChoice { visitor, acts, shown, actor, request, idempotency } = choice;
    let doubts = check_visitor(&in_force.manifest, &acts, shown.as_ref(), now)?;
    let visitor = visitor.unwrap_or_else(VisitorId::random);
    let (event, entry_id) = (EventId::ordered(now), EntryId::random());
    let mut entry = entry(&in_force, (entry_id, EntryKind::Consent), Action::Collect, actor, now);
    entry.event = Some(event);
    entry.request = request;
    let said_now = VisitorEvent { acts, shown, recorded: now };
    identity::write_again(controller, "consent.record_visitor", move |tx| {
        if let Some(before) = Idempotency::replayed(idempotency.as_ref(), tx)? {
            return Ok(before);
        }
        if !doubts.is_empty() {
            check::judge(&doubts, &said(tx, &visitor, now)?)?;
        }
        let recorded = next_moment(tx, &visitor, now)?;
        let choice =
            VisitorChoice { visitor, event, entry: entry_id, until: recorded.plus_days(VISITOR_KEPT_DAYS) };
        let body = serde_json::to_string(&VisitorEvent { recorded, ..said_now.clone() })
            .map_err(|_| AppError::Internal("a choice does not serialise"))?;
        let times = (recorded, choice.until);
        if !rows::add_visitor_choice(tx, &visitor, &event, times, &body, &entry_id)? {
            return Err(identity::raced());
        }
        Recorder::about_nobody(tx).record(&Entry { at: recorded, ..entry.clone() })?;
        Idempotency::keep(idempotency.as_ref(), tx, &choice, now)?;
        Ok(choice)
    })
    .await
}

/// When a choice of a visitor that is made now counts as recorded: now, or just after the last
/// one, whatever the clocks of the nodes say.
fn next_moment(
    tx: &mut store::ReadTx<'_>,
    visitor: &VisitorId,
    now: Timestamp,
) -> Result<Timestamp, AppError> {
    let last = rows::last_visitor_choice(tx, visitor)?;
    let after = |last: Timestamp| Timestamp::from_micros(last.micros().saturating_add(1));
    Ok(last.map_or(now, |last| now.max(after(last))))
}

/// An entry about nobody known.
fn entry(
    in_force: &InForce,
    (id, kind): (EntryId, EntryKind),
    action: Action,
    actor: Actor,
    now: Timestamp,
) -> Entry {
    let mut entry = Entry::new(id, kind, now, actor, in_force.policy.version());
    entry.via = in_force.via.clone();
    entry.action = Some(action);
    entry
}

fn check_visitor(
    manifest: &model::manifest::Manifest,
    acts: &[Act],
    shown: Option<&Shown>,
    now: Timestamp,
) -> Result<Vec<check::Doubt>, AppError> {
    let events: Vec<NewEvent> = acts
        .iter()
        .map(|act| NewEvent { shown: shown.cloned(), ..NewEvent::new(act.clone(), Origin::Banner) })
        .collect();
    let mut faults = Vec::new();
    let doubts = check::events(manifest, &events, &Actor::Customer, now, &mut faults);
    for fault in &mut faults {
        fault.path = fault.path.replacen("events", "acts", 1);
    }
    for (index, act) in acts.iter().enumerate() {
        if !is_for_visitors(act) {
            faults.push(Fault::new(format!("acts[{index}].kind"), "this takes a known person"));
        }
    }
    let doubts = doubts.into_iter().map(|doubt| doubt.in_list("acts")).collect();
    if faults.is_empty() { Ok(doubts) } else { Err(AppError::Invalid(faults)) }
}

/// What the choices of a visitor come to so far.
fn said(tx: &mut store::ReadTx<'_>, visitor: &VisitorId, now: Timestamp) -> Result<Standing, AppError> {
    let mut standing = Standing::default();
    for (event, body) in rows::visitor_choices(tx, visitor, now)? {
        let VisitorEvent { acts, recorded, .. } = read(&body)?;
        for act in acts {
            let grade = Grade::Asserted;
            standing.apply(&EventFacts {
                id: event,
                act,
                occurred: recorded,
                recorded,
                origin: Origin::Banner,
                grade,
            });
        }
    }
    Ok(standing)
}

/// Choices that a browser can make for itself.
const fn is_for_visitors(act: &Act) -> bool {
    matches!(
        act,
        Act::Given(_)
            | Act::Refused(_)
            | Act::Withdrawn(_)
            | Act::Objected { .. }
            | Act::ObjectionEnded { .. }
            | Act::OptedOut { .. }
            | Act::OptedIn { .. }
            | Act::SignalSeen { .. }
            | Act::AgeStated { .. }
            | Act::RegionStated { .. }
            | Act::NoticeShown { .. }
            | Act::RecipientDeclined { .. }
            | Act::RecipientAccepted { .. }
    )
}

/// The living choices of a visitor, oldest first.
///
/// # Errors
/// When the store fails.
pub async fn visitor(controller: &Controller, visitor: VisitorId) -> Result<Vec<VisitorEvent>, AppError> {
    let now = controller.now();
    let kept =
        controller.db.read("consent.visitor", move |tx| rows::visitor_choices(tx, &visitor, now)).await?;
    kept.iter().map(|(_, body)| read(body)).collect()
}

fn read(body: &str) -> Result<VisitorEvent, AppError> {
    serde_json::from_str(body).map_err(|_| AppError::Internal("a kept choice does not read"))
}

/// A visitor who signed in.
#[derive(Debug, Clone)]
pub struct Join {
    /// The visitor.
    pub visitor: VisitorId,
    /// Who they turned out to be.
    pub subject: SubjectId,
    /// Who says so.
    pub actor: Actor,
    /// The caller's own id of the request.
    pub request: Option<String>,
    /// The caller's key for repeating the request safely.
    pub idempotency: Option<Idempotency>,
}

/// Turns a visitor's choices into events of the person who signed in, and forgets the
/// visitor. Where the two differ, the more protective holds until the person is asked.
///
/// # Errors
/// [`AppError::NotFound`] or [`AppError::Erased`].
pub async fn join(controller: &Controller, joining: Join) -> Result<Joined, AppError> {
    let in_force = controller.in_force()?;
    let core = controller.core();
    let now = controller.now();
    let ids: Vec<_> = (0..=JOINED_MAX).map(|_| (EventId::ordered(now), EntryId::random())).collect();
    let spare = (EventId::ordered(now), EntryId::random());
    let end_ids = withdraw::EndIds::new(&in_force.manifest, now);
    controller
        .db
        .write("consent.join", move |tx| {
            let repeat = joining.idempotency.as_ref();
            if let Some(before) = Idempotency::replayed(repeat, tx)? {
                return Ok(before);
            }
            let visitor = joining.visitor;
            let mut person = person::take_living(tx, &core, joining.subject, now)?;
            let mut events = vec![NewEvent::new(Act::Joined { visitor }, Origin::Banner)];
            let choices = take_choices(tx, &visitor, now)?;
            for choice in &choices {
                events.extend(taken_over(choice));
            }
            // Where the clock stepped back, what the person says next comes after their choices.
            let now = choices.last().map_or(now, |last| now.max(last.recorded));
            let mut joined = Joined { subject: person.id(), events: Vec::new() };
            if events.len() > 1 {
                keep_protective(&person.standing, &mut events);
                let request = joining.request.as_deref();
                let batch = Batch { events: &events, ids: &ids, spare, actor: &joining.actor, request, now };
                joined.events = append(tx, &core, &in_force, &mut person, &batch)?;
                let acts = events.iter().map(|event| &event.act);
                withdraw::end_lifetimes(tx, &core, &in_force, &mut person, acts, &end_ids)?;
                person.store_standing(tx)?;
            }
            Idempotency::keep(repeat, tx, &joined, now)?;
            Ok(joined)
        })
        .await
}

/// Forgets a visitor and gives back their living choices, oldest first. What is deleted is what
/// is taken over, so that no choice that comes in meanwhile is lost between the two.
fn take_choices(tx: &mut Tx<'_>, visitor: &VisitorId, now: Timestamp) -> Result<Vec<VisitorEvent>, AppError> {
    let mut choices = Vec::new();
    for (event, until, body) in rows::delete_visitor(tx, visitor)? {
        if until > now {
            choices.push((event, read(&body)?));
        }
    }
    choices.sort_by_key(|(event, choice)| (choice.recorded, *event));
    Ok(choices.into_iter().map(|(_, choice)| choice).collect())
}

/// Choices taken over at most; the newest count.
const JOINED_MAX: usize = super::EVENTS_MAX;

/// A kept choice as events: they happened when the visitor made them.
fn taken_over(choice: &VisitorEvent) -> impl Iterator<Item = NewEvent> {
    let grade = if choice.shown.is_some() { Grade::Proven } else { Grade::Asserted };
    choice.acts.iter().map(move |act| NewEvent {
        occurred: Some(choice.recorded),
        grade: Some(grade),
        shown: choice.shown.clone(),
        ..NewEvent::new(act.clone(), Origin::Banner)
    })
}

/// Leaves out a yes where the person has said anything else, and whatever would take back a
/// no of theirs. The joining itself, the first event, stays.
fn keep_protective(standing: &Standing, events: &mut Vec<NewEvent>) {
    events.retain(|event| match &event.act {
        Act::Given(switch) => {
            let (state, _) = standing.consent(&switch.purpose, switch.channel, switch.recipient.as_ref());
            matches!(state, ConsentState::Unasked | ConsentState::Given)
        }
        Act::ObjectionEnded { .. } | Act::OptedIn { .. } | Act::RecipientAccepted { .. } => false,
        Act::AgeStated { band } => standing.age().is_none_or(|age| *band >= age),
        _ => true,
    });
    if events.len() > JOINED_MAX {
        events.drain(1..=events.len() - JOINED_MAX);
    }
}

/// Forgets a visitor at their wish, with an entry about nobody.
///
/// # Errors
/// [`AppError::NotFound`] when nothing is kept about them.
pub async fn erase_visitor(
    controller: &Controller,
    visitor: VisitorId,
    actor: Actor,
    idempotency: Option<Idempotency>,
) -> Result<EntryId, AppError> {
    let in_force = controller.in_force()?;
    let now = controller.now();
    let entry = entry(&in_force, (EntryId::random(), EntryKind::Erase), Action::Erase, actor, now);
    controller
        .db
        .write("consent.erase_visitor", move |tx| {
            if let Some(before) = Idempotency::replayed(idempotency.as_ref(), tx)? {
                return Ok(before);
            }
            if rows::delete_visitor(tx, &visitor)?.is_empty() {
                return Err(AppError::NotFound("visitor"));
            }
            Recorder::about_nobody(tx).record(&entry)?;
            Idempotency::keep(idempotency.as_ref(), tx, &entry.id, now)?;
            Ok(entry.id)
        })
        .await
}
