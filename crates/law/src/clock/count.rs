//! The counting itself: from an event and a term to a last day, step by step.

use jiff::Span;
use jiff::civil::Date;
use model::Timestamp;

use super::OpenTerms;
use super::calendar::{Calendar, DayKind};
use super::counting::{CountingRule, Effect, FirstDay, OpenRow};
use super::deadline::{Ask, Deadline, Due, NumberFrom, Pause, PauseReason, Period, Step};
use super::event::Event;
use crate::day::Day;
use crate::term::{Term, Unit};

/// A count of working days beyond this is cut here; no law has one.
const WORKING_DAYS_MAX: u32 = 10_000;

/// One question being counted.
pub(crate) struct Count<'a> {
    ask: &'a Ask<'a>,
    rule: &'a CountingRule,
    calendar: Calendar,
    /// Whether the number is the law's own; the rules of counting are for these.
    is_law: bool,
    steps: Vec<Step>,
}

impl<'a> Count<'a> {
    pub(crate) fn new(ask: &'a Ask<'a>, rule: &'a CountingRule) -> Self {
        Self {
            ask,
            rule,
            calendar: ask.place.calendar_under(ask.jurisdiction),
            is_law: true,
            steps: Vec::new(),
        }
    }

    /// The answer.
    pub(crate) fn due(mut self, open: &OpenTerms, product: &[OpenRow]) -> Due {
        if self.ask.term.unit == Unit::Unset {
            return Due::Unset;
        }
        let (event, at) = (self.ask.start.event, self.ask.start.at);
        self.steps.push(Step::Started { event, at: self.ask.place.local_text(at) });
        if event == Event::BeforePeople {
            return self.by_clock(at);
        }
        let term = self.number(open, product);
        self.is_law = term == self.ask.term;
        match term.unit {
            Unit::Hour | Unit::Immediate => self.hours(term),
            _ => self.days(term),
        }
    }

    /// The term as a number: the law's, else the deployment's, else what is usual, else ours.
    fn number(&mut self, open: &OpenTerms, product: &[OpenRow]) -> Term {
        let unit = self.ask.term.unit;
        let set = match unit {
            Unit::Asap => open.asap,
            Unit::Reasonable => open.reasonable,
            _ => return self.ask.term,
        };
        let ours = || product.iter().find(|row| row.unit == unit).map(|row| row.term);
        let (term, from) = match (set, self.ask.practice) {
            (Some(term), _) => (term, NumberFrom::Deployment),
            (None, Some(term)) => (term, NumberFrom::Practice),
            (None, None) => (ours().unwrap_or(Term::new(0, Unit::Immediate)), NumberFrom::Product),
        };
        self.steps.push(Step::Number { unit, term, from });
        term
    }

    fn hours(mut self, term: Term) -> Due {
        let hours = |term: Term| i64::try_from(term.rough_hours().unwrap_or(0)).unwrap_or(i64::MAX);
        let later = |at: Timestamp, term: Term| at.plus_seconds(hours(term).saturating_mul(3600));
        let mut ends = later(self.ask.start.at, term);
        self.steps.push(Step::Hours { term, to: self.ask.place.local_text(ends) });
        if let Some(extension) = self.ask.extension {
            ends = later(ends, extension);
            self.steps.push(Step::Extended { term: extension, to: self.last_day(ends) });
        }
        for pause in self.pauses() {
            let Some(citation) = self.pauses_by(pause.reason) else { continue };
            if pause.from >= ends {
                self.steps.push(Step::PauseTooLate { reason: pause.reason });
                continue;
            }
            let Some(to) = pause.to else { return Due::Stopped(pause.from) };
            ends = Timestamp::from_micros(
                ends.micros().saturating_add(to.micros().saturating_sub(pause.from.micros())),
            );
            let to = self.last_day(ends);
            self.steps.push(Step::Paused { reason: pause.reason, days: 0, to, citation });
        }
        self.by_clock(ends)
    }

