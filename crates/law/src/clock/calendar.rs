//! The working days of a place: weekend, holidays with what they are moved to, and the
//! weekend days that are worked. One text file per place: `law/clocks/holidays/*.toml`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};

use super::codes;
use super::files::{ClockFileError, read};
use super::holiday::{HolidayRule, parse_weekday};

codes! {
    /// What kind of day a day is, for counting.
    DayKind {
        /// A day on which work is done.
        Working = "working",
        /// A Saturday of the weekend.
        Saturday = "saturday",
        /// A Sunday of the weekend.
        Sunday = "sunday",
        /// Another day of the weekend, where the weekend is another.
        Weekend = "weekend",
        /// A holiday on a day that would otherwise be worked.
        Holiday = "holiday",
    }
}

codes! {
    /// Which day is kept as well when a holiday falls on a weekend.
    Moves {
        /// None.
        Never = "none",
        /// A holiday on a Sunday: the next day that is no holiday.
        SundayToNextFree = "sunday-to-next-free",
        /// A holiday on a weekend: the next weekday that is no holiday.
        WeekendToNextFree = "weekend-to-next-free",
        /// On a Saturday the Friday before, on a Sunday the Monday after.
        SaturdayToFridaySundayToMonday = "saturday-to-friday-sunday-to-monday",
    }
}

