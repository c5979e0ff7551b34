//! The ledger's promises, a module for each.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a helper that fails should fail its test; what is skipped must be seen"
)]

mod canonical;
mod golden;
mod note;
mod parsers;
mod proof;
mod set;
mod support;
mod tessera;
mod tile;
mod tree;
mod verify;
