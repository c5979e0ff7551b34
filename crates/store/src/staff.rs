//! Accounts of staff, and who of them is signed in.

use model::{RoleName, StaffId, Timestamp};

use crate::{DbError, FromRow, ReadTx, Row, Sql, Tx, sql};

/// One account.
#[derive(Debug, Clone)]
pub struct StaffRow {
    /// The account.
    pub id: StaffId,
    /// The name by which its owner signs in.
    pub name: String,
    /// The role of the manifest.
    pub role: RoleName,
    /// The hash of the password.
    pub password: Vec<u8>,
    /// The sealed secret of the second factor.
    pub totp: Vec<u8>,
    /// The last step of the second factor that was used.
    pub totp_step: i64,
    /// Wrong codes beside the right password since the last success.
    pub failures: i64,
    /// Until when nobody can sign in.
    pub locked: Timestamp,
    /// When it was made.
    pub created: Timestamp,
    /// When it was shut.
    pub disabled: Option<Timestamp>,
}

impl FromRow for StaffRow {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            role: row.get(2)?,
            password: row.get(3)?,
            totp: row.get(4)?,
            totp_step: row.get(5)?,
            failures: row.get(6)?,
            locked: row.get(7)?,
            created: row.get(8)?,
            disabled: row.get(9)?,
        })
    }
}

/// A session of a member of staff, with what its account says now.
#[derive(Debug, Clone)]
pub struct StaffSessionRow {
    /// The account.
    pub staff: StaffId,
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: RoleName,
    /// When the session was last used, to the minute.
    pub seen: Timestamp,
    /// When it ends, however busy it is.
    pub until: Timestamp,
}

impl FromRow for StaffSessionRow {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            staff: row.get(0)?,
            name: row.get(1)?,
            role: row.get(2)?,
            seen: row.get(3)?,
            until: row.get(4)?,
        })
    }
}

const ADD: Sql = sql!(
    "INSERT INTO staff (staff_id, name, role, password, totp, totp_step, failures, locked_us, created_us) \
     VALUES ($1, $2, $3, $4, $5, 0, 0, 0, $6) ON CONFLICT (name) DO NOTHING"
);
const BY_NAME: Sql = sql!(
    "SELECT staff_id, name, role, password, totp, totp_step, failures, locked_us, created_us, disabled_us \
     FROM staff WHERE name = $1"
);
const LIST: Sql = sql!(
    "SELECT staff_id, name, role, password, totp, totp_step, failures, locked_us, created_us, disabled_us \
     FROM staff ORDER BY name"
);
const RESET: Sql = sql!(
    "UPDATE staff SET password = $2, totp = $3, totp_step = 0, failures = 0, locked_us = 0, \
     disabled_us = NULL WHERE staff_id = $1"
);
const DISABLE: Sql = sql!("UPDATE staff SET disabled_us = $2 WHERE staff_id = $1 AND disabled_us IS NULL");
const SUCCEEDED: Sql = sql!(
    "UPDATE staff SET totp_step = $2, failures = 0 WHERE staff_id = $1 AND totp_step < $2 \
     AND locked_us <= $3 AND disabled_us IS NULL AND password = $4"
);
const FAILED: Sql = sql!(
    "UPDATE staff SET failures = CASE WHEN failures + 1 >= $2 THEN 0 ELSE failures + 1 END, \
     locked_us = CASE WHEN failures + 1 >= $2 THEN $3 ELSE locked_us END \
     WHERE staff_id = $1 AND locked_us <= $4"
);
const BEGIN: Sql = sql!(
    "INSERT INTO staff_session (session_hash, staff_id, created_us, seen_us, until_us) \
     VALUES ($1, $2, $3, $3, $4)"
);
const SESSION: Sql = sql!(
    "SELECT staff.staff_id, staff.name, staff.role, seen_us, until_us FROM staff_session \
     JOIN staff ON staff.staff_id = staff_session.staff_id \
     WHERE session_hash = $1 AND staff.disabled_us IS NULL"
);
const SEEN: Sql = sql!("UPDATE staff_session SET seen_us = $2 WHERE session_hash = $1 AND seen_us < $2");
const END: Sql = sql!("DELETE FROM staff_session WHERE session_hash = $1");
const END_ALL: Sql = sql!("DELETE FROM staff_session WHERE staff_id = $1");
const FORGET: Sql = sql!("DELETE FROM staff_session WHERE until_us < $1");

