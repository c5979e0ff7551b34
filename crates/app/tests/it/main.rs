//! The use cases on real databases: one binary, a module per room.
// Also helpers are test code: clippy.toml lets tests unwrap, index and print.
#![cfg(test)]

mod access;
mod addresses;
mod consent;
mod epochs;
mod exports;
mod formats;
mod identity;
mod imports;
mod ledger;
mod login;
mod look_up;
mod manifest;
mod memory;
mod merges;
mod permits;
mod retention;
mod services;
mod sites;
mod staff;
mod support;
mod tally;
mod terms;
mod vault;
