//! The outside world: where a controller's data comes from, and where its letters go
//! ([`mail`]). It knows nothing of our store.
//!
//! A [`Source`] (CSV file, SQLite table, PostgreSQL table) opens as a [`Table`], which
//! names its columns; [`Table::rows`] then streams the wanted ones, one [`Row`] at a
//! time in bounded memory. A row that cannot be read is rejected with its line and
//! reason and the next one follows; what ends the stream is [`RowError::Broken`].
//! No error carries a value, nor a column's name: a file without a header has a
//! person's data where the names should be.

mod csv_file;
mod feed;
mod input;
pub mod mail;
pub mod mailbox;
mod postgres_table;
mod row;
mod source;
mod sqlite_table;

pub use csv_file::csv_table;
pub use row::{Break, COLUMNS_MAX, FIELD_BYTES_MAX, ROW_BYTES_MAX, Reason, Row, RowError};
pub use source::{NAME_BYTES_MAX, Progress, Rows, Source, SourceError, Table};
