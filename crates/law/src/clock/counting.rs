//! How a jurisdiction counts a period: `law/clocks/counting.toml`.

use super::calendar::{Calendar, DayKind};
use super::codes;
use super::files::{ClockFileError, read};
use crate::term::{Term, Unit};

codes! {
    /// Whether the day of the event is day one.
    FirstDay {
        /// The period starts with the next day.
        NotCounted = "not-counted",
        /// The day of the event is the first of the period.
        Counted = "counted",
    }
}

codes! {
    /// What a circumstance does to a clock that runs.
    Effect {
        /// Nothing.
        Nothing = "nothing",
        /// The clock stands still meanwhile.
        Pauses = "pauses",
        /// The clock starts when it is over.
        Starts = "starts",
    }
}

/// The rule of counting of a jurisdiction or of one law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountingRule {
    jurisdiction: String,
    law: Option<String>,
    citation: String,
    text: String,
    rolls_over: Vec<DayKind>,
    first_day: FirstDay,
    identity: Effect,
    clarification: Effect,
    read: bool,
}

/// The number for a term without one, where neither the deployment nor a law gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OpenRow {
    pub(crate) unit: Unit,
    pub(crate) term: Term,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CountingFile {
    #[serde(rename = "schema")]
    _schema: u32,
    rule: Vec<RuleRow>,
    open: Vec<OpenFileRow>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleRow {
    jurisdiction: String,
    law: Option<String>,
    citation: String,
    text: String,
    rolls_over: Vec<String>,
    first_day: String,
    identity: String,
    clarification: String,
    checked: String,
    source: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenFileRow {
    unit: String,
    term: TermRow,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TermRow {
    n: u32,
    unit: String,
}

/// Reads the rules and the numbers for open terms.
pub(crate) fn parse_counting(
    file: &str,
    text: &str,
) -> Result<(Vec<CountingRule>, Vec<OpenRow>), ClockFileError> {
    let parsed: CountingFile = read(file, text)?;
    let mut rules = Vec::with_capacity(parsed.rule.len());
    for row in parsed.rule {
        let near = row.citation.clone();
        rules.push(row.into_rule().map_err(|what| ClockFileError::new(file, text, &what, Some(&near)))?);
    }
    let mut open = Vec::with_capacity(parsed.open.len());
    for row in parsed.open {
        let wrong = || {
            ClockFileError::new(
                file,
                text,
                "an open term needs a unit without a number and a term with one",
                Some("[[open]]"),
            )
        };
        let unit = Unit::from_code(&row.unit).filter(|unit| !unit.is_counted()).ok_or_else(wrong)?;
        let counted = Unit::from_code(&row.term.unit).filter(|unit| unit.is_counted()).ok_or_else(wrong)?;
        open.push(OpenRow { unit, term: Term::new(row.term.n, counted) });
    }
    Ok((rules, open))
}

impl RuleRow {
    fn into_rule(self) -> Result<CountingRule, String> {
        let kinds = self
            .rolls_over
            .iter()
            .map(|code| {
                DayKind::from_code(code)
                    .filter(|kind| *kind != DayKind::Working)
                    .ok_or_else(|| format!("`{code}` is no kind of day off"))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let effect =
            |code: &str| Effect::from_code(code).ok_or_else(|| format!("`{code}` is no effect on a clock"));
        let read = match (self.checked.as_str(), &self.source) {
            ("source", Some(_)) => true,
            ("memory", None) => false,
            _ => return Err("`checked` is `source` with a `source`, or `memory` without".into()),
        };
        Ok(CountingRule {
            first_day: FirstDay::from_code(&self.first_day)
                .ok_or_else(|| format!("`{}` is neither `counted` nor `not-counted`", self.first_day))?,
            identity: effect(&self.identity)?,
            clarification: effect(&self.clarification)?,
            jurisdiction: self.jurisdiction,
            law: self.law,
            citation: self.citation,
            text: self.text,
            rolls_over: kinds,
            read,
        })
    }
}

impl CountingRule {
    /// The rule for a jurisdiction whose own is not described: nothing rolls over and nothing
    /// pauses, which never gives a later deadline than the law.
    pub(crate) fn strict(jurisdiction: &str) -> Self {
        Self {
            jurisdiction: jurisdiction.to_owned(),
            law: None,
            citation: String::new(),
            text: "No rule of counting is described here: the last day stands as it falls.".to_owned(),
            rolls_over: Vec::new(),
            first_day: FirstDay::NotCounted,
            identity: Effect::Nothing,
            clarification: Effect::Nothing,
            read: false,
        }
    }

    /// Whether it is the rule of this law, or of the jurisdiction in general.
    pub(crate) fn is_for(&self, law: Option<&str>, jurisdiction: &str) -> bool {
        match &self.law {
            Some(own) => law == Some(own.as_str()),
            None => law.is_none() && self.jurisdiction == jurisdiction,
        }
    }

    /// The jurisdiction whose laws count so.
    #[must_use]
    pub fn jurisdiction(&self) -> &str {
        &self.jurisdiction
    }

    /// The enactment that says so; empty for a jurisdiction that is not described.
    #[must_use]
    pub fn citation(&self) -> &str {
        &self.citation
    }

    /// The rule in words.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a text was read for it. A rule from memory may shorten a period and not lengthen it.
    #[must_use]
    pub const fn was_read(&self) -> bool {
        self.read
    }

    /// Whether the day of the event is day one.
    #[must_use]
    pub const fn first_day(&self) -> FirstDay {
        self.first_day
    }

    /// What a proof of identity that had to be asked for does to the clock.
    #[must_use]
    pub const fn identity(&self) -> Effect {
        self.identity
    }

    /// What a clarification that had to be asked for does to the clock.
    #[must_use]
    pub const fn clarification(&self) -> Effect {
        self.clarification
    }

    /// Whether a period does not end on this day.
    #[must_use]
    pub fn rolls_over(&self, calendar: &Calendar, day: jiff::civil::Date) -> bool {
        let kind = calendar.kind(day);
        self.rolls_over.contains(&kind)
            || (self.rolls_over.contains(&DayKind::Holiday)
                && calendar.holiday(day).is_some()
                && kind != DayKind::Working)
    }
}
