//! The integration tests, one module per room, in one binary: linking is what costs.
// Also helpers are test code: clippy.toml lets tests unwrap, index and print.
#![cfg(test)]

mod cli;
mod demo;
mod dependencies;
mod hostile_bytes;
mod http;
