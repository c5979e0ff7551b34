//! Law as data: the packs under `law/`, read and checked, and what they ask for a person,
//! a use and a day. Knows nothing of subjects; takes facts and gives cited answers.
//!
//! `law/README.md` is the shape of a pack and the rules a program follows;
//! `docs/rooms/law.md` explains the room.

mod builtin;
pub mod clock;
pub mod code;
mod day;
mod hours;
mod library;
pub mod pack;
mod set;
mod term;
mod territory;
pub mod vocabulary;

pub use day::{Day, DayError};
pub use hours::{Hours, WeekendHours};
pub use library::{
    Answer, Applies, Applying, Ask, Asked, Change, Controller, Given, InForce, Keep, Law, LawAnswer, LawOn,
    Library, Met, NO_SIGN_OF_A_CHILD, Person, Review, Turn, UnknownMetric, Use, reviews, shortest,
};
pub use pack::{Fact, Head, Pack};
pub use set::{Categories, Purposes};
pub use term::{Term, Unit};
pub use territory::{Lies, Territory, is_known, is_union, known_region};
