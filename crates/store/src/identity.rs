//! People, their order of writes, and what they are known by.

use std::collections::BTreeSet;

use gate::Permit;
use model::{IdentifierKind, MergeId, SubjectId, Timestamp, ValueId};

use crate::vault::require_people;
use crate::{DbError, FromRow, FromValue, ReadTx, Row, RowsSql, Sql, ToValue, Tx, Value, rows_sql, sql};

/// Whether a person's row leads, follows another, or stands for somebody erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectState {
    /// A living identity.
    Active,
    /// Merged into another identity, which leads.
    Alias,
    /// Erased: nothing opens any more but evidence.
    Erased,
}

impl SubjectState {
    const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Alias => "alias",
            Self::Erased => "erased",
        }
    }
}

impl<'a> FromValue<'a> for SubjectState {
    fn from_value(value: Option<Value<'a>>) -> Option<Self> {
        match String::from_value(value)?.as_str() {
            "active" => Some(Self::Active),
            "alias" => Some(Self::Alias),
            "erased" => Some(Self::Erased),
            _ => None,
        }
    }
}

/// A person's row as a transaction found or took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Who.
    pub id: SubjectId,
    /// Counts the writes about this person.
    pub version: i64,
    /// The person's own clock: strictly rising from write to write.
    pub clock: Timestamp,
    /// Whether the identity leads.
    pub state: SubjectState,
    /// The leading identity, when this one is an alias.
    pub leader: Option<SubjectId>,
}

impl FromRow for Subject {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.get(0)?,
            version: row.get(1)?,
            clock: row.get(2)?,
            state: row.get(3)?,
            leader: row.get(4)?,
        })
    }
}

const CREATE: Sql = sql!(
    "INSERT INTO subject (subject_id, version, clock_us, state, created_us) VALUES ($1, 1, $2, 'active', $2)"
);
const TAKE: Sql = sql!(
    "UPDATE subject SET version = version + 1, \
     clock_us = CASE WHEN clock_us >= $2 THEN clock_us + 1 ELSE $2 END \
     WHERE subject_id = $1 RETURNING subject_id, version, clock_us, state, leader_id"
);
const FIND: Sql =
    sql!("SELECT subject_id, version, clock_us, state, leader_id FROM subject WHERE subject_id = $1");
const ALIASES: Sql =
    sql!("SELECT subject_id FROM subject WHERE leader_id = $1 AND state = 'alias' ORDER BY subject_id");
const SET_STATE: Sql = sql!("UPDATE subject SET state = $2, leader_id = $3 WHERE subject_id = $1");
const PAGE: Sql = sql!(
    "SELECT subject_id FROM subject WHERE subject_id > $1 AND state = 'active' ORDER BY subject_id LIMIT $2"
);
const COUNT: Sql = sql!("SELECT CAST(COUNT(*) AS BIGINT) FROM subject WHERE state = 'active'");
const CREATED: Sql = sql!("SELECT created_us FROM subject WHERE subject_id = $1");

/// Makes the row of a new person. Its clock starts at `now`.
pub fn create(tx: &mut Tx<'_>, id: &SubjectId, now: Timestamp) -> Result<(), DbError> {
    tx.touch(id);
    tx.execute(&CREATE, &[id, &now]).map(|_| ())
}

const CREATE_MANY: RowsSql = rows_sql!(
    "INSERT INTO subject (subject_id, version, clock_us, state, created_us) VALUES {rows}",
    Text,
    Int,
    Int,
    Text,
    Int
);

/// Makes the rows of many new people in few statements (imports).
pub fn create_many(tx: &mut Tx<'_>, ids: &[SubjectId], now: Timestamp) -> Result<(), DbError> {
    let rows: Vec<[&dyn ToValue; 5]> =
        ids.iter().map(|id| [id as &dyn ToValue, &1_i64, &now, &"active", &now]).collect();
    let rows: Vec<&[&dyn ToValue]> = rows.iter().map(|row| row.as_slice()).collect();
    ids.iter().for_each(|id| tx.touch(id));
    tx.execute_rows(&CREATE_MANY, &rows).map(|_| ())
}

