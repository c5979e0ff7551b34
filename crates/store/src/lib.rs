//! All of Steward's SQL: the database threads, transactions, the schema and its queries.
//!
//! The access layer is small: [`Db`] owns threads with connections and runs
//! closures over [`Tx`] or [`ReadTx`] on them; [`Sql`] is a constant statement
//! whose one text both SQLite and PostgreSQL run. See `docs/adr/0001-store-access-layer.md`.

mod db;
mod error;
mod inspect;
mod job;
mod lock;
mod migrate;
mod nouns;
mod postgres;
mod queue;
mod retry;
mod sql;
mod sqlite;
mod stats;
mod tx;
mod value;
mod writer;

pub use db::{Db, DbConfig};
pub use error::{ConstraintKind, DbError, OpenError};
pub use inspect::{Column, columns, mistyped};
pub use lock::{FolderLock, FolderLockError};
pub use migrate::Migration;
pub use sql::{RowsSql, Sql};
pub use stats::Stats;
pub use tx::{ReadTx, Tx};
pub use value::{FromRow, FromValue, HasKind, Kind, Row, ToValue, Value};
