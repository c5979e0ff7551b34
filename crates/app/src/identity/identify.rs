//! Adding one identifier to a person, and noting that they have proved it.

use std::collections::HashSet;
use std::sync::Arc;

use gate::{StaffReason, Use};
use model::{Action, Actor, CategoryName, EntryId, Identifier, IdentifierKind, PurposeName, SubjectId};
use model::{Timestamp, ValueId};
use serde_json::json;
use store::Tx;
use store::identity as rows;

use super::{Claims, Home, Known, category, claim, resolve_row, taken, write_again};
use crate::ask::{Asked, Verdict, ask};
use crate::consent::{ChangeIds, Changed, note_changed};
use crate::controller::{Controller, Core, InForce};
use crate::error::AppError;
use crate::idempotency::Idempotency;
use crate::person::{self, Person};

/// Identifiers of one person at most.
pub const IDENTIFIERS_OF_ONE_MAX: usize = 64;

/// How a person proved that an identifier is theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// They followed a link that was sent there.
    Link,
    /// They typed a code that was sent there.
    Code,
    /// They showed a document to a member of staff.
    Document,
    /// It is a number of the controller's own, and the system that gave it says whose it is.
    System,
}

impl Proof {
    /// Why this proof does not come from this actor, or does not fit this kind.
    fn fault(self, actor: &Actor, kind: &IdentifierKind) -> Option<&'static str> {
        match (self, actor) {
            (Self::Link | Self::Code, Actor::Customer)
            | (Self::Document, Actor::Staff { .. } | Actor::Operator) => None,
            (Self::Link | Self::Code, _) => Some("this proof is the person's own act: `customer`"),
            (Self::Document, _) => Some("this proof is seen by a member of staff"),
            (Self::System, Actor::Service(_) | Actor::Job(_) | Actor::Operator) => (!kind.is_own_number())
                .then_some("a system vouches only for numbers that it gives out itself"),
            (Self::System, _) => Some("this proof comes from a system"),
        }
    }
}

/// An identifier to be added to a person, or proved.
#[derive(Debug)]
pub struct Identify {
    /// Who.
    pub subject: SubjectId,
    /// What they are known by.
    pub identifier: Identifier,
    /// How they proved that it is theirs; none: it is merely claimed.
    pub proof: Option<Proof>,
    /// For which purpose it is taken in; the person's own is `rights`.
    pub purpose: PurposeName,
    /// Who sends it.
    pub actor: Actor,
    /// The reason that a member of staff gives.
    pub reason: Option<StaffReason>,
    /// The caller's own id of the request.
    pub request: Option<String>,
    /// The caller's key for repeating the request safely.
    pub idempotency: Option<Idempotency>,
}

/// What became of an identifier.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Identified {
    /// The person, under the leading id.
    pub subject: SubjectId,
    /// Its kind.
    pub kind: IdentifierKind,
    /// Whether it is new.
    pub added: bool,
    /// Whether the person has proved it, now or before.
    pub verified: bool,
    /// The entry that records it.
    pub entry: EntryId,
}

enum Outcome {
    Identified(Identified),
    Denied(Verdict),
}

/// Adds an identifier to a person who does not have it; notes the proof, where one is given.
/// What somebody else has claimed stays theirs, whatever the proof: two people who turn out
/// to be one are merged.
///
/// # Errors
/// [`AppError::Invalid`] for a malformed identifier or a proof that cannot come from this
/// actor; [`AppError::NotFound`], [`AppError::Erased`], [`AppError::Denied`]; the conflicts
/// `identifier-taken`, `too-many-identifiers`, and `erased-before` where somebody erased had
/// it and this is not the person's own proof.
pub async fn identify(controller: &Controller, request: Identify) -> Result<Identified, AppError> {
    let (core, in_force, now) = (controller.core(), controller.in_force()?, controller.now());
    let act = Act::new(core, in_force, request, now)?;
    match write_again(controller, "identity.identify", move |tx| act.run(tx)).await? {
        Outcome::Identified(identified) => Ok(identified),
        Outcome::Denied(verdict) => Err(AppError::Denied(Box::new(verdict))),
    }
}

