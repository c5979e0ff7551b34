//! The SQL that statements may use: the same text gives the same answer on both engines.

use std::fmt::Debug;

use store::{DbError, FromRow, RowsSql, Sql, ToValue, rows_sql, sql};
use testkit::TestDb;

use crate::support::{ADD_ITEM, MIGRATIONS, add_number, write};

const ADD_PARTS: RowsSql =
    rows_sql!("INSERT INTO part (item_id, position, weight) VALUES {rows}", Text, Int, Int);
const KEEP_HEAVIEST: RowsSql = rows_sql!(
    "INSERT INTO part (item_id, position, weight) VALUES {rows} ON CONFLICT (item_id, position) \
     DO UPDATE SET weight = EXCLUDED.weight WHERE EXCLUDED.weight > part.weight RETURNING item_id, weight",
    Text,
    Int,
    Int
);
const FIND_PARTS: RowsSql = rows_sql!(
    "SELECT item_id, position, weight FROM part WHERE (item_id, position) IN (VALUES {rows}) \
     ORDER BY item_id, position",
    Text,
    Int
);

fn asks<T: FromRow + Send + Debug + PartialEq + 'static>(db: &TestDb, text: Sql, expected: &[T]) {
    let found = db.write_blocking("asks", move |tx| tx.query::<T>(&text, &[]));
    assert_eq!(found.unwrap_or_else(|error: DbError| panic!("{error}")), expected, "{}", text.text());
}

fn three_items(db: &TestDb) {
    write(db, |tx| {
        tx.execute(&ADD_ITEM, &[&"a", &1_i64, &true, &[1_u8, 2], &"x"])?;
        tx.execute(&ADD_ITEM, &[&"b", &2_i64, &false, &None::<Vec<u8>>, &"x"])?;
        tx.execute(&ADD_ITEM, &[&"c", &None::<i64>, &None::<bool>, &None::<Vec<u8>>, &None::<String>])?;
        let rows: Vec<[&dyn ToValue; 3]> =
            vec![[&"a", &1_i64, &10_i64], [&"a", &2_i64, &20_i64], [&"b", &1_i64, &5_i64]];
        tx.execute_rows(&ADD_PARTS, &rows)
    });
}

#[test]
fn an_upsert_changes_only_where_its_condition_holds_and_answers_those_rows() {
    TestDb::each(MIGRATIONS, |db| {
        three_items(db);
        let found: Vec<(String, i64)> = write(db, |tx| {
            let rows: Vec<[&dyn ToValue; 3]> =
                vec![[&"a", &1_i64, &11_i64], [&"a", &2_i64, &1_i64], [&"c", &9_i64, &9_i64]];
            tx.query_rows(&KEEP_HEAVIEST, &rows)
        });
        assert_eq!(found, [("a".to_owned(), 11), ("c".to_owned(), 9)]);
        asks(db, sql!("SELECT weight FROM part ORDER BY weight"), &[(5_i64,), (9,), (11,), (20,)]);
    });
}

#[test]
fn multi_row_statements_take_any_number_of_rows() {
    TestDb::each(MIGRATIONS, |db| {
        for (item, rows) in [("none", 0_i64), ("one", 1), ("many", 1_000)] {
            add_number(db, item, rows);
            let changed = write(db, move |tx| {
                let positions: Vec<i64> = (0..rows).collect();
                let rows: Vec<[&dyn ToValue; 3]> =
                    positions.iter().map(|position| [&item as &dyn ToValue, position, position]).collect();
                tx.execute_rows(&ADD_PARTS, &rows)
            });
            assert_eq!(changed, u64::try_from(rows).unwrap());
        }
        let found: Vec<(String, i64, i64)> = write(db, |tx| {
            let wanted: Vec<i64> = (0..600).map(|n| n * 2).collect();
            let rows: Vec<[&dyn ToValue; 2]> = wanted.iter().map(|n| [&"many" as &dyn ToValue, n]).collect();
            tx.query_rows(&FIND_PARTS, &rows)
        });
        assert_eq!(found.len(), 500);
        assert!(found.iter().all(|(_, position, weight)| position == weight && position % 2 == 0));
    });
}

