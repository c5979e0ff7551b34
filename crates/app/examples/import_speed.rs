//! How fast an import is, beside the same rows written unsealed by plain multi-row statements:
//! `cargo run --release -p app --example import_speed -- FOLDER` (the online-retail data).
#![expect(clippy::print_stdout, reason = "it prints what it measured")]
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a measurement reads the clock, and stops at the first failure"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use app::Controller;
use app::imports::{ImportRequest, run_blocking};
use connect::Source;
use keys::KeyRing;
use model::manifest::Manifest;
use model::{Actor, ControllerName, EntryId, SystemName};
use store::MIGRATIONS;
use store::manifest::ManifestVersion;
use testkit::{Engine, TestClock, TestDb};

const MONTHS: [&str; 5] = ["2010-12", "2011-01", "2011-02", "2011-03", "2011-04"];

fn main() {
    let folder = std::env::args().nth(1).map(PathBuf::from).expect("the folder of online-retail");
    let files: Vec<PathBuf> = MONTHS.iter().map(|it| folder.join(format!("retail-{it}.csv.gz"))).collect();
    let (rows, seconds) = plain(&files);
    let baseline = rows as f64 / seconds;
    println!("plain multi-row statements into SQLite: {rows} rows, {baseline:.0} rows/s");
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(db) = TestDb::open(engine, MIGRATIONS) else { continue };
        let controller = controller(&db);
        for run in ["first run", "second run"] {
            let began = Instant::now();
            let rows: u64 = files.iter().map(|file| import(&controller, file)).sum();
            let speed = rows as f64 / began.elapsed().as_secs_f64();
            println!("{engine:?}, {run}: {rows} rows, {speed:.0} rows/s, {:.2} of plain", speed / baseline);
        }
    }
}

fn import(controller: &Controller, file: &Path) -> u64 {
    let request = ImportRequest {
        system: SystemName::new("online-retail").expect("a name"),
        table: "lines".to_owned(),
        source: Source::Csv { file: file.to_owned() },
        actor: Actor::Operator,
        purpose: None,
        dropped: std::collections::BTreeSet::new(),
        rejects: None,
        on_progress: None,
    };
    run_blocking(controller, request).expect("the file is taken in").tally.read
}

/// Rows per second of the rows that name somebody, as they stand, 1,000 a transaction.
fn plain(files: &[PathBuf]) -> (u64, f64) {
    let home = tempfile::tempdir().expect("a folder");
    let mut conn = rusqlite::Connection::open(home.path().join("plain.db")).expect("a new file");
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE line (customer TEXT, invoice TEXT, article TEXT, description TEXT,
             quantity TEXT, sold TEXT, price TEXT, country TEXT);
         CREATE INDEX line_by_customer ON line (customer, invoice, article);",
    )
    .expect("a table");
    let began = Instant::now();
    let mut read = 0;
    for file in files {
        let table = Source::Csv { file: file.clone() }.open().expect("a file");
        let columns = [
            "CustomerID",
            "InvoiceNo",
            "StockCode",
            "Description",
            "Quantity",
            "InvoiceDate",
            "UnitPrice",
            "Country",
        ];
        let mut rows = table.rows(&columns).expect("the columns").peekable();
        while rows.peek().is_some() {
            let chunk: Vec<_> = rows.by_ref().take(1_000).map(|row| row.expect("a row")).collect();
            read += chunk.len() as u64;
            let named: Vec<_> =
                chunk.iter().filter(|row| row.values().first().is_some_and(Option::is_some)).collect();
            let tx = conn.transaction().expect("a transaction");
            for rows in named.chunks(250) {
                let marks = vec!["(?,?,?,?,?,?,?,?)"; rows.len()].join(",");
                let mut insert =
                    tx.prepare_cached(&format!("INSERT INTO line VALUES {marks}")).expect("a statement");
                let values = rows.iter().flat_map(|row| row.values());
                let values = values.map(|value| value.as_ref().map(|value| value.expose().as_str()));
                insert.execute(rusqlite::params_from_iter(values)).expect("rows");
            }
            tx.commit().expect("a commit");
        }
    }
    (read, began.elapsed().as_secs_f64())
}

fn controller(db: &TestDb) -> Controller {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/shop/manifest"));
    let manifest = Manifest::load(folder).expect("the sample manifest").resolved();
    let clock = TestClock::default();
    let version = ManifestVersion {
        version: 1,
        fingerprint: String::new(),
        body: serde_json::to_string(&manifest).expect("json"),
        applied: model::Clock::now(&clock),
        entry: EntryId::random(),
    };
    db.write_blocking("example", move |tx| store::manifest::add(tx, &version)).expect("a manifest");
    let name = ControllerName::new("rosewood").expect("a name");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let opened =
        Controller::open(name, (**db).clone(), KeyRing::generate(), "speed.example/log", Arc::new(clock));
    runtime.block_on(opened).expect("the controller opens")
}
