//! Where people's wrapped keys lie. Creating and erasing a person are one transaction.

use model::SubjectId;

use crate::{DbError, ReadTx, RowsSql, Sql, ToValue, Tx, rows_sql, sql};

/// Which half of a person's keys: `person` dies at erasure, `evidence` on its own day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPart {
    /// All lifetimes but evidence, and the trace key.
    Person,
    /// The evidence lifetime.
    Evidence,
}

impl KeyPart {
    /// The part of this code.
    pub(crate) fn of(code: &str) -> Self {
        if code == Self::Evidence.code() { Self::Evidence } else { Self::Person }
    }

    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Evidence => "evidence",
        }
    }
}

const PUT: Sql = sql!(
    "INSERT INTO key_record (subject_id, part, epoch, body) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (subject_id, part) DO UPDATE SET epoch = excluded.epoch, body = excluded.body"
);
const PUT_MANY: RowsSql = rows_sql!(
    "INSERT INTO key_record (subject_id, part, epoch, body) VALUES {rows} \
     ON CONFLICT (subject_id, part) DO UPDATE SET epoch = excluded.epoch, body = excluded.body",
    Text,
    Text,
    Int,
    Bytes
);
const FIND: Sql = sql!("SELECT epoch, body FROM key_record WHERE subject_id = $1 AND part = $2");
const DESTROY: Sql = sql!("DELETE FROM key_record WHERE subject_id = $1 AND part = $2");

/// Writes one half of a person's wrapped keys, in place of what was there.
pub fn put(
    tx: &mut Tx<'_>,
    subject: &SubjectId,
    part: KeyPart,
    epoch: i64,
    body: &[u8],
) -> Result<(), DbError> {
    tx.execute(&PUT, &[subject, &part.code(), &epoch, &body]).map(|_| ())
}

/// Writes the same half of many people's wrapped keys, in place of what was there.
pub fn put_many(
    tx: &mut Tx<'_>,
    part: KeyPart,
    records: &[(SubjectId, i64, Vec<u8>)],
) -> Result<(), DbError> {
    let part = part.code();
    let rows: Vec<[&dyn ToValue; 4]> =
        records.iter().map(|(subject, epoch, body)| [subject as &dyn ToValue, &part, epoch, body]).collect();
    tx.execute_rows(&PUT_MANY, &rows).map(|_| ())
}

/// One half of a person's wrapped keys, with the epoch it is wrapped under.
pub fn find(
    tx: &mut ReadTx<'_>,
    subject: &SubjectId,
    part: KeyPart,
) -> Result<Option<(i64, Vec<u8>)>, DbError> {
    tx.query_opt(&FIND, &[subject, &part.code()])
}

const FIND_MANY: RowsSql = rows_sql!(
    "SELECT subject_id, body FROM key_record WHERE (subject_id, part) IN (VALUES {rows})",
    Text,
    Text
);

/// One half of many people's wrapped keys; whoever has none is left out.
pub fn find_many(
    tx: &mut ReadTx<'_>,
    subjects: &[SubjectId],
    part: KeyPart,
) -> Result<Vec<(SubjectId, Vec<u8>)>, DbError> {
    let code = part.code();
    let rows: Vec<[&dyn ToValue; 2]> =
        subjects.iter().map(|subject| [subject as &dyn ToValue, &code]).collect();
    tx.query_rows(&FIND_MANY, &rows)
}

/// Destroys one half of a person's keys: one delete, whatever it makes unreadable.
pub fn destroy(tx: &mut Tx<'_>, subject: &SubjectId, part: KeyPart) -> Result<bool, DbError> {
    tx.execute(&DESTROY, &[subject, &part.code()]).map(|rows| rows > 0)
}
