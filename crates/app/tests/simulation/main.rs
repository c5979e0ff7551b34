//! Random operations on a whole controller against a model in plain Rust, by seeds.
//!
//! People are taken in, choose, are corrected, merged, parted and erased, while the clock jumps
//! forward and back, jobs and the sequencer run and the process restarts on the same folder.
//! After every step what Steward says is compared with what the model says. How it is run, and
//! what it found: `docs/faults.md`.
// Also helpers are test code: clippy.toml lets tests unwrap, index and print.
#![cfg(test)]

#[path = "../it/support.rs"]
#[expect(dead_code, reason = "the simulation shares the helpers of the other tests and needs a few of them")]
mod support;

mod cases;
mod check;
mod model;
mod play;
mod runner;
mod step;
mod words;

use testkit::Engine;

use crate::runner::{length, seeds, simulate};

/// Seeds of a test run; each was chosen by nobody.
const SQLITE: [u64; 6] = [1, 2, 3, 4, 5, 6];
/// PostgreSQL answers more slowly.
const POSTGRES: [u64; 3] = [101, 102, 103];

#[test]
fn whatever_happens_in_whatever_order_a_controller_on_sqlite_does_what_the_model_says() {
    for seed in seeds(&SQLITE) {
        simulate(Engine::Sqlite, seed, length(120));
    }
}

#[test]
fn whatever_happens_in_whatever_order_a_controller_on_postgresql_does_what_the_model_says() {
    for seed in seeds(&POSTGRES) {
        simulate(Engine::Postgres, seed, length(80));
    }
}
