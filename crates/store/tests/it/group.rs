//! Group commit: neighbours do not disturb each other. PostgreSQL does not
//! group, and must behave the same.

use std::sync::mpsc;
use std::thread;

use store::{ConstraintKind, Db, DbError};
use testkit::{Engine, TestDb};

use crate::support::{ADD_NUMBER, ADD_PART, MIGRATIONS, add_number, numbers};

/// Keeps every writing thread busy until the answer is dropped, so that what is
/// submitted meanwhile forms one group.
pub(crate) fn hold_writers(db: &TestDb) -> mpsc::Sender<()> {
    let threads: usize = if db.engine() == Engine::Sqlite { 1 } else { 4 };
    let (release, held) = mpsc::channel::<()>();
    let held = std::sync::Arc::new(std::sync::Mutex::new(held));
    let (busy, started) = mpsc::channel();
    for _ in 0..threads {
        let (db, held, busy) = (Db::clone(db), held.clone(), busy.clone());
        thread::spawn(move || {
            db.write_blocking("holds", move |_| {
                busy.send(()).ok();
                held.lock().unwrap().recv().ok();
                Ok::<(), DbError>(())
            })
        });
    }
    for _ in 0..threads {
        started.recv().unwrap();
    }
    release
}

fn writes_number(db: &TestDb, id: &'static str) -> thread::JoinHandle<Result<u64, DbError>> {
    let db = Db::clone(db);
    thread::spawn(move || db.write_blocking("good", move |tx| tx.execute(&ADD_NUMBER, &[&id, &1_i64])))
}

fn wait_for_waiting(db: &TestDb, transactions: u64) {
    while db.stats().writes_waiting < transactions {
        thread::yield_now();
    }
}

#[test]
fn a_failing_and_a_panicking_closure_do_not_disturb_their_neighbours() {
    TestDb::each(MIGRATIONS, |db| {
        add_number(db, "taken", 0);
        let release = hold_writers(db);
        let mut good = vec![writes_number(db, "a")];
        let (failing, panicking) = (Db::clone(db), Db::clone(db));
        let failing = thread::spawn(move || {
            failing.write_blocking("fails", |tx| {
                tx.execute(&ADD_NUMBER, &[&"half done", &1_i64])?;
                tx.execute(&ADD_NUMBER, &[&"taken", &1_i64])
            })
        });
        let panicking = thread::spawn(move || {
            panicking.write_blocking("panics", |tx| -> Result<u64, DbError> {
                tx.execute(&ADD_NUMBER, &[&"half done too", &1_i64])?;
                panic!("this panic is part of the test")
            })
        });
        good.extend(["b", "c"].map(|id| writes_number(db, id)));
        wait_for_waiting(db, 5);
        drop(release);

        for thread in good {
            assert_eq!(thread.join().unwrap(), Ok(1));
        }
        let failed = failing.join().unwrap();
        assert!(
            matches!(failed, Err(DbError::Constraint { kind: ConstraintKind::Unique, .. })),
            "{failed:?}"
        );
        assert_eq!(panicking.join().unwrap(), Err(DbError::Panicked));
        let ids: Vec<String> = numbers(db).into_iter().map(|row| row.0).collect();
        assert_eq!(ids, ["a", "b", "c", "taken"]);
        if db.engine() == Engine::Sqlite {
            let stats = db.stats();
            assert!(stats.grouped > stats.groups, "they shared a commit: {stats:?}");
        }
    });
}

#[test]
fn a_commit_that_fails_for_one_is_repeated_for_the_others() {
    TestDb::each(MIGRATIONS, |db| {
        let release = hold_writers(db);
        let good = ["a", "b"].map(|id| writes_number(db, id));
        // The foreign key is checked at the commit, so the closure itself succeeds.
        let orphan = Db::clone(db);
        let orphan = thread::spawn(move || {
            orphan.write_blocking("orphan", |tx| tx.execute(&ADD_PART, &[&"nobody", &1_i64, &1_i64]))
        });
        wait_for_waiting(db, 3);
        drop(release);
        for thread in good {
            assert_eq!(thread.join().unwrap(), Ok(1));
        }
        let refused = orphan.join().unwrap();
        assert!(
            matches!(refused, Err(DbError::Constraint { kind: ConstraintKind::ForeignKey, .. })),
            "{refused:?}"
        );
        let ids: Vec<String> = numbers(db).into_iter().map(|row| row.0).collect();
        assert_eq!(ids, ["a", "b"]);
        if db.engine() == Engine::Sqlite {
            assert!(db.stats().retries >= 3, "the group was repeated: {:?}", db.stats());
        }
    });
}

#[test]
fn a_transaction_that_nobody_waits_for_any_more_is_not_begun() {
    TestDb::each_async(MIGRATIONS, async |db| {
        let Engine::Sqlite = db.engine() else { return };
        let release = hold_writers(db);
        let gone = db.write("gone", |tx| tx.execute(&ADD_NUMBER, &[&"gone", &1_i64]));
        let timed_out = tokio::time::timeout(std::time::Duration::from_millis(20), gone).await;
        assert!(timed_out.is_err());
        drop(release);
        db.write("later", |tx| tx.execute(&ADD_NUMBER, &[&"later", &1_i64])).await.unwrap();
        let found = db.read("numbers", |tx| tx.query::<(String, i64)>(&crate::support::NUMBERS, &[])).await;
        assert_eq!(found, Ok(vec![("later".to_owned(), 1)]));
    });
}
