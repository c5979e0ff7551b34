//! The Chinook shop, loaded into SQLite and PostgreSQL from its published scripts.

use connect::{Reason, RowError, Source, SourceError, Table};
use model::Secret;
use postgres::{Client, NoTls};

use crate::shared::{all, data, postgres, script, texts};

const ROWS: &[(&str, &str, usize)] = &[
    ("Album", "album", 347),
    ("Artist", "artist", 275),
    ("Customer", "customer", 59),
    ("Employee", "employee", 8),
    ("Genre", "genre", 25),
    ("Invoice", "invoice", 412),
    ("InvoiceLine", "invoice_line", 2240),
    ("MediaType", "media_type", 5),
    ("Playlist", "playlist", 18),
    ("PlaylistTrack", "playlist_track", 8715),
    ("Track", "track", 3503),
];

#[test]
fn every_row_of_every_chinook_table_is_read_from_sqlite() {
    let Some(folder) = data("chinook") else { return };
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("chinook.db");
    let connection = rusqlite::Connection::open(&file).unwrap();
    let sql = script(&folder.join("Chinook_Sqlite.sql"));
    connection.execute_batch(&format!("BEGIN; {sql}; COMMIT;")).unwrap();
    drop(connection);

    let open = |table: &str| Source::Sqlite { file: file.clone(), table: table.to_owned() }.open().unwrap();
    for (table, _, count) in ROWS {
        let rows = open(table).all_rows().unwrap();
        let progress = rows.progress();
        assert_eq!(all(rows).len(), *count, "{table}");
        assert_eq!((progress.done(), progress.total()), (*count as u64, Some(*count as u64)));
    }
    the_first_customer_is(open("Customer"), &["CustomerId", "FirstName", "Company", "Fax", "State"]);
    the_first_invoice_costs(open("Invoice"), &["InvoiceId", "Total", "InvoiceDate"]);
}

#[test]
fn every_row_of_every_chinook_table_is_read_from_postgresql() {
    let (Some(folder), Some(login)) = (data("chinook"), postgres()) else { return };
    let schema = Schema::new(&login, "connect_chinook");
    schema.load(&script(&folder.join("Chinook_PostgreSql.sql")));

    for (_, table, count) in ROWS {
        assert_eq!(all(schema.open(table).unwrap().all_rows().unwrap()).len(), *count, "{table}");
    }
    the_first_customer_is(
        schema.open("customer").unwrap(),
        &["customer_id", "first_name", "company", "fax", "state"],
    );
    the_first_invoice_costs(schema.open("invoice").unwrap(), &["invoice_id", "total", "invoice_date"]);
}

fn the_first_customer_is(table: Table, wanted: &[&str]) {
    let rows = all(table.rows(wanted).unwrap());
    assert_eq!(
        texts(&rows[0]),
        ["1", "Luís", "Embraer - Empresa Brasileira de Aeronáutica S.A.", "+55 (12) 3923-5566", "SP"]
    );
    assert_eq!((texts(&rows[1])[2], rows[1].line()), ("∅", 2));
}

fn the_first_invoice_costs(table: Table, wanted: &[&str]) {
    let rows = all(table.rows(wanted).unwrap());
    let first = texts(&rows[0]);
    assert_eq!((first[0], first[1]), ("1", "1.98"));
    assert!(first[2].starts_with("20"), "the date comes as ISO text");
}

#[test]
fn a_postgresql_value_that_cannot_be_imported_rejects_its_row_alone() {
    let Some(login) = postgres() else { return };
    let schema = Schema::new(&login, "connect_values");
    schema.load(
        r#"CREATE TABLE "odd ""name" (id int PRIMARY KEY, note text, price numeric(12,4), seen timestamptz, raw bytea);
           INSERT INTO "odd ""name" VALUES (3, 'c', 0.1000, '2026-01-02 03:04:05+01', '\x00'),
             (1, NULL, NULL, NULL, NULL), (2, repeat('ü', 600000), 1, now(), NULL);"#,
    );
    let open = || schema.open(r#"odd "name"#).unwrap();

    let mut rows = open().rows(&["id", "note", "price", "seen"]).unwrap();
    assert_eq!(texts(&rows.next().unwrap().unwrap()), ["1", "∅", "∅", "∅"]);
    let too_long = RowError::Rejected { line: 2, reason: Reason::FieldTooLong { column: 2 } };
    assert_eq!(rows.next().unwrap().unwrap_err(), too_long);
    assert_eq!(texts(&rows.next().unwrap().unwrap()), ["3", "c", "0.1000", "2026-01-02 02:04:05+00"]);
    assert!(rows.next().is_none());

    assert_eq!(open().all_rows().err(), Some(SourceError::Binary("raw".to_owned())));
    assert_eq!(schema.open("nothing").err(), Some(SourceError::NoTable("connect_values.nothing".to_owned())));
}

#[test]
fn a_postgresql_stream_left_before_its_end_leaves_the_server_in_peace() {
    let Some(login) = postgres() else { return };
    let schema = Schema::new(&login, "connect_left");
    schema.load(
        "CREATE TABLE digit AS SELECT n FROM generate_series(0, 999) AS n;
         CREATE VIEW endless AS SELECT a.n FROM digit a, digit b, digit c, digit d;",
    );
    let mut rows = schema.open("endless").unwrap().all_rows().unwrap();
    assert_eq!(texts(&rows.next().unwrap().unwrap()), ["0"]);
    drop(rows);

    let mut client = schema.client();
    let busy = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%connect_left%endless%' AND pid <> pg_backend_pid()";
    for _ in 0..100 {
        if client.query_one(busy, &[]).unwrap().get::<_, i64>(0) == 0 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("the server is still sending rows that nobody reads");
}

#[test]
fn an_unreachable_postgresql_and_a_malformed_login_are_told_apart_without_showing_the_login() {
    let open = |login: &str| {
        let login = Secret::new(login.to_owned());
        Source::Postgres { login, table: "customer".to_owned() }.open().err().unwrap()
    };
    let refused = open("host=127.0.0.1 port=1 user=canary password=canary dbname=canary");
    assert!(matches!(refused, SourceError::Unreadable(_)));
    assert_eq!(open("host=127.0.0.1 canary"), SourceError::Login);
    assert!(!format!("{refused} {refused:?}").contains("canary"));
}

/// A schema of its own in the test PostgreSQL, dropped in the end.
struct Schema {
    login: String,
    name: &'static str,
}

impl Schema {
    fn new(login: &str, name: &'static str) -> Self {
        let schema = Self { login: login.to_owned(), name };
        let sql = format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name};");
        schema.client().batch_execute(&sql).unwrap();
        schema
    }

    fn client(&self) -> Client {
        Client::connect(&self.login, NoTls).unwrap()
    }

    /// Runs a script without what only psql understands and what makes databases.
    fn load(&self, sql: &str) {
        let ours = |line: &&str| !line.starts_with("\\c") && !line.contains(" DATABASE ");
        let sql: String = sql.lines().filter(ours).flat_map(|line| [line, "\n"]).collect();
        let set = format!("SET search_path = {};", self.name);
        self.client().batch_execute(&format!("{set} BEGIN; {sql} COMMIT;")).unwrap();
    }

    fn open(&self, table: &str) -> Result<Table, SourceError> {
        let login = Secret::new(self.login.clone());
        Source::Postgres { login, table: format!("{}.{table}", self.name) }.open()
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let _ = self.client().batch_execute(&format!("DROP SCHEMA {} CASCADE", self.name));
    }
}
