//! Customers who are signed in.
//!
//! A session is an opaque token of 256 random bits in the browser's cookie; the store keeps its
//! hash. It ends when it is not used for [`IDLE_MINUTES`], after [`SESSION_HOURS`] however busy
//! it is, when the customer signs out, and with the person's erasure.
//!
//! How a portal uses it: [`login::request`](crate::login::request) sends a code,
//! [`login::confirm`](crate::login::confirm) answers [`SignedIn`] with the token for the cookie,
//! [`find`] answers each request that brings it, [`end`] signs out.

use model::{Secret, SubjectId, Timestamp};
use store::identity::{self, SubjectState};
use store::sessions::{self, SessionRow};
use store::{ReadTx, Tx};

use crate::controller::Controller;
use crate::error::AppError;

/// How long a session lives without being used, in minutes.
pub const IDLE_MINUTES: i64 = 30;
/// How long a session lives at most, in hours.
pub const SESSION_HOURS: i64 = 12;
/// For how long a proven code lets its session do what asks for a fresh one, in minutes.
pub const FRESH_MINUTES: i64 = 10;
/// Sessions of one person at one time; the oldest gives way.
pub const SESSIONS_MAX: i64 = 10;
/// How exactly the last use is noted, in seconds.
const SEEN_SECONDS: i64 = 60;

/// A living session, as [`find`] answers it.
#[derive(Debug)]
pub struct Session {
    /// Who is signed in, under the leading id.
    pub subject: SubjectId,
    /// When they signed in.
    pub created: Timestamp,
    /// When they last proved a code in this session.
    pub proven: Timestamp,
    /// When the session ends, however busy it is.
    pub until: Timestamp,
    hash: [u8; 32],
    form: Secret<String>,
}

/// A session that has just begun.
#[derive(Debug)]
pub struct SignedIn {
    /// Who signed in, under the leading id.
    pub subject: SubjectId,
    /// The token for the browser's cookie; it is shown this once.
    pub token: Secret<String>,
    /// When the session ends, however busy it is.
    pub until: Timestamp,
}

impl Session {
    /// Whether a code was proven within the last [`FRESH_MINUTES`]: what cannot be undone asks
    /// for it ([`login::request_again`](crate::login::request_again)).
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.proven.plus_seconds(60 * FRESH_MINUTES)
    }

    /// What every form of this session carries in a hidden field.
    #[must_use]
    pub fn form_token(&self) -> &str {
        self.form.expose()
    }

    /// Whether a form was made by a page of this session, compared in constant time.
    #[must_use]
    pub fn is_form_token(&self, presented: &str) -> bool {
        keys::constant_time_eq(self.form.expose().as_bytes(), presented.as_bytes())
    }

    pub(crate) const fn hash(&self) -> &[u8; 32] {
        &self.hash
    }
}

/// The session of a token, if it lives; noting that it was used.
///
/// # Errors
/// When the store fails.
pub async fn find(controller: &Controller, token: &Secret<String>) -> Result<Option<Session>, AppError> {
    let now = controller.now();
    let hash = keys::session_hash(token);
    let found = controller.db.read("sessions.find", move |tx| living(tx, &hash, now)).await?;
    let Some((row, subject)) = found else { return Ok(None) };
    if row.seen.plus_seconds(SEEN_SECONDS) <= now {
        controller.db.write("sessions.seen", move |tx| sessions::seen(tx, &hash, now)).await?;
    }
    let form = keys::form_token(token);
    let SessionRow { created, proven, until, .. } = row;
    Ok(Some(Session { subject, created, proven, until, hash, form }))
}

/// Signs out.
///
/// # Errors
/// When the store fails.
pub async fn end(controller: &Controller, session: &Session) -> Result<(), AppError> {
    let hash = session.hash;
    controller.db.write("sessions.end", move |tx| sessions::delete(tx, &hash)).await?;
    Ok(())
}

/// Signs a person out everywhere, as erasing them does.
///
/// # Errors
/// When the store fails.
pub async fn end_all(controller: &Controller, subject: SubjectId) -> Result<(), AppError> {
    controller
        .db
        .write("sessions.end_all", move |tx| {
            for id in std::iter::once(subject).chain(identity::aliases(tx, &subject)?) {
                sessions::delete_of(tx, &id)?;
            }
            Ok::<_, AppError>(())
        })
        .await
}

/// Begins a session whose token was drawn before the transaction.
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    subject: SubjectId,
    token: &Secret<String>,
    now: Timestamp,
) -> Result<Timestamp, AppError> {
    let until = now.plus_seconds(3_600 * SESSION_HOURS);
    let hash = keys::session_hash(token);
    sessions::add(tx, &SessionRow { hash, subject, created: now, seen: now, proven: now, until })?;
    sessions::delete_oldest(tx, &subject, SESSIONS_MAX)?;
    Ok(until)
}

/// A session that is neither over nor idle, with the id that leads its person.
fn living(
    tx: &mut ReadTx<'_>,
    hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<(SessionRow, SubjectId)>, AppError> {
    let Some(row) = sessions::find(tx, hash)? else { return Ok(None) };
    if row.until <= now || row.seen.plus_seconds(60 * IDLE_MINUTES) <= now {
        return Ok(None);
    }
    let Some(person) = identity::find(tx, &row.subject)? else { return Ok(None) };
    if person.state == SubjectState::Erased {
        return Ok(None);
    }
    let leader = person.leader.unwrap_or(person.id);
    Ok(Some((row, leader)))
}
