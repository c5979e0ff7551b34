//! The rules by which a holiday falls in a year, as a lawyer writes them: `12-25`, `easter+1`,
//! `orthodox easter-2`, `3rd monday of january`, `last monday of may`, `monday from 05-18`.

use std::str::FromStr;

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday, date};

/// When a holiday falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HolidayRule {
    /// The same date every year.
    Fixed { month: i8, day: i8 },
    /// Days after Easter Sunday of the western church.
    Easter { days: i32 },
    /// Days after Easter Sunday of the eastern church.
    OrthodoxEaster { days: i32 },
    /// The nth weekday of a month (-1: the last).
    Nth { nth: i8, weekday: Weekday, month: i8 },
    /// The first such weekday on or after a date.
    From { weekday: Weekday, month: i8, day: i8 },
}

/// Why a text is no rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `12-25`, `easter+1`, `orthodox easter-2`, `3rd monday of january` or `monday from 05-18`")]
pub(crate) struct HolidayRuleError;

impl HolidayRule {
    /// The day in this year; `None` where the year has none (29 February).
    pub(crate) fn on(self, year: i16) -> Option<Date> {
        match self {
            Self::Fixed { month, day } => Date::new(year, month, day).ok(),
            Self::Easter { days } => easter(year)?.checked_add(days.days()).ok(),
            Self::OrthodoxEaster { days } => orthodox_easter(year)?.checked_add(days.days()).ok(),
            Self::Nth { nth, weekday, month } => {
                Date::new(year, month, 1).ok()?.nth_weekday_of_month(nth, weekday).ok()
            }
            Self::From { weekday, month, day } => {
                let first = Date::new(year, month, day).ok()?;
                let ahead = weekday.since(first.weekday());
                first.checked_add(i32::from(ahead).days()).ok()
            }
        }
    }
}

impl FromStr for HolidayRule {
    type Err = HolidayRuleError;

    fn from_str(text: &str) -> Result<Self, HolidayRuleError> {
        parse(text).ok_or(HolidayRuleError)
    }
}

fn parse(text: &str) -> Option<HolidayRule> {
    if let Some(rest) = text.strip_prefix("orthodox easter") {
        return Some(HolidayRule::OrthodoxEaster { days: parse_offset(rest)? });
    }
    if let Some(rest) = text.strip_prefix("easter") {
        return Some(HolidayRule::Easter { days: parse_offset(rest)? });
    }
    let words: Vec<&str> = text.split(' ').collect();
    match words.as_slice() {
        [day] => {
            let (month, day) = parse_month_day(day)?;
            Some(HolidayRule::Fixed { month, day })
        }
        [weekday, "from", day] => {
            let (month, day) = parse_month_day(day)?;
            Some(HolidayRule::From { weekday: parse_weekday(weekday)?, month, day })
        }
        [nth, weekday, "of", month] => {
            let nth = match *nth {
                "1st" => 1,
                "2nd" => 2,
                "3rd" => 3,
                "4th" => 4,
                "last" => -1,
                _ => return None,
            };
            Some(HolidayRule::Nth { nth, weekday: parse_weekday(weekday)?, month: parse_month(month)? })
        }
        _ => None,
    }
}

fn parse_offset(text: &str) -> Option<i32> {
    match text {
        "" => Some(0),
        _ if text.starts_with(['+', '-']) => text.parse().ok().filter(|days: &i32| days.abs() <= 100),
        _ => None,
    }
}

/// A month and a day that exist in a leap year.
fn parse_month_day(text: &str) -> Option<(i8, i8)> {
    let (month, day) = text.split_once('-')?;
    if month.len() != 2 || day.len() != 2 {
        return None;
    }
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    Date::new(2028, month, day).ok()?;
    Some((month, day))
}

/// The weekday with this English name in small letters.
pub(crate) fn parse_weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

fn parse_month(text: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let index = MONTHS.iter().position(|month| *month == text)?;
    i8::try_from(index + 1).ok()
}

/// Easter Sunday of the western church (anonymous Gregorian algorithm; Meeus, Astronomical
/// Algorithms, chapter 8).
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let month = (h + l - 7 * m + 90) / 25;
    let day = (h + l - 7 * m + 33 * month + 19) % 32;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Easter Sunday of the eastern church: Julian computus (Meeus), moved by the 13 days between
/// the calendars from 1900 to 2099.
fn orthodox_easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let d = (19 * (y % 19) + 15) % 30;
    let e = (2 * (y % 4) + 4 * (y % 7) - d + 34) % 7;
    date(year, 3, 22).checked_add((d + e + 13).days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_falls_where_the_churches_keep_it() {
        for (year, west, east) in [
            (2025, date(2025, 4, 20), date(2025, 4, 20)),
            (2026, date(2026, 4, 5), date(2026, 4, 12)),
            (2027, date(2027, 3, 28), date(2027, 5, 2)),
            (2028, date(2028, 4, 16), date(2028, 4, 16)),
            (2029, date(2029, 4, 1), date(2029, 4, 8)),
            (2030, date(2030, 4, 21), date(2030, 4, 28)),
        ] {
            assert_eq!(easter(year), Some(west));
            assert_eq!(orthodox_easter(year), Some(east));
        }
    }

    #[test]
    fn a_rule_that_names_no_day_is_refused() {
        for text in [
            "",
            "13-01",
            "02-30",
            "1-1",
            "5th monday of may",
            "monday of may",
            "easter 1",
            "easter+400",
            "maandag from 05-18",
        ] {
            assert_eq!(text.parse::<HolidayRule>(), Err(HolidayRuleError), "{text}");
        }
    }

    #[test]
    fn weekdays_of_a_month_and_after_a_date_are_found() {
        let on = |text: &str, year| text.parse::<HolidayRule>().unwrap().on(year).unwrap().to_string();
        assert_eq!(on("3rd monday of january", 2026), "2026-01-19");
        assert_eq!(on("last monday of may", 2026), "2026-05-25");
        assert_eq!(on("monday from 05-18", 2026), "2026-05-18");
        assert_eq!(on("easter+39", 2026), "2026-05-14");
        assert_eq!("02-29".parse::<HolidayRule>().unwrap().on(2026), None);
    }
}
