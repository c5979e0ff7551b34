//! How customers sign in: a one-time code to an e-mail address that we know.
//!
//! 1. [`request`] takes an address and answers a [`LoginId`], which the page keeps in a hidden
//!    field. Known and unknown addresses have the same answer and the same work: a row and a job.
//! 2. The job looks whose address it is and mails the code, under a permit for `security`.
//! 3. [`confirm`] takes the id and the code the person typed, and answers the session. The
//!    address is proven then: its identifier is verified and the channel confirmed.
//!
//! Before what cannot be undone, [`request_again`] and [`confirm_again`] prove a fresh code
//! within a session ([`Session::is_fresh`](crate::sessions::Session::is_fresh)).
//!
//! A code has 8 digits, lives [`CODE_MINUTES`], takes [`TRIES_MAX`] tries and only together
//! with its id, of 128 random bits. One address is sent [`CODES_PER_QUARTER`] in 15 minutes and
//! [`CODES_PER_DAY`] in a day; who calls limits the client besides. Codes asked for within a
//! session are counted apart, so that no stranger can keep somebody who is signed in from one.
//! Every code asked for and every proof leaves an entry, about nobody where nobody is meant or
//! it would say too much.

mod code;
mod prove;

use model::{Identifier, IdentifierKind, JobId, LoginId, Personal, Secret, Timestamp};
use store::{Tx, identity, jobs, login};

pub(crate) use code::{LOGIN_CODE, LoginCode, send};

use crate::controller::Controller;
use crate::error::AppError;
use crate::identity::Known;
use crate::sessions::{Session, SignedIn};

/// How long a code lives, in minutes.
pub const CODE_MINUTES: i64 = 10;
/// The digits of a code.
pub const CODE_DIGITS: usize = 8;
/// How often a code may be tried.
pub const TRIES_MAX: i64 = 5;
/// Codes for one address in 15 minutes.
pub const CODES_PER_QUARTER: i64 = 5;
/// Codes for one address in a day.
pub const CODES_PER_DAY: i64 = 20;
/// How long requests are kept so that they can be counted, in hours.
pub(crate) const REQUESTS_KEPT_HOURS: i64 = 24;
/// The longest language tag.
const LOCALE_BYTES_MAX: usize = 16;

/// Why somebody is not signed in. No text says whether an address is known.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The text is no e-mail address.
    #[error("this is no e-mail address")]
    Malformed,
    /// Too many codes were asked for at this address, known or not.
    #[error("too many codes were asked for; try again in {seconds} seconds")]
    TooMany {
        /// When to try again.
        seconds: i64,
    },
    /// The code is wrong, over or used up, or there is none; nobody is told which.
    #[error("the code is not valid")]
    Refused,
    /// The question could not be answered.
    #[error(transparent)]
    Failed(#[from] AppError),
}

/// A code that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requested {
    /// The request; goes back with the code.
    pub id: LoginId,
    /// Until when the code counts.
    pub until: Timestamp,
}

/// Asks for a code to an address. `locale` is the language of the mail, such as `fr`.
///
/// The mail goes out by a job within about a second, if anybody has the address.
///
/// # Errors
/// [`LoginError::Malformed`], [`LoginError::TooMany`], [`LoginError::Failed`].
pub async fn request(
    controller: &Controller,
    address: Personal<String>,
    locale: &str,
) -> Result<Requested, LoginError> {
    let core = controller.core();
    let kind = IdentifierKind::email();
    let identifier = Identifier { kind, value: address };
    let known = Known::new(&core, identifier, false).map_err(|_| LoginError::Malformed)?;
    let asked = Asked::new(controller.now(), (known.hash, false), locale)?;
    asked.store(controller).await
}

/// Asks for a fresh code within a session, to the address that the person has proven.
///
/// # Errors
/// [`LoginError::TooMany`], [`LoginError::Failed`]; [`AppError::NotFound`] when the person has
/// no proven address any more.
pub async fn request_again(
    controller: &Controller,
    session: &Session,
    locale: &str,
) -> Result<Requested, LoginError> {
    let subject = session.subject;
    let address = controller
        .db
        .read("login.address", move |tx| {
            for id in std::iter::once(subject).chain(identity::aliases(tx, &subject)?) {
                if let Some(hash) = identity::proven(tx, &id, &IdentifierKind::email())? {
                    return Ok::<_, AppError>(Some(hash));
                }
            }
            Ok(None)
        })
        .await?;
    let address = address.ok_or(AppError::NotFound("proven address"))?;
    Asked::new(controller.now(), (address, true), locale)?.store(controller).await
}

/// Signs in with the code that the person was sent. Spaces in the code do not count.
///
/// # Errors
/// [`LoginError::Refused`] or [`LoginError::Failed`].
pub async fn confirm(
    controller: &Controller,
    id: LoginId,
    code: &Secret<String>,
) -> Result<SignedIn, LoginError> {
    prove::sign_in(controller, id, code).await
}

/// Proves a fresh code in a session, which is fresh from now on.
///
/// # Errors
/// [`LoginError::Refused`] or [`LoginError::Failed`].
pub async fn confirm_again(
    controller: &Controller,
    session: &Session,
    id: LoginId,
    code: &Secret<String>,
) -> Result<(), LoginError> {
    prove::freshen(controller, session, id, code).await
}

/// A request made ready: everything new is drawn, so that the transaction may run twice.
struct Asked {
    id: LoginId,
    job: JobId,
    body: String,
    address: [u8; 32],
    /// Whether it is asked for within a session.
    again: bool,
    locale: String,
    now: Timestamp,
}

impl Asked {
    fn new(now: Timestamp, (address, again): ([u8; 32], bool), locale: &str) -> Result<Self, AppError> {
        let id = LoginId::random();
        let is_fine = (1..=LOCALE_BYTES_MAX).contains(&locale.len())
            && locale.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_fine {
            return Err(AppError::invalid("locale", "a language tag, such as `fr`"));
        }
        let body = LoginCode { login: id }.to_json()?;
        Ok(Self { id, job: JobId::ordered(now), body, address, again, locale: locale.to_owned(), now })
    }

    async fn store(self, controller: &Controller) -> Result<Requested, LoginError> {
        let (id, until) = (self.id, self.now.plus_seconds(60 * CODE_MINUTES));
        let wait = controller.db.write("login.request", move |tx| self.run(tx, until)).await?;
        match wait {
            None => Ok(Requested { id, until }),
            Some(seconds) => Err(LoginError::TooMany { seconds }),
        }
    }

    /// Stores the request and its job, or says in how many seconds there may be another. The
    /// address is looked up by nothing here, so that known and unknown ones cost the same.
    fn run(&self, tx: &mut Tx<'_>, until: Timestamp) -> Result<Option<i64>, AppError> {
        for (seconds, most) in [(15 * 60, CODES_PER_QUARTER), (24 * 3_600, CODES_PER_DAY)] {
            let (count, first) =
                login::count_since(tx, (&self.address, self.again), self.now.plus_seconds(-seconds))?;
            if count >= most {
                let first = first.unwrap_or(self.now);
                return Ok(Some((first.seconds() + seconds - self.now.seconds()).max(1)));
            }
        }
        login::add(tx, &self.id, (&self.address, self.again), &self.locale, (self.now, until))?;
        jobs::add(tx, &self.job, LOGIN_CODE, &self.body, self.now)?;
        Ok(None)
    }
}