/// Takes the person's row: every write about a person begins here.
///
/// INVARIANT(one-order-per-person): the row lock serialises the person's writes on
/// every engine, and the returned clock rises strictly whatever the callers' clocks say.
pub fn take(tx: &mut Tx<'_>, id: &SubjectId, now: Timestamp) -> Result<Option<Subject>, DbError> {
    tx.touch(id);
    tx.query_opt(&TAKE, &[id, &now])
}

const TAKE_MANY: RowsSql = rows_sql!(
    "UPDATE subject SET version = version + 1, \
     clock_us = CASE WHEN clock_us >= taken.column2 THEN clock_us + 1 ELSE taken.column2 END \
     FROM (VALUES {rows}) AS taken WHERE subject_id = taken.column1 \
     RETURNING subject_id, version, clock_us, state, leader_id",
    Text,
    Int
);

/// Takes the rows of many people in few statements, in the order of their ids. Where two
/// such acts meet in another order all the same, the engine ends one and it runs again.
pub fn take_many(
    tx: &mut Tx<'_>,
    ids: &BTreeSet<SubjectId>,
    now: Timestamp,
) -> Result<Vec<Subject>, DbError> {
    let rows: Vec<[&dyn ToValue; 2]> = ids.iter().map(|id| [id as &dyn ToValue, &now]).collect();
    ids.iter().for_each(|id| tx.touch(id));
    tx.query_rows(&TAKE_MANY, &rows)
}

/// The person's row without taking it.
pub fn find(tx: &mut ReadTx<'_>, id: &SubjectId) -> Result<Option<Subject>, DbError> {
    tx.query_opt(&FIND, &[id])
}

const FIND_MANY: RowsSql = rows_sql!(
    "SELECT subject_id, version, clock_us, state, leader_id FROM subject WHERE subject_id IN (VALUES {rows})",
    Text
);

/// The rows of many people without taking them; whoever is unknown is left out.
pub fn find_many(tx: &mut ReadTx<'_>, ids: &[SubjectId]) -> Result<Vec<Subject>, DbError> {
    let rows: Vec<[&dyn crate::ToValue; 1]> = ids.iter().map(|id| [id as &dyn crate::ToValue]).collect();
    let rows: Vec<&[&dyn crate::ToValue]> = rows.iter().map(|row| row.as_slice()).collect();
    tx.query_rows(&FIND_MANY, &rows)
}

/// When an identity was made.
pub fn created(tx: &mut ReadTx<'_>, id: &SubjectId) -> Result<Option<Timestamp>, DbError> {
    Ok(tx.query_opt::<(Timestamp,)>(&CREATED, &[id])?.map(|(created,)| created))
}

/// The identities that follow this one, in the order of their ids.
pub fn aliases(tx: &mut ReadTx<'_>, leader: &SubjectId) -> Result<Vec<SubjectId>, DbError> {
    Ok(tx.query::<(SubjectId,)>(&ALIASES, &[leader])?.into_iter().map(|(id,)| id).collect())
}

/// Marks a taken row as leading, following or erased.
pub fn set_state(
    tx: &mut Tx<'_>,
    id: &SubjectId,
    state: SubjectState,
    leader: Option<&SubjectId>,
) -> Result<(), DbError> {
    tx.touch(id);
    tx.execute(&SET_STATE, &[id, &state.code(), &leader.copied()]).map(|_| ())
}

/// Up to `limit` living people after `after`, in the order of their ids.
pub fn page(tx: &mut ReadTx<'_>, after: Option<&SubjectId>, limit: i64) -> Result<Vec<SubjectId>, DbError> {
    let after = after.map(ToString::to_string).unwrap_or_default();
    Ok(tx.query::<(SubjectId,)>(&PAGE, &[&after, &limit])?.into_iter().map(|(id,)| id).collect())
}

/// How many living people there are.
pub fn count(tx: &mut ReadTx<'_>) -> Result<i64, DbError> {
    tx.query_one::<(i64,)>(&COUNT, &[]).map(|(count,)| count)
}

/// One identifier of a person.
#[derive(Debug, Clone)]
pub struct IdentifierRow {
    /// Its kind.
    pub kind: IdentifierKind,
    /// The blind index of its normal form.
    pub hash: [u8; 32],
    /// Whose it is.
    pub subject: SubjectId,
    /// The id that its associated data names.
    pub value_id: ValueId,
    /// Whether its owner has proved it.
    pub verified: bool,
    /// When it was recorded.
    pub recorded: Timestamp,
    /// The value, sealed under the `identity` lifetime.
    pub sealed: Vec<u8>,
    /// The hash that its tombstone or suppression has.
    pub tomb: [u8; 32],
}

