//! Faults on purpose: the real executable is killed, cut off from power, and given bad days.
//! What is broken, by which command and with what result: `docs/faults.md`.
// Also helpers are test code: clippy.toml lets tests unwrap, index and print.
#![cfg(test)]

mod client;
mod days;
mod disk;
mod import;
mod kill;
mod load;
mod model;
mod outage;
mod place;
mod points;
mod power;
mod rotate;
mod trace;
