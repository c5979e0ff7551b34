//! Counts of the log's entries by day, and of people and their choices as they are now.

use crate::{DbError, FromRow, ReadTx, Row, RowsSql, Sql, ToValue, Tx, rows_sql, sql};

/// One count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TallyRow {
    /// The day, counted from 1970.
    pub day: i64,
    /// What is counted: a kind of entry, or a kind of detail.
    pub what: String,
    /// The purpose; empty for none.
    pub purpose: String,
    /// The answer or the finding; empty for none.
    pub detail: String,
    /// How many entries.
    pub entries: i64,
    /// How many people they are about, each as often as it is named.
    pub people: i64,
}

impl FromRow for TallyRow {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            day: row.get(0)?,
            what: row.get(1)?,
            purpose: row.get(2)?,
            detail: row.get(3)?,
            entries: row.get(4)?,
            people: row.get(5)?,
        })
    }
}

const CURSOR: Sql = sql!("SELECT next_index FROM tally_cursor WHERE log = $1");
const START: Sql =
    sql!("INSERT INTO tally_cursor (log, next_index) VALUES ($1, 0) ON CONFLICT (log) DO NOTHING");
const MOVE: Sql = sql!("UPDATE tally_cursor SET next_index = $2 WHERE log = $1 AND next_index = $3");
const ADD: RowsSql = rows_sql!(
    "INSERT INTO tally (day, what, purpose, detail, entries, people) VALUES {rows} \
     ON CONFLICT (day, what, purpose, detail) DO UPDATE SET \
     entries = tally.entries + excluded.entries, people = tally.people + excluded.people",
    Int,
    Text,
    Text,
    Text,
    Int,
    Int
);
const SINCE: Sql = sql!(
    "SELECT day, what, purpose, detail, entries, people FROM tally WHERE day >= $1 \
     ORDER BY day, what, purpose, detail"
);
const CHOICES: Sql = sql!(
    "SELECT recorded_us / 86400000000, kind, COALESCE(purpose, ''), '', CAST(COUNT(*) AS BIGINT), \
     CAST(COUNT(DISTINCT subject_id) AS BIGINT) FROM consent_event WHERE recorded_us >= $1 \
     GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
);
const STATES: Sql = sql!("SELECT state, CAST(COUNT(*) AS BIGINT) FROM subject GROUP BY state ORDER BY state");
const REGIONS: Sql = sql!(
    // A region may carry what showed it, as `FR@delivery`.
    "SELECT CASE \
       WHEN substr(detail, length(detail) - 8) = '@delivery' THEN substr(detail, 1, length(detail) - 9) \
       WHEN substr(detail, length(detail) - 7) IN ('@account', '@network') THEN substr(detail, 1, length(detail) - 8) \
       ELSE COALESCE(detail, '') END, \
     CAST(COUNT(DISTINCT subject_id) AS BIGINT) FROM consent_event \
     WHERE kind = 'region-stated' GROUP BY 1 ORDER BY 2 DESC, 1"
);

/// How far the log is counted: the next index; the first call begins at 0.
pub fn cursor(tx: &mut Tx<'_>, log: &str) -> Result<i64, DbError> {
    tx.execute(&START, &[&log])?;
    tx.query_one::<(i64,)>(&CURSOR, &[&log]).map(|(next,)| next)
}

/// Moves the cursor from where it was found. `false`: another worker moved it.
pub fn advance(tx: &mut Tx<'_>, log: &str, next: i64, from: i64) -> Result<bool, DbError> {
    tx.execute(&MOVE, &[&log, &next, &from]).map(|rows| rows > 0)
}

/// Adds counts; no two may be of the same thing.
pub fn add(tx: &mut Tx<'_>, counts: &[TallyRow]) -> Result<(), DbError> {
    let rows: Vec<[&dyn ToValue; 6]> = counts
        .iter()
        .map(|row| {
            [&row.day as &dyn ToValue, &row.what, &row.purpose, &row.detail, &row.entries, &row.people]
        })
        .collect();
    let rows: Vec<&[&dyn ToValue]> = rows.iter().map(|row| row.as_slice()).collect();
    tx.execute_rows(&ADD, &rows).map(|_| ())
}

/// Every count since a day.
pub fn since(tx: &mut ReadTx<'_>, day: i64) -> Result<Vec<TallyRow>, DbError> {
    tx.query(&SINCE, &[&day])
}

/// Choices of the people who are here, by day, act and purpose. Reads every choice since then.
pub fn choices(tx: &mut ReadTx<'_>, since_us: i64) -> Result<Vec<TallyRow>, DbError> {
    tx.query(&CHOICES, &[&since_us])
}

/// How many identities are in each state.
pub fn states(tx: &mut ReadTx<'_>) -> Result<Vec<(String, i64)>, DbError> {
    tx.query(&STATES, &[])
}

/// In how many people's choices each region stands, the largest first.
pub fn regions(tx: &mut ReadTx<'_>) -> Result<Vec<(String, i64)>, DbError> {
    tx.query(&REGIONS, &[])
}

/// How far the log is counted, without beginning.
pub fn counted(tx: &mut ReadTx<'_>, log: &str) -> Result<i64, DbError> {
    Ok(tx.query_opt::<(i64,)>(&CURSOR, &[&log])?.map_or(0, |(next,)| next))
}
