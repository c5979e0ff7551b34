//! The job that makes a code and mails it to whoever has the address.

use gate::{Permit, Record as _, Use};
use keys::{FieldClass, PersonKeys, Place};
use model::{
    Action, Actor, Answer, Channel, Entry, EntryId, EntryKind, IdentifierKind, LoginId, Personal,
    PurposeName, Secret, SubjectId, Timestamp,
};
use serde::{Deserialize, Serialize};
use store::jobs::JobRow;
use store::login::{self, LoginRow};
use store::{Tx, identity, inventory, jobs};

use super::CODE_DIGITS;
use crate::ask::{Asked, ask};
use crate::controller::{Controller, Core, InForce};
use crate::error::AppError;
use crate::identity::category;
use crate::mail::{self, CodeLetter};
use crate::person::{self, Person, Taken};
use crate::recorder::{Recorder, identity_lifetime};

/// The kind of the job.
pub(crate) const LOGIN_CODE: &str = "login-code";

/// Codes until their mail is sent, under the `identity` lifetime.
const SEALED: FieldClass = FieldClass { room: "login", name: "code" };
/// Hashes of codes, under the controller's own key.
const HASHED: FieldClass = FieldClass { room: "login", name: "code-hash" };

/// What the job is about.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LoginCode {
    pub(crate) login: LoginId,
}

impl LoginCode {
    pub(crate) fn to_json(&self) -> Result<String, AppError> {
        serde_json::to_string(self).map_err(|_| AppError::Internal("a job does not serialise"))
    }
}

/// Makes the code, if anybody has the address, and mails it. Run again after a failure it mails
/// the same code under a new permit, until the code is over.
pub(crate) async fn send(controller: &Controller, job: JobRow, work: LoginCode) -> Result<(), AppError> {
    let (core, in_force, now) = (controller.core(), controller.in_force()?, controller.now());
    let making = Making {
        login: work.login,
        job: (job.id, job.fence),
        entry: EntryId::random(),
        drawn: keys::random_digits(CODE_DIGITS),
        now,
    };
    let letter = controller.db.write("login.make_code", move |tx| making.run(tx, &core, &in_force)).await?;
    let Some(letter) = letter else { return Ok(()) };
    // Refused for good or taken: either way there is nothing more to do.
    mail::send_code(controller, letter).await?;
    controller
        .db
        .write("login.sent", move |tx| {
            login::sent(tx, &work.login)?;
            jobs::finish(tx, &job.id, job.fence).map(drop)
        })
        .await?;
    Ok(())
}

/// One turn of the job, with everything new drawn before the transaction.
struct Making {
    login: LoginId,
    job: (model::JobId, i64),
    entry: EntryId,
    drawn: Secret<String>,
    now: Timestamp,
}

impl Making {
    /// The mail to be sent; none where there is nothing to do, and then the job is done.
    fn run(&self, tx: &mut Tx<'_>, core: &Core, in_force: &InForce) -> Result<Option<CodeLetter>, AppError> {
        let letter = match login::find(tx, &self.login)?.filter(|row| row.until > self.now) {
            Some(row) => self.letter(tx, core, in_force, &row)?,
            None => None,
        };
        if letter.is_none() {
            jobs::finish(tx, &self.job.0, self.job.1)?;
        }
        Ok(letter)
    }

    fn letter(
        &self,
        tx: &mut Tx<'_>,
        core: &Core,
        in_force: &InForce,
        row: &LoginRow,
    ) -> Result<Option<CodeLetter>, AppError> {
        let Some((owner, person)) = self.owner(tx, core, row)? else {
            self.to_nobody(tx, in_force)?;
            return Ok(None);
        };
        let Some(category) = category(&in_force.manifest, &IdentifierKind::email()) else {
            self.to_nobody(tx, in_force)?;
            return Ok(None);
        };
        let mut asked = Use::new(self.entry, job_actor(), Action::Send, security()?).about(person.id());
        asked.channel = Some(Channel::Email);
        asked.categories.insert(category.clone());
        let permit = match ask(tx, in_force, Some(&person), &asked, None, self.now)? {
            Asked::Permitted(permit, _) => permit,
            Asked::Refused(_) => return Ok(None),
        };
        if !permit.covers(&owner, &category) {
            return Ok(None);
        }
        let Some(to) = open_address(tx, core, &permit, &person, (owner, &row.address))? else {
            return Ok(None);
        };
        let code = self.code(tx, core, &person, row)?;
        Ok(Some(CodeLetter { to, code, locale: row.locale.clone(), entry: permit.entry() }))
    }

