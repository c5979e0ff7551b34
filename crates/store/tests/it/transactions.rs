//! What a transaction promises: all or nothing, one state, poison, retries.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use postgres::{Client, NoTls};
use store::{ConstraintKind, Db, DbConfig, DbError, sql};
use testkit::{Engine, TestDb};

use crate::support::{
    ADD_COUNTER, ADD_ITEM, ADD_NUMBER, ADD_PART, COUNT, MIGRATIONS, NUMBERS, TOTAL, add_number, numbers,
    total, write,
};

#[test]
fn a_failed_transaction_leaves_nothing_behind() {
    TestDb::each(MIGRATIONS, |db| {
        let outcome: Result<(), DbError> = db.write_blocking("fails", |tx| {
            tx.execute(&ADD_NUMBER, &[&"kept?", &1_i64])?;
            Err(DbError::NoRow)
        });
        assert_eq!(outcome, Err(DbError::NoRow));
        assert_eq!(numbers(db), vec![]);
        assert_eq!(db.stats().rollbacks, 1);
    });
}

#[test]
fn after_an_error_every_further_statement_is_refused_and_nothing_is_kept() {
    TestDb::each(MIGRATIONS, |db| {
        add_number(db, "taken", 1);
        let outcome: Result<DbError, DbError> = db.write_blocking("swallows an error", |tx| {
            tx.execute(&ADD_NUMBER, &[&"before", &1_i64])?;
            let refused = tx.execute(&ADD_NUMBER, &[&"taken", &2_i64]);
            assert!(matches!(refused, Err(DbError::Constraint { kind: ConstraintKind::Unique, .. })));
            let after = tx.execute(&ADD_NUMBER, &[&"after", &3_i64]);
            let read = tx.query::<(String, i64)>(&NUMBERS, &[]);
            assert_eq!(read, Err(DbError::Poisoned));
            Ok(after.expect_err("the transaction is poisoned"))
        });
        assert!(matches!(outcome, Err(DbError::Constraint { .. })), "{outcome:?}");
        assert_eq!(numbers(db), vec![("taken".to_owned(), Some(1))]);
    });
}

