//! The use cases on real databases: one binary, a module per room.
#![expect(clippy::disallowed_methods, reason = "tests look at personal values to compare them")]

mod ledger;
mod support;
mod vault;
