//! Looking at a person's choices, receipts or timeline.

use gate::{Record as _, StaffReason, Use};
use model::{About, Action, Actor, Entry, EntryId, EntryKind, PurposeName, Timestamp};
use store::Tx;

use crate::ask::{Asked, Verdict, ask};
use crate::controller::InForce;
use crate::error::AppError;
use crate::person::Person;
use crate::recorder::Recorder;

/// Who looks, and why where they are staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Who.
    pub actor: Actor,
    /// The reason that a member of staff gives.
    pub reason: Option<StaffReason>,
}

impl From<Actor> for Look {
    fn from(actor: Actor) -> Self {
        Self { actor, reason: None }
    }
}

/// What became of a look.
pub(crate) enum Looked<T> {
    /// It was shown.
    Shown(T),
    /// The gate said no, which is recorded.
    Refused(Verdict),
}

impl<T> Looked<T> {
    /// What was shown.
    ///
    /// # Errors
    /// [`AppError::Denied`] where the gate said no.
    pub(crate) fn shown(self) -> Result<T, AppError> {
        match self {
            Self::Shown(shown) => Ok(shown),
            Self::Refused(verdict) => Err(AppError::Denied(Box::new(verdict))),
        }
    }
}

/// Permits and records a look. Who looks for the person or as staff asks the gate, to read for
/// the person's rights; programs and upkeep are recorded. The person themselves leaves an
/// entry only where a service says that it is them.
pub(crate) fn record_look(
    tx: &mut Tx<'_>,
    in_force: &InForce,
    person: &Person,
    look: &Look,
    entry: EntryId,
    now: Timestamp,
) -> Result<Looked<Option<EntryId>>, AppError> {
    let asks = match &look.actor {
        Actor::Customer if in_force.via.is_none() => return Ok(Looked::Shown(None)),
        Actor::Customer | Actor::Agent(_) | Actor::Staff { .. } => true,
        Actor::Service(_) | Actor::Job(_) | Actor::Operator => false,
    };
    if !asks {
        let version = in_force.policy.version();
        let mut read = Entry::new(entry, EntryKind::Read, now, look.actor.clone(), version);
        read.via = in_force.via.clone();
        read.action = Some(Action::Read);
        read.about = About::One(person.id());
        return Ok(Looked::Shown(Some(Recorder::about(tx, &person.keys).record(&read)?)));
    }
    let rights = PurposeName::new("rights").map_err(|_| AppError::Internal("a built-in name"))?;
    let mut asked = Use::new(entry, look.actor.clone(), Action::Read, rights).about(person.id());
    asked.reason = look.reason.clone();
    Ok(match ask(tx, in_force, Some(person), &asked, None, now)? {
        Asked::Permitted(..) => Looked::Shown(Some(entry)),
        Asked::Refused(verdict) => Looked::Refused(verdict),
    })
}
