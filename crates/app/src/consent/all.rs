//! Withdrawing in one go: everything, or everything about some purposes.

use std::collections::BTreeSet;

use model::manifest::{Manifest, Purpose};
use model::{Act, Actor, Choice, Origin, PurposeName, SubjectId, Switch};

use super::{NewEvent, RecordConsent, Recorded, record};
use crate::controller::Controller;
use crate::error::{AppError, Fault};
use crate::idempotency::Idempotency;
use crate::identity::SubjectRef;

/// A person's wish to be used for some purposes no longer, or for none that leaves a choice.
#[derive(Debug, Clone)]
pub struct Withdrawal {
    /// Whose wish.
    pub subject: SubjectId,
    /// The purposes; none named: all that leave the person a choice.
    pub purposes: Option<BTreeSet<PurposeName>>,
    /// Where it came from.
    pub origin: Origin,
    /// Who sends it.
    pub actor: Actor,
    /// The caller's own id of the request.
    pub request: Option<String>,
    /// The caller's key for repeating the request safely.
    pub idempotency: Option<Idempotency>,
}

/// Takes back every yes and says no to everything that has a switch, each in the way that
/// its ground knows: withdrawing, objecting, opting out.
///
/// # Errors
/// As [`record`].
pub async fn withdraw_all(
    controller: &Controller,
    subject: SubjectId,
    origin: Origin,
    actor: Actor,
    idempotency: Option<Idempotency>,
) -> Result<Recorded, AppError> {
    let wish = Withdrawal { subject, purposes: None, origin, actor, request: None, idempotency };
    withdraw(controller, wish).await
}

/// Says no to the purposes of a wish, each in the way that its ground knows.
///
/// # Errors
/// As [`record`]; [`AppError::Invalid`] for a purpose that the manifest does not declare, or
/// that leaves nobody a choice.
pub async fn withdraw(controller: &Controller, wish: Withdrawal) -> Result<Recorded, AppError> {
    let in_force = controller.in_force()?;
    let acts = match &wish.purposes {
        None => everything(&in_force.manifest),
        Some(purposes) => about(&in_force.manifest, purposes)?,
    };
    let request = RecordConsent {
        subject: SubjectRef::Id(wish.subject),
        create: false,
        events: acts.into_iter().map(|act| NewEvent::new(act, wish.origin)).collect(),
        actor: wish.actor,
        request: wish.request,
        idempotency: wish.idempotency,
    };
    record(controller, request).await
}

/// The no to all that leaves a choice, and to what the manifest may declare later.
fn everything(manifest: &Manifest) -> Vec<Act> {
    let mut acts = vec![Act::Objected { purpose: None }, Act::OptedOut { purpose: None }];
    for (name, purpose) in manifest.purposes.iter().filter(|(_, purpose)| !purpose.is_locked()) {
        acts.extend(refusals(name, purpose));
    }
    acts
}

/// The no to these purposes.
fn about(manifest: &Manifest, purposes: &BTreeSet<PurposeName>) -> Result<Vec<Act>, AppError> {
    let (mut acts, mut faults) = (Vec::new(), Vec::new());
    for (index, name) in purposes.iter().enumerate() {
        let mut fault = |message: &str| faults.push(Fault::new(format!("purposes[{index}]"), message));
        match manifest.purposes.get(name) {
            None => fault("the manifest does not declare this purpose"),
            Some(purpose) if purpose.is_locked() => fault("this purpose leaves nobody a choice"),
            Some(purpose) => acts.extend(refusals(name, purpose)),
        }
    }
    if purposes.is_empty() {
        faults.push(Fault::new("purposes", "name a purpose, or leave the field out for all"));
    }
    if faults.is_empty() { Ok(acts) } else { Err(AppError::Invalid(faults)) }
}

/// The no to one purpose, for each way that its grounds know.
fn refusals(name: &PurposeName, purpose: &Purpose) -> Vec<Act> {
    let choices: BTreeSet<Choice> = purpose.grounds().map(|ground| ground.basis.choice()).collect();
    let act = |choice| match choice {
        Choice::Withdraw => {
            Some(Act::Withdrawn(Switch { purpose: name.clone(), channel: None, recipient: None }))
        }
        Choice::Object => Some(Act::Objected { purpose: Some(name.clone()) }),
        Choice::OptOut => Some(Act::OptedOut { purpose: Some(name.clone()) }),
        Choice::None => None,
    };
    choices.into_iter().filter_map(act).collect()
}
