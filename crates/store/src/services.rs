//! API keys, and the answers already given to their writes.

use model::{ApiKeyId, SubjectId, Timestamp};

use crate::{DbError, FromRow, ReadTx, Row, Sql, Tx, sql};

/// One API key: the hash of its secret and what it may do (`body`, JSON).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// Its public half.
    pub id: ApiKeyId,
    /// Hash of its secret half.
    pub hash: [u8; 32],
    /// What people call it.
    pub label: String,
    /// Scopes as JSON.
    pub body: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub until: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
}

impl FromRow for ApiKeyRow {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            hash: row.get(1)?,
            label: row.get(2)?,
            body: row.get(3)?,
            created: row.get(4)?,
            until: row.get(5)?,
            revoked: row.get(6)?,
        })
    }
}

const ADD: Sql = sql!(
    "INSERT INTO api_key (key_id, hash, label, body, created_us, until_us) VALUES ($1, $2, $3, $4, $5, $6)"
);
const FIND: Sql =
    sql!("SELECT key_id, hash, label, body, created_us, until_us, revoked_us FROM api_key WHERE key_id = $1");
const LIST: Sql = sql!(
    "SELECT key_id, hash, label, body, created_us, until_us, revoked_us FROM api_key \
     ORDER BY created_us, key_id"
);
const REVOKE: Sql = sql!("UPDATE api_key SET revoked_us = $2 WHERE key_id = $1 AND revoked_us IS NULL");

/// Adds an API key.
pub fn add_key(tx: &mut Tx<'_>, key: &ApiKeyRow) -> Result<(), DbError> {
    tx.touch_keys();
    tx.execute(&ADD, &[&key.id, &key.hash, &key.label, &key.body, &key.created, &key.until]).map(|_| ())
}

/// An API key by its public half.
pub fn find_key(tx: &mut ReadTx<'_>, id: &ApiKeyId) -> Result<Option<ApiKeyRow>, DbError> {
    tx.query_opt(&FIND, &[id])
}

/// Every API key, oldest first.
pub fn keys(tx: &mut ReadTx<'_>) -> Result<Vec<ApiKeyRow>, DbError> {
    tx.query(&LIST, &[])
}

/// Revokes an API key. `false`: it is unknown or revoked already.
pub fn revoke_key(tx: &mut Tx<'_>, id: &ApiKeyId, now: Timestamp) -> Result<bool, DbError> {
    tx.touch_keys();
    tx.execute(&REVOKE, &[id, &now]).map(|rows| rows > 0)
}

/// What was answered to a write before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Hash of the request's body.
    pub fingerprint: [u8; 32],
    /// The HTTP status.
    pub status: i64,
    /// The body of the answer.
    pub body: String,
}

impl FromRow for Answered {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self { fingerprint: row.get(0)?, status: row.get(1)?, body: row.get(2)? })
    }
}

const ANSWERED: Sql =
    sql!("SELECT fingerprint, status, body FROM idempotency WHERE asker = $1 AND idempotency_key = $2");
const KEEP_ANSWER: Sql = sql!(
    "INSERT INTO idempotency (asker, idempotency_key, fingerprint, status, body, recorded_us, subject_id) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (asker, idempotency_key) DO NOTHING"
);
const FORGET_ANSWERS_ABOUT: Sql = sql!("DELETE FROM idempotency WHERE subject_id = $1");
const FORGET_ANSWERS: Sql = sql!("DELETE FROM idempotency WHERE recorded_us < $1");

/// The answer already given under this key, if any.
pub fn answered(tx: &mut ReadTx<'_>, asker: &str, key: &str) -> Result<Option<Answered>, DbError> {
    tx.query_opt(&ANSWERED, &[&asker, &key])
}

/// Keeps the answer to a write, in the write's own transaction; `about` is whose data it
/// quotes. `false`: another request with the same key was first.
pub fn keep_answer(
    tx: &mut Tx<'_>,
    asker: &str,
    key: &str,
    answer: &Answered,
    about: Option<&SubjectId>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let Answered { fingerprint, status, body } = answer;
    tx.execute(&KEEP_ANSWER, &[&asker, &key, fingerprint, status, body, &now, &about.copied()])
        .map(|rows| rows > 0)
}

/// Forgets the answers that quote the data of an identity.
pub fn forget_answers_about(tx: &mut Tx<'_>, subject: &SubjectId) -> Result<u64, DbError> {
    tx.execute(&FORGET_ANSWERS_ABOUT, &[subject])
}

/// Forgets answers from before `before`.
pub fn forget_answers(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, DbError> {
    tx.execute(&FORGET_ANSWERS, &[&before])
}
