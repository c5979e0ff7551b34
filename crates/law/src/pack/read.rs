//! Reads values of a TOML document with their places, and keeps every problem it meets.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use model::manifest::{Place, Problem, did_you_mean};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::code::Code;
use crate::day::Day;
use crate::hours::{Hours, WeekendHours};
use crate::term::{Term, Unit};
use crate::territory::Territory;

/// One file with what was found wrong in it.
pub(super) struct Source<'s> {
    file: Arc<str>,
    text: &'s str,
    /// Where each line starts.
    lines: Vec<usize>,
    problems: RefCell<Vec<Problem>>,
}

impl<'s> Source<'s> {
    pub(super) fn new(file: Arc<str>, text: &'s str) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { file, text, lines: std::iter::once(0).chain(starts).collect(), problems: RefCell::default() }
    }

    pub(super) fn report(&self, at: usize, text: String, mend: Option<String>) {
        self.problems.borrow_mut().push(Problem { place: self.place(at), text, mend });
    }

    /// Keeps a problem of a whole line.
    pub(super) fn report_line(&self, line: usize, text: String, mend: Option<String>) {
        let place = Place { file: Arc::clone(&self.file), line, column: 1 };
        self.problems.borrow_mut().push(Problem { place, text, mend });
    }

    pub(super) fn problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by(|one, other| one.place.cmp(&other.place));
        problems
    }

    /// The place of a byte of the text, lines and columns from 1.
    pub(super) fn place(&self, at: usize) -> Place {
        let line = self.line(at);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        let column = self.text.get(start..at).map_or(0, |before| before.chars().count()) + 1;
        Place { file: Arc::clone(&self.file), line, column }
    }

    /// The line of a byte of the text, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at)
    }
}

/// A table of the document, with the name that messages give it.
pub(super) struct Row<'r> {
    pub(super) source: &'r Source<'r>,
    pub(super) table: &'r DeTable<'r>,
    pub(super) span: Range<usize>,
    pub(super) name: &'r str,
}

impl<'r> Row<'r> {
    /// The value of a key. A problem is kept and the answer is none where the key is missing
    /// though needed, or its value is not what is expected.
    pub(super) fn get<T: Value>(&self, key: &str) -> Option<T> {
        let Some(value) = self.table.get(key) else {
            let absent = T::absent();
            if absent.is_none() {
                self.report(format!("`{key}` is missing in {}", self.name), Some(T::expected()));
            }
            return absent;
        };
        T::read(value.as_ref(), &At { source: self.source, key, span: value.span() })
    }

    pub(super) fn report(&self, text: String, mend: Option<String>) {
        self.source.report(self.span.start, text, mend);
    }

    /// A row inside this one's file.
    pub(super) fn inner(&self, table: &'r DeTable<'r>, span: Range<usize>, name: &'r str) -> Self {
        Self { source: self.source, table, span, name }
    }
}

/// Where a value stands.
pub(super) struct At<'r> {
    pub(super) source: &'r Source<'r>,
    key: &'r str,
    span: Range<usize>,
}

impl At<'_> {
    fn inner(&self, span: Range<usize>) -> At<'_> {
        At { source: self.source, key: self.key, span }
    }

    /// The table that stands here, as a row.
    pub(super) fn row<'t>(&'t self, table: &'t DeTable<'t>, name: &'t str) -> Row<'t> {
        Row { source: self.source, table, span: self.span.clone(), name }
    }

    /// Keeps the problem "`key` is not what is expected".
    pub(super) fn wrong<T>(&self, found: &str, expected: String) -> Option<T> {
        self.source.report(self.span.start, format!("`{}`: {found}", self.key), Some(expected));
        None
    }
}

/// What a key may hold.
pub(super) trait Value: Sized {
    /// What is expected, in words: `expected a date like …`.
    fn expected() -> String;

    /// The value, or none with a problem kept.
    fn read(value: &DeValue<'_>, at: &At<'_>) -> Option<Self>;

    /// What a missing key means; none: it may not be missing.
    fn absent() -> Option<Self> {
        None
    }
}

impl Value for String {
    fn expected() -> String {
        "expected a text between quotes".to_owned()
    }

    fn read(value: &DeValue<'_>, at: &At<'_>) -> Option<Self> {
        match value.as_str() {
            Some(text) if !text.trim().is_empty() => Some(text.to_owned()),
            Some(_) => at.wrong("the text is empty", Self::expected()),
            None => at.wrong("this is no text", Self::expected()),
        }
    }
}

impl Value for u32 {
    fn expected() -> String {
        "expected a whole number from 0".to_owned()
    }

    fn read(value: &DeValue<'_>, at: &At<'_>) -> Option<Self> {
        let number =
            value.as_integer().and_then(|number| Self::from_str_radix(number.as_str(), number.radix()).ok());
        number.or_else(|| at.wrong("this is no such number", Self::expected()))
    }
}

impl Value for u64 {
    fn expected() -> String {
        u32::expected()
    }

    fn read(value: &DeValue<'_>, at: &At<'_>) -> Option<Self> {
        let number =
            value.as_integer().and_then(|number| Self::from_str_radix(number.as_str(), number.radix()).ok());
        number.or_else(|| at.wrong("this is no such number", Self::expected()))
    }
}

