//! A question about a deadline, and its answer with every step of the counting.

use std::fmt;

use model::Timestamp;

use super::codes;
use super::event::Event;
use super::place::Place;
use crate::day::Day;
use crate::term::{Term, Unit};

codes! {
    /// What the end of a period means.
    Period {
        /// Something must be done within it: its end may roll over a holiday.
        Act = "act",
        /// Something holds for it (a consent, a duty to keep): it ends on its day.
        Lapse = "lapse",
    }
}

codes! {
    /// Why a clock stands still.
    PauseReason {
        /// A proof of identity was asked for.
        Identity = "identity",
        /// The person was asked what the request means.
        Clarification = "clarification",
    }
}

/// A time in which the clock stands still, if the law says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pause {
    /// When it was asked.
    pub from: Timestamp,
    /// When the answer came; `None` while it is awaited.
    pub to: Option<Timestamp>,
    /// Why.
    pub reason: PauseReason,
}

/// When something happened that starts a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// What happened.
    pub event: Event,
    /// When.
    pub at: Timestamp,
}

/// A term of a law with everything that its end depends on.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// The fact, like `eu-gdpr/right/access`.
    pub fact: &'a str,
    /// The fact's own citation.
    pub citation: &'a str,
    /// The jurisdiction whose rule of counting holds, like `EU` or `US-CA`.
    pub jurisdiction: &'a str,
    /// The term.
    pub term: Term,
    /// What the term may be extended by, where it was extended.
    pub extension: Option<Term>,
    /// The number used in practice, where the law has none and the fact names one.
    pub practice: Option<Term>,
    /// What the end means.
    pub period: Period,
    /// What started it.
    pub start: Start,
    /// When the clock stood still, in any order.
    pub pauses: &'a [Pause],
    /// Where it must be done.
    pub place: &'a Place,
}

/// A day and moment by which something is due.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Deadline {
    /// The fact it comes from.
    pub fact: String,
    /// The fact's citation.
    pub citation: String,
    /// The last local day.
    pub day: Day,
    /// The first moment that is too late.
    pub ends: Timestamp,
    /// `ends` as local time of the place, for terms that run by the clock; else `None`: the whole
    /// of `day` belongs to the period.
    pub until: Option<String>,
    /// The IANA name of the zone in which the day ends.
    pub zone: String,
    /// How it was counted, in order.
    pub steps: Vec<Step>,
}

/// What is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// Something is due.
    By(Deadline),
    /// The law sets no deadline for it.
    Unset,
    /// The clock stands still since this moment; there is no deadline until it runs again.
    Stopped(Timestamp),
}

impl Due {
    /// The deadline, where there is one.
    #[must_use]
    pub const fn deadline(&self) -> Option<&Deadline> {
        match self {
            Self::By(deadline) => Some(deadline),
            Self::Unset | Self::Stopped(_) => None,
        }
    }
}

codes! {
    /// Where the number of a term without one is from.
    NumberFrom {
        /// The deployment set it.
        Deployment = "deployment",
        /// The fact names what is usual in practice.
        Practice = "practice",
        /// The product's own, because nobody set one.
        Product = "product",
        /// The shortest number of a law that applies as well.
        ShortestLaw = "shortest-law",
    }
}

