//! How a row of one of the controller's systems becomes identifiers, values and a record,
//! by the manifest's mapping.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::manifest::{Field, Format, Manifest, RepeatedKeys, Source, Table};
use model::{
    CategoryName, Identifier, IdentifierKind, LifetimeName, Personal, PurposeName, RecordKind, SystemName,
};

use super::sealing::Sealer;
use crate::error::{AppError, Fault};

/// The longest value of one field, in bytes.
pub const VALUE_BYTES_MAX: usize = 64 * 1024;

/// The compiled mapping of one table: which column holds what.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// The system.
    pub system: SystemName,
    /// The table or file.
    pub table: String,
    /// The purpose for which its rows are taken in, where the manifest names one.
    pub purpose: Option<PurposeName>,
    /// The record that each row becomes; none: rows are profile values.
    pub record: Option<RecordMapping>,
    columns: BTreeMap<String, Column>,
}

/// What the rows of a table of records become.
#[derive(Debug, Clone)]
pub struct RecordMapping {
    /// The kind of record.
    pub kind: RecordKind,
    /// The category that decides its lifetime.
    pub category: CategoryName,
    /// The lifetime whose key seals it.
    pub lifetime: LifetimeName,
    /// The columns that name a row within its system.
    pub key: Vec<String>,
    /// What several rows with the same key mean.
    pub repeated_keys: RepeatedKeys,
}

#[derive(Debug, Clone)]
enum Column {
    Ignored,
    Held {
        field: Arc<str>,
        category: CategoryName,
        lifetime: LifetimeName,
        source: Source,
        format: Format,
        identifier: Option<(IdentifierKind, bool)>,
    },
}

/// One row, read by its mapping.
#[derive(Debug)]
pub struct ParsedRow {
    /// What the person is known by, and whether the system vouches for it.
    pub identifiers: Vec<(Identifier, bool)>,
    /// The values of the row; empty ones are left out.
    pub values: Vec<ParsedValue>,
    /// The row's own key within its system, for tables of records.
    pub key: Option<Personal<String>>,
    /// The columns that the manifest does not declare.
    pub undeclared: Vec<String>,
}

/// One value of a row.
#[derive(Debug)]
pub struct ParsedValue {
    /// `Table.column`.
    pub field: Arc<str>,
    /// What kind of data it is.
    pub category: CategoryName,
    /// The lifetime whose key seals it.
    pub lifetime: LifetimeName,
    /// Where it came from.
    pub source: Source,
    /// The value in the declared format.
    pub value: Personal<String>,
    /// Which identifier of the person it is, if any.
    pub identifier: Option<IdentifierKind>,
}

impl ParsedValue {
    /// What tells the value from another one: spellings of one identifier are one value.
    pub(crate) fn fingerprint(&self, sealer: &Sealer) -> [u8; 32] {
        fingerprint(sealer, self.identifier.as_ref(), &self.value)
    }
}

/// The keyed hash of a value, or of its normal form where it is an identifier.
fn fingerprint(sealer: &Sealer, identifier: Option<&IdentifierKind>, value: &Personal<String>) -> [u8; 32] {
    match identifier.and_then(|kind| kind.normalise(value).ok()) {
        Some(normal) => sealer.fingerprint(&normal),
        None => sealer.fingerprint(value),
    }
}

impl Mapping {
    /// Compiles the mapping of a table.
    ///
    /// # Errors
    /// When the manifest declares no such system or table, or ignores it.
    pub fn compile(manifest: &Manifest, system: &SystemName, table: &str) -> Result<Self, AppError> {
        let declared = manifest.systems.get(system).ok_or_else(|| {
            AppError::invalid("system", format!("the manifest declares no system `{system}`"))
        })?;
        let rows = declared.tables.get(table).ok_or_else(|| {
            let known = declared.tables.keys().cloned().collect::<Vec<_>>().join("`, `");
            AppError::invalid(
                "table",
                format!("the manifest declares no such table of `{system}`; it has `{known}`"),
            )
        })?;
        if let Some(reason) = &rows.ignore {
            return Err(AppError::invalid("table", format!("the manifest ignores this table: {reason}")));
        }
        let columns = rows
            .fields
            .iter()
            .map(|(name, field)| Ok((name.clone(), compile_column(manifest, table, name, field)?)))
            .collect::<Result<_, AppError>>()?;
        Ok(Self {
            system: system.clone(),
            table: table.to_owned(),
            purpose: rows.purpose.clone(),
            record: compile_record(manifest, rows)?,
            columns,
        })
    }

