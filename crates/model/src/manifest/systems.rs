//! Systems: the controller's own tables and files, and how their columns map to categories.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::identifier::IdentifierKind;
use crate::name::{CategoryName, PurposeName, RecordKind};
use crate::purpose::codes;

/// A system of the controller that holds data, and from which it can be imported.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// What it is.
    pub kind: SystemKind,
    /// A remark for colleagues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Its tables (for CSV: its files) by their exact names.
    pub tables: BTreeMap<String, Table>,
}

codes! {
    /// What a system is.
    SystemKind {
        /// Files of comma-separated values, plain or gzipped, with a header line.
        Csv = "csv",
        /// A SQLite file.
        Sqlite = "sqlite",
        /// A PostgreSQL database.
        Postgres = "postgres",
    }
}

/// A table, or for CSV a kind of file.
///
/// Its rows are about people: without `records` each row is a person's profile, with
/// `records` each row becomes a sealed record of the person whom its identifiers name.
/// A row that names nobody is skipped.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Why the table is not mapped at all: it holds nothing about customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignore: Option<String>,
    /// The purpose under which the rows are collected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<PurposeName>,
    /// Given when rows become records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<RecordTable>,
    /// The columns by their exact names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Field>,
}

impl Table {
    /// The columns that say whom a row is about, with their kinds.
    pub fn identifiers(&self) -> impl Iterator<Item = (&str, &IdentifierKind, &Field)> {
        self.fields
            .iter()
            .filter_map(|(column, field)| Some((column.as_str(), field.identifier.as_ref()?, field)))
    }
}

/// How rows become records.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordTable {
    /// The kind of record, such as `invoice`.
    pub kind: RecordKind,
    /// The category of the row as a whole; its lifetime seals the record.
    pub category: CategoryName,
    /// The columns that together name a row.
    pub key: Vec<String>,
    /// What to do when several rows carry one key.
    #[serde(default)]
    pub repeated_keys: RepeatedKeys,
    /// The column that says when it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
}

codes! {
    /// What to do when several rows of one source carry one key.
    #[derive(Default)]
    RepeatedKeys {
        /// The later row is rejected.
        #[default]
        Reject = "reject",
        /// Rows are numbered in the order of the source, and the number is part of the key.
        Number = "number",
    }
}

/// A column: either its category, or why it is left out.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The category of what it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<CategoryName>,
    /// Why it is left out; instead of a category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignore: Option<String>,
    /// Where the values came from.
    #[serde(default)]
    pub source: Source,
    /// Given when the column says whom the row is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<IdentifierKind>,
    /// Whether the controller has verified that the identifier is the person's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verified: bool,
    /// The column of another table that it points to, as `Table.Column`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub references: Option<ColumnRef>,
    /// How the text of a value is brought to one spelling.
    #[serde(default)]
    pub format: Format,
}

codes! {
    /// Where a value came from.
    #[derive(Default)]
    Source {
        /// The person gave it.
        #[default]
        Person = "person",
        /// It was observed while the person used a service.
        Observed = "observed",
        /// A recipient or partner delivered it.
        Recipient = "recipient",
        /// A public register or publication.
        Public = "public",
        /// A social network.
        Social = "social",
        /// It was inferred from other values.
        Inferred = "inferred",
    }
}

impl Source {
    /// Whether the value belongs into a portability export: what the person gave or
    /// generated by use (GDPR 20(1); Article 29 Working Party, WP 242).
    #[must_use]
    pub const fn is_portable(self) -> bool {
        matches!(self, Self::Person | Self::Observed)
    }
}

codes! {
    /// How the text of a value is brought to one spelling before anything else sees it.
    #[derive(Default)]
    Format {
        /// As it stands, trimmed.
        #[default]
        Text = "text",
        /// A whole number; a fraction of zeros is dropped, so `17850.0` is `17850`.
        Integer = "integer",
        /// A number with a point.
        Decimal = "decimal",
        /// A day `YYYY-MM-DD`.
        Date = "date",
        /// A day and time `YYYY-MM-DD hh:mm:ss`, of which a missing time is midnight.
        DateTime = "date-time",
    }
}

/// A column of a table, written `Table.Column`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnRef {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
}

/// The text names no column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a column of another table is written `Table.Column`")]
pub struct ColumnRefError;

impl FromStr for ColumnRef {
    type Err = ColumnRefError;

    fn from_str(text: &str) -> Result<Self, ColumnRefError> {
        let (table, column) = text.rsplit_once('.').ok_or(ColumnRefError)?;
        if table.is_empty() || column.is_empty() {
            return Err(ColumnRefError);
        }
        Ok(Self { table: table.to_owned(), column: column.to_owned() })
    }
}

impl fmt::Display for ColumnRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.column)
    }
}
