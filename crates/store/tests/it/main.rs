//! The access layer's conformance suite: the same tests on SQLite and on PostgreSQL.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "everything here is a test; clippy's exception does not reach the helpers"
)]

mod crash;
mod dialect;
mod group;
mod inventory;
mod lint;
mod opening;
mod queue;
mod statements;
mod support;
mod tls;
mod transactions;
mod values;