    fn days(mut self, term: Term) -> Due {
        let first = self.first_day(self.ask.start.at);
        let mut counted = self.counted(first, term);
        if self.rule.identity() == Effect::Starts
            && let Some(proof) = self.pauses().iter().rfind(|pause| pause.reason == PauseReason::Identity)
        {
            if self.ask.place.day_of(proof.from) > counted.last {
                self.steps.push(Step::PauseTooLate { reason: proof.reason });
            } else {
                let Some(at) = proof.to else { return Due::Stopped(proof.from) };
                let (at, citation) = (self.ask.place.local_text(at), self.rule.citation().to_owned());
                self.steps.push(Step::StartedByIdentity { at, citation });
                let first = self.first_day(proof.to.unwrap_or(self.ask.start.at).max(self.ask.start.at));
                counted = self.counted(first, term);
            }
        }
        self.steps.append(&mut counted.steps);
        let mut last = counted.last;
        for pause in self.pauses() {
            let Some(citation) = self.pauses_by(pause.reason) else { continue };
            let from = self.ask.place.day_of(pause.from);
            if from > last {
                self.steps.push(Step::PauseTooLate { reason: pause.reason });
                continue;
            }
            let Some(to) = pause.to else { return Due::Stopped(pause.from) };
            let to = self.ask.place.day_of(to);
            let days = to_day(to).days().saturating_sub(to_day(from).days());
            last = self.shifted(last, from, to, term.unit);
            self.steps.push(Step::Paused { reason: pause.reason, days, to: to_day(last), citation });
        }
        let last = self.rolled(last, term.unit);
        let ends = self.ask.place.start_of(last.tomorrow().unwrap_or(last));
        self.by(ends, to_day(last), None)
    }

    /// The day from which days are counted.
    fn first_day(&mut self, at: Timestamp) -> Date {
        let day = self.ask.place.day_of(at);
        if self.ask.start.event != Event::EndOfCalendarYear {
            return day;
        }
        let last = Date::new(day.year(), 12, 31).unwrap_or(day);
        self.steps.push(Step::EndOfYear { day: to_day(last) });
        last
    }

    fn counted(&self, first: Date, term: Term) -> Counted {
        let mut steps = Vec::new();
        let from = match (self.rule.first_day(), self.ask.period, term.unit) {
            (FirstDay::Counted, Period::Act, Unit::Day | Unit::Week) if self.is_law && term.n > 0 => {
                steps.push(Step::FirstDayCounted { citation: self.rule.citation().to_owned() });
                first.yesterday().unwrap_or(first)
            }
            _ => first,
        };
        let mut last = self.plus(from, term);
        steps.push(Step::Counted { term, to: to_day(last) });
        if matches!(term.unit, Unit::Month | Unit::Year) && last.day() != from.day() {
            steps.push(Step::MonthEnd { to: to_day(last) });
        }
        if let Some(extension) = self.ask.extension {
            last = if extension.unit == term.unit {
                self.plus(from, Term::new(term.n.saturating_add(extension.n), term.unit))
            } else {
                self.plus(last, extension)
            };
            steps.push(Step::Extended { term: extension, to: to_day(last) });
        }
        Counted { last, steps }
    }

    /// The last day of a term that is counted from the day after `from`.
    fn plus(&self, from: Date, term: Term) -> Date {
        let n = i64::from(term.n);
        let span = match term.unit {
            Unit::Day => Span::new().try_days(n),
            Unit::Week => Span::new().try_weeks(n),
            Unit::Month => Span::new().try_months(n),
            Unit::Year => Span::new().try_years(n),
            Unit::BusinessDay => return self.working_days_after(from, term.n),
            Unit::Hour | Unit::Asap | Unit::Immediate | Unit::Reasonable | Unit::Unset => return from,
        };
        span.and_then(|span| from.checked_add(span)).unwrap_or(Date::MAX)
    }

    fn working_days_after(&self, from: Date, n: u32) -> Date {
        let mut day = from;
        for _ in 0..n.min(WORKING_DAYS_MAX) {
            day = day.tomorrow().unwrap_or(day);
            while self.calendar.kind(day) != DayKind::Working && day < Date::MAX {
                day = day.tomorrow().unwrap_or(Date::MAX);
            }
        }
        day
    }

