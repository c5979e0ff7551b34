//! What goes in comes out.

use model::{SubjectId, Timestamp};
use store::{DbError, Sql, ToValue, mistyped, sql};
use testkit::TestDb;

use crate::support::{ADD_ITEM, MIGRATIONS};

const READ_ITEM: Sql = sql!("SELECT number, flag, body, note FROM item WHERE id = $1");
const SWAPPED: Sql = sql!("INSERT INTO item (note, id) VALUES ($2, $1)");
const TWICE: Sql = sql!("SELECT id FROM item WHERE id = $2 AND (note = $1 OR id = $2)");

type Item = (Option<i64>, Option<bool>, Option<Vec<u8>>, Option<String>);

fn round_trip(db: &TestDb, id: &str, item: Item) {
    let (key, (number, flag, body, note)) = (id.to_owned(), item.clone());
    let found: Item = db
        .write_blocking("round trip", move |tx| {
            tx.execute(&ADD_ITEM, &[&key, &number, &flag, &body, &note])?;
            tx.query_one(&READ_ITEM, &[&key])
        })
        .unwrap_or_else(|error: DbError| panic!("{id}: {error}"));
    assert_eq!(found, item, "{id}");
}

#[test]
fn every_type_comes_back_as_it_went_in() {
    TestDb::each(MIGRATIONS, |db| {
        let every_byte: Vec<u8> = (0..=255).collect();
        let large: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
        round_trip(db, "nothing", (None, None, None, None));
        round_trip(db, "empty", (Some(0), Some(false), Some(vec![]), Some(String::new())));
        round_trip(db, "largest", (Some(i64::MAX), Some(true), Some(every_byte), Some("1.50".into())));
        round_trip(
            db,
            "smallest",
            (Some(i64::MIN), None, Some(large), Some("Ωμέγα 𝔘 é e\u{301}\n'\"$1".into())),
        );
        round_trip(db, "007", (Some(-1), None, Some(b"12".to_vec()), Some("0x10".into())));
        let wrong = db.read_blocking("typeof", mistyped).unwrap();
        assert_eq!(wrong, vec![]);
    });
}

#[test]
fn nouns_are_stored_as_their_text_and_moments_as_microseconds() {
    TestDb::each(MIGRATIONS, |db| {
        let (id, at) = (SubjectId::random(), Timestamp::from_micros(1_795_521_600_000_001));
        let found: (SubjectId, Timestamp) = db
            .write_blocking("nouns", move |tx| {
                tx.execute(&sql!("INSERT INTO item (id, number) VALUES ($1, $2)"), &[&id, &at])?;
                tx.query_one(&sql!("SELECT id, number FROM item"), &[])
            })
            .unwrap_or_else(|error: DbError| panic!("{error}"));
        assert_eq!(found, (id, at));
    });
}

#[test]
fn values_are_bound_by_name_even_when_two_comes_before_one() {
    TestDb::each(MIGRATIONS, |db| {
        let found: Vec<(String,)> = db
            .write_blocking("swapped", |tx| {
                tx.execute(&SWAPPED, &[&"the id", &"the note"])?;
                tx.query(&TWICE, &[&"the note", &"the id"])
            })
            .unwrap_or_else(|error: DbError| panic!("{error}"));
        assert_eq!(found, vec![("the id".to_owned(),)]);
    });
}

#[test]
fn a_nul_byte_in_text_is_refused_on_both_engines() {
    TestDb::each(MIGRATIONS, |db| {
        let refused: Result<u64, DbError> =
            db.write_blocking("nul", |tx| tx.execute(&SWAPPED, &[&"a\0b", &"note"]));
        assert_eq!(refused, Err(DbError::NulInText));
    });
}

#[test]
fn a_wrong_number_of_values_is_refused_before_anything_runs() {
    TestDb::each(MIGRATIONS, |db| {
        for given in 0..4 {
            let all: [&str; 3] = ["one", "two", "three"];
            let outcome: Result<u64, DbError> = db.write_blocking("wrong number", move |tx| {
                let values: Vec<&dyn ToValue> = all[..given.min(3)].iter().map(|it| it as _).collect();
                tx.execute(&SWAPPED, &values)
            });
            match given.min(3) {
                2 => assert_eq!(outcome, Ok(1)),
                given => assert_eq!(outcome, Err(DbError::Parameters { wanted: 2, given })),
            }
        }
    });
}

#[test]
fn a_column_of_another_kind_is_an_error_and_not_a_panic() {
    TestDb::each(MIGRATIONS, |db| {
        let read = |text: Sql| db.read_blocking("kinds", move |tx| tx.query_one::<(i64,)>(&text, &[]));
        assert_eq!(read(sql!("SELECT COUNT(*) FROM item")), Ok((0,)));
        assert_eq!(read(sql!("SELECT 'seven'")), Err(DbError::Column { column: 0 }));
        assert_eq!(read(sql!("SELECT CAST(NULL AS BIGINT)")), Err(DbError::Column { column: 0 }));
        assert_eq!(read(sql!("SELECT 1 WHERE FALSE")), Err(DbError::NoRow));
    });
}
