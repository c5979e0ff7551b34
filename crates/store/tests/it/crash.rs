//! A process that is killed leaves whole transactions, and every one it acknowledged.
//! (The page cache survives it: that power loss is survived too is another test's proof.)

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use store::{Db, DbConfig, DbError, sql};
use testkit::TestDb;

use crate::support::{ADD_NUMBER, MIGRATIONS, numbers};

const PLACE: &str = "STEWARD_CRASH_PLACE";
const SCHEMA: &str = "STEWARD_CRASH_SCHEMA";

#[test]
fn a_killed_process_leaves_whole_transactions_and_all_it_acknowledged() {
    TestDb::each(MIGRATIONS, |db| {
        let (place, schema) = match db.config() {
            DbConfig::Sqlite { path, .. } => (path.display().to_string(), String::new()),
            DbConfig::Postgres { dsn, schema, .. } => (dsn.clone(), schema.clone()),
        };
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["crash::writes_pairs_until_it_is_killed", "--exact", "--ignored", "--nocapture"])
            .env(PLACE, place)
            .env(SCHEMA, schema)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut acknowledged: Vec<i64> = Vec::new();
        while acknowledged.len() < 100 {
            let line = lines.next().expect("the child goes on").unwrap();
            acknowledged.extend(line.rsplit("ack ").next().and_then(|number| number.parse::<i64>().ok()));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged.extend(lines.filter_map(|line| line.ok()?.strip_prefix("ack ")?.parse::<i64>().ok()));

        let found = numbers(db);
        for number in acknowledged {
            let id = |half: &str| (format!("{number}-{half}"), Some(number));
            assert!(found.contains(&id("a")) && found.contains(&id("b")), "{number} was acknowledged");
        }
        assert_eq!(found.len() % 2, 0, "a transaction was cut in half");
        let halves = db.read_blocking("halves", |tx| {
            tx.query::<(i64,)>(&sql!("SELECT number FROM item GROUP BY number HAVING COUNT(*) <> 2"), &[])
        });
        assert_eq!(halves, Ok::<_, DbError>(vec![]));
    });
}

/// Not a test of its own: the process that the test above kills.
#[test]
#[ignore = "runs in a process that another test starts and kills"]
fn writes_pairs_until_it_is_killed() {
    let (place, schema) = (std::env::var(PLACE).unwrap(), std::env::var(SCHEMA).unwrap());
    let config = match schema.as_str() {
        "" => DbConfig::Sqlite { path: place.into(), readers: 1 },
        _ => DbConfig::Postgres { dsn: place, schema, threads: 2, tls: store::Tls::default() },
    };
    let db = Db::open(&config, MIGRATIONS).unwrap();
    let writers: Vec<_> = (0..4_i64)
        .map(|writer| {
            let db = db.clone();
            std::thread::spawn(move || {
                for turn in 0..100_000 {
                    let number = writer * 100_000 + turn;
                    let pair = db.write_blocking("pair", move |tx| {
                        tx.execute(&ADD_NUMBER, &[&format!("{number}-a"), &number])?;
                        tx.execute(&ADD_NUMBER, &[&format!("{number}-b"), &number])
                    });
                    assert_eq!(pair, Ok::<u64, DbError>(1));
                    println!("ack {number}");
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
}
