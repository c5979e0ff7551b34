//! What is kept of a person, for how long and why, and the acts that end it.
//!
//! Erasing is one transaction whose cost does not depend on how much is held: it destroys
//! the keys, marks the identifiers, and leaves the rows, which nobody can read any more, to
//! a job. What a law or the proof of consent wants kept stays under keys of its own and
//! ends on its day, by a job with an entry.

mod erase;
mod grounds;
mod lifetime;
pub(crate) mod living;
mod plan;
pub(crate) mod sweep;
pub(crate) mod terms;

use gate::Use;
use model::{Action, Actor, EntryId, LifetimeName, PurposeName, SubjectId};

use crate::controller::Controller;
use crate::error::AppError;
use crate::idempotency::Idempotency;

pub use grounds::{Kept, Stays};
pub(crate) use lifetime::destroy;
pub use plan::{Ends, Plan, plan};
pub use sweep::SWEEP_AGAIN_SECONDS;
pub(crate) use sweep::add_sweep;

/// How much of a person an act ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent {
    /// Everything but what must stay.
    Person,
    /// One lifetime.
    Lifetime(LifetimeName),
}

/// A request to erase.
#[derive(Debug, Clone)]
pub struct Erase {
    /// Whom.
    pub subject: SubjectId,
    /// How much.
    pub extent: Extent,
    /// Who asks: the person, their agent or staff with a reason, for the purpose `rights`;
    /// the operator and jobs for `operation`.
    pub actor: Actor,
    /// The reason that a member of staff gives.
    pub reason: Option<gate::StaffReason>,
    /// The caller's own id of the request.
    pub request: Option<String>,
    /// The caller's key for repeating the request safely.
    pub idempotency: Option<Idempotency>,
}

impl Erase {
    /// The question to the gate.
    fn question(&self, entry: EntryId, subject: SubjectId) -> Use {
        let purpose = purpose_of(&self.actor);
        let mut asked = Use::new(entry, self.actor.clone(), Action::Erase, purpose).about(subject);
        asked.reason = self.reason.clone();
        asked.request = self.request.clone();
        asked
    }
}

/// What was erased.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Erased {
    /// Whom, by the leading id.
    pub subject: SubjectId,
    /// The entry that records it.
    pub entry: EntryId,
    /// The lifetimes whose keys were destroyed.
    pub ended: Vec<LifetimeName>,
    /// What stays, why and until when.
    pub stays: Vec<Stays>,
    /// How many identifiers were marked, so that no import brings the person back.
    pub tombstones: usize,
}

/// Erases a person or one lifetime of theirs, at once. When it returns, nothing of what
/// ended can be opened: the store was asked again after the commit.
///
/// # Errors
/// [`AppError::Denied`], [`AppError::NotFound`], [`AppError::Erased`] for a person erased
/// before; `lifetime-must-stay` for a lifetime that a law or the proof of consent keeps.
pub async fn erase(controller: &Controller, request: Erase) -> Result<Erased, AppError> {
    match request.extent.clone() {
        Extent::Person => erase::person(controller, request).await,
        Extent::Lifetime(name) => lifetime::end(controller, request, name).await,
    }
}

/// For which built-in purpose an actor erases.
#[expect(clippy::expect_used, reason = "the texts are constants that follow the rule for names")]
fn purpose_of(actor: &Actor) -> PurposeName {
    let name = match actor {
        Actor::Operator | Actor::Job(_) => "operation",
        Actor::Customer | Actor::Agent(_) | Actor::Staff { .. } | Actor::Service(_) => "rights",
    };
    PurposeName::new(name).expect("a name")
}
