//! The question to the gate before an identifier is taken in with somebody's first choices.

use std::collections::BTreeSet;

use gate::{Standing, Use};
use model::{Act, Action, Actor, Answer, CategoryName, ConsentEvent, EntryId, IdentifierKind, PurposeName};
use model::{SubjectId, Timestamp};

use super::NewEvent;
use crate::ask::foresee;
use crate::controller::InForce;
use crate::error::AppError;
use crate::identity;

/// The job under whose name a no is kept, together with whom it is of: nobody may refuse it.
const JOB: &str = "choices";

/// What may be asked to take an identifier in: each purpose that a choice opens, and for a no
/// the person's own `rights`.
pub(super) struct Admission {
    asked: Vec<Use>,
    /// What the choices come to, for the purposes that they open.
    chosen: Standing,
}

/// The question that was settled, and the standing by which.
pub(super) struct Admitted {
    pub(super) asked: Use,
    pub(super) standing: Standing,
}

impl Admission {
    /// The questions about an identifier of this kind.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a kind that the manifest gives no category.
    pub(super) fn new(
        in_force: &InForce,
        kind: &IdentifierKind,
        events: &[NewEvent],
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Self, AppError> {
        let category = identity::category(&in_force.manifest, kind).ok_or_else(|| {
            let message =
                "the manifest gives no field of this kind a category: map one, or name them by `id`";
            AppError::invalid("subject.identifier.kind", message)
        })?;
        let ask = |actor: Actor, purpose: PurposeName| question(actor, purpose, &category);
        let mut asked = Vec::new();
        let is_staff = matches!(actor, Actor::Staff { .. });
        if !is_staff {
            let opened: BTreeSet<&PurposeName> =
                events.iter().filter_map(|event| opens(&event.act)).collect();
            asked.extend(opened.into_iter().map(|purpose| ask(actor.clone(), purpose.clone())));
        }
        if is_staff || events.iter().any(|event| opens(&event.act).is_none()) {
            let rights =
                PurposeName::new("rights").map_err(|_| AppError::Internal("the necessity `rights`"))?;
            asked.push(ask(Actor::Job(JOB.to_owned()), rights));
        }
        Ok(Self { asked, chosen: chosen(events, now) })
    }

    /// The first question that is answered with yes, whoever the person is; else the first no.
    ///
    /// # Errors
    /// [`AppError::Internal`] when there is nothing to ask.
    pub(super) fn settle(&self, in_force: &InForce, now: Timestamp) -> Result<Settled, AppError> {
        let mut refused = None;
        for asked in &self.asked {
            let is_job = matches!(asked.actor, Actor::Job(_));
            let standing = if is_job { Standing::default() } else { self.chosen.clone() };
            let foreseen = foresee(in_force, &standing, asked, now);
            if foreseen.answer == Answer::Granted {
                return Ok(Settled::Admitted(Box::new(Admitted { asked: asked.clone(), standing })));
            }
            refused.get_or_insert(Admitted { asked: asked.clone(), standing });
        }
        let refused = refused.ok_or(AppError::Internal("a choice that asks nothing"))?;
        Ok(Settled::Refused(Box::new(refused)))
    }
}

/// What the gate answers.
pub(super) enum Settled {
    /// Yes.
    Admitted(Box<Admitted>),
    /// No to every question; the first one.
    Refused(Box<Admitted>),
}

fn question(actor: Actor, purpose: PurposeName, category: &CategoryName) -> Use {
    let mut asked = Use::new(EntryId::random(), actor, Action::Collect, purpose);
    asked.categories.insert(category.clone());
    asked
}

/// The purpose that an act opens.
const fn opens(act: &Act) -> Option<&PurposeName> {
    match act {
        Act::Given(switch) => Some(&switch.purpose),
        Act::OptedIn { purpose: Some(purpose) } | Act::ObjectionEnded { purpose: Some(purpose) } => {
            Some(purpose)
        }
        _ => None,
    }
}

/// What the choices come to for somebody of whom nothing else is known.
fn chosen(events: &[NewEvent], now: Timestamp) -> Standing {
    let mut standing = Standing::default();
    for event in events {
        let event = ConsentEvent {
            id: model::EventId::ordered(now),
            subject: SubjectId::from_bytes([0; 16]),
            act: event.act.clone(),
            occurred: event.occurred.unwrap_or(now),
            recorded: now,
            origin: event.origin,
            grade: event.grade(),
            shown: event.shown.clone(),
            birth_year: event.birth_year,
        };
        standing.apply(&event.facts());
    }
    standing
}
