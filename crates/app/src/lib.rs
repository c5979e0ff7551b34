//! The use cases, one module per room. Opens transactions and composes the gate's decisions,
//! the store's functions and the keys' sealed values. Knows no HTTP, no SQL and no cipher.

pub mod access;
mod ask;
pub mod consent;
mod controller;
pub mod epochs;
mod error;
pub mod exports;
mod idempotency;
pub mod identity;
pub mod imports;
pub mod jobs;
pub mod law;
pub mod ledger;
pub mod login;
mod mail;
pub mod manifest;
pub mod memory;
pub mod merges;
mod person;
mod recorder;
pub mod retention;
pub mod services;
pub mod sessions;
pub mod sites;
mod slow;
pub mod staff;
pub mod tally;
pub mod timeline;
pub mod vault;
mod whole;

pub use ask::{Reason, Verdict};
pub use controller::{Controller, Core, InForce};
pub use error::{AppError, Fault, KeyFault};
pub use idempotency::{ANSWERS_KEPT_HOURS, Idempotency};