    /// Every category that a row may hold.
    #[must_use]
    pub fn categories(&self) -> BTreeSet<CategoryName> {
        let held = self.columns.values().filter_map(|column| match column {
            Column::Ignored => None,
            Column::Held { category, .. } => Some(category.clone()),
        });
        held.chain(self.record.iter().map(|record| record.category.clone())).collect()
    }

    /// The columns that the manifest declares and does not ignore, with whether each says
    /// whom a row is about.
    pub fn held_columns(&self) -> impl Iterator<Item = (&str, bool)> {
        self.columns.iter().filter_map(|(name, column)| match column {
            Column::Ignored => None,
            Column::Held { identifier, .. } => Some((name.as_str(), identifier.is_some())),
        })
    }

    /// Columns of a source that the manifest does not declare, in their order.
    #[must_use]
    pub fn undeclared<'c>(&self, columns: impl IntoIterator<Item = &'c str>) -> Vec<String> {
        columns.into_iter().filter(|column| !self.columns.contains_key(*column)).map(str::to_owned).collect()
    }

    /// Reads one row. Undeclared columns are named, never read.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with one fault per value that is too long or not in its format.
    #[expect(
        clippy::disallowed_methods,
        reason = "reading a format is normalising, one of the three places that may look"
    )]
    pub fn read<N: AsRef<str> + Into<String>>(
        &self,
        row: impl IntoIterator<Item = (N, Personal<String>)>,
    ) -> Result<ParsedRow, AppError> {
        let mut parsed =
            ParsedRow { identifiers: Vec::new(), values: Vec::new(), key: None, undeclared: Vec::new() };
        let mut faults = Vec::new();
        let mut keys: BTreeMap<&str, String> = BTreeMap::new();
        for (name, value) in row {
            let Some((name, column)) = self.columns.get_key_value(name.as_ref()) else {
                parsed.undeclared.push(name.into());
                continue;
            };
            let Column::Held { field, category, lifetime, source, format, identifier } = column else {
                continue;
            };
            let text = match in_format(value.expose(), *format) {
                Ok(text) => text,
                Err(message) => {
                    faults.push(Fault::new(format!("fields.{name}"), message));
                    continue;
                }
            };
            if text.is_empty() {
                continue;
            }
            if self.record.as_ref().is_some_and(|record| record.key.contains(name)) {
                keys.insert(name, text.clone());
            }
            if let Some((kind, verified)) = identifier {
                let value = Personal::new(text.clone());
                parsed.identifiers.push((Identifier { kind: kind.clone(), value }, *verified));
            }
            parsed.values.push(ParsedValue {
                field: Arc::clone(field),
                category: category.clone(),
                lifetime: lifetime.clone(),
                source: *source,
                value: Personal::new(text),
                identifier: identifier.as_ref().map(|(kind, _)| kind.clone()),
            });
        }
        parsed.key = self.key(&keys, &mut faults);
        if faults.is_empty() { Ok(parsed) } else { Err(AppError::Invalid(faults)) }
    }

    /// The row's key: its parts in the declared order, each with its length before it.
    fn key(&self, parts: &BTreeMap<&str, String>, faults: &mut Vec<Fault>) -> Option<Personal<String>> {
        let record = self.record.as_ref()?;
        let mut key = String::new();
        for name in &record.key {
            match parts.get(name.as_str()) {
                Some(part) => key.push_str(&format!("{}:{part};", part.len())),
                None => faults.push(Fault::new(format!("fields.{name}"), "the row's key is empty")),
            }
        }
        Some(Personal::new(key))
    }
}

fn compile_column(manifest: &Manifest, table: &str, name: &str, field: &Field) -> Result<Column, AppError> {
    if field.ignore.is_some() {
        return Ok(Column::Ignored);
    }
    let Some(category) = &field.category else { return Ok(Column::Ignored) };
    let lifetime = lifetime_of(manifest, category, name)?;
    let identifier = field.identifier.clone().map(|kind| (kind, field.verified));
    Ok(Column::Held {
        field: format!("{table}.{name}").into(),
        category: category.clone(),
        lifetime,
        source: field.source,
        format: field.format,
        identifier,
    })
}

fn compile_record(manifest: &Manifest, table: &Table) -> Result<Option<RecordMapping>, AppError> {
    let Some(record) = &table.records else { return Ok(None) };
    Ok(Some(RecordMapping {
        kind: record.kind.clone(),
        category: record.category.clone(),
        lifetime: lifetime_of(manifest, &record.category, "records")?,
        key: record.key.clone(),
        repeated_keys: record.repeated_keys,
    }))
}