#[test]
fn constraints_are_told_apart_by_kind_and_never_quote_a_value() {
    TestDb::each(MIGRATIONS, |db| {
        add_number(db, "canary-7f3a", 1);
        let refusals: Vec<(ConstraintKind, Result<u64, DbError>)> = vec![
            (
                ConstraintKind::Unique,
                db.write_blocking("u", |tx| tx.execute(&ADD_NUMBER, &[&"canary-7f3a", &1_i64])),
            ),
            (
                ConstraintKind::Check,
                db.write_blocking("c", |tx| tx.execute(&ADD_COUNTER, &[&"canary-7f3a", &-1_i64])),
            ),
            (
                ConstraintKind::NotNull,
                db.write_blocking("n", |tx| tx.execute(&ADD_COUNTER, &[&"canary-7f3a", &None::<i64>])),
            ),
            (
                ConstraintKind::ForeignKey,
                db.write_blocking("f", |tx| tx.execute(&ADD_PART, &[&"canary-none", &1_i64, &1_i64])),
            ),
        ];
        for (expected, outcome) in refusals {
            let error = outcome.expect_err("the constraint refuses");
            assert!(matches!(&error, DbError::Constraint { kind, .. } if *kind == expected), "{error:?}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        }
    });
}

#[test]
fn a_reading_transaction_cannot_write() {
    TestDb::each(MIGRATIONS, |db| {
        // `ReadTx` has no `execute`; a statement that writes and answers rows is stopped by the engine.
        let outcome = db.read_blocking("writes", |tx| {
            tx.query::<(String,)>(&sql!("INSERT INTO item (id) VALUES ('x') RETURNING id"), &[])
        });
        assert_eq!(outcome, Err(DbError::ReadOnly));
        assert_eq!(numbers(db), vec![]);
    });
}

type Numbers = Vec<(String, i64)>;

#[test]
fn a_reading_transaction_sees_one_state_while_others_write() {
    TestDb::each(MIGRATIONS, |db| {
        add_number(db, "first", 1);
        let writer: Db = Db::clone(db);
        let (before, after): (Numbers, Numbers) = db
            .read_blocking("reads twice", move |tx| {
                let before = tx.query(&NUMBERS, &[])?;
                add_number(&writer, "second", 2);
                Ok((before, tx.query(&NUMBERS, &[])?))
            })
            .unwrap_or_else(|error: DbError| panic!("{error}"));
        assert_eq!(before, after);
        assert_eq!(numbers(db).len(), 2);
    });
}

#[test]
fn eight_tasks_that_count_on_one_row_lose_no_count() {
    TestDb::each_async(MIGRATIONS, async |db| {
        db.write("counter", |tx| tx.execute(&ADD_COUNTER, &[&"hits", &0_i64])).await.unwrap();
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let db = Db::clone(db);
                tokio::spawn(async move {
                    for _ in 0..50 {
                        db.write("count", |tx| tx.execute(&COUNT, &[&"hits"])).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let found: Result<(i64,), DbError> = db.read("total", |tx| tx.query_one(&TOTAL, &[&"hits"])).await;
        assert_eq!(found, Ok((400,)));
        assert_eq!(db.stats().writes, 401);
    });
}

#[test]
fn two_transactions_that_lock_each_other_out_both_succeed_in_the_end() {
    let Some(db) = TestDb::open(Engine::Postgres, MIGRATIONS) else { return };
    write(&db, |tx| {
        tx.execute(&ADD_COUNTER, &[&"left", &0_i64])?;
        tx.execute(&ADD_COUNTER, &[&"right", &0_i64])
    });
    // Each takes its first row, waits until the other has its own, then wants the other's.
    let first_taken = Arc::new(AtomicU32::new(0));
    let threads: Vec<_> = [("left", "right"), ("right", "left")]
        .into_iter()
        .map(|(mine, other)| {
            let (db, first_taken) = (Db::clone(&db), Arc::clone(&first_taken));
            std::thread::spawn(move || {
                db.write_blocking("deadlock", move |tx| {
                    tx.execute(&COUNT, &[&mine])?;
                    first_taken.fetch_add(1, Ordering::SeqCst);
                    while first_taken.load(Ordering::SeqCst) < 2 {
                        std::thread::yield_now();
                    }
                    tx.execute(&COUNT, &[&other])
                })
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), Ok::<u64, DbError>(1));
    }
    assert_eq!((total(&db, "left"), total(&db, "right")), (2, 2));
    assert!(db.stats().retries >= 1);
}

#[test]
fn a_lock_held_by_another_process_is_waited_for_and_then_retried() {
    let Some(db) = TestDb::open(Engine::Sqlite, MIGRATIONS) else { return };
    let DbConfig::Sqlite { path, .. } = db.config() else { panic!("this is SQLite") };
    let other = rusqlite::Connection::open(path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let writing = {
        let db = Db::clone(&db);
        std::thread::spawn(move || add_number(&db, "patient", 1))
    };
    // Held until a statement has given up waiting, so that only a retry gets through.
    while db.stats().retries == 0 {
        std::thread::yield_now();
    }
    other.execute_batch("ROLLBACK").unwrap();
    writing.join().unwrap();
    assert_eq!(numbers(&db), vec![("patient".to_owned(), Some(1))]);
}

#[test]
fn a_lost_connection_is_opened_again_and_the_transaction_runs_again() {
    let Some(test_db) = TestDb::open(Engine::Postgres, MIGRATIONS) else { return };
    let DbConfig::Postgres { dsn, schema, .. } = test_db.config().clone() else {
        panic!("this is PostgreSQL")
    };
    let named = format!("{dsn}?application_name={schema}");
    let config =
        DbConfig::Postgres { dsn: named, schema: schema.clone(), threads: 2, tls: store::Tls::default() };
    let db = Db::open(&config, MIGRATIONS).unwrap();
    let cut = move || {
        let mut client = Client::connect(&dsn, NoTls).unwrap();
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1";
        client.execute(cut, &[&schema]).unwrap()
    };

    add_number(&db, "before", 1);
    assert!(cut() >= 1);
    add_number(&db, "between", 2);

    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    write(&db, move |tx| {
        tx.execute(&ADD_NUMBER, &[&"during", &3_i64])?;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            cut();
        }
        tx.execute(&ADD_NUMBER, &[&"after", &4_i64])
    });
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    let ids: Vec<String> = numbers(&db).into_iter().map(|row| row.0).collect();
    assert_eq!(ids, ["after", "before", "between", "during"]);
}

#[test]
fn an_error_of_the_caller_s_own_type_comes_through() {
    #[derive(Debug, PartialEq)]
    enum RoomError {
        Refused,
        Store(DbError),
    }
    impl From<DbError> for RoomError {
        fn from(error: DbError) -> Self {
            Self::Store(error)
        }
    }
    TestDb::each(MIGRATIONS, |db| {
        let refused = db.write_blocking("refuses", |tx| {
            tx.execute(&ADD_ITEM, &[&"id", &1_i64, &true, &None::<Vec<u8>>, &"note"])?;
            Err::<(), _>(RoomError::Refused)
        });
        assert_eq!(refused, Err(RoomError::Refused));
        let missing = db.read_blocking("missing", |tx| Ok(tx.query_one::<(i64,)>(&TOTAL, &[&"none"])?));
        assert_eq!(missing, Err(RoomError::Store(DbError::NoRow)));
    });
}