impl FromRow for IdentifierRow {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            kind: row.get(0)?,
            hash: row.get(1)?,
            subject: row.get(2)?,
            value_id: row.get(3)?,
            verified: row.get::<String>(4)? == "verified",
            recorded: row.get(5)?,
            sealed: row.get(6)?,
            tomb: row.get(7)?,
        })
    }
}

const OWNER: Sql = sql!(
    "SELECT identifier.subject_id, subject.version, subject.clock_us, subject.state, subject.leader_id \
     FROM identifier JOIN subject ON subject.subject_id = identifier.subject_id \
     WHERE kind = $1 AND hash = $2"
);
const OWNERS: RowsSql = rows_sql!(
    "SELECT identifier.kind, identifier.hash, identifier.subject_id, \
     COALESCE(subject.leader_id, subject.subject_id), identifier.state \
     FROM identifier JOIN subject ON subject.subject_id = identifier.subject_id \
     WHERE (identifier.kind, identifier.hash) IN (VALUES {rows})",
    Text,
    Bytes
);
const CLAIM: Sql = sql!(
    "INSERT INTO identifier (kind, hash, subject_id, value_id, state, form_version, recorded_us, sealed, \
     tomb) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (kind, hash) DO NOTHING RETURNING subject_id"
);
const VERIFY: Sql =
    sql!("UPDATE identifier SET state = 'verified' WHERE kind = $1 AND hash = $2 AND subject_id = $3");
const OF_SUBJECT: Sql = sql!(
    "SELECT kind, hash, subject_id, value_id, state, recorded_us, sealed, tomb FROM identifier \
     WHERE subject_id = $1 ORDER BY kind, recorded_us, value_id"
);
const DELETE_OF_SUBJECT: Sql = sql!("DELETE FROM identifier WHERE subject_id = $1");

/// The person an identifier leads to, if anybody.
pub fn owner(
    tx: &mut ReadTx<'_>,
    kind: &IdentifierKind,
    hash: &[u8; 32],
) -> Result<Option<Subject>, DbError> {
    tx.query_opt(&OWNER, &[kind, hash])
}

/// Whom one of many identifiers leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The identifier's kind.
    pub kind: IdentifierKind,
    /// The blind index of its normal form.
    pub hash: [u8; 32],
    /// The identity that has it.
    pub subject: SubjectId,
    /// The identity that leads: the same one, unless it was merged into another.
    pub leader: SubjectId,
    /// Whether its owner has proved it.
    pub verified: bool,
}

impl FromRow for Owner {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            kind: row.get(0)?,
            hash: row.get(1)?,
            subject: row.get(2)?,
            leader: row.get(3)?,
            verified: row.get::<String>(4)? == "verified",
        })
    }
}

/// The people that many identifiers lead to; identifiers nobody has are left out.
pub fn owners(tx: &mut ReadTx<'_>, wanted: &[(&IdentifierKind, &[u8; 32])]) -> Result<Vec<Owner>, DbError> {
    let rows: Vec<[&dyn ToValue; 2]> =
        wanted.iter().map(|(kind, hash)| [kind as &dyn ToValue, hash]).collect();
    tx.query_rows(&OWNERS, &rows)
}

/// Claims an identifier for a person. `false`: somebody has it already.
pub fn claim(tx: &mut Tx<'_>, row: &IdentifierRow) -> Result<bool, DbError> {
    let state = if row.verified { "verified" } else { "claimed" };
    let form = i64::from(model::NORMAL_FORM_VERSION);
    tx.query_opt::<(SubjectId,)>(
        &CLAIM,
        &[
            &row.kind,
            &row.hash,
            &row.subject,
            &row.value_id,
            &state,
            &form,
            &row.recorded,
            &row.sealed,
            &row.tomb,
        ],
    )
    .map(|claimed| claimed.is_some())
}

