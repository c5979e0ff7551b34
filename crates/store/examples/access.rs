//! What the access layer costs, beside the plain drivers, in one run:
//! `cargo run --release -p store --example access` (with `STEWARD_TEST_PG` set
//! for the PostgreSQL half). The figures stand in `docs/adr/0001-store-access-layer.md`.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement: it prints, reads the clock and stops at the first error"
)]

use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use rusqlite::Connection;
use store::{Db, DbConfig, DbError, Migration, RowsSql, Sql, ToValue, rows_sql, sql};

const MIGRATIONS: &[Migration] = &[Migration {
    number: 1,
    name: "measured",
    sql: "CREATE TABLE measured (id TEXT NOT NULL PRIMARY KEY, number BIGINT NOT NULL, body BYTEA NOT NULL)",
}];
const ADD: Sql = sql!("INSERT INTO measured (id, number, body) VALUES ($1, $2, $3)");
const ADD_ROWS: RowsSql =
    rows_sql!("INSERT INTO measured (id, number, body) VALUES {rows}", Text, Int, Bytes);
const FIND: Sql = sql!("SELECT number, body FROM measured WHERE id = $1");
const PLAIN: &str =
    "CREATE TABLE plain (id TEXT NOT NULL PRIMARY KEY, number BIGINT NOT NULL, body BYTEA NOT NULL)";
const BODY: [u8; 300] = [7; 300];
/// How long each line is measured.
const SPAN: Duration = Duration::from_secs(2);
/// Tasks that write or read at the same time.
const TASKS: u64 = 64;

fn main() {
    let folder = tempfile::tempdir_in(".").unwrap();
    let sqlite = DbConfig::Sqlite { path: folder.path().join("layer.db"), readers: 2 };
    println!("| SQLite, 300-byte rows | per second | beside the baseline |\n|---|---|---|");
    let baseline = plain_sqlite(&folder.path().join("plain.db"));
    layer(&Db::open(&sqlite, MIGRATIONS).unwrap(), &baseline);

    let Ok(dsn) = std::env::var("STEWARD_TEST_PG") else { return };
    println!("\n| PostgreSQL, 300-byte rows | per second | beside the baseline |\n|---|---|---|");
    let baseline = plain_postgres(&dsn);
    let config = DbConfig::Postgres {
        dsn: dsn.clone(),
        schema: "measured".into(),
        threads: 8,
        tls: store::Tls::default(),
    };
    layer(&Db::open(&config, MIGRATIONS).unwrap(), &baseline);
    let mut client = Client::connect(&dsn, NoTls).unwrap();
    client.batch_execute("DROP SCHEMA measured CASCADE; DROP TABLE plain").unwrap();
}

/// What the plain driver does per second, in this run.
struct Baseline {
    write: f64,
    read: f64,
}

/// Repeats `work`, which does `count` things, and answers how many per second.
fn measure(count: u64, mut work: impl FnMut(u64)) -> f64 {
    let started = Instant::now();
    let mut turns = 0;
    while started.elapsed() < SPAN {
        work(turns);
        turns += 1;
    }
    (turns * count) as f64 / started.elapsed().as_secs_f64()
}

/// Prints a line with the figure and how many times the baseline it is.
fn print(name: &str, rate: f64, baseline: f64) {
    println!("| {name} | {rate:.0} | {:.2} |", rate / baseline);
}

fn plain_sqlite(path: &std::path::Path) -> Baseline {
    let conn = Connection::open(path).unwrap();
    conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")
        .unwrap();
    conn.execute_batch(PLAIN).unwrap();
    let insert = "INSERT INTO plain (id, number, body) VALUES (?1, ?2, ?3)";
    let write = measure(1, |turn| {
        conn.prepare_cached(insert).unwrap().execute((format!("a{turn}"), 1, BODY)).unwrap();
    });
    print("rusqlite, a commit per row (baseline of writes)", write, write);
    let grouped = measure(TASKS, |turn| {
        conn.execute_batch("BEGIN IMMEDIATE").unwrap();
        for row in 0..TASKS {
            conn.prepare_cached(insert).unwrap().execute((format!("b{turn}-{row}"), 1, BODY)).unwrap();
        }
        conn.execute_batch("COMMIT").unwrap();
    });
    print("rusqlite, 64 rows per commit", grouped, write);
    let read = measure(1, |turn| {
        conn.execute_batch("BEGIN").unwrap();
        let mut statement = conn.prepare_cached("SELECT number, body FROM plain WHERE id = ?1").unwrap();
        let row = statement.query_row([format!("a{}", turn % 100)], |row| Ok((row.get(0)?, row.get(1)?)));
        let (number, _body): (i64, Vec<u8>) = row.unwrap();
        assert_eq!(number, 1);
        conn.execute_batch("COMMIT").unwrap();
    });
    print("rusqlite, look-up in a transaction (baseline of reads)", read, read);
    Baseline { write, read }
}