/// Adds an account. `false`: the name is taken.
pub fn add(tx: &mut Tx<'_>, row: &StaffRow) -> Result<bool, DbError> {
    let added = tx.execute(&ADD, &[&row.id, &row.name, &row.role, &row.password, &row.totp, &row.created])?;
    Ok(added > 0)
}

/// An account by its name.
pub fn by_name(tx: &mut ReadTx<'_>, name: &str) -> Result<Option<StaffRow>, DbError> {
    tx.query_opt(&BY_NAME, &[&name])
}

/// Every account, in the order of the names.
pub fn list(tx: &mut ReadTx<'_>) -> Result<Vec<StaffRow>, DbError> {
    tx.query(&LIST, &[])
}

/// Gives an account a new password and second factor, and opens it again.
pub fn reset(tx: &mut Tx<'_>, id: &StaffId, password: &[u8], totp: &[u8]) -> Result<bool, DbError> {
    tx.execute(&RESET, &[id, &password.to_vec(), &totp.to_vec()]).map(|rows| rows > 0)
}

/// Shuts an account. `false`: it is shut already.
pub fn disable(tx: &mut Tx<'_>, id: &StaffId, now: Timestamp) -> Result<bool, DbError> {
    tx.execute(&DISABLE, &[id, &now]).map(|rows| rows > 0)
}

/// Uses up a step of the second factor. `false`: it was used already, or the account is locked,
/// shut or has another password by now.
pub fn succeeded(tx: &mut Tx<'_>, row: &StaffRow, step: i64, now: Timestamp) -> Result<bool, DbError> {
    tx.execute(&SUCCEEDED, &[&row.id, &step, &now, &row.password]).map(|rows| rows > 0)
}

/// Counts a failure of an account that is not locked now; the `most`th locks it until `until`.
pub fn failed(
    tx: &mut Tx<'_>,
    id: &StaffId,
    most: i64,
    (now, until): (Timestamp, Timestamp),
) -> Result<(), DbError> {
    tx.execute(&FAILED, &[id, &most, &until, &now]).map(|_| ())
}

/// Begins a session.
pub fn begin(
    tx: &mut Tx<'_>,
    hash: &[u8; 32],
    id: &StaffId,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), DbError> {
    tx.execute(&BEGIN, &[hash, id, &now, &until]).map(|_| ())
}

/// A session by the hash of its token, unless its account is shut.
pub fn session(tx: &mut ReadTx<'_>, hash: &[u8; 32]) -> Result<Option<StaffSessionRow>, DbError> {
    tx.query_opt(&SESSION, &[hash])
}

/// Notes that a session was used.
pub fn seen(tx: &mut Tx<'_>, hash: &[u8; 32], now: Timestamp) -> Result<(), DbError> {
    tx.execute(&SEEN, &[hash, &now]).map(|_| ())
}

/// Ends a session.
pub fn end(tx: &mut Tx<'_>, hash: &[u8; 32]) -> Result<(), DbError> {
    tx.execute(&END, &[hash]).map(|_| ())
}

/// Ends every session of an account.
pub fn end_all(tx: &mut Tx<'_>, id: &StaffId) -> Result<u64, DbError> {
    tx.execute(&END_ALL, &[id])
}

/// Forgets sessions that ended before `before`.
pub fn forget(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, DbError> {
    tx.execute(&FORGET, &[&before])
}
