//! Imports of the Online Retail data.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use app::imports::{ImportRequest, run_blocking};
use connect::Source;
use model::{Actor, RecordId, SubjectId, SystemName};
use store::DbError;
use store::measure::{PlainRecord, write_records};

use super::Context;
use super::report::{Figure, Target, per_second};

const NAME: &str = "imports";
/// Lines of one plain transaction.
const PLAIN_TX: usize = 1_000;
/// The columns of a line; the first names the customer.
const COLUMNS: [&str; 8] = [
    "CustomerID",
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "Country",
];

#[expect(clippy::disallowed_methods, reason = "measuring a duration, not telling the time")]
pub(super) fn measure(bench: &Context) -> anyhow::Result<Vec<Figure>> {
    let Some(folder) = &bench.retail else { return Ok(Vec::new()) };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .filter_map(|file| Some(file.ok()?.path()))
        .filter(|path| {
            path.file_name()
                .and_then(|name| name.to_str())
                .is_some_and(|name| name.starts_with("retail-") && name.ends_with(".csv.gz"))
        })
        .collect();
    files.sort();
    let began = Instant::now();
    let rows = files.iter().map(|file| plain(bench, file)).sum::<anyhow::Result<usize>>()?;
    let plain = per_second(rows, began.elapsed());
    let (mut first, mut second) = (0.0, 0.0);
    for speed in [&mut first, &mut second] {
        let began = Instant::now();
        let rows = files.iter().map(|file| import(bench, file)).sum::<anyhow::Result<usize>>()?;
        *speed = per_second(rows, began.elapsed());
    }
    let beside = |figure: Figure| figure.beside("the rows in the clear by plain 500-row statements", plain);
    Ok(vec![
        beside(Figure::new(NAME, format!("{rows} rows of Online Retail, first run"), first, "/s"))
            .target(Target::AtLeast(50_000.0)),
        beside(Figure::new(NAME, "the same rows again, unchanged", second, "/s")),
    ])
}

fn import(bench: &Context, file: &Path) -> anyhow::Result<usize> {
    let request = ImportRequest {
        system: SystemName::new("online-retail")?,
        table: "lines".to_owned(),
        source: Source::Csv { file: file.to_owned() },
        actor: Actor::Operator,
        purpose: None,
        dropped: BTreeSet::new(),
        rejects: None,
        on_progress: None,
    };
    let report = run_blocking(bench.world.controller(), request)?;
    Ok(usize::try_from(report.tally.read)?)
}

/// Writes the lines that name a customer as they stand, into the table of records.
fn plain(bench: &Context, file: &Path) -> anyhow::Result<usize> {
    let controller = bench.world.controller();
    let now = controller.now();
    let table = Source::Csv { file: file.to_owned() }.open()?;
    let mut rows = table.rows(&COLUMNS)?.peekable();
    let mut read = 0;
    while rows.peek().is_some() {
        let chunk = rows.by_ref().take(PLAIN_TX).collect::<Result<Vec<_>, _>>()?;
        read += chunk.len();
        let mut lines = Vec::new();
        for row in &chunk {
            if row.values().first().is_some_and(Option::is_some) {
                lines.push(PlainRecord {
                    subject: somebody(bench, lines.len())?,
                    id: RecordId::ordered(now),
                    recorded: now,
                    body: vec![b'x'; BODY_BYTES],
                });
            }
        }
        controller
            .db
            .write_long_blocking::<_, DbError, _>("bench.plain", move |tx| write_records(tx, &lines))?;
    }
    Ok(read)
}

/// As long as a line in JSON.
const BODY_BYTES: usize = 220;

fn somebody(bench: &Context, place: usize) -> anyhow::Result<SubjectId> {
    let ids = bench.people.ids();
    ids.get(place % ids.len()).copied().ok_or_else(|| anyhow::anyhow!("there are no people"))
}
