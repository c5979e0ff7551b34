//! The four kinds of value that both engines store alike, and how they go in
//! and come out: TEXT, BIGINT, BOOLEAN, BYTEA, and NULL of each.

use std::borrow::Cow;
use std::fmt;

use crate::error::DbError;
use crate::{postgres, sqlite};

/// The type of a column, under the name that the statements use on both engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// TEXT: UTF-8 without NUL bytes.
    Text,
    /// BIGINT: a signed 64-bit integer.
    Int,
    /// BOOLEAN: stored by SQLite as INTEGER 0 or 1.
    Bool,
    /// BYTEA: bytes, stored by SQLite as BLOB.
    Bytes,
}

/// A value on its way into a statement or out of a row.
#[derive(Clone)]
pub enum Value<'a> {
    /// NULL; PostgreSQL wants to know of which kind.
    Null(Kind),
    /// TEXT
    Text(Cow<'a, str>),
    /// BIGINT
    Int(i64),
    /// BOOLEAN
    Bool(bool),
    /// BYTEA
    Bytes(&'a [u8]),
}

/// Prints the kind only: values may be personal.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({:?})", self.kind())
    }
}

impl Value<'_> {
    /// The kind of column that this value fits.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Null(kind) => *kind,
            Self::Text(_) => Kind::Text,
            Self::Int(_) => Kind::Int,
            Self::Bool(_) => Kind::Bool,
            Self::Bytes(_) => Kind::Bytes,
        }
    }

    /// PostgreSQL refuses NUL bytes in TEXT; we refuse them on both engines.
    pub(crate) fn check(&self) -> Result<(), DbError> {
        match self {
            Self::Text(text) if text.as_bytes().contains(&0) => Err(DbError::NulInText),
            _ => Ok(()),
        }
    }
}

/// What may be bound to a statement's `$n`.
pub trait ToValue {
    /// The value as the engines take it.
    fn to_value(&self) -> Value<'_>;
}

/// A Rust type that has one kind of column, so that its NULL has a kind too.
pub trait HasKind {
    /// The kind of column this type is stored in.
    const KIND: Kind;
}

/// What may be read from a column. NULL is `None`; only `Option` accepts it.
pub trait FromValue<'a>: Sized {
    /// Reads the value, or answers `None` when the column holds something else.
    fn from_value(value: Option<Value<'a>>) -> Option<Self>;
}

/// A whole row as a tuple of columns in the order of the statement.
pub trait FromRow: Sized {
    /// Reads the row; a column of another kind is [`DbError::Column`].
    fn from_row(row: &Row<'_>) -> Result<Self, DbError>;
}

/// One row of an answer, valid while the statement stands on it.
pub struct Row<'a>(pub(crate) RowOf<'a>);

/// The engine's own row.
pub(crate) enum RowOf<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a ::postgres::Row),
}

impl<'a> Row<'a> {
    /// Reads column `column`, counted from 0.
    pub fn get<'r, T: FromValue<'r>>(&'r self, column: usize) -> Result<T, DbError>
    where
        'a: 'r,
    {
        let value = match &self.0 {
            RowOf::Sqlite(row) => sqlite::column(row, column),
            RowOf::Postgres(row) => postgres::column(row, column),
        }?;
        T::from_value(value).ok_or(DbError::Column { column })
    }
}

impl<T: HasKind + ?Sized> HasKind for &T {
    const KIND: Kind = T::KIND;
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value<'_> {
        (**self).to_value()
    }
}

impl<T: ToValue + HasKind> ToValue for Option<T> {
    fn to_value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null(T::KIND), ToValue::to_value)
    }
}

impl<T: HasKind> HasKind for Option<T> {
    const KIND: Kind = T::KIND;
}

impl<'a, T: FromValue<'a>> FromValue<'a> for Option<T> {
    fn from_value(value: Option<Value<'a>>) -> Option<Self> {
        match value {
            None => Some(None),
            some => T::from_value(some).map(Some),
        }
    }
}

/// How a type is stored: its kind, its way into a [`Value`], and its way out.
macro_rules! stored {
    ($type:ty, $kind:ident, $this:ident => $into:expr, $out:pat => $from:expr) => {
        impl HasKind for $type {
            const KIND: Kind = Kind::$kind;
        }
        impl ToValue for $type {
            fn to_value(&self) -> Value<'_> {
                let $this = self;
                $into
            }
        }
        impl<'a> FromValue<'a> for $type {
            fn from_value(value: Option<Value<'a>>) -> Option<Self> {
                match value? {
                    $out => $from,
                    _ => None,
                }
            }
        }
    };
}

stored!(i64, Int, it => Value::Int(*it), Value::Int(it) => Some(it));
stored!(String, Text, it => Value::Text(Cow::Borrowed(it)), Value::Text(it) => Some(it.into_owned()));
stored!(Vec<u8>, Bytes, it => Value::Bytes(it), Value::Bytes(it) => Some(it.to_vec()));

impl HasKind for bool {
    const KIND: Kind = Kind::Bool;
}

impl ToValue for bool {
    fn to_value(&self) -> Value<'_> {
        Value::Bool(*self)
    }
}

impl<'a> FromValue<'a> for bool {
    fn from_value(value: Option<Value<'a>>) -> Option<Self> {
        match value? {
            Value::Bool(it) => Some(it),
            // SQLite has no booleans of its own.
            Value::Int(0) => Some(false),
            Value::Int(1) => Some(true),
            _ => None,
        }
    }
}

impl HasKind for str {
    const KIND: Kind = Kind::Text;
}

impl ToValue for str {
    fn to_value(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }
}

impl<'a> FromValue<'a> for Cow<'a, str> {
    fn from_value(value: Option<Value<'a>>) -> Option<Self> {
        match value? {
            Value::Text(it) => Some(it),
            _ => None,
        }
    }
}

impl HasKind for [u8] {
    const KIND: Kind = Kind::Bytes;
}

impl ToValue for [u8] {
    fn to_value(&self) -> Value<'_> {
        Value::Bytes(self)
    }
}

impl<'a> FromValue<'a> for &'a [u8] {
    fn from_value(value: Option<Value<'a>>) -> Option<Self> {
        match value? {
            Value::Bytes(it) => Some(it),
            _ => None,
        }
    }
}

impl<const N: usize> HasKind for [u8; N] {
    const KIND: Kind = Kind::Bytes;
}

impl<const N: usize> ToValue for [u8; N] {
    fn to_value(&self) -> Value<'_> {
        Value::Bytes(self)
    }
}

impl<'a, const N: usize> FromValue<'a> for [u8; N] {
    fn from_value(value: Option<Value<'a>>) -> Option<Self> {
        match value? {
            Value::Bytes(it) => it.try_into().ok(),
            _ => None,
        }
    }
}

macro_rules! tuple_rows {
    ($($($name:ident $column:tt)+;)+) => {$(
        impl<$($name: for<'a> FromValue<'a>),+> FromRow for ($($name,)+) {
            fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
                Ok(($(row.get::<$name>($column)?,)+))
            }
        }
    )+};
}

tuple_rows! {
    A 0;
    A 0 B 1;
    A 0 B 1 C 2;
    A 0 B 1 C 2 D 3;
    A 0 B 1 C 2 D 3 E 4;
    A 0 B 1 C 2 D 3 E 4 F 5;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11;
}