impl Value for f64 {
    fn expected() -> String {
        "expected a number".to_owned()
    }

    fn read(value: &DeValue<'_>, at: &At<'_>) -> Option<Self> {
        let text = match value {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
            DeValue::Float(number) => number.as_str(),
            _ => return at.wrong("this is no number", Self::expected()),
        };
        let number = text.parse().ok().filter(|number: &Self| number.is_finite());
        number.or_else(|| at.wrong("this is no number", Self::expected()))
    }
}

impl Value for bool {
    fn expected() -> String {
        "expected true or false".to_owned()
    }

    fn read(value: &DeValue<'_>, at: &At<'_>) -> Option<Self> {
        value.as_bool().or_else(|| at.wrong("this is neither", Self::expected()))
    }
}

impl Value for Day {
    fn expected() -> String {
        crate::day::DayError.to_string()
    }

    fn read(value: &DeValue<'_>, at: &At<'_>) -> Option<Self> {
        let day = value.as_str().and_then(|text| text.parse().ok());
        day.or_else(|| at.wrong("this is no such day", Self::expected()))
    }
}

impl Value for Territory {
    fn expected() -> String {
        "expected `EU`, `GLOBAL` or an ISO 3166 code such as `GB` or `US-CA`".to_owned()
    }

    fn read(value: &DeValue<'_>, at: &At<'_>) -> Option<Self> {
        let territory = value.as_str().and_then(|text| text.parse().ok());
        territory.or_else(|| at.wrong("there is no such region", Self::expected()))
    }
}

impl Value for Hours {
    fn expected() -> String {
        "expected hours like `08:00-21:00`".to_owned()
    }

    fn read(value: &DeValue<'_>, at: &At<'_>) -> Option<Self> {
        let hours = value.as_str().and_then(Self::read);
        hours.or_else(|| at.wrong("these are no hours", Self::expected()))
    }
}

impl Value for WeekendHours {
    fn expected() -> String {
        "expected hours like `10:00-18:00` or `Sat 09:00-17:00; Sun none`".to_owned()
    }

    fn read(value: &DeValue<'_>, at: &At<'_>) -> Option<Self> {
        let hours = value.as_str().and_then(Self::read);
        hours.or_else(|| at.wrong("these are no hours", Self::expected()))
    }
}

impl Value for Term {
    fn expected() -> String {
        "expected a term like { n = 45, unit = \"day\" }".to_owned()
    }

    fn read(value: &DeValue<'_>, at: &At<'_>) -> Option<Self> {
        let Some(table) = value.as_table() else {
            return at.wrong("this is no term", Self::expected());
        };
        let row = at.row(table, "a term");
        let (n, unit) = (row.get("n"), row.get::<Unit>("unit"));
        let term = Self { n: n?, unit: unit? };
        if term.unit.is_counted() == (term.n > 0) {
            return Some(term);
        }
        let expected = if term.unit.is_counted() { "a number from 1" } else { "n = 0" };
        at.wrong(
            &format!("the unit `{}` does not go with n = {}", term.unit, term.n),
            format!("expected {expected}"),
        )
    }
}

impl<T: Code> Value for T {
    fn expected() -> String {
        format!("expected a code of law/README.md ({})", T::WHAT)
    }

    fn read(value: &DeValue<'_>, at: &At<'_>) -> Option<Self> {
        let Some(text) = value.as_str() else {
            return at.wrong("this is no text", Self::expected());
        };
        let found = T::all().iter().copied().find(|code| code.text() == text);
        found.or_else(|| {
            let known = T::all().iter().map(|code| code.text());
            at.wrong(
                &format!("no code `{text}` is known here"),
                did_you_mean(text, known).unwrap_or_else(Self::expected),
            )
        })
    }
}

/// An optional value of its own type, since an empty text means "not known" for days only.
impl<T: Value> Value for Option<T> {
    fn expected() -> String {
        T::expected()
    }

    fn read(value: &DeValue<'_>, at: &At<'_>) -> Option<Self> {
        T::read(value, at).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Value> Value for Vec<T> {
    fn expected() -> String {
        format!("expected a list; in it: {}", T::expected())
    }

    fn read(value: &DeValue<'_>, at: &At<'_>) -> Option<Self> {
        let Some(list) = value.as_array() else {
            return at.wrong("this is no list", Self::expected());
        };
        let read: Vec<Option<T>> = list
            .iter()
            .map(|item: &Spanned<DeValue<'_>>| T::read(item.as_ref(), &at.inner(item.span())))
            .collect();
        read.into_iter().collect()
    }

    fn absent() -> Option<Self> {
        Some(Vec::new())
    }
}

/// A day that may be unknown: an empty text, or no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct MaybeDay(pub Option<Day>);

impl Value for MaybeDay {
    fn expected() -> String {
        Day::expected()
    }

    fn read(value: &DeValue<'_>, at: &At<'_>) -> Option<Self> {
        if value.as_str() == Some("") {
            Some(Self(None))
        } else {
            Day::read(value, at).map(|day| Self(Some(day)))
        }
    }

    fn absent() -> Option<Self> {
        Some(Self(None))
    }
}
