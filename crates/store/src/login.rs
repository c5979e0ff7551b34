//! One-time codes that customers asked for.

use model::{LoginId, SubjectId, Timestamp};

use crate::{DbError, FromRow, ReadTx, Row, Sql, Tx, sql};

/// One request for a code.
#[derive(Debug, Clone)]
pub struct LoginRow {
    /// The request.
    pub id: LoginId,
    /// The blind index of the address.
    pub address: [u8; 32],
    /// The language of the mail.
    pub locale: String,
    /// Whether it was asked for within a session.
    pub again: bool,
    /// When the code was asked for.
    pub requested: Timestamp,
    /// Until when the code counts.
    pub until: Timestamp,
    /// How often a code was tried.
    pub tries: i64,
    /// For whom the code was made; none: nobody yet, or nobody has the address.
    pub subject: Option<SubjectId>,
    /// The keyed hash of the code, once it is made and until it is used.
    pub code: Option<[u8; 32]>,
    /// The code sealed under the person's `identity` lifetime, until its mail is sent.
    pub sealed: Option<Vec<u8>>,
}

impl FromRow for LoginRow {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            address: row.get(1)?,
            locale: row.get(2)?,
            again: row.get(3)?,
            requested: row.get(4)?,
            until: row.get(5)?,
            tries: row.get(6)?,
            subject: row.get(7)?,
            code: row.get(8)?,
            sealed: row.get(9)?,
        })
    }
}

const ADD: Sql = sql!(
    "INSERT INTO login_code (login_id, address, locale, again, requested_us, until_us, tries) \
     VALUES ($1, $2, $3, $4, $5, $6, 0)"
);
const COUNT: Sql = sql!(
    "SELECT CAST(COUNT(*) AS BIGINT), MIN(requested_us) FROM login_code \
     WHERE address = $1 AND again = $2 AND requested_us > $3"
);
const FIND: Sql = sql!(
    "SELECT login_id, address, locale, again, requested_us, until_us, tries, subject_id, code, sealed \
     FROM login_code WHERE login_id = $1"
);
const MADE: Sql = sql!(
    "UPDATE login_code SET subject_id = $2, code = $3, sealed = $4 WHERE login_id = $1 AND code IS NULL"
);
const SENT: Sql = sql!("UPDATE login_code SET sealed = NULL WHERE login_id = $1");
const TRY: Sql = sql!(
    "UPDATE login_code SET tries = tries + 1 WHERE login_id = $1 AND tries < $2 AND until_us > $3 \
     RETURNING login_id, address, locale, again, requested_us, until_us, tries, subject_id, code, sealed"
);
const USED: Sql =
    sql!("UPDATE login_code SET code = NULL, sealed = NULL, until_us = requested_us WHERE login_id = $1");
const DELETE_OF_SUBJECT: Sql = sql!("DELETE FROM login_code WHERE subject_id = $1");
const FORGET: Sql = sql!("DELETE FROM login_code WHERE requested_us < $1");

/// Adds a request for a code: to which address, whether within a session, when it was asked
/// for, and until when the code counts.
pub fn add(
    tx: &mut Tx<'_>,
    id: &LoginId,
    (address, again): (&[u8; 32], bool),
    locale: &str,
    times: (Timestamp, Timestamp),
) -> Result<(), DbError> {
    tx.execute(&ADD, &[id, address, &locale, &again, &times.0, &times.1]).map(|_| ())
}

/// How often codes were asked for at this address after `since`, and when first; those asked
/// for within a session are counted apart, so that no stranger uses them up.
pub fn count_since(
    tx: &mut ReadTx<'_>,
    (address, again): (&[u8; 32], bool),
    since: Timestamp,
) -> Result<(i64, Option<Timestamp>), DbError> {
    tx.query_one(&COUNT, &[address, &again, &since])
}

/// A request by its id.
pub fn find(tx: &mut ReadTx<'_>, id: &LoginId) -> Result<Option<LoginRow>, DbError> {
    tx.query_opt(&FIND, &[id])
}

/// Keeps the code that was made for a request. `false`: it has one already.
pub fn made(
    tx: &mut Tx<'_>,
    id: &LoginId,
    subject: &SubjectId,
    code: &[u8; 32],
    sealed: &[u8],
) -> Result<bool, DbError> {
    tx.execute(&MADE, &[id, subject, code, &sealed.to_vec()]).map(|rows| rows > 0)
}

/// Forgets the sealed code once its mail is sent.
pub fn sent(tx: &mut Tx<'_>, id: &LoginId) -> Result<(), DbError> {
    tx.execute(&SENT, &[id]).map(|_| ())
}

/// Counts a try and answers the request, while it is not over and has a try left. The count
/// serialises tries on every engine.
pub fn try_once(
    tx: &mut Tx<'_>,
    id: &LoginId,
    tries_max: i64,
    now: Timestamp,
) -> Result<Option<LoginRow>, DbError> {
    tx.query_opt(&TRY, &[id, &tries_max, &now])
}

/// Ends a code that was used.
pub fn used(tx: &mut Tx<'_>, id: &LoginId) -> Result<(), DbError> {
    tx.execute(&USED, &[id]).map(|_| ())
}

/// Deletes every code that was made for an identity.
pub fn delete_of(tx: &mut Tx<'_>, subject: &SubjectId) -> Result<u64, DbError> {
    tx.execute(&DELETE_OF_SUBJECT, &[subject])
}

/// Forgets requests from before `before`.
pub fn forget(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, DbError> {
    tx.execute(&FORGET, &[&before])
}