fn lifetime_of(manifest: &Manifest, category: &CategoryName, at: &str) -> Result<LifetimeName, AppError> {
    manifest
        .lifetime_of(category)
        .cloned()
        .ok_or_else(|| AppError::invalid(at, format!("the manifest does not use the category `{category}`")))
}

/// The value as the declared format writes it; empty stays empty. Messages never quote it.
fn in_format(value: &str, format: Format) -> Result<String, &'static str> {
    let text = value.trim();
    if text.len() > VALUE_BYTES_MAX {
        return Err("a value has 65,536 bytes at most");
    }
    if text.contains('\0') {
        return Err("a value holds no NUL bytes");
    }
    if text.is_empty() {
        return Ok(String::new());
    }
    match format {
        Format::Text => Ok(text.to_owned()),
        Format::Integer => integer(text).ok_or("expected a whole number"),
        Format::Decimal => decimal(text).ok_or("expected a decimal number with a point"),
        Format::Date => text
            .get(..10)
            .filter(|day| model::Timestamp::from_date(day).is_ok())
            .map(str::to_owned)
            .ok_or("expected a day like 2026-11-24"),
        Format::DateTime => date_time(text).ok_or("expected a time like 2026-11-24 09:30:00"),
    }
}

/// `17850` of `17850`, `+17850` or `17850.0`, as spreadsheets write whole numbers.
fn integer(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = whole.strip_prefix('+').unwrap_or(whole);
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let fine = !digits.is_empty()
        && digits.len() <= 18
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && fraction.bytes().all(|byte| byte == b'0');
    let digits = digits.trim_start_matches('0');
    fine.then(|| if digits.is_empty() { "0".to_owned() } else { format!("{sign}{digits}") })
}

/// `2.55` of `2.550` or `+2.55`: exact, without an exponent.
fn decimal(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = integer(whole).or_else(|| whole.is_empty().then(|| "0".to_owned()))?;
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) || fraction.len() > 18 {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let negative_zero = whole == "0" && text.starts_with('-') && !fraction.is_empty();
    let sign = if negative_zero { "-" } else { "" };
    Some(if fraction.is_empty() { whole } else { format!("{sign}{whole}.{fraction}") })
}

/// `2010-12-01T08:26:00`: a zone is kept as written, a missing time is midnight.
fn date_time(text: &str) -> Option<String> {
    let day = text.get(..10)?;
    let time = text.get(10..)?.trim_start_matches(['T', 't', ' ']);
    let time = if time.is_empty() { "00:00:00" } else { time };
    let zoned = time.ends_with(['Z', 'z']) || time.get(8..).is_some_and(|rest| rest.contains(['+', '-']));
    let written = format!("{day}T{time}");
    let readable = if zoned { written.clone() } else { format!("{written}Z") };
    readable.parse::<model::Timestamp>().ok().map(|_| written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_and_times_have_one_written_form() {
        for (text, wanted) in [("17850.0", "17850"), ("+7", "7"), ("-0", "0"), ("007", "7"), ("-12", "-12")] {
            assert_eq!(in_format(text, Format::Integer).as_deref(), Ok(wanted), "{text}");
        }
        for (text, wanted) in
            [("2.550", "2.55"), ("-0.50", "-0.5"), ("3", "3"), ("-1.00", "-1"), (".5", "0.5")]
        {
            assert_eq!(in_format(text, Format::Decimal).as_deref(), Ok(wanted), "{text}");
        }
        assert_eq!(in_format("2010-12-01 08:26:00", Format::DateTime).as_deref(), Ok("2010-12-01T08:26:00"));
        assert_eq!(in_format("2009-01-01", Format::DateTime).as_deref(), Ok("2009-01-01T00:00:00"));
        assert_eq!(in_format("2009-01-01 00:00:00", Format::Date).as_deref(), Ok("2009-01-01"));
        for (text, format) in [
            ("17.5", Format::Integer),
            ("1e3", Format::Decimal),
            ("2010-02-30", Format::Date),
            ("noon", Format::DateTime),
            ("1,5", Format::Decimal),
        ] {
            assert!(in_format(text, format).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics_and_formatting_twice_changes_nothing(text in "\\PC{0,30}") {
            for format in Format::ALL {
                if let Ok(once) = in_format(&text, *format) {
                    prop_assert_eq!(in_format(&once, *format), Ok(once));
                }
            }
        }
    }
}
