//! Where something is done: the time zone in which its days end, and whose holidays count.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::Timestamp;

use super::calendar::Calendar;
use super::files::{ClockFileError, read};

/// A place of `law/clocks/places.toml` with its calendar.
#[derive(Debug, Clone)]
pub struct Place {
    code: String,
    zone_name: String,
    zone: TimeZone,
    within: Vec<String>,
    calendar: Calendar,
}

/// One entry of the file of places.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaceRow {
    pub(crate) code: String,
    pub(crate) zone: String,
    pub(crate) holidays: String,
    #[serde(default)]
    pub(crate) within: Vec<String>,
    #[serde(rename = "note")]
    pub(crate) _note: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PlacesFile {
    #[serde(rename = "schema")]
    _schema: u32,
    place: Vec<PlaceRow>,
}

/// Reads the list of places, with their time zones checked.
pub(crate) fn parse_places(file: &str, text: &str) -> Result<Vec<PlaceRow>, ClockFileError> {
    let parsed: PlacesFile = read(file, text)?;
    for row in &parsed.place {
        let near = format!("code = \"{}\"", row.code);
        let wrong = |what: &str| ClockFileError::new(file, text, what, Some(&near));
        if text.matches(near.as_str()).count() > 1 {
            return Err(wrong("this place is listed twice"));
        }
        TimeZone::get(&row.zone).map_err(|_| wrong("the time zone is not in the IANA database"))?;
    }
    Ok(parsed.place)
}

impl Place {
    /// The place of a row with its calendar. An unknown zone was refused when the file was read.
    pub(crate) fn new(row: &PlaceRow, calendar: Calendar) -> Option<Self> {
        Some(Self {
            code: row.code.clone(),
            zone_name: row.zone.clone(),
            zone: TimeZone::get(&row.zone).ok()?,
            within: row.within.clone(),
            calendar,
        })
    }

    /// The same place with another time zone of the IANA database, for a person or an office
    /// whose clock is not the place's usual one; `None` if there is no such zone.
    #[must_use]
    pub fn in_zone(&self, name: &str) -> Option<Self> {
        Some(Self { zone: TimeZone::get(name).ok()?, zone_name: name.to_owned(), ..self.clone() })
    }

    /// The place's code, like `DE` or `US-CA`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The IANA name of its time zone.
    #[must_use]
    pub fn zone_name(&self) -> &str {
        &self.zone_name
    }

    /// Its calendar.
    #[must_use]
    pub const fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Its calendar as the law of a jurisdiction sees it: the holidays count where the place lies
    /// within the jurisdiction; elsewhere only the weekends do.
    #[must_use]
    pub fn calendar_under(&self, jurisdiction: &str) -> Calendar {
        if self.lies_in(jurisdiction) { self.calendar.clone() } else { self.calendar.weekends_of() }
    }

    /// Whether the place lies within a jurisdiction: its own, one it is a part of, or the world.
    #[must_use]
    pub fn lies_in(&self, jurisdiction: &str) -> bool {
        let part_of = |whole: &str| self.code.strip_prefix(whole).is_some_and(|rest| rest.starts_with('-'));
        jurisdiction == "GLOBAL"
            || self.code == jurisdiction
            || part_of(jurisdiction)
            || self.within.iter().any(|whole| whole == jurisdiction)
    }

    /// The local day of a moment.
    #[must_use]
    pub fn day_of(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(to_jiff(at)).date()
    }

    /// A moment as local date and time to the minute with its offset: `2026-11-24 10:00+01:00`.
    #[must_use]
    pub fn local_text(&self, at: Timestamp) -> String {
        let zoned = to_jiff(at).to_zoned_datetime(self.zone.clone());
        zoned.strftime("%Y-%m-%d %H:%M%:z").to_string()
    }

    /// The moment at which a local day begins. Where midnight is skipped by a change of the clock,
    /// the first moment that exists.
    #[must_use]
    pub fn start_of(&self, day: Date) -> Timestamp {
        day.to_zoned_datetime(self.zone.clone())
            .map_or(Timestamp::from_micros(i64::MAX), |zoned| from_jiff(zoned.timestamp()))
    }

    /// The moment of a local time, written `2026-11-24T10:00` or `2026-11-24` (its midnight). A
    /// time that a change of the clock repeats is its first occurrence, which is the earlier
    /// deadline; one that it skips is moved ahead by the gap. `None` if it is no time.
    #[must_use]
    pub fn moment(&self, local: &str) -> Option<Timestamp> {
        if let Ok(day) = local.parse::<Date>()
            && !local.contains([':', 'T'])
        {
            return Some(self.start_of(day));
        }
        let time: jiff::civil::DateTime = local.parse().ok()?;
        time.to_zoned_datetime(self.zone.clone()).ok().map(|zoned| from_jiff(zoned.timestamp()))
    }
}

fn to_jiff(at: Timestamp) -> jiff::Timestamp {
    let limit = if at.micros() < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
    jiff::Timestamp::from_microsecond(at.micros()).unwrap_or(limit)
}

fn from_jiff(at: jiff::Timestamp) -> Timestamp {
    Timestamp::from_micros(at.as_microsecond())
}
