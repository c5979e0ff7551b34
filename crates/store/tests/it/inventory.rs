//! The inventory of columns against the live schema: a column that nobody classified is
//! personal data that nobody erases.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use store::{MIGRATIONS, columns, inventory};
use testkit::TestDb;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    number: u16,
    what: String,
    purpose: String,
    retention: String,
    lifetime: Option<String>,
    erased: String,
    columns: BTreeMap<String, Column>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    number: u16,
    holds: Holds,
    category: Option<String>,
    access: bool,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Holds {
    Personal,
    Pseudonym,
    Code,
    Secret,
    None,
}

fn read() -> BTreeMap<String, Table> {
    toml::from_str(include_str!("../../inventory.toml")).unwrap()
}

#[test]
fn every_column_of_the_live_schema_is_in_the_inventory_and_no_other() {
    let inventory: BTreeSet<(String, String)> = read()
        .iter()
        .flat_map(|(table, it)| it.columns.keys().map(|column| (table.clone(), column.clone())))
        .collect();
    TestDb::each(MIGRATIONS, |db| {
        let live = db.read_blocking("columns", columns).unwrap();
        let live: BTreeSet<(String, String)> = live.into_iter().map(|it| (it.table, it.column)).collect();
        let missing: Vec<_> = live.difference(&inventory).collect();
        let gone: Vec<_> = inventory.difference(&live).collect();
        assert!(missing.is_empty() && gone.is_empty(), "not classified: {missing:?}; not there: {gone:?}");
    });
}

#[test]
fn no_number_is_used_twice() {
    let inventory = read();
    let tables: BTreeSet<u16> = inventory.values().map(|table| table.number).collect();
    assert_eq!(tables.len(), inventory.len());
    for (name, table) in &inventory {
        let columns: BTreeSet<u16> = table.columns.values().map(|column| column.number).collect();
        assert_eq!(columns.len(), table.columns.len(), "{name}");
    }
}

/// A value sealed under other numbers than the inventory's would not open after a clean-up.
#[test]
fn the_numbers_in_associated_data_are_those_of_the_inventory() {
    let inventory = read();
    for (table, column, used) in [
        ("identifier", "sealed", inventory::IDENTIFIER_SEALED),
        ("profile_value", "sealed", inventory::PROFILE_VALUE_SEALED),
        ("record", "sealed", inventory::RECORD_SEALED),
        ("idempotency", "body", inventory::IDEMPOTENCY_BODY),
        ("ledger_entry", "body", inventory::LEDGER_ENTRY_BODY),
    ] {
        let listed = (inventory[table].number, inventory[table].columns[column].number);
        assert_eq!(listed, (used.table, used.column), "{table}.{column}");
    }
}

#[test]
fn whatever_is_personal_has_a_category_and_a_lifetime_and_comes_with_an_export() {
    for (name, table) in read() {
        for text in [&table.what, &table.purpose, &table.retention, &table.erased] {
            assert!(!text.is_empty(), "{name}");
        }
        for (column, it) in table.columns {
            let personal = it.holds == Holds::Personal;
            assert_eq!(it.category.is_some(), personal, "{name}.{column}");
            if personal {
                assert!(table.lifetime.is_some() && it.access, "{name}.{column}");
            }
            let never = matches!(it.holds, Holds::Secret | Holds::None);
            assert!(!(never && it.access), "{name}.{column}");
        }
    }
}
