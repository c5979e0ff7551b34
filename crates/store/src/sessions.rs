//! Who is signed in: the hash of a token that only the browser has.

use model::{SubjectId, Timestamp};

use crate::{DbError, FromRow, ReadTx, Row, Sql, Tx, sql};

/// One session of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// The hash of its token.
    pub hash: [u8; 32],
    /// Whose it is.
    pub subject: SubjectId,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used, to the minute.
    pub seen: Timestamp,
    /// When a code was last proven in it.
    pub proven: Timestamp,
    /// When it ends, however busy it is.
    pub until: Timestamp,
}

impl FromRow for SessionRow {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            hash: row.get(0)?,
            subject: row.get(1)?,
            created: row.get(2)?,
            seen: row.get(3)?,
            proven: row.get(4)?,
            until: row.get(5)?,
        })
    }
}

const ADD: Sql = sql!(
    "INSERT INTO session (session_hash, subject_id, created_us, seen_us, proven_us, until_us) \
     VALUES ($1, $2, $3, $4, $5, $6)"
);
const FIND: Sql = sql!(
    "SELECT session_hash, subject_id, created_us, seen_us, proven_us, until_us FROM session \
     WHERE session_hash = $1"
);
const SEEN: Sql = sql!("UPDATE session SET seen_us = $2 WHERE session_hash = $1 AND seen_us < $2");
const PROVEN: Sql = sql!("UPDATE session SET proven_us = $2, seen_us = $2 WHERE session_hash = $1");
const DELETE: Sql = sql!("DELETE FROM session WHERE session_hash = $1");
const DELETE_OF_SUBJECT: Sql = sql!("DELETE FROM session WHERE subject_id = $1");
const DELETE_OLDEST: Sql = sql!(
    "DELETE FROM session WHERE subject_id = $1 AND session_hash NOT IN \
     (SELECT session_hash FROM session WHERE subject_id = $1 ORDER BY created_us DESC, session_hash LIMIT $2)"
);
const FORGET: Sql = sql!("DELETE FROM session WHERE until_us < $1");

/// Adds a session.
pub fn add(tx: &mut Tx<'_>, row: &SessionRow) -> Result<(), DbError> {
    tx.execute(&ADD, &[&row.hash, &row.subject, &row.created, &row.seen, &row.proven, &row.until]).map(|_| ())
}

/// A session by the hash of its token.
pub fn find(tx: &mut ReadTx<'_>, hash: &[u8; 32]) -> Result<Option<SessionRow>, DbError> {
    tx.query_opt(&FIND, &[hash])
}

/// Notes that a session was used.
pub fn seen(tx: &mut Tx<'_>, hash: &[u8; 32], now: Timestamp) -> Result<(), DbError> {
    tx.execute(&SEEN, &[hash, &now]).map(|_| ())
}

/// Notes that a code was proven in a session. `false`: it is gone.
pub fn proven(tx: &mut Tx<'_>, hash: &[u8; 32], now: Timestamp) -> Result<bool, DbError> {
    tx.execute(&PROVEN, &[hash, &now]).map(|rows| rows > 0)
}

/// Ends a session. `false`: it is gone already.
pub fn delete(tx: &mut Tx<'_>, hash: &[u8; 32]) -> Result<bool, DbError> {
    tx.execute(&DELETE, &[hash]).map(|rows| rows > 0)
}

/// Ends every session of an identity.
pub fn delete_of(tx: &mut Tx<'_>, subject: &SubjectId) -> Result<u64, DbError> {
    tx.execute(&DELETE_OF_SUBJECT, &[subject])
}

/// Ends the oldest sessions of an identity, so that `kept` are left.
pub fn delete_oldest(tx: &mut Tx<'_>, subject: &SubjectId, kept: i64) -> Result<u64, DbError> {
    tx.execute(&DELETE_OLDEST, &[subject, &kept])
}

/// Forgets sessions that ended before `before`.
pub fn forget(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, DbError> {
    tx.execute(&FORGET, &[&before])
}