    /// The last day with a pause added: for working days those of the pause, else its days.
    fn shifted(&self, last: Date, from: Date, to: Date, unit: Unit) -> Date {
        if unit != Unit::BusinessDay {
            let days = i64::from(to_day(to).days().saturating_sub(to_day(from).days()));
            return Span::new().try_days(days).and_then(|span| last.checked_add(span)).unwrap_or(Date::MAX);
        }
        let mut worked = 0;
        let mut day = from;
        while day < to {
            day = day.tomorrow().unwrap_or(to);
            worked += u32::from(self.calendar.kind(day) == DayKind::Working);
        }
        self.working_days_after(last, worked)
    }

    fn rolled(&mut self, last: Date, unit: Unit) -> Date {
        let needs_holidays = unit == Unit::BusinessDay || self.ask.period == Period::Act;
        if needs_holidays && !self.calendar.covers(last) {
            self.steps.push(Step::HolidaysUnknown { year: last.year() });
        }
        if self.ask.period == Period::Lapse || !self.is_law || !self.rule.rolls_over(&self.calendar, last) {
            return last;
        }
        let mut next = last;
        while self.rule.rolls_over(&self.calendar, next) && next < Date::MAX {
            next = next.tomorrow().unwrap_or(Date::MAX);
        }
        let (to, citation) = (to_day(next), self.rule.citation().to_owned());
        if !self.rule.was_read() {
            self.steps.push(Step::NotRolledOver { to, citation });
            return last;
        }
        let kind = self.calendar.kind(last);
        let because = self.calendar.holiday(last).unwrap_or_else(|| kind.code()).to_owned();
        self.steps.push(Step::RolledOver { from: to_day(last), because, to, citation });
        next
    }

    /// The pauses in order, none twice where they overlap, and none before the start.
    fn pauses(&self) -> Vec<Pause> {
        let mut pauses = self.ask.pauses.to_vec();
        pauses.sort_unstable();
        let mut covered = self.ask.start.at;
        let mut kept = Vec::with_capacity(pauses.len());
        for mut pause in pauses {
            pause.from = pause.from.max(covered);
            match pause.to {
                Some(to) if to <= pause.from => continue,
                Some(to) if self.effect(pause.reason) == Effect::Pauses => covered = to,
                _ => {}
            }
            kept.push(pause);
        }
        kept
    }

    const fn effect(&self, reason: PauseReason) -> Effect {
        match reason {
            PauseReason::Identity => self.rule.identity(),
            PauseReason::Clarification => self.rule.clarification(),
        }
    }

    /// The rule that adds a pause; a pause that the law does not know is said and not added, and
    /// neither is one from memory, which could only lengthen.
    fn pauses_by(&mut self, reason: PauseReason) -> Option<String> {
        match self.effect(reason) {
            Effect::Pauses if self.rule.was_read() => Some(self.rule.citation().to_owned()),
            Effect::Starts => None,
            Effect::Pauses | Effect::Nothing => {
                self.steps.push(Step::PauseNotKnown { reason });
                None
            }
        }
    }

    /// The last local day that a moment leaves.
    fn last_day(&self, ends: Timestamp) -> Day {
        let before = Timestamp::from_micros(ends.micros().saturating_sub(1));
        to_day(self.ask.place.day_of(before.max(self.ask.start.at)))
    }

    fn by_clock(self, ends: Timestamp) -> Due {
        let (day, until) = (self.last_day(ends), self.ask.place.local_text(ends));
        self.by(ends, day, Some(until))
    }

    fn by(self, ends: Timestamp, day: Day, until: Option<String>) -> Due {
        Due::By(Deadline {
            fact: self.ask.fact.to_owned(),
            citation: self.ask.citation.to_owned(),
            day,
            ends,
            until,
            zone: self.ask.place.zone_name().to_owned(),
            steps: self.steps,
        })
    }
}

struct Counted {
    last: Date,
    steps: Vec<Step>,
}

/// A day of jiff's calendar as ours.
pub(crate) fn to_day(date: Date) -> Day {
    let hours = jiff::civil::date(1970, 1, 1).duration_until(date).as_hours();
    Day::from_days(i32::try_from(hours / 24).unwrap_or(i32::MAX))
}