#[test]
fn a_row_of_the_wrong_width_is_refused() {
    TestDb::each(MIGRATIONS, |db| {
        let outcome =
            db.write_blocking("narrow", |tx| tx.execute_rows(&ADD_PARTS, &[[&"a" as &dyn ToValue, &1_i64]]));
        assert_eq!(outcome, Err(DbError::Parameters { wanted: 3, given: 2 }));
    });
}

#[test]
fn update_from_joins_another_table() {
    TestDb::each(MIGRATIONS, |db| {
        three_items(db);
        asks(
            db,
            sql!(
                "UPDATE item SET number = sums.total FROM (SELECT item_id, CAST(SUM(weight) AS BIGINT) AS total \
                 FROM part GROUP BY item_id) AS sums WHERE item.id = sums.item_id RETURNING item.id, item.number"
            ),
            &[("a".to_owned(), 30_i64), ("b".to_owned(), 5)],
        );
    });
}

#[test]
fn keyset_paging_compares_rows() {
    TestDb::each(MIGRATIONS, |db| {
        three_items(db);
        asks(
            db,
            sql!(
                "SELECT item_id, position FROM part WHERE (item_id, position) > ('a', 1) \
                 ORDER BY item_id, position LIMIT 2"
            ),
            &[("a".to_owned(), 2_i64), ("b".to_owned(), 1)],
        );
    });
}

#[test]
fn aggregates_filter_and_compare_nulls() {
    TestDb::each(MIGRATIONS, |db| {
        three_items(db);
        asks(
            db,
            sql!("SELECT COUNT(*) FILTER (WHERE flag), COUNT(*) FILTER (WHERE NOT flag), COUNT(*) FROM item"),
            &[(1_i64, 1_i64, 3_i64)],
        );
        asks(db, sql!("SELECT id FROM item WHERE flag IS NOT DISTINCT FROM NULL"), &[("c".to_owned(),)]);
        asks(
            db,
            sql!("SELECT id FROM item WHERE number IS DISTINCT FROM 1 ORDER BY number DESC NULLS LAST"),
            &[("b".to_owned(),), ("c".to_owned(),)],
        );
        asks(db, sql!("SELECT flag, flag IS NULL FROM item WHERE id = 'a'"), &[(true, false)]);
    });
}

#[test]
fn windows_rank_and_recursion_counts() {
    TestDb::each(MIGRATIONS, |db| {
        three_items(db);
        asks(
            db,
            sql!(
                "SELECT item_id, weight, ROW_NUMBER() OVER (PARTITION BY item_id ORDER BY weight DESC) \
                 FROM part ORDER BY item_id, weight"
            ),
            &[("a".to_owned(), 10_i64, 2_i64), ("a".to_owned(), 20, 1), ("b".to_owned(), 5, 1)],
        );
        asks(
            db,
            sql!(
                "WITH RECURSIVE step (n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM step WHERE n < 4) \
                 SELECT n FROM step ORDER BY n"
            ),
            &[(1_i64,), (2,), (3,), (4,)],
        );
    });
}

#[test]
fn a_partial_unique_index_holds_only_where_it_applies() {
    TestDb::each(MIGRATIONS, |db| {
        three_items(db);
        let add = |id: &'static str, flag: bool| {
            db.write_blocking("adds", move |tx| {
                tx.execute(&ADD_ITEM, &[&id, &None::<i64>, &flag, &None::<Vec<u8>>, &"x"])
            })
        };
        assert_eq!(add("d", false), Ok(1));
        assert!(matches!(add("e", true), Err(DbError::Constraint { .. })));
        asks(
            db,
            sql!(
                "INSERT INTO item (id, flag, note) VALUES ('f', TRUE, 'x') \
                 ON CONFLICT (note) WHERE flag DO NOTHING RETURNING id"
            ),
            &[] as &[(String,)],
        );
    });
}

#[test]
fn texts_and_bytes_sort_by_their_bytes() {
    TestDb::each(MIGRATIONS, |db| {
        for id in ["b", "B", "é", "z", "a\u{301}", "𝔘", "ﬀ", "_", "10", "9"] {
            add_number(db, id, 0);
        }
        let mut expected =
            ["b", "B", "é", "z", "a\u{301}", "𝔘", "ﬀ", "_", "10", "9"].map(|id| (id.to_owned(),));
        expected.sort();
        asks(db, sql!("SELECT id FROM item ORDER BY id"), &expected);
    });
}
