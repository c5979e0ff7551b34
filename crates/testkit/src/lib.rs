//! What tests share: a database per test on both engines, and a clock to turn.
//!
//! A failing set-up is a failing test, so this crate may panic.
#![expect(clippy::panic, clippy::expect_used, reason = "only tests use this crate")]

mod clock;
mod database;
pub mod dump;
mod sources;
mod tables;
mod tls;

pub use clock::TestClock;
pub use database::{Engine, TestDb};
pub use sources::{PostgresSource, shared_data, sqlite_from_script};
pub use tables::Dump;
pub use tls::{TLS_HOST, TlsServer};
