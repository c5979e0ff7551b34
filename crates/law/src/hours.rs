//! Hours of the day at which a person may be reached, in the person's local time.

use std::fmt;

/// From one minute of the day to another: `08:00-21:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// The first minute of the day, from midnight.
    pub from_minute: u16,
    /// The minute of the day before which it ends.
    pub until_minute: u16,
}

/// The hours at a weekend: `10:00-18:00`, or `Sat 09:00-17:00; Sun none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeekendHours {
    /// On Saturdays; none: never.
    pub saturday: Option<Hours>,
    /// On Sundays; none: never.
    pub sunday: Option<Hours>,
}

impl Hours {
    /// Whether a minute of the day (from midnight) lies in the hours.
    #[must_use]
    pub const fn hold(self, minute: u16) -> bool {
        self.from_minute <= minute && minute < self.until_minute
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        let (from, until) = text.split_once('-')?;
        let hours = Self { from_minute: minute(from)?, until_minute: minute(until)? };
        (hours.from_minute < hours.until_minute).then_some(hours)
    }
}

impl WeekendHours {
    pub(crate) fn read(text: &str) -> Option<Self> {
        if let Some(both) = Hours::read(text) {
            return Some(Self { saturday: Some(both), sunday: Some(both) });
        }
        let (saturday, sunday) = text.split_once("; ")?;
        Some(Self {
            saturday: day(saturday.strip_prefix("Sat ")?)?,
            sunday: day(sunday.strip_prefix("Sun ")?)?,
        })
    }
}

/// A day's hours, where `none` is a day without any.
#[expect(clippy::option_option, reason = "unreadable, never, or these hours")]
fn day(text: &str) -> Option<Option<Hours>> {
    if text == "none" { Some(None) } else { Hours::read(text).map(Some) }
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    if hour.len() != 2 || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour <= 24 && minute < 60 && (hour < 24 || minute == 0)).then_some(hour * 60 + minute)
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [from, until] = [self.from_minute, self.until_minute];
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, until / 60, until % 60)
    }
}

impl fmt::Display for WeekendHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |day: Option<Hours>| day.map_or_else(|| "none".to_owned(), |hours| hours.to_string());
        write!(f, "Sat {}; Sun {}", word(self.saturday), word(self.sunday))
    }
}

impl serde::Serialize for Hours {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl serde::Serialize for WeekendHours {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_end_before_their_last_minute() {
        let hours = Hours::read("08:00-21:00").unwrap();
        assert!(hours.hold(8 * 60) && hours.hold(21 * 60 - 1));
        assert!(!hours.hold(8 * 60 - 1) && !hours.hold(21 * 60));
        for wrong in ["8:00-21:00", "21:00-08:00", "08:00", "25:00-26:00", "08:60-09:00"] {
            assert_eq!(Hours::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_weekend_may_have_a_day_without_hours() {
        let weekend = WeekendHours::read("Sat 09:00-17:00; Sun none").unwrap();
        assert_eq!(weekend.sunday, None);
        assert_eq!(weekend.to_string(), "Sat 09:00-17:00; Sun none");
        assert_eq!(WeekendHours::read("Sun none"), None);
    }
}
