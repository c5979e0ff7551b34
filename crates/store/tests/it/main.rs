//! The access layer's conformance suite: the same tests on SQLite and on PostgreSQL.

mod support;
mod values;
