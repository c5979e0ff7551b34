//! A day of the calendar, without time or zone: what laws start and end on.

use std::fmt;
use std::str::FromStr;

use model::Timestamp;

const SECONDS_PER_DAY: i64 = 86_400;

/// A day of the (proleptic Gregorian) calendar. Its text form is `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

/// Why a text is no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a day that exists, like 2026-11-24")]
pub struct DayError;

impl Day {
    /// The day this many days after 1970-01-01.
    #[must_use]
    pub const fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn days(self) -> i32 {
        self.0
    }

    /// The day in UTC that holds this moment. Whoever needs a person's local day shifts the
    /// moment by the zone's offset first.
    #[must_use]
    pub fn of(moment: Timestamp) -> Self {
        let days = moment.seconds().div_euclid(SECONDS_PER_DAY);
        Self(i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX }))
    }

    /// Midnight UTC at which the day starts.
    #[must_use]
    pub fn start(self) -> Timestamp {
        Timestamp::from_seconds(i64::from(self.0) * SECONDS_PER_DAY)
    }

    /// The day this many days later (negative: earlier).
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The day after.
    #[must_use]
    pub const fn next(self) -> Self {
        self.plus(1)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.start().date())
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Self, DayError> {
        let moment = Timestamp::from_date(text).map_err(|_| DayError)?;
        let day = Self::of(moment);
        if day.to_string() == text { Ok(day) } else { Err(DayError) }
    }
}

impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_does_not_exist_is_refused() {
        for text in ["2026-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "2026-11-24 ", "", "20261124"] {
            assert_eq!(text.parse::<Day>(), Err(DayError), "{text}");
        }
        assert_eq!("2028-02-29".parse::<Day>().unwrap().next().to_string(), "2028-03-01");
    }

    #[test]
    fn a_day_holds_its_whole_day_and_no_more() {
        let day: Day = "2026-11-24".parse().unwrap();
        assert_eq!(Day::of(day.start()), day);
        assert_eq!(Day::of(day.start().plus_seconds(86_399)), day);
        assert_eq!(Day::of(day.start().plus_seconds(86_400)), day.next());
        assert_eq!(Day::of(day.start().plus_seconds(-1)), day.plus(-1));
    }
}