const CLAIM_MANY: RowsSql = rows_sql!(
    "INSERT INTO identifier (kind, hash, subject_id, value_id, state, form_version, recorded_us, sealed, \
     tomb) VALUES {rows} ON CONFLICT (kind, hash) DO NOTHING",
    Text,
    Bytes,
    Text,
    Text,
    Text,
    Int,
    Int,
    Bytes,
    Bytes
);

/// Claims many identifiers in few statements and answers how many nobody had.
pub fn claim_many(tx: &mut Tx<'_>, claims: &[IdentifierRow]) -> Result<u64, DbError> {
    let form = i64::from(model::NORMAL_FORM_VERSION);
    let states: Vec<&str> =
        claims.iter().map(|row| if row.verified { "verified" } else { "claimed" }).collect();
    let rows: Vec<[&dyn ToValue; 9]> = claims
        .iter()
        .zip(&states)
        .map(|(row, state)| {
            [
                &row.kind as &dyn ToValue,
                &row.hash,
                &row.subject,
                &row.value_id,
                state,
                &form,
                &row.recorded,
                &row.sealed,
                &row.tomb,
            ]
        })
        .collect();
    tx.execute_rows(&CLAIM_MANY, &rows)
}

/// Marks an identifier as proved by its owner. `false`: the person does not have it.
pub fn verify(
    tx: &mut Tx<'_>,
    kind: &IdentifierKind,
    hash: &[u8; 32],
    subject: &SubjectId,
) -> Result<bool, DbError> {
    tx.execute(&VERIFY, &[kind, hash, subject]).map(|rows| rows > 0)
}

/// Everything a person is known by, sealed. Which category each is of, the manifest says.
///
/// # Errors
/// [`DbError::NotPermitted`] unless the permit covers the person.
pub fn identifiers<'c>(
    tx: &mut ReadTx<'c>,
    permit: &Permit<'c>,
    subject: &SubjectId,
) -> Result<Vec<IdentifierRow>, DbError> {
    require_people(tx, permit, std::iter::once(subject))?;
    tx.query(&OF_SUBJECT, &[subject])
}

const TOMBS: Sql =
    sql!("SELECT kind, tomb FROM identifier WHERE subject_id = $1 ORDER BY kind, recorded_us, value_id");

/// The kind of everything a person is known by, and the hash that its tombstone or suppression
/// has. Nothing is opened for them.
pub fn tombs(tx: &mut ReadTx<'_>, subject: &SubjectId) -> Result<Vec<(IdentifierKind, [u8; 32])>, DbError> {
    tx.query(&TOMBS, &[subject])
}

const TOMBS_SINCE: Sql = sql!(
    "SELECT kind, tomb FROM identifier WHERE subject_id = $1 AND recorded_us >= $2 \
     ORDER BY kind, recorded_us, value_id"
);

/// The same of what a person has been known by since a moment.
pub fn tombs_since(
    tx: &mut ReadTx<'_>,
    subject: &SubjectId,
    since: Timestamp,
) -> Result<Vec<(IdentifierKind, [u8; 32])>, DbError> {
    tx.query(&TOMBS_SINCE, &[subject, &since])
}

/// That a person has an identifier, without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its kind.
    pub kind: IdentifierKind,
    /// Whether its owner has proved it.
    pub verified: bool,
    /// When it was recorded.
    pub recorded: Timestamp,
}

impl FromRow for Held {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        let verified = row.get::<String>(1)? == "verified";
        Ok(Self { kind: row.get(0)?, verified, recorded: row.get(2)? })
    }
}

const HELD: Sql = sql!(
    "SELECT kind, state, recorded_us FROM identifier WHERE subject_id = $1 \
     ORDER BY kind, recorded_us, value_id"
);

/// What kinds of identifiers a person has.
pub fn held(tx: &mut ReadTx<'_>, subject: &SubjectId) -> Result<Vec<Held>, DbError> {
    tx.query(&HELD, &[subject])
}

const PROVEN: Sql = sql!(
    "SELECT hash FROM identifier WHERE subject_id = $1 AND kind = $2 AND state = 'verified' \
     ORDER BY recorded_us, value_id LIMIT 1"
);

/// The blind index of the oldest identifier of a kind that its owner has proved.
pub fn proven(
    tx: &mut ReadTx<'_>,
    subject: &SubjectId,
    kind: &IdentifierKind,
) -> Result<Option<[u8; 32]>, DbError> {
    Ok(tx.query_opt::<([u8; 32],)>(&PROVEN, &[subject, kind])?.map(|(hash,)| hash))
}