/// The act with every id made, so that running it twice is harmless.
struct Act {
    core: Arc<Core>,
    in_force: Arc<InForce>,
    subject: SubjectId,
    known: [Known; 1],
    kind: IdentifierKind,
    category: CategoryName,
    proof: Option<Proof>,
    asked: Use,
    value_id: ValueId,
    changes: ChangeIds,
    idempotency: Option<Idempotency>,
    now: Timestamp,
}

impl Act {
    fn new(
        core: Arc<Core>,
        in_force: Arc<InForce>,
        request: Identify,
        now: Timestamp,
    ) -> Result<Self, AppError> {
        let kind = request.identifier.kind.clone();
        if let Some(fault) = request.proof.and_then(|proof| proof.fault(&request.actor, &kind)) {
            return Err(AppError::invalid("proof", fault));
        }
        let changes = ChangeIds::new([&kind], now);
        let category = category(&in_force.manifest, &kind).ok_or_else(|| {
            AppError::invalid("identifier.kind", "the manifest gives no field of this kind a category")
        })?;
        let known = [Known::new(&core, request.identifier, request.proof.is_some())?];
        let mut asked = Use::new(EntryId::random(), request.actor, Action::Collect, request.purpose);
        asked.categories.insert(category.clone());
        asked.reason = request.reason;
        asked.request = request.request;
        Ok(Self {
            core,
            in_force,
            subject: request.subject,
            known,
            kind,
            category,
            proof: request.proof,
            asked,
            value_id: ValueId::ordered(now),
            changes,
            idempotency: request.idempotency,
            now,
        })
    }

    fn run(&self, tx: &mut Tx<'_>) -> Result<Outcome, AppError> {
        if let Some(before) = Idempotency::replayed(self.idempotency.as_ref(), tx)? {
            return Ok(Outcome::Identified(before));
        }
        let mut person = person::take_living(tx, &self.core, self.subject, self.now)?;
        let details = json!({ "category": self.category, "identifier": self.kind, "proof": self.proof });
        let asked = self.asked.clone().about(person.id());
        let entry = match ask(tx, &self.in_force, Some(&person), &asked, Some(details), self.now)? {
            Asked::Permitted(permit, _) => permit.entry(),
            Asked::Refused(verdict) => return Ok(Outcome::Denied(verdict)),
        };
        let (added, verified) = self.claim(tx, &mut person)?;
        let kind = self.kind.clone();
        let identified = Identified { subject: person.id(), kind, added, verified, entry };
        Idempotency::keep(self.idempotency.as_ref(), tx, &identified, self.now)?;
        Ok(Outcome::Identified(identified))
    }

    /// Claims the identifier; answers whether it is new to the person, and whether proved.
    fn claim(&self, tx: &mut Tx<'_>, person: &mut Person) -> Result<(bool, bool), AppError> {
        let owners = resolve_row(tx, &self.known)?.owners;
        let owner = owners.first().and_then(Option::as_ref);
        match owner {
            Some(owner) if !person.ids().any(|id| id == owner.subject) => return Err(taken(&self.kind)),
            Some(_) => {}
            None => refuse_too_many(tx, person)?,
        }
        let home = Home::of_leader(person);
        let claims = Claims {
            known: &self.known,
            owners: &owners,
            value_ids: &[self.value_id],
            own_act: matches!(self.proof, Some(Proof::Link | Proof::Code)),
            corrected: &HashSet::new(),
            home: &home,
            now: self.now,
        };
        let claimed = claim(tx, person, &claims)?;
        let changed = Changed {
            kinds: &claimed.unproved,
            released: false,
            actor: &self.asked.actor,
            request: self.asked.request.as_deref(),
            ids: &self.changes,
            now: self.now,
        };
        note_changed(tx, &self.core, &self.in_force, person, &changed)?;
        person.store_standing(tx)?;
        let was_verified = owner.is_some_and(|owner| owner.verified);
        Ok((owner.is_none(), was_verified || self.proof.is_some()))
    }
}

fn refuse_too_many(tx: &mut Tx<'_>, person: &Person) -> Result<(), AppError> {
    let mut count = 0;
    for id in person.ids() {
        count += rows::held(tx, &id)?.len();
    }
    if count < IDENTIFIERS_OF_ONE_MAX {
        return Ok(());
    }
    Err(AppError::conflict(
        "too-many-identifiers",
        format!("a person has {IDENTIFIERS_OF_ONE_MAX} identifiers at most"),
    ))
}
