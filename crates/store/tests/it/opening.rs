//! Opening: settings, the schema's history, one owner per folder.

use store::{Db, DbConfig, DbError, FolderLock, FolderLockError, Migration, OpenError, columns, sql};
use testkit::{Engine, TestDb};

use crate::support::{MIGRATIONS, add_number, numbers};

const ONE: Migration = Migration { number: 1, name: "one", sql: "CREATE TABLE one (id TEXT PRIMARY KEY)" };
const TWO: Migration = Migration {
    number: 2,
    name: "two",
    sql: "ALTER TABLE one ADD COLUMN count BIGINT; INSERT INTO one (id, count) VALUES ('new', 2);",
};
const BROKEN: Migration =
    Migration { number: 2, name: "two", sql: "CREATE TABLE two (id TEXT); SELECT * FROM nowhere" };
const OTHER: Migration = Migration { number: 1, name: "other", sql: "SELECT 1" };

#[test]
fn what_was_written_is_there_after_a_restart() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(mut db) = TestDb::open(engine, MIGRATIONS) else { continue };
        add_number(&db, "kept", 1);
        db.reopen(MIGRATIONS);
        assert_eq!(numbers(&db), vec![("kept".to_owned(), Some(1))]);
    }
}

#[test]
fn an_older_schema_is_brought_up_to_date_with_its_rows() {
    TestDb::each(&[ONE], |db| {
        db.write_blocking("old row", |tx| tx.execute(&sql!("INSERT INTO one (id) VALUES ('old')"), &[]))
            .unwrap();
        let newer = Db::open(db.config(), &[ONE, TWO]).unwrap();
        let rows = newer.read_blocking("rows", |tx| {
            tx.query::<(String, Option<i64>)>(&sql!("SELECT id, count FROM one ORDER BY id"), &[])
        });
        assert_eq!(rows, Ok(vec![("new".to_owned(), Some(2)), ("old".to_owned(), None)]));
        let names: Vec<(String, String)> = newer
            .read_blocking("columns", columns)
            .unwrap()
            .into_iter()
            .map(|it| (it.column, it.kind))
            .collect();
        let expected = [("count", "BIGINT"), ("id", "TEXT"), ("name", "TEXT"), ("number", "BIGINT")];
        assert_eq!(names, expected.map(|(name, kind)| (name.to_owned(), kind.to_owned())));
    });
}

#[test]
fn a_newer_or_another_schema_is_refused() {
    TestDb::each(&[ONE, TWO], |db| {
        let refused = Db::open(db.config(), &[ONE]).err();
        assert_eq!(refused, Some(OpenError::NewerSchema { found: 2, known: 1 }));
        let refused = Db::open(db.config(), &[OTHER, TWO]).err();
        assert!(matches!(refused, Some(OpenError::OtherSchema { number: 1, .. })), "{refused:?}");
    });
}

#[test]
fn a_migration_that_fails_leaves_nothing_and_can_be_repeated() {
    TestDb::each(&[ONE], |db| {
        let refused = Db::open(db.config(), &[ONE, BROKEN]).err();
        assert!(matches!(refused, Some(OpenError::Migration { number: 2, .. })), "{refused:?}");
        let mended = Db::open(db.config(), &[ONE, TWO]).unwrap();
        let tables = mended.read_blocking("columns", columns).unwrap();
        assert!(tables.iter().all(|it| it.table != "two"));
    });
}

#[test]
fn nodes_that_start_together_migrate_once() {
    let Some(db) = TestDb::open(Engine::Postgres, &[]) else { return };
    let nodes: Vec<_> = (0..4)
        .map(|_| {
            let config = db.config().clone();
            std::thread::spawn(move || Db::open(&config, &[ONE, TWO]).map(drop))
        })
        .collect();
    for node in nodes {
        assert_eq!(node.join().unwrap(), Ok(()));
    }
}

