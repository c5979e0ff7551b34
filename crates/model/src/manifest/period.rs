//! Days, periods and how long data is kept.

use std::fmt;
use std::str::FromStr;

use crate::purpose::codes;
use crate::time::Timestamp;

/// A calendar day, written `2026-11-24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(Timestamp);

/// The text is no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a day is written like `2026-11-24`")]
pub struct DateError;

impl Date {
    /// The first moment of the day, UTC.
    #[must_use]
    pub const fn start(self) -> Timestamp {
        self.0
    }

    /// Days from `earlier` to this day; negative when this day comes first.
    #[must_use]
    pub const fn days_since(self, earlier: Self) -> i64 {
        (self.0.seconds() - earlier.0.seconds()) / 86_400
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        Timestamp::from_date(text).map(Self).map_err(|_| DateError)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.date())
    }
}

codes! {
    /// The unit of a period.
    PeriodUnit {
        /// Calendar days.
        Day = "day",
        /// Calendar months.
        Month = "month",
        /// Calendar years.
        Year = "year",
    }
}

/// A length of time, written `30 days`, `1 month` or `10 years`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Period {
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: PeriodUnit,
}

impl Period {
    /// At least as many days as the period can have: a month counts 31, a year 366.
    #[must_use]
    pub const fn days_at_most(self) -> i64 {
        let unit = match self.unit {
            PeriodUnit::Day => 1,
            PeriodUnit::Month => 31,
            PeriodUnit::Year => 366,
        };
        unit * self.count as i64
    }
}

/// The text is no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a period is written like `30 days`, `18 months` or `10 years`")]
pub struct PeriodError;

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let (count, unit) = text.trim().split_once(' ').ok_or(PeriodError)?;
        let count = count.parse().ok().filter(|count| *count <= 1000).ok_or(PeriodError)?;
        let unit = match unit.trim() {
            "day" | "days" => PeriodUnit::Day,
            "month" | "months" => PeriodUnit::Month,
            "year" | "years" => PeriodUnit::Year,
            _ => return Err(PeriodError),
        };
        Ok(Self { count, unit })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.count == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", self.count, self.unit)
    }
}

codes! {
    /// What a period of keeping counts from.
    RetentionStart {
        /// The moment the value was collected.
        Collection = "collection",
        /// The person's last act: an order, a login, a message.
        LastActivity = "last-activity",
        /// The end of the account or of the relation as a whole.
        RelationEnd = "relation-end",
        /// The end of the contract or the delivery of the order.
        ContractEnd = "contract-end",
        /// The end of the year in which the record arose.
        YearEnd = "year-end",
        /// The day the case was closed.
        CaseClosed = "case-closed",
        /// The person's withdrawal, objection or erasure.
        Withdrawal = "withdrawal",
    }
}

/// How long data is kept, and from when that counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// How long.
    pub keep: Period,
    /// From when.
    pub from: RetentionStart,
}
