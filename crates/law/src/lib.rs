//! Law as data: the packs under `law/`, read and checked, and what they ask for a person,
//! a use and a day. Knows nothing of subjects; takes facts and gives cited answers.
//!
//! `law/README.md` is the shape of a pack and the rules a program follows;
//! `docs/rooms/law.md` explains the room.

pub mod clock;
mod codes;
mod day;
mod term;

pub use day::{Day, DayError};
pub use term::{Term, Unit};