#[test]
fn a_database_that_sorts_otherwise_is_refused_with_the_way_to_make_one() {
    let Some(db) = TestDb::open(Engine::Postgres, &[]) else { return };
    let DbConfig::Postgres { dsn, .. } = db.config().clone() else { panic!("this is PostgreSQL") };
    let other = format!("{dsn}_by_language");
    if postgres::Client::connect(&other, postgres::NoTls).is_err() {
        println!("SKIPPED: the server has no second database, sorted by a language");
        return;
    }
    let config = DbConfig::Postgres {
        dsn: other,
        schema: "test_collation".into(),
        threads: 1,
        tls: store::Tls::default(),
    };
    let refused = Db::open(&config, &[]).err().expect("the collation is refused");
    assert!(matches!(refused, OpenError::Collation { .. }), "{refused:?}");
    assert!(refused.to_string().contains("LC_COLLATE 'C'"));
}

#[test]
fn an_address_or_a_schema_name_that_cannot_be_is_refused_without_showing_the_password() {
    let open = |dsn: &str, schema: &str| {
        let config = DbConfig::Postgres {
            dsn: dsn.into(),
            schema: schema.into(),
            threads: 1,
            tls: store::Tls::default(),
        };
        Db::open(&config, &[]).err().expect("refused")
    };
    assert_eq!(open("postgres://user:canary-secret@[", "a"), OpenError::Dsn);
    assert_eq!(open("host=localhost", "a\"; DROP"), OpenError::SchemaName("a\"; DROP".into()));
    let nobody = open("postgres://user:canary-secret@127.0.0.1:1/none", "a");
    assert_eq!(nobody, OpenError::Connect { code: "io".into() });
}

#[test]
fn a_folder_has_one_owner_until_it_lets_go() {
    let folder = tempfile::tempdir().unwrap();
    let lock = FolderLock::take(folder.path()).unwrap();
    assert!(matches!(FolderLock::take(folder.path()), Err(FolderLockError::Taken(_))));
    drop(lock);
    assert!(FolderLock::take(folder.path()).is_ok());
    assert!(matches!(FolderLock::take(&folder.path().join("none")), Err(FolderLockError::Io { .. })));
}

#[test]
fn nobody_but_the_owner_can_read_the_database_s_files() {
    use std::os::unix::fs::PermissionsExt;
    let Some(db) = TestDb::open(Engine::Sqlite, MIGRATIONS) else { return };
    add_number(&db, "private", 1);
    let files: Vec<_> = std::fs::read_dir(db.folder()).unwrap().map(Result::unwrap).collect();
    assert!(files.len() >= 2, "the database and its log");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", file.file_name());
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test measures how long a call takes")]
fn emptying_the_log_waits_for_no_reader_who_stands_in_the_way() {
    let db = TestDb::open(Engine::Sqlite, MIGRATIONS).expect("a database");
    add_number(&db, "before", 1);
    let (reads, has_read) = std::sync::mpsc::channel();
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let ended = std::sync::Mutex::new(ended);
    let reader = (*db).clone();
    let reading = std::thread::spawn(move || {
        reader.read_blocking("holds a state", move |tx| {
            let rows = tx.query::<(String, Option<i64>)>(&sql!("SELECT id, number FROM item"), &[])?;
            reads.send(rows.len()).expect("the test waits");
            ended.lock().expect("one reader").recv().expect("the test says when");
            Ok::<_, DbError>(rows.len())
        })
    });
    assert_eq!(has_read.recv(), Ok(1));
    add_number(&db, "after", 2);
    // Whoever waits does so for a second each time: while they wait for a reader, nobody writes.
    let tries = (0..5).map(|_| {
        let began = std::time::Instant::now();
        assert_eq!(db.empty_log(), Ok(false), "the reader still reads the log");
        began.elapsed()
    });
    let quickest = tries.min().expect("five");
    assert!(quickest < std::time::Duration::from_millis(500), "{quickest:?}");
    end.send(()).expect("the reader waits");
    assert_eq!(reading.join().expect("it ends"), Ok(1));
    assert_eq!(db.empty_log(), Ok(true));
}
