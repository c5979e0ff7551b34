//! Sources against real files and a real PostgreSQL.
// Also helpers are test code: clippy.toml lets tests unwrap, index and print.
#![cfg(test)]
#![expect(clippy::disallowed_methods, reason = "tests compare what a source gives with what it holds")]

mod chinook;
mod csv_file;
mod mail;
mod online_retail;
mod shared;
mod sqlite_table;
