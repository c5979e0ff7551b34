//! A length of time as a law states it: `{ n = 45, unit = "day" }`.

use std::fmt;

use crate::code::codes;

codes! {
    /// What a term counts (law/README.md, Units).
    Unit {
        /// Clock hours.
        Hour = "hour",
        /// Calendar days.
        Day = "day",
        /// Working days of the place.
        BusinessDay = "business-day",
        /// Weeks.
        Week = "week",
        /// Calendar months.
        Month = "month",
        /// Calendar years.
        Year = "year",
        /// Without undue delay; the law gives no number.
        Asap = "asap",
        /// At once.
        Immediate = "immediate",
        /// A reasonable time; the law gives no number.
        Reasonable = "reasonable",
        /// The law sets no deadline.
        Unset = "unset",
    }
}

impl Unit {
    /// Whether the unit goes with a number above nought. The others stand with `n = 0`.
    #[must_use]
    pub const fn is_counted(self) -> bool {
        matches!(self, Self::Hour | Self::Day | Self::BusinessDay | Self::Week | Self::Month | Self::Year)
    }
}

/// A length of time as a law states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Term {
    /// How many; 0 where the unit carries no number.
    pub n: u32,
    /// Of what.
    pub unit: Unit,
}

impl Term {
    /// The number of units.
    #[must_use]
    pub const fn new(n: u32, unit: Unit) -> Self {
        Self { n, unit }
    }

    /// A rough length in hours for comparing two terms, with a business day as 1.4 days, a
    /// month as 30 and a year as 365 days: `None` where the law gives no number. Deadlines
    /// are counted by the clock engine, never by this.
    #[must_use]
    pub const fn rough_hours(self) -> Option<u64> {
        let n = self.n as u64;
        match self.unit {
            Unit::Immediate => Some(0),
            Unit::Hour => Some(n),
            Unit::Day => Some(n * 24),
            Unit::BusinessDay => Some(n * 24 * 7 / 5),
            Unit::Week => Some(n * 24 * 7),
            Unit::Month => Some(n * 24 * 30),
            Unit::Year => Some(n * 24 * 365),
            Unit::Asap | Unit::Reasonable | Unit::Unset => None,
        }
    }
}

impl fmt::Display for Term {
    /// As a pack's reader says it: `45 days`, `1 business day`, `without undue delay`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self.unit {
            Unit::Hour => "hour",
            Unit::Day => "day",
            Unit::BusinessDay => "business day",
            Unit::Week => "week",
            Unit::Month => "month",
            Unit::Year => "year",
            Unit::Asap => return f.pad("without undue delay"),
            Unit::Immediate => return f.pad("at once"),
            Unit::Reasonable => return f.pad("in reasonable time"),
            Unit::Unset => return f.pad("no fixed time"),
        };
        let text = if self.n == 1 { format!("1 {words}") } else { format!("{} {words}s", self.n) };
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_reads_as_a_person_would_say_it() {
        assert_eq!(Term::new(45, Unit::Day).to_string(), "45 days");
        assert_eq!(Term::new(1, Unit::BusinessDay).to_string(), "1 business day");
        assert_eq!(Term::new(0, Unit::Asap).to_string(), "without undue delay");
    }

    #[test]
    fn every_unit_is_found_by_its_code() {
        for unit in Unit::ALL {
            assert_eq!(Unit::from_code(unit.code()), Some(*unit));
        }
        assert_eq!(Unit::from_code("days"), None);
    }
}
