//! Proving a code.

use gate::Record as _;
use model::{
    Action, Actor, Answer, Entry, EntryId, EntryKind, EventId, IdentifierKind, LoginId, Secret, SubjectId,
    Timestamp,
};
use store::login::{self, LoginRow};
use store::{Tx, identity, sessions as session_rows};

use super::{CODE_DIGITS, LoginError, TRIES_MAX, code};
use crate::consent::confirm_email;
use crate::controller::{Controller, Core, InForce};
use crate::error::AppError;
use crate::person::{self, Person, Taken};
use crate::recorder::Recorder;
use crate::sessions::{self, Session, SignedIn};

/// Signs in with a code.
pub(super) async fn sign_in(
    controller: &Controller,
    id: LoginId,
    code: &Secret<String>,
) -> Result<SignedIn, LoginError> {
    let (core, in_force) = (controller.core(), controller.in_force()?);
    let proof = Proof::new(id, code, controller.now());
    let token = keys::random_token();
    let kept = Secret::new(token.expose().clone());
    let begun = controller
        .db
        .write("login.confirm", move |tx| {
            let Some(person) = proof.run(tx, &core, &in_force, None)? else { return Ok(None) };
            let until = sessions::begin(tx, person.id(), &kept, proof.now)?;
            Ok::<_, AppError>(Some((person.id(), until)))
        })
        .await?;
    let (subject, until) = begun.ok_or(LoginError::Refused)?;
    Ok(SignedIn { subject, token, until })
}

/// Proves a fresh code in a session.
pub(super) async fn freshen(
    controller: &Controller,
    session: &Session,
    id: LoginId,
    code: &Secret<String>,
) -> Result<(), LoginError> {
    let (core, in_force) = (controller.core(), controller.in_force()?);
    let proof = Proof::new(id, code, controller.now());
    let (subject, hash) = (session.subject, *session.hash());
    let proven = controller
        .db
        .write("login.confirm_again", move |tx| {
            if proof.run(tx, &core, &in_force, Some(subject))?.is_none() {
                return Ok(false);
            }
            session_rows::proven(tx, &hash, proof.now).map_err(AppError::from)
        })
        .await?;
    if proven { Ok(()) } else { Err(LoginError::Refused) }
}

/// A code that somebody typed, with everything new drawn before the transaction.
struct Proof {
    id: LoginId,
    code: Secret<String>,
    entry: EntryId,
    confirmed: (EventId, EntryId),
    now: Timestamp,
}

impl Proof {
    fn new(id: LoginId, code: &Secret<String>, now: Timestamp) -> Self {
        let typed: String = code.expose().chars().filter(|letter| !letter.is_whitespace()).collect();
        Self {
            id,
            code: Secret::new(typed),
            entry: EntryId::random(),
            confirmed: (EventId::ordered(now), EntryId::random()),
            now,
        }
    }

    /// Whose code it is, if it is right: the person, taken, with the address proven and the
    /// login recorded. A wrong code costs a try; `of` is whose it must be.
    fn run(
        &self,
        tx: &mut Tx<'_>,
        core: &Core,
        in_force: &InForce,
        of: Option<SubjectId>,
    ) -> Result<Option<Box<Person>>, AppError> {
        let row = login::try_once(tx, &self.id, TRIES_MAX, self.now)?;
        // A request that is over or has no code costs a comparison too.
        let kept = row.as_ref().and_then(|row| row.code).unwrap_or_default();
        let fits = keys::constant_time_eq(&kept, &code::hash(core, self.id, &self.code));
        let is_right = fits && self.code.expose().len() == CODE_DIGITS;
        let Some(row) = row else { return self.refused(tx, in_force) };
        if !is_right {
            return self.refuse(tx, core, in_force, &row);
        }
        login::used(tx, &self.id)?;
        let owner = self.owner(tx, core, &row)?.filter(|person| of.is_none_or(|of| of == person.id()));
        let Some(mut person) = owner else { return self.refused(tx, in_force) };
        for id in person.ids().collect::<Vec<_>>() {
            identity::verify(tx, &IdentifierKind::email(), &row.address, &id)?;
        }
        confirm_email(tx, core, in_force, &mut person, self.confirmed, self.now)?;
        self.record(tx, in_force, Some(&person), Answer::Granted)?;
        Ok(Some(person))
    }

    /// The person who has the address still, taken.
    fn owner(&self, tx: &mut Tx<'_>, core: &Core, row: &LoginRow) -> Result<Option<Box<Person>>, AppError> {
        let Some(made_for) = row.subject else { return Ok(None) };
        let owner = identity::owner(tx, &IdentifierKind::email(), &row.address)?;
        let Taken::Living(person) = person::take(tx, core, made_for, self.now)? else { return Ok(None) };
        Ok(Some(person).filter(|person| owner.is_some_and(|owner| person.ids().any(|id| id == owner.id))))
    }

    /// Records a wrong code. The last try that fails is told to the person: somebody may be
    /// guessing. The others are typing errors, and stand in the log about nobody.
    fn refuse(
        &self,
        tx: &mut Tx<'_>,
        core: &Core,
        in_force: &InForce,
        row: &LoginRow,
    ) -> Result<Option<Box<Person>>, AppError> {
        if row.tries < TRIES_MAX {
            return self.refused(tx, in_force);
        }
        login::used(tx, &self.id)?;
        let person = self.owner(tx, core, row)?;
        self.record(tx, in_force, person.as_deref(), Answer::Denied)?;
        Ok(None)
    }

    /// Records that nobody was let in, about nobody.
    fn refused(&self, tx: &mut Tx<'_>, in_force: &InForce) -> Result<Option<Box<Person>>, AppError> {
        self.record(tx, in_force, None, Answer::Denied)?;
        Ok(None)
    }

    fn record(
        &self,
        tx: &mut Tx<'_>,
        in_force: &InForce,
        person: Option<&Person>,
        answer: Answer,
    ) -> Result<(), AppError> {
        let version = in_force.policy.version();
        let mut entry = Entry::new(self.entry, EntryKind::Login, self.now, Actor::Customer, version);
        entry.purpose = Some(code::security()?);
        entry.action = Some(Action::Use);
        entry.answer = Some(answer);
        let Some(person) = person else {
            return Recorder::about_nobody(tx).record(&entry).map(drop);
        };
        entry.about = model::About::One(person.id());
        Recorder::about(tx, &person.keys).record(&entry).map(drop)
    }
}