fn plain_postgres(dsn: &str) -> Baseline {
    let mut client = Client::connect(dsn, NoTls).unwrap();
    client.batch_execute(PLAIN).unwrap();
    let insert = client.prepare("INSERT INTO plain (id, number, body) VALUES ($1, $2, $3)").unwrap();
    let write = measure(1, |turn| {
        let mut transaction = client.transaction().unwrap();
        transaction.execute(&insert, &[&format!("a{turn}"), &1_i64, &BODY.as_slice()]).unwrap();
        transaction.commit().unwrap();
    });
    print("postgres, BEGIN, INSERT, COMMIT (baseline of writes)", write, write);
    let find = client.prepare("SELECT number, body FROM plain WHERE id = $1").unwrap();
    let read = measure(1, |turn| {
        let mut transaction = client.transaction().unwrap();
        let row = transaction.query_one(&find, &[&format!("a{}", turn % 100)]).unwrap();
        assert_eq!(row.get::<_, i64>(0), 1);
        transaction.commit().unwrap();
    });
    print("postgres, BEGIN, look-up, COMMIT (baseline of reads)", read, read);
    Baseline { write, read }
}

/// The same through our layer: one caller, then many at the same time.
fn layer(db: &Db, baseline: &Baseline) {
    print(
        "store, one caller, a transaction per row",
        measure(1, |turn| add(db, turn).unwrap()),
        baseline.write,
    );
    let rows = measure(256, |turn| add_rows(db, turn).unwrap());
    print("store, one caller, 256 rows in a transaction", rows, baseline.write);
    print("store, one caller, look-up", measure(1, |turn| find(db, turn).unwrap()), baseline.read);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let before = db.stats();
    let writes = runtime.block_on(many(db, true));
    print("store, 64 tasks, a transaction per row", writes, baseline.write);
    print("store, 64 tasks, look-up", runtime.block_on(many(db, false)), baseline.read);
    let (groups, grouped) = (db.stats().groups - before.groups, db.stats().grouped - before.grouped);
    if groups > 0 {
        println!("\nMean size of a group commit with 64 tasks: {:.1}", grouped as f64 / groups as f64);
    }
}

fn add_rows(db: &Db, turn: u64) -> Result<(), DbError> {
    db.write_blocking("rows", move |tx| {
        let ids: Vec<String> = (0..256).map(|row| format!("r{turn}-{row}")).collect();
        let rows: Vec<[&dyn ToValue; 3]> = ids.iter().map(|id| [id as &dyn ToValue, &1_i64, &BODY]).collect();
        tx.execute_rows(&ADD_ROWS, &rows).map(drop)
    })
}

fn add(db: &Db, turn: u64) -> Result<(), DbError> {
    db.write_blocking("add", move |tx| tx.execute(&ADD, &[&format!("s{turn}"), &1_i64, &BODY]).map(drop))
}

fn find(db: &Db, turn: u64) -> Result<(), DbError> {
    db.read_blocking("find", move |tx| {
        tx.query_one::<(i64, Vec<u8>)>(&FIND, &[&format!("s{}", turn % 100)]).map(drop)
    })
}

async fn many(db: &Db, writes: bool) -> f64 {
    let started = Instant::now();
    let tasks = (0..TASKS).map(|task| {
        let db = db.clone();
        tokio::spawn(async move {
            let mut turn: u64 = 0;
            while started.elapsed() < SPAN {
                let id = format!("m{task}-{turn}");
                let done: Result<(), DbError> = match writes {
                    true => {
                        db.write("add", move |tx| tx.execute(&ADD, &[&id, &1_i64, &BODY]).map(drop)).await
                    }
                    false => {
                        let id = format!("s{}", turn % 100);
                        db.read("find", move |tx| tx.query_one::<(i64, Vec<u8>)>(&FIND, &[&id]).map(drop))
                            .await
                    }
                };
                done.expect("the database answers");
                turn += 1;
            }
            turn
        })
    });
    let tasks: Vec<_> = tasks.collect();
    let mut done = 0;
    for task in tasks {
        done += task.await.unwrap();
    }
    done as f64 / started.elapsed().as_secs_f64()
}
