//! One row of a source, and what can be wrong with it.

use std::io;

use model::Personal;
use thiserror::Error;

/// Longest value, in bytes.
pub const FIELD_BYTES_MAX: usize = 1 << 20;
/// Longest row, in bytes over all its values.
pub const ROW_BYTES_MAX: usize = 4 << 20;
/// Most columns.
pub const COLUMNS_MAX: usize = 1024;

/// One row: the wanted columns, in the order they were asked for.
#[derive(Debug)]
pub struct Row {
    line: u64,
    values: Vec<Option<Personal<String>>>,
}

impl Row {
    pub(crate) const fn new(line: u64, values: Vec<Option<Personal<String>>>) -> Self {
        Self { line, values }
    }

    /// Where the row stands: in a file the line it begins at, in a database table its
    /// number in reading order; both count from 1.
    pub const fn line(&self) -> u64 {
        self.line
    }

    /// The values, `None` where there is none: NULL, and in CSV the empty field.
    pub fn values(&self) -> &[Option<Personal<String>>] {
        &self.values
    }

    /// The values, to keep.
    pub fn into_values(self) -> Vec<Option<Personal<String>>> {
        self.values
    }
}

/// Why a row did not come.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RowError {
    /// This row cannot be read; the next one follows.
    #[error("line {line}: {reason}")]
    Rejected {
        /// As [`Row::line`].
        line: u64,
        /// What is wrong with it.
        reason: Reason,
    },
    /// The source cannot be read on; nothing follows.
    #[error("line {line}: {reason}")]
    Broken {
        /// As [`Row::line`], of the row that was to come.
        line: u64,
        /// What happened.
        reason: Break,
    },
}

/// What is wrong with a row. Columns count from 1 as in the source.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Reason {
    /// A CSV row with more or fewer fields than the header.
    #[error("{found} fields where the header has {expected}")]
    FieldCount {
        /// Fields of this row.
        found: usize,
        /// Fields of the header.
        expected: usize,
    },
    /// Text that is not UTF-8.
    #[error("column {column}: byte {byte} is not UTF-8")]
    Encoding {
        /// The column.
        column: usize,
        /// The first bad byte of the field, from 1.
        byte: usize,
    },
    /// Text with a zero byte, which PostgreSQL cannot store.
    #[error("column {column}: a zero byte")]
    ZeroByte {
        /// The column.
        column: usize,
    },
    /// A value above [`FIELD_BYTES_MAX`].
    #[error("column {column}: longer than 1 MiB")]
    FieldTooLong {
        /// The column.
        column: usize,
    },
    /// A row above [`ROW_BYTES_MAX`], or above [`COLUMNS_MAX`] fields.
    #[error("longer than 4 MiB or 1,024 fields")]
    RowTooLong,
    /// A blob.
    #[error("column {column}: binary data")]
    Binary {
        /// The column.
        column: usize,
    },
    /// A number that has no decimal form (infinity).
    #[error("column {column}: not a finite number")]
    NotFinite {
        /// The column.
        column: usize,
    },
}

/// Why a source cannot be read on.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Break {
    /// The operating system's answer.
    #[error("reading failed: {0}")]
    Read(io::ErrorKind),
    /// The file ends inside a quoted field: it is cut off, or a quote is too many.
    #[error("the file ends inside a quoted field that begins in this row")]
    UnclosedQuote,
    /// The compressed data is damaged or cut off.
    #[error("the gzip data is damaged or cut off")]
    Gzip,
    /// The compressed data unpacks to implausibly much.
    #[error("the gzip data unpacks to more than {0} times its size")]
    Compression(u64),
    /// SQLite's extended result code.
    #[error("SQLite answers with code {0}")]
    Sqlite(i32),
    /// PostgreSQL's SQLSTATE, or `tls` or `connection` where there was none.
    #[error("PostgreSQL answers with {0}")]
    Postgres(String),
    /// The thread that reads the table has died.
    #[error("the reader stopped")]
    Stopped,
}

/// A value from a source's bytes, or why it is none. `column` counts from 1.
pub(crate) fn text(bytes: &[u8], column: usize) -> Result<String, Reason> {
    if bytes.len() > FIELD_BYTES_MAX {
        return Err(Reason::FieldTooLong { column });
    }
    if bytes.contains(&0) {
        return Err(Reason::ZeroByte { column });
    }
    match str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(Reason::Encoding { column, byte: error.valid_up_to() + 1 }),
    }
}

/// A row from its values, unless they are too long together.
pub(crate) fn row(line: u64, values: Result<Vec<Option<String>>, Reason>) -> Result<Row, RowError> {
    let checked = values.and_then(|values| {
        let bytes: usize = values.iter().flatten().map(String::len).sum();
        if bytes > ROW_BYTES_MAX { Err(Reason::RowTooLong) } else { Ok(values) }
    });
    match checked {
        Ok(values) => Ok(Row::new(line, values.into_iter().map(|value| value.map(Personal::new)).collect())),
        Err(reason) => Err(RowError::Rejected { line, reason }),
    }
}
