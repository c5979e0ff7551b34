//! Profile values and records: collected, read and corrected through the gate.

mod collect;
mod correct;
pub mod mapping;
mod read;
mod sealing;

pub use collect::{COLLECT_FIELDS_MAX, Collect, Collected, collect};

pub use correct::{Correct, Corrected, correct};
pub use read::{Disclosed, DisclosedRecord, DisclosedValue, Read, read};
pub(crate) use read::{Extent, disclose};