/// One step of the counting.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
    /// The event, at a local time.
    Started {
        /// What happened.
        event: Event,
        /// When, local.
        at: String,
    },
    /// The period starts with the proof of identity.
    StartedByIdentity {
        /// When it arrived, local.
        at: String,
        /// The rule that says so.
        citation: String,
    },
    /// The event counts as the end of its year.
    EndOfYear {
        /// 31 December.
        day: Day,
    },
    /// The day of the event is day one.
    FirstDayCounted {
        /// The rule that says so.
        citation: String,
    },
    /// The law has no number; this one is used.
    Number {
        /// What the law says.
        unit: Unit,
        /// What is counted.
        term: Term,
        /// Where the number is from.
        from: NumberFrom,
    },
    /// The term, counted.
    Counted {
        /// What was counted.
        term: Term,
        /// The last day.
        to: Day,
    },
    /// The last month has no such day, so its last day it is.
    MonthEnd {
        /// The last day of the month.
        to: Day,
    },
    /// Hours by the clock.
    Hours {
        /// How many.
        term: Term,
        /// The end, local.
        to: String,
    },
    /// The extension, counted.
    Extended {
        /// By how much.
        term: Term,
        /// The last day with it.
        to: Day,
    },
    /// A pause was added.
    Paused {
        /// Why the clock stood still.
        reason: PauseReason,
        /// The days added; 0 for a pause within a day and for terms in hours.
        days: i32,
        /// The last day with it.
        to: Day,
        /// The rule that says so.
        citation: String,
    },
    /// A pause that the law does not know.
    PauseNotKnown {
        /// Why the clock was said to stand still.
        reason: PauseReason,
    },
    /// A pause that began when the period was over.
    PauseTooLate {
        /// Why the clock was said to stand still.
        reason: PauseReason,
    },
    /// The last day was a day off.
    RolledOver {
        /// The day on which the period would have ended.
        from: Day,
        /// The holiday or the kind of day.
        because: String,
        /// The next day that counts.
        to: Day,
        /// The rule that says so.
        citation: String,
    },
    /// The last day is a day off; the rule that would move it was not read, so it stands.
    NotRolledOver {
        /// The day it would move to.
        to: Day,
        /// The rule nobody has read yet.
        citation: String,
    },
    /// The holidays of the year are not listed; only weekends were known.
    HolidaysUnknown {
        /// The year.
        year: i16,
    },
    /// Another law that applies gives a shorter number.
    Capped {
        /// The fact that does.
        fact: String,
        /// The last day.
        to: Day,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started { event, at } => write!(f, "from {} at {at}", event.words()),
            Self::StartedByIdentity { at, citation } => {
                write!(f, "starts with the proof of identity at {at} ({citation})")
            }
            Self::EndOfYear { day } => write!(f, "counted from the end of the year, {day}"),
            Self::FirstDayCounted { citation } => write!(f, "the day of the event is day one ({citation})"),
            Self::Number { unit, term, from } => {
                let law = Term::new(0, *unit);
                let from = match from {
                    NumberFrom::Deployment => "as this deployment sets",
                    NumberFrom::Practice => "as is usual in practice",
                    NumberFrom::Product => "this product's own number, since none is set",
                    NumberFrom::ShortestLaw => "the shortest number of a law that applies",
                };
                write!(f, "the law says \"{law}\": counted as {term}, {from}")
            }
            Self::Counted { term, to } => write!(f, "{term}: {}", weekday(*to)),
            Self::MonthEnd { to } => write!(f, "the month has no such day: its last, {}", weekday(*to)),
            Self::Hours { term, to } => write!(f, "{term} by the clock: {to}"),
            Self::Extended { term, to } => write!(f, "extended by {term}: {}", weekday(*to)),
            Self::Paused { reason, days, to, citation } => {
                write!(
                    f,
                    "stood still for {} ({days} days added): {} ({citation})",
                    reason.words(),
                    weekday(*to)
                )
            }
            Self::PauseNotKnown { reason } => {
                write!(f, "the law knows no pause for {}: nothing added", reason.words())
            }
            Self::PauseTooLate { reason } => {
                write!(f, "the pause for {} began after the end: nothing added", reason.words())
            }
            Self::RolledOver { from, because, to, citation } => {
                write!(f, "{from} is off ({because}): {} ({citation})", weekday(*to))
            }
            Self::NotRolledOver { to, citation } => write!(
                f,
                "a day off; {citation} would move it to {}, which nobody has read yet, so it stands",
                weekday(*to)
            ),
            Self::HolidaysUnknown { year } => {
                write!(f, "the holidays of {year} are not listed: only weekends were counted")
            }
            Self::Capped { fact, to } => write!(f, "not later than {fact}: {}", weekday(*to)),
        }
    }
}

impl PauseReason {
    /// The reason as words that stand after "for".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Identity => "the proof of identity",
            Self::Clarification => "a clarification",
        }
    }
}

/// A day with its weekday: `Thu 2026-12-24`.
fn weekday(day: Day) -> String {
    const NAMES: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let index = usize::try_from(day.days().rem_euclid(7)).unwrap_or(0);
    format!("{} {day}", NAMES.get(index).unwrap_or(&""))
}
