//! What the log comes to, by day: the numbers behind the console's charts.
//!
//! A worker follows the log's index and counts each entry once, in chunks: the counts and the
//! cursor move in one transaction, so a killed worker goes on where it stopped and two do not
//! count twice. Nothing is counted where entries are written.

pub mod census;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Answer, EntryKind, Timestamp};
use serde_json::Value;
use store::tally::{self, TallyRow};
use store::{ReadTx, Tx, sequence};

use self::census::Census;
use crate::controller::Controller;
use crate::error::AppError;

/// Entries that one transaction counts at most.
pub const CHUNK_ENTRIES: i64 = 1_000;
/// Chunks of one call of [`count`].
const CHUNKS_MAX: usize = 100;
/// What the counts of findings are called; those of entries are called by their kind.
const FINDING: &str = "finding";
/// What the counts of asks are called, whatever kind their entries have.
const ASK: &str = "ask";

const DAY_SECONDS: i64 = 86_400;

/// Counts the entries that were given their places since the last call, and says how many.
///
/// # Errors
/// When the store fails, or an entry does not read.
pub async fn count(controller: &Controller) -> Result<i64, AppError> {
    let mut counted = 0;
    for _ in 0..CHUNKS_MAX {
        let origin = controller.core().signer.verifier().name().to_owned();
        let chunk = controller.db.write_long("tally.count", move |tx| chunk(tx, &origin)).await?;
        counted += chunk;
        if chunk < CHUNK_ENTRIES {
            break;
        }
    }
    Ok(counted)
}

fn chunk(tx: &mut Tx<'_>, log: &str) -> Result<i64, AppError> {
    let from = tally::cursor(tx, log)?;
    let entries = sequence::rows(tx, from, from + CHUNK_ENTRIES)?;
    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let next = from.saturating_add(count);
    if count == 0 {
        return Ok(0);
    }
    if !tally::advance(tx, log, next, from)? {
        return Ok(0);
    }
    let mut counts = Counts::default();
    for entry in &entries {
        counts.add(&entry.body)?;
    }
    tally::add(tx, &counts.rows())?;
    Ok(count)
}

/// Day, what, purpose and detail: how many entries, and people.
#[derive(Default)]
struct Counts(BTreeMap<(i64, String, String, String), (i64, i64)>);

impl Counts {
    fn add(&mut self, body: &[u8]) -> Result<(), AppError> {
        let entry: Value =
            serde_json::from_slice(body).map_err(|_| AppError::Internal("a stored entry is no JSON"))?;
        let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let time = entry.get("time").and_then(Value::as_i64).unwrap_or_default();
        let people = match (entry.get("set"), entry.get("tag")) {
            (Some(set), _) => set.get("count").and_then(Value::as_i64).unwrap_or_default(),
            (None, Some(_)) => 1,
            (None, None) => 0,
        };
        let (day, purpose, answer) = (time.div_euclid(DAY_SECONDS), text("purpose"), text("answer"));
        self.one(day, &text("kind"), &purpose, &answer, people);
        if !answer.is_empty() && text("kind") != EntryKind::Login.code() {
            self.one(day, ASK, &purpose, &answer, people);
        }
        for finding in entry.get("findings").and_then(Value::as_array).into_iter().flatten() {
            self.one(day, FINDING, &purpose, finding.as_str().unwrap_or_default(), people);
        }
        Ok(())
    }

    fn one(&mut self, day: i64, what: &str, purpose: &str, detail: &str, people: i64) {
        let key = (day, what.to_owned(), purpose.to_owned(), detail.to_owned());
        let count = self.0.entry(key).or_default();
        count.0 += 1;
        count.1 = count.1.saturating_add(people);
    }

    fn rows(self) -> Vec<TallyRow> {
        let row = |((day, what, purpose, detail), (entries, people))| TallyRow {
            day,
            what,
            purpose,
            detail,
            entries,
            people,
        };
        self.0.into_iter().map(row).collect()
    }
}

/// One number of a chart: a day (counted from 1970), a name, and how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// The day, counted from 1970.
    pub day: i64,
    /// What the number is of: a purpose, an answer, a finding or an act.
    pub name: String,
    /// The purpose that it belongs to; empty for none.
    pub purpose: String,
    /// How many entries.
    pub entries: i64,
    /// How many people they were about, each as often as it was named.
    pub people: i64,
}

/// What the console's first page shows.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// Asks by answer and purpose: `name` is the answer.
    pub asks: Vec<Point>,
    /// Why asks were refused: `name` is the finding.
    pub findings: Vec<Point>,
    /// What is held, as it was counted last.
    pub census: Arc<Census>,
    /// Entries that are in the log and not yet counted.
    pub behind: i64,
}

/// The numbers of asks since a moment, from the tally, and the last census of what is held. Where
/// none was taken yet it is taken now.
///
/// # Errors
/// When the store fails.
pub async fn overview(controller: &Controller, since: Timestamp) -> Result<Overview, AppError> {
    let origin = controller.core().signer.verifier().name().to_owned();
    let mut overview = controller.db.read("tally.overview", move |tx| read(tx, &origin, since)).await?;
    overview.census = match controller.last_census().get() {
        Some(census) => census,
        None => Arc::new(census::take(controller).await?),
    };
    Ok(overview)
}

fn read(tx: &mut ReadTx<'_>, origin: &str, since: Timestamp) -> Result<Overview, AppError> {
    let day = since.seconds().div_euclid(DAY_SECONDS);
    let mut overview = Overview::default();
    for row in tally::since(tx, day)? {
        let is_answer = Answer::ALL.iter().any(|answer| answer.code() == row.detail);
        let list = match row.what.as_str() {
            ASK if is_answer => &mut overview.asks,
            FINDING => &mut overview.findings,
            _ => continue,
        };
        let TallyRow { day, purpose, detail: name, entries, people, .. } = row;
        list.push(Point { day, name, purpose, entries, people });
    }
    let size = sequence::head(tx, origin)?.map_or(0, |head| head.size);
    overview.behind = (size - tally::counted(tx, origin)?).max(0);
    Ok(overview)
}