/// The working days of one place over the years its file covers.
#[derive(Debug, Clone)]
pub struct Calendar {
    id: String,
    title: String,
    source: String,
    weekend: Vec<Weekday>,
    first_year: i16,
    last_year: i16,
    missing: Vec<String>,
    holidays: BTreeMap<Date, String>,
    working: BTreeSet<Date>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarFile {
    #[serde(rename = "schema")]
    _schema: u32,
    id: String,
    title: String,
    weekend: Vec<String>,
    years: [i16; 2],
    moves: String,
    source: String,
    #[serde(rename = "checked")]
    _checked: String,
    #[serde(rename = "as_of")]
    _as_of: String,
    missing: Vec<String>,
    #[serde(default)]
    working: Vec<String>,
    day: Vec<DayRow>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct DayRow {
    name: String,
    on: Option<String>,
    #[serde(default)]
    dates: Vec<String>,
    moves: Option<String>,
}

impl Calendar {
    /// Reads a holiday file; `file` is its name for the error.
    ///
    /// # Errors
    /// When the text is not in the shape of a holiday file, or names a day that does not exist.
    pub fn parse(file: &str, text: &str) -> Result<Self, ClockFileError> {
        let parsed: CalendarFile = read(file, text)?;
        let wrong = |what: String| ClockFileError::new(file, text, &what, None);
        let moves = |code: &str| {
            Moves::from_code(code)
                .ok_or_else(|| ClockFileError::new(file, text, "an unknown rule for moving", Some(code)))
        };
        let weekend = parsed
            .weekend
            .iter()
            .map(|day| parse_weekday(day).ok_or_else(|| wrong(format!("`{day}` is no weekday"))))
            .collect::<Result<Vec<_>, _>>()?;
        let [first_year, last_year] = parsed.years;
        if first_year > last_year || last_year - first_year > 50 {
            return Err(wrong("`years` must be a first and a last year, at most 50 apart".into()));
        }
        let mut fallen = Vec::new();
        for row in &parsed.day {
            let moves = moves(row.moves.as_deref().unwrap_or(&parsed.moves))?;
            for date in row.fall(first_year, last_year).map_err(wrong)? {
                fallen.push((date, row.name.clone(), moves));
            }
        }
        let working =
            parsed.working.iter().map(|day| parse_date(day)).collect::<Result<_, _>>().map_err(wrong)?;
        let mut calendar = Self {
            id: parsed.id,
            title: parsed.title,
            source: parsed.source,
            weekend,
            first_year,
            last_year,
            missing: parsed.missing,
            holidays: BTreeMap::new(),
            working,
        };
        calendar.keep(fallen);
        Ok(calendar)
    }

    /// A calendar that knows no holiday, for a place whose holidays a law does not count.
    #[must_use]
    pub(crate) fn weekends_of(&self) -> Self {
        Self { holidays: BTreeMap::new(), working: BTreeSet::new(), ..self.clone() }
    }

    /// The place's code.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The place in words.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Where the dates are from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What the file says it leaves out.
    #[must_use]
    pub fn missing(&self) -> &[String] {
        &self.missing
    }

    /// The first and last year with holidays.
    #[must_use]
    pub const fn years(&self) -> (i16, i16) {
        (self.first_year, self.last_year)
    }

    /// Whether the file lists the holidays of this day's year.
    #[must_use]
    pub fn covers(&self, day: Date) -> bool {
        (self.first_year..=self.last_year).contains(&day.year())
    }

    /// What kind of day a day is. Outside the years of the file only weekends are known, which
    /// never makes a deadline later.
    #[must_use]
    pub fn kind(&self, day: Date) -> DayKind {
        let weekend = self.weekend.contains(&day.weekday());
        if weekend && self.working.contains(&day) {
            return DayKind::Working;
        }
        match day.weekday() {
            Weekday::Saturday if weekend => DayKind::Saturday,
            Weekday::Sunday if weekend => DayKind::Sunday,
            _ if weekend => DayKind::Weekend,
            _ if self.holidays.contains_key(&day) => DayKind::Holiday,
            _ => DayKind::Working,
        }
    }

    /// Whether a day is a holiday, also when it falls on a weekend.
    #[must_use]
    pub fn holiday(&self, day: Date) -> Option<&str> {
        self.holidays.get(&day).map(String::as_str)
    }

    /// Every holiday of the file with its name, in order.
    pub fn holidays(&self) -> impl Iterator<Item = (Date, &str)> {
        self.holidays.iter().map(|(day, name)| (*day, name.as_str()))
    }

    fn keep(&mut self, fallen: Vec<(Date, String, Moves)>) {
        for (day, name, _) in &fallen {
            self.holidays.insert(*day, name.clone());
        }
        let mut fallen = fallen;
        fallen.sort_by_key(|(day, ..)| *day);
        for (day, name, moves) in fallen {
            if let Some(moved) = self.moved(day, moves) {
                self.holidays.entry(moved).or_insert_with(|| format!("{name}, moved"));
            }
        }
        let (first, last) = (self.first_year, self.last_year);
        self.holidays.retain(|day, _| (first..=last).contains(&day.year()));
    }

    fn moved(&self, day: Date, moves: Moves) -> Option<Date> {
        let plus = |day: Date, days: i32| day.checked_add(days.days()).ok();
        match (moves, day.weekday()) {
            (Moves::SundayToNextFree, Weekday::Sunday) => {
                let mut next = plus(day, 1)?;
                while self.holidays.contains_key(&next) {
                    next = plus(next, 1)?;
                }
                Some(next)
            }
            (Moves::WeekendToNextFree, weekday) if self.weekend.contains(&weekday) => {
                let mut next = plus(day, 1)?;
                while self.holidays.contains_key(&next) || self.weekend.contains(&next.weekday()) {
                    next = plus(next, 1)?;
                }
                Some(next)
            }
            (Moves::SaturdayToFridaySundayToMonday, Weekday::Saturday) => plus(day, -1),
            (Moves::SaturdayToFridaySundayToMonday, Weekday::Sunday) => plus(day, 1),
            _ => None,
        }
    }
}

impl DayRow {
    /// The days it falls on in these years, and in the years beside them, since a day of a
    /// neighbouring year can be moved into them (1 January on a Saturday).
    fn fall(&self, first_year: i16, last_year: i16) -> Result<Vec<Date>, String> {
        match (&self.on, self.dates.is_empty()) {
            (Some(rule), true) => {
                let rule: HolidayRule = rule.parse().map_err(|error| format!("`{rule}`: {error}"))?;
                Ok((first_year - 1..=last_year + 1).filter_map(|year| rule.on(year)).collect())
            }
            (None, false) => self.dates.iter().map(|day| parse_date(day)).collect(),
            _ => Err(format!("`{}` needs `on` or `dates`, and not both", self.name)),
        }
    }
}

fn parse_date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| format!("`{text}` is no day that exists"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "schema = 1\nid = \"XX\"\ntitle = \"x\"\nweekend = [\"saturday\", \"sunday\"]\nyears = [2025, 2030]\nmoves = \"none\"\nsource = \"s\"\nchecked = \"memory\"\nas_of = \"2026-11-24\"\nmissing = []\n";

    #[test]
    fn a_holiday_file_that_names_no_day_is_refused_with_its_line() {
        for (day, expected) in [
            ("[[day]]\nname = \"a\"\n", "`a` needs `on` or `dates`"),
            ("[[day]]\nname = \"a\"\non = \"02-30\"\n", "expected `12-25`"),
            ("[[day]]\nname = \"a\"\ndates = [\"2026-02-29\"]\n", "`2026-02-29` is no day that exists"),
            (
                "[[day]]\nname = \"a\"\non = \"01-01\"\nmoves = \"sometimes\"\n",
                "x.toml:14: an unknown rule for moving",
            ),
            ("[[day]]\nname = \"a\"\nwhen = \"01-01\"\n", "x.toml:13"),
        ] {
            let error = Calendar::parse("x.toml", &format!("{HEAD}{day}")).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn christmas_and_boxing_day_on_a_weekend_move_to_monday_and_tuesday() {
        let text = format!(
            "{}[[day]]\nname = \"Christmas\"\non = \"12-25\"\n[[day]]\nname = \"Boxing Day\"\non = \"12-26\"\n",
            HEAD.replace("moves = \"none\"", "moves = \"weekend-to-next-free\"")
        );
        let calendar = Calendar::parse("x.toml", &text).unwrap();
        let kind = |day: &str| calendar.kind(day.parse().unwrap());
        // 25 December 2027 is a Saturday.
        assert_eq!(kind("2027-12-25"), DayKind::Saturday);
        assert_eq!(kind("2027-12-27"), DayKind::Holiday);
        assert_eq!(kind("2027-12-28"), DayKind::Holiday);
        assert_eq!(kind("2027-12-29"), DayKind::Working);
    }
}
