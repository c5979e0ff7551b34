//! What an SQLite file may hold.

use std::fs;
use std::path::PathBuf;

use connect::{Break, Reason, RowError, Source, SourceError, Table};
use rusqlite::Connection;

use crate::shared::{all, texts};

struct File {
    _home: tempfile::TempDir,
    path: PathBuf,
}

impl File {
    fn holding(sql: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("shop.db");
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        Self { _home: home, path }
    }

    fn open(&self, table: &str) -> Result<Table, SourceError> {
        Source::Sqlite { file: self.path.clone(), table: table.to_owned() }.open()
    }
}

#[test]
fn numbers_come_as_exact_decimals_and_what_is_no_text_rejects_its_row_alone() {
    let file = File::holding(
        "CREATE TABLE t (a, b);
         INSERT INTO t VALUES (1, 0.99), (9223372036854775807, 1e21), (NULL, 1e-7), ('x', 9e999),
           (x'00ff', 1), (CAST(x'61ff' AS TEXT), 1), ('ok', -0.5);",
    );
    let rows: Vec<_> = file.open("t").unwrap().all_rows().unwrap().collect();
    let rejected = |index: usize| match rows[index].as_ref().unwrap_err() {
        RowError::Rejected { line, reason } => (*line, reason.clone()),
        broken @ RowError::Broken { .. } => panic!("{broken}"),
    };
    assert_eq!(texts(rows[0].as_ref().unwrap()), ["1", "0.99"]);
    assert_eq!(texts(rows[1].as_ref().unwrap()), ["9223372036854775807", "1000000000000000000000"]);
    assert_eq!(texts(rows[2].as_ref().unwrap()), ["∅", "0.0000001"]);
    assert_eq!(rejected(3), (4, Reason::NotFinite { column: 2 }));
    assert_eq!(rejected(4), (5, Reason::Binary { column: 1 }));
    assert_eq!(rejected(5), (6, Reason::Encoding { column: 1, byte: 2 }));
    assert_eq!(texts(rows[6].as_ref().unwrap()), ["ok", "-0.5"]);
}

#[test]
fn a_blob_column_that_nobody_wants_is_no_obstacle() {
    let file = File::holding("CREATE TABLE t (id, photo); INSERT INTO t VALUES (1, x'00'), (2, x'01');");
    assert_eq!(all(file.open("t").unwrap().rows(&["id"]).unwrap()).len(), 2);
}

#[test]
fn views_tables_without_rowid_and_names_full_of_quotes_are_read() {
    let file = File::holding(
        r#"CREATE TABLE "a ""b"" ; DROP TABLE c --" ("x"" y" TEXT, rowid INTEGER, _rowid_ TEXT);
           INSERT INTO "a ""b"" ; DROP TABLE c --" VALUES ('v', 7, 'w');
           CREATE TABLE c (k TEXT PRIMARY KEY, n) WITHOUT ROWID; INSERT INTO c VALUES ('b', 2), ('a', 1);
           CREATE VIEW d AS SELECT k || n AS kn FROM c;"#,
    );
    let odd = file.open(r#"a "b" ; DROP TABLE c --"#).unwrap();
    assert_eq!(odd.columns(), [r#"x" y"#, "rowid", "_rowid_"]);
    assert_eq!(texts(&all(odd.rows(&["rowid", r#"x" y"#]).unwrap())[0]), ["7", "v"]);
    assert_eq!(texts(&all(file.open("c").unwrap().all_rows().unwrap())[0]), ["a", "1"]);
    assert_eq!(all(file.open("d").unwrap().all_rows().unwrap()).len(), 2);
    assert_eq!(file.open("e").err(), Some(SourceError::NoTable("e".to_owned())));
    assert_eq!(file.open("c").unwrap().rows(&["z"]).err(), Some(SourceError::NoColumn("z".to_owned())));
}

#[test]
fn a_stream_may_be_left_before_its_end() {
    let file = File::holding(
        "CREATE TABLE t (n); WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5000)
         INSERT INTO t SELECT n FROM c;",
    );
    let mut rows = file.open("t").unwrap().all_rows().unwrap();
    assert_eq!(rows.next().unwrap().unwrap().line(), 1);
}

#[test]
fn a_missing_a_foreign_and_a_damaged_file_are_errors_and_nothing_is_written() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("nothing.db");
    let open = || Source::Sqlite { file: path.clone(), table: "t".to_owned() }.open().err().unwrap();
    assert!(matches!(open(), SourceError::Open(_)));
    assert!(!path.exists());

    fs::write(&path, "a,b\n1,2\n".repeat(1000)).unwrap();
    assert_eq!(open(), SourceError::Unreadable(Break::Sqlite(rusqlite::ffi::SQLITE_NOTADB)));

    let file = File::holding("CREATE TABLE t (n); INSERT INTO t VALUES (zeroblob(100000));");
    let mut bytes = fs::read(&file.path).unwrap();
    bytes[4096..8192].fill(0x5a);
    fs::write(&file.path, bytes).unwrap();
    match file.open("t") {
        Err(error) => assert!(matches!(error, SourceError::Unreadable(_))),
        Ok(table) => assert!(table.all_rows().unwrap().any(|row| row.is_err())),
    }
}
