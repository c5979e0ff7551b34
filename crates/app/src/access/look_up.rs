//! A member of staff looks at one customer, whom they know by an identifier.
//!
//! Purpose, action and reason are judged against the role first, for nobody: whoever may not
//! look is refused before anybody is looked up, in the same words for known and unknown. A look
//! that finds nobody leaves an entry too, about nobody.

use gate::{StaffReason, Use};
use model::{Action, Actor, EntryId, Identifier, PurposeName, SubjectId, Timestamp};
use store::{Tx, identity};

use super::{Absent, about_nobody, record_about_nobody};
use crate::ask::{Asked, Reason, Verdict, ask};
use crate::controller::{Controller, Core, InForce};
use crate::error::AppError;
use crate::identity::{Known, write_again};
use crate::person::{self, Taken};
use crate::vault::{Disclosed, Extent, Opening};

/// A look at whoever has an identifier.
#[derive(Debug)]
pub struct LookUp {
    /// What they are known by.
    pub identifier: Identifier,
    /// Why.
    pub purpose: PurposeName,
    /// Who looks: a member of staff.
    pub actor: Actor,
    /// The reason they give.
    pub reason: StaffReason,
}

/// What a look came to.
#[derive(Debug)]
pub enum Looked {
    /// The person, and what the role may see of what the purpose needs.
    Somebody(SubjectId, Disclosed),
    /// Nobody has the identifier; the entry says that somebody looked.
    Nobody(EntryId),
}

enum Outcome {
    Looked(Looked),
    Denied(Verdict),
}

/// Looks a customer up and shows what the role may see.
///
/// # Errors
/// [`AppError::Denied`]: recorded about nobody where role, purpose, action or reason speak
/// against it, and then nobody was looked up. [`AppError::Invalid`] for a malformed identifier;
/// [`AppError::NoManifest`].
pub async fn look_up(controller: &Controller, request: LookUp) -> Result<Looked, AppError> {
    let (core, in_force, now) = (controller.core(), controller.in_force()?, controller.now());
    let known = Known::new(&core, request.identifier, false)?;
    let mut asked = Use::new(EntryId::random(), request.actor, Action::Read, request.purpose);
    asked.reason = Some(request.reason);
    asked.via = in_force.via.clone();
    show_what_the_role_may_see(&in_force, &mut asked);
    let looking = Looking { known, asked, now };
    match write_again(controller, "access.look_up", move |tx| looking.run(tx, &core, &in_force)).await? {
        Outcome::Looked(looked) => Ok(looked),
        Outcome::Denied(verdict) => Err(AppError::Denied(Box::new(verdict))),
    }
}

/// Asks for what the role may see of what the purpose needs.
fn show_what_the_role_may_see(in_force: &InForce, asked: &mut Use) {
    let Actor::Staff { role, .. } = &asked.actor else { return };
    let Some(role) = in_force.manifest.roles.get(role) else { return };
    asked.categories = match in_force.manifest.purposes.get(&asked.purpose) {
        Some(declared) => role.categories.intersection(&declared.categories).cloned().collect(),
        None => role.categories.clone(),
    };
}

/// A look made ready, with everything new drawn before the transaction.
struct Looking {
    known: Known,
    asked: Use,
    now: Timestamp,
}

impl Looking {
    fn run(&self, tx: &mut Tx<'_>, core: &Core, in_force: &InForce) -> Result<Outcome, AppError> {
        if let Some(verdict) = self.refuse_whoever_it_is(in_force) {
            return record_about_nobody(tx, in_force, &self.asked, verdict, self.now).map(Outcome::Denied);
        }
        let taken = match identity::owner(tx, &self.known.kind, &self.known.hash)? {
            Some(owner) => person::take(tx, core, owner.id, self.now)?,
            None => Taken::Nobody,
        };
        let person = match taken {
            Taken::Living(person) => person,
            Taken::Erased(_) => return self.nobody(tx, in_force, Absent::Erased),
            Taken::Nobody => return self.nobody(tx, in_force, Absent::Unknown),
        };
        let asked = self.asked.clone().about(person.id());
        match ask(tx, in_force, Some(&person), &asked, None, self.now)? {
            Asked::Refused(verdict) => Ok(Outcome::Denied(verdict)),
            Asked::Permitted(permit, _) => {
                let opening = Opening { core, in_force, permit: &permit };
                let extent = Extent { history: false, records: true };
                let disclosed = opening.disclose(tx, &person, extent, |_| true)?;
                Ok(Outcome::Looked(Looked::Somebody(person.id(), disclosed)))
            }
        }
    }

    /// The no that everybody's data gets, if any.
    fn refuse_whoever_it_is(&self, in_force: &InForce) -> Option<Verdict> {
        let prepared = in_force.policy.prepare(&self.asked, self.now);
        let findings: Vec<Reason> = prepared.findings().iter().map(Reason::from).collect();
        let enforcement = prepared.enforcement_about_nobody();
        (!findings.is_empty()).then(|| Verdict::refused(None, enforcement, findings))
    }

    fn nobody(&self, tx: &mut Tx<'_>, in_force: &InForce, why: Absent) -> Result<Outcome, AppError> {
        about_nobody(tx, in_force, &self.asked, (why, true), self.now)?;
        Ok(Outcome::Looked(Looked::Nobody(self.asked.entry)))
    }
}
