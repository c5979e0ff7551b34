//! Withdrawing in one go: everything, or everything about some purposes.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::manifest::{Manifest, Purpose};
use model::{Act, Actor, Choice, Origin, PurposeName, Shown, SubjectId, Switch};

use super::check::{self, Doubt};
use super::{EVENTS_MAX, NewEvent, RecordConsent, Recorded, record_checked};
use crate::controller::{Controller, InForce};
use crate::error::{AppError, Fault};
use crate::idempotency::Idempotency;
use crate::identity::SubjectRef;
use crate::person;

/// A person's wish to be used for some purposes no longer, or for none that leaves a choice.
#[derive(Debug, Clone)]
pub struct Withdrawal {
    /// Whose wish.
    pub subject: SubjectId,
    /// The purposes; none named: all that leave the person a choice.
    pub purposes: Option<BTreeSet<PurposeName>>,
    /// Where it came from.
    pub origin: Origin,
    /// What the person was shown, where a page of ours asked.
    pub shown: Option<Shown>,
    /// Who sends it.
    pub actor: Actor,
    /// The caller's own id of the request.
    pub request: Option<String>,
    /// The caller's key for repeating the request safely.
    pub idempotency: Option<Idempotency>,
}

/// Takes back every yes and says no to everything that has a switch, each in the way that
/// its ground knows: withdrawing, objecting, opting out. `shown` is what the person was shown.
///
/// # Errors
/// As [`super::record`].
pub async fn withdraw_all(
    controller: &Controller,
    subject: SubjectId,
    origin: Origin,
    shown: Option<Shown>,
    actor: Actor,
    idempotency: Option<Idempotency>,
) -> Result<Recorded, AppError> {
    let wish = Withdrawal { subject, purposes: None, origin, shown, actor, request: None, idempotency };
    withdraw(controller, wish).await
}

/// Says no to the purposes of a wish, each in the way that its ground knows.
///
/// # Errors
/// As [`super::record`]; [`AppError::Invalid`] for a purpose that leaves nobody a choice, or that
/// the manifest does not declare and the person never said anything of.
pub async fn withdraw(controller: &Controller, wish: Withdrawal) -> Result<Recorded, AppError> {
    let in_force = controller.in_force()?;
    let (acts, doubts) = match &wish.purposes {
        None => {
            (everything(&in_force.manifest, &left(controller, &in_force, wish.subject).await?), Vec::new())
        }
        Some(purposes) => about(&in_force.manifest, purposes)?,
    };
    let request = RecordConsent {
        subject: SubjectRef::Id(wish.subject),
        create: false,
        events: acts
            .into_iter()
            .map(|act| NewEvent { shown: wish.shown.clone(), ..NewEvent::new(act, wish.origin) })
            .collect(),
        actor: wish.actor,
        request: wish.request,
        idempotency: wish.idempotency,
    };
    let faults = check::head(&in_force.manifest, &request);
    if !faults.is_empty() {
        return Err(AppError::Invalid(faults));
    }
    record_checked(controller, in_force, request, doubts).await
}

/// The purposes of which a person said something and which left the manifest since.
async fn left(
    controller: &Controller,
    in_force: &Arc<InForce>,
    subject: SubjectId,
) -> Result<Vec<PurposeName>, AppError> {
    let in_force = Arc::clone(in_force);
    controller
        .db
        .read("consent.left", move |tx| {
            let Some(row) = store::identity::find(tx, &subject)? else { return Ok(Vec::new()) };
            let (standing, _) = person::standing(tx, row.leader.unwrap_or(subject))?;
            let is_left = |name: &&PurposeName| !in_force.manifest.purposes.contains_key(*name);
            Ok::<_, AppError>(standing.spoken_of().into_iter().filter(is_left).cloned().collect())
        })
        .await
}

/// The no to all that leaves a choice, to what the manifest may declare later, and to what left it.
fn everything(manifest: &Manifest, left: &[PurposeName]) -> Vec<Act> {
    let mut acts = vec![Act::Objected { purpose: None }, Act::OptedOut { purpose: None }];
    for (name, purpose) in manifest.purposes.iter().filter(|(_, purpose)| !purpose.is_locked()) {
        acts.extend(refusals(name, purpose));
    }
    acts.extend(left.iter().flat_map(every_refusal));
    acts
}

/// The no to these purposes, and which of them the person must have said something of.
fn about(manifest: &Manifest, purposes: &BTreeSet<PurposeName>) -> Result<(Vec<Act>, Vec<Doubt>), AppError> {
    let (mut acts, mut doubts, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for (index, name) in purposes.iter().enumerate() {
        let path = format!("purposes[{index}]");
        match manifest.purposes.get(name) {
            None => {
                doubts.push(Doubt::of(name.clone(), path));
                acts.extend(every_refusal(name));
            }
            Some(purpose) if purpose.is_locked() => {
                faults.push(Fault::new(path, "this purpose leaves nobody a choice"));
            }
            Some(purpose) => acts.extend(refusals(name, purpose)),
        }
    }
    if purposes.is_empty() {
        faults.push(Fault::new("purposes", "name a purpose, or leave the field out for all"));
    }
    if doubts.len() > EVENTS_MAX {
        faults.push(Fault::new("purposes", format!("{EVENTS_MAX} undeclared purposes at most")));
    }
    if faults.is_empty() { Ok((acts, doubts)) } else { Err(AppError::Invalid(faults)) }
}

/// The no to a purpose of which it is no longer known on which ground it stood.
fn every_refusal(name: &PurposeName) -> [Act; 3] {
    [
        Act::Withdrawn(Switch { purpose: name.clone(), channel: None, recipient: None }),
        Act::Objected { purpose: Some(name.clone()) },
        Act::OptedOut { purpose: Some(name.clone()) },
    ]
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