    /// The living person who has the address, taken, and which of their identities has it.
    fn owner(
        &self,
        tx: &mut Tx<'_>,
        core: &Core,
        row: &LoginRow,
    ) -> Result<Option<(SubjectId, Box<Person>)>, AppError> {
        let owner = identity::owner(tx, &IdentifierKind::email(), &row.address)?;
        let Some(owner) = owner else { return Ok(None) };
        Ok(match person::take(tx, core, owner.id, self.now)? {
            Taken::Living(person) => Some((owner.id, person)),
            _ => None,
        })
    }

    /// The code of the request: the one that was made before, else the one that was drawn.
    fn code(
        &self,
        tx: &mut Tx<'_>,
        core: &Core,
        person: &Person,
        row: &LoginRow,
    ) -> Result<Personal<String>, AppError> {
        let place = row.id.to_string();
        if let Some(sealed) = &row.sealed {
            return Ok(sealing(&person.keys)?.open_text(place_of(&place), sealed)?);
        }
        let code = Personal::new(self.drawn.expose().clone());
        let sealed = sealing(&person.keys)?.seal(place_of(&place), &code)?;
        let hash = hash(core, row.id, &self.drawn);
        if !login::made(tx, &row.id, &person.id(), &hash, sealed.as_bytes())? {
            return Err(AppError::Internal("a login code was sent and asked for again"));
        }
        Ok(code)
    }

    /// Records that nobody was sent a code: who asks for codes to strangers' addresses shows in
    /// the log too, without saying whose address it was.
    fn to_nobody(&self, tx: &mut Tx<'_>, in_force: &InForce) -> Result<(), AppError> {
        let mut entry =
            Entry::new(self.entry, EntryKind::Login, self.now, job_actor(), in_force.policy.version());
        entry.purpose = Some(security()?);
        entry.action = Some(Action::Send);
        entry.answer = Some(Answer::Denied);
        Recorder::about_nobody(tx).record(&entry).map(drop)
    }
}

/// The keyed hash of a code, which only its own request can be answered with.
pub(super) fn hash(core: &Core, id: LoginId, code: &Secret<String>) -> [u8; 32] {
    let bound = Personal::new(format!("{id} {}", code.expose()));
    core.keys.own_subkey(HASHED).fingerprint(&bound)
}

/// The purpose of everything that keeps accounts safe.
pub(super) fn security() -> Result<PurposeName, AppError> {
    PurposeName::new("security").map_err(|_| AppError::Internal("the built-in purpose has no name"))
}

fn job_actor() -> Actor {
    Actor::Job("login".to_owned())
}

fn sealing(keys: &PersonKeys) -> Result<keys::Subkey, AppError> {
    Ok(keys.subkey(&identity_lifetime(), SEALED)?)
}

fn place_of(id: &str) -> Place<'_> {
    let column = inventory::LOGIN_CODE_SEALED;
    Place { table: column.table, column: column.column, value: id }
}

/// The address in the normal form by which it is found and proven: another spelling may be
/// another mailbox. `owner` is which of the person's identities has it.
fn open_address<'c>(
    tx: &mut Tx<'c>,
    core: &Core,
    permit: &Permit<'c>,
    person: &Person,
    (owner, hash): (SubjectId, &[u8; 32]),
) -> Result<Option<Personal<String>>, AppError> {
    let row = identity::identifiers(tx, permit, &owner)?.into_iter().find(|row| row.hash == *hash);
    let Some(row) = row else { return Ok(None) };
    let written = if owner == person.id() {
        Some(crate::identity::open(&person.keys, &row)?)
    } else {
        let keys = person::open_keys(tx, core, owner, store::key_record::KeyPart::Person)?;
        keys.map(|keys| crate::identity::open(&keys, &row)).transpose()?
    };
    Ok(written.map(|written| IdentifierKind::email().normalise(&written)).transpose()?)
}
