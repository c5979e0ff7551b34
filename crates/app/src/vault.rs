//! Profile values and records: collected, read and corrected through the gate.

mod collect;
mod correct;
mod corrected;
pub mod mapping;
mod read;
pub(crate) mod sealing;

pub use collect::{COLLECT_FIELDS_MAX, Collect, Collected, collect};
pub(crate) use collect::{RecordDraft, seal_value};

pub(crate) use corrected::corrected_away;

pub use correct::{Correct, Corrected, correct, correct_in_session, is_found_by};
pub use read::{Disclosed, DisclosedRecord, DisclosedValue, Read, read};
pub(crate) use read::{Extent, Opening};
