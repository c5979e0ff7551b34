//! The schema's history, oldest first. Released steps are never changed.

use crate::migrate::Migration;

/// Every step of the schema that this version knows.
pub const MIGRATIONS: &[Migration] =
    &[Migration { number: 1, name: "first", sql: include_str!("schema/0001-first.sql") }];