const RELEASE: Sql = sql!("DELETE FROM identifier WHERE kind = $1 AND hash = $2 AND subject_id = $3");

/// Releases one identifier of a person (a correction replaces it).
pub fn release(
    tx: &mut Tx<'_>,
    kind: &IdentifierKind,
    hash: &[u8; 32],
    subject: &SubjectId,
) -> Result<bool, DbError> {
    tx.execute(&RELEASE, &[kind, hash, subject]).map(|rows| rows > 0)
}

/// Deletes everything a person is known by (erasure).
pub fn delete_identifiers(tx: &mut Tx<'_>, subject: &SubjectId) -> Result<u64, DbError> {
    tx.execute(&DELETE_OF_SUBJECT, &[subject])
}

/// A merge of two identities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The identity that leads.
    pub leader: SubjectId,
    /// The merge.
    pub id: MergeId,
    /// The identity that follows.
    pub alias: SubjectId,
    /// When, on the leader's own clock: whatever they said before has an earlier moment, whatever
    /// is said from then on a later one.
    pub merged: Timestamp,
    /// Until when it can be undone.
    pub undo_until: Timestamp,
    /// When it was undone, if it was.
    pub undone: Option<Timestamp>,
    /// Codes of the channels that suppressions closed for the leader before, joined by blanks.
    pub leader_suppressed: String,
}

impl FromRow for Merge {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            leader: row.get(0)?,
            id: row.get(1)?,
            alias: row.get(2)?,
            merged: row.get(3)?,
            undo_until: row.get(4)?,
            undone: row.get(5)?,
            leader_suppressed: row.get(6)?,
        })
    }
}

const ADD_MERGE: Sql = sql!(
    "INSERT INTO merge (subject_id, merge_id, alias_id, merged_us, undo_until_us, leader_suppressed) \
     VALUES ($1, $2, $3, $4, $5, $6)"
);
const FIND_MERGE: Sql = sql!(
    "SELECT subject_id, merge_id, alias_id, merged_us, undo_until_us, undone_us, leader_suppressed \
     FROM merge WHERE merge_id = $1"
);
const MERGES_IN_FORCE: Sql = sql!(
    "SELECT subject_id, merge_id, alias_id, merged_us, undo_until_us, undone_us, leader_suppressed \
     FROM merge WHERE subject_id = $1 AND undone_us IS NULL ORDER BY merged_us, merge_id"
);
const UNDO_MERGE: Sql =
    sql!("UPDATE merge SET undone_us = $3 WHERE subject_id = $1 AND merge_id = $2 AND undone_us IS NULL");

/// Records a merge.
pub fn add_merge(tx: &mut Tx<'_>, merge: &Merge) -> Result<(), DbError> {
    tx.execute(
        &ADD_MERGE,
        &[&merge.leader, &merge.id, &merge.alias, &merge.merged, &merge.undo_until, &merge.leader_suppressed],
    )
    .map(|_| ())
}

/// A merge by its id.
pub fn find_merge(tx: &mut ReadTx<'_>, id: &MergeId) -> Result<Option<Merge>, DbError> {
    tx.query_opt(&FIND_MERGE, &[id])
}

/// The merges in force under a leader, the first one first.
pub fn merges_in_force(tx: &mut ReadTx<'_>, leader: &SubjectId) -> Result<Vec<Merge>, DbError> {
    tx.query(&MERGES_IN_FORCE, &[leader])
}

/// Marks a merge as undone. `false`: it was already.
pub fn undo_merge(
    tx: &mut Tx<'_>,
    leader: &SubjectId,
    id: &MergeId,
    now: Timestamp,
) -> Result<bool, DbError> {
    tx.execute(&UNDO_MERGE, &[leader, id, &now]).map(|rows| rows > 0)
}

const DELETE_MERGES: Sql = sql!("DELETE FROM merge WHERE subject_id = $1");

/// Forgets which identities an erased person had.
pub fn delete_merges(tx: &mut Tx<'_>, leader: &SubjectId) -> Result<u64, DbError> {
    tx.execute(&DELETE_MERGES, &[leader])
}
