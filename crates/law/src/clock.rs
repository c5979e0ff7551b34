//! The one deadline engine: from an event, a term of a law and a place to a day, a moment and
//! the steps that lead there. For requests, opt-outs, breaches, consents, notices, retention.
//!
//! Days end at the end of the local day; months at month ends; hours run by the clock, through
//! changes of daylight saving time. How a period is counted, which holidays move its end and in
//! which zone a place's days end are data: `law/clocks/`. What is not described there, or
//! described from memory, may make a deadline earlier and never later.

mod calendar;
mod count;
mod counting;
mod deadline;
mod event;
mod files;
mod holiday;
mod of_pack;
mod place;
mod terms;
mod together;

pub use calendar::{Calendar, DayKind, Moves};
pub use counting::{CountingRule, Effect, FirstDay};
pub use deadline::{Ask, Deadline, Due, NumberFrom, Pause, PauseReason, Period, Start, Step};
pub use event::Event;
pub use files::{ClockFileError, ClockFiles};
pub use place::Place;
pub use terms::{FactTerms, TermKey};
pub use together::{Keeping, Together, earliest, keeping};

use std::collections::BTreeMap;

use count::Count;
use counting::{OpenRow, parse_counting};
use place::{PlaceRow, parse_places};

use crate::code::codes;
use crate::term::Term;

/// The numbers that this deployment sets for terms without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenTerms {
    /// For "without undue delay".
    pub asap: Option<Term>,
    /// For "in reasonable time".
    pub reasonable: Option<Term>,
}

/// Why a place cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// No place has this code.
    #[error("`{0}` is no place of law/clocks/places.toml")]
    Unknown(String),
    /// The place names a holiday file that is not there.
    #[error("place `{place}` names the holidays `{holidays}`, for which there is no file")]
    NoHolidays {
        /// The place.
        place: String,
        /// The missing file's name.
        holidays: String,
    },
    /// Its holiday file cannot be read.
    #[error(transparent)]
    Holidays(#[from] ClockFileError),
}

/// The rules of counting, the places and their holidays.
#[derive(Debug, Clone)]
pub struct Clocks {
    rules: Vec<CountingRule>,
    open: Vec<OpenRow>,
    places: Vec<PlaceRow>,
    holidays: BTreeMap<String, String>,
}

impl Clocks {
    /// Reads the rules and the list of places; a holiday file is read when its place is asked for.
    ///
    /// # Errors
    /// When a file is not in its shape, with file and line.
    pub fn new(files: ClockFiles) -> Result<Self, ClockFileError> {
        let (rules, open) = parse_counting("law/clocks/counting.toml", &files.counting)?;
        let places = parse_places("law/clocks/places.toml", &files.places)?;
        Ok(Self { rules, open, places, holidays: files.holidays })
    }

    /// The place with this code, with its calendar.
    ///
    /// # Errors
    /// When there is no such place, or its holiday file is missing or wrong.
    pub fn place(&self, code: &str) -> Result<Place, PlaceError> {
        let unknown = || PlaceError::Unknown(code.to_owned());
        let row = self.places.iter().find(|row| row.code == code).ok_or_else(unknown)?;
        let file = self.holidays.get(&row.holidays).ok_or_else(|| PlaceError::NoHolidays {
            place: code.to_owned(),
            holidays: row.holidays.clone(),
        })?;
        let calendar = Calendar::parse(&format!("law/clocks/holidays/{}.toml", row.holidays), file)?;
        Place::new(row, calendar).ok_or_else(unknown)
    }

    /// The codes of every place.
    pub fn places(&self) -> impl Iterator<Item = &str> {
        self.places.iter().map(|row| row.code.as_str())
    }

    /// Every rule of counting.
    #[must_use]
    pub fn rules(&self) -> &[CountingRule] {
        &self.rules
    }

    /// How a law counts: by its own rule, else by its jurisdiction's, else as it falls.
    #[must_use]
    pub fn rule(&self, law: &str, jurisdiction: &str) -> CountingRule {
        let own = self.rules.iter().find(|rule| rule.is_for(Some(law), jurisdiction));
        let general = || self.rules.iter().find(|rule| rule.is_for(None, jurisdiction));
        own.or_else(general).cloned().unwrap_or_else(|| CountingRule::strict(jurisdiction))
    }

    /// When it is due.
    #[must_use]
    pub fn due(&self, ask: &Ask<'_>, open: &OpenTerms) -> Due {
        let law = ask.fact.split('/').next().unwrap_or_default();
        let rule = self.rule(law, ask.jurisdiction);
        Count::new(ask, &rule).due(open, &self.open)
    }
}
