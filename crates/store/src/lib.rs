//! All of Steward's SQL: the database threads, transactions, the schema and its queries.
//!
//! The access layer is small: [`Db`] owns threads with connections and runs
//! closures over [`Tx`] or [`ReadTx`] on them; [`Sql`] is a constant statement
//! whose one text both SQLite and PostgreSQL run. See `docs/adr/0001-store-access-layer.md`.

pub mod access;
mod changes;
pub mod consent;
mod db;
mod error;
pub mod identity;
pub mod imports;
mod inspect;
pub mod inventory;
mod job;
pub mod jobs;
pub mod key_epoch;
pub mod key_record;
pub mod ledger;
mod lock;
pub mod login;
pub mod manifest;
#[cfg(feature = "bench")]
pub mod measure;
mod migrate;
mod nouns;
mod postgres;
mod queue;
pub mod retention;
mod retry;
mod schema;
pub mod sequence;
pub mod services;
pub mod sessions;
mod sql;
mod sqlite;
pub mod staff;
mod stats;
pub mod tally;
mod tx;
mod value;
pub mod vault;
mod writer;

pub use changes::Changes;
pub use db::{Db, DbConfig};
pub use dial::{Mode as SslMode, Tls};
pub use error::{ConstraintKind, DbError, OpenError};
pub use inspect::{Column, columns, mistyped};
pub use lock::{FolderLock, FolderLockError};
pub use migrate::Migration;
pub use schema::MIGRATIONS;
pub use sql::{RowsSql, Sql};
pub use stats::Stats;
pub use tx::{ReadTx, Tx};
pub use value::{FromRow, FromValue, HasKind, Kind, Row, ToValue, Value};
