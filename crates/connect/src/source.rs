//! A source of rows: what can be opened, and the stream it gives.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use model::Secret;
use thiserror::Error;

use crate::csv_file::{self, CsvFile};
use crate::feed::Feed;
use crate::postgres_table::{self, PostgresTable};
use crate::row::{Break, COLUMNS_MAX, Row, RowError};
use crate::sqlite_table::{self, SqliteTable};

/// Longest column name, in bytes.
pub const NAME_BYTES_MAX: usize = 256;

/// Where rows come from.
#[derive(Debug)]
pub enum Source {
    /// A CSV file (RFC 4180, comma, header, UTF-8), plain or gzipped whatever its name.
    Csv {
        /// The file.
        file: PathBuf,
    },
    /// A table or view of an SQLite file, opened for reading only.
    Sqlite {
        /// The file.
        file: PathBuf,
        /// The table's name, as SQLite knows it.
        table: String,
    },
    /// A table or view of a PostgreSQL database, read in one read-only transaction.
    /// The connection is not encrypted yet: one machine, or a tunnel.
    Postgres {
        /// The connection string (`host=… user=… password=…` or a URL), from a file or
        /// the environment, never from the command line.
        login: Secret<String>,
        /// `table` or `schema.table`, names as PostgreSQL stores them.
        table: String,
    },
}

impl Source {
    /// Opens the source and reads its column names, no row yet. Blocks, as reading
    /// does: call it on a thread of its own, never on one that runs async tasks.
    ///
    /// # Errors
    /// When it cannot be opened or its columns are unusable.
    pub fn open(&self) -> Result<Table, SourceError> {
        let table = match self {
            Self::Csv { file } => return csv_file::open(file),
            Self::Sqlite { file, table } => sqlite_table::open(file, table)?,
            Self::Postgres { login, table } => postgres_table::open(login, table)?,
        };
        check_columns(&table.columns)?;
        Ok(table)
    }
}

/// An opened source: its columns are known, its rows not yet read.
pub struct Table {
    pub(crate) columns: Vec<String>,
    pub(crate) reader: Reader,
    pub(crate) progress: Progress,
}

pub(crate) enum Reader {
    Csv(Box<CsvFile>),
    Sqlite(SqliteTable),
    Postgres(Box<PostgresTable>),
}

impl Table {
    /// The columns' names, in the source's order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Streams the named columns, in this order; the others are not read at all
    /// (a CSV file's are passed over).
    ///
    /// # Errors
    /// When the source has no such column, or one cannot be imported.
    pub fn rows(self, wanted: &[&str]) -> Result<Rows, SourceError> {
        let position = |name: &&str| {
            let found = self.columns.iter().position(|column| column == name);
            found.ok_or_else(|| SourceError::NoColumn((*name).to_owned()))
        };
        let wanted: Vec<usize> = wanted.iter().map(position).collect::<Result<_, _>>()?;
        let progress = self.progress.clone();
        let stream = match self.reader {
            Reader::Csv(file) => Stream::Csv(file.rows(wanted)),
            Reader::Sqlite(table) => Stream::Table(table.rows(&self.columns, wanted, progress)?),
            Reader::Postgres(table) => Stream::Table(table.rows(&self.columns, &wanted, progress)?),
        };
        Ok(Rows { stream, progress: self.progress, ended: false })
    }

    /// Streams every column.
    ///
    /// # Errors
    /// When one of them cannot be imported.
    pub fn all_rows(self) -> Result<Rows, SourceError> {
        let columns = self.columns.clone();
        let wanted: Vec<&str> = columns.iter().map(String::as_str).collect();
        self.rows(&wanted)
    }
}

/// The rows of a source, in its order. After [`RowError::Broken`] it is over.
pub struct Rows {
    stream: Stream,
    progress: Progress,
    ended: bool,
}

enum Stream {
    Csv(csv_file::CsvRows),
    Table(Feed),
}

impl Rows {
    /// How far reading has come; a handle that may be watched from another thread.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }
}

impl Iterator for Rows {
    type Item = Result<Row, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = match &mut self.stream {
            Stream::Csv(rows) => rows.next_row(),
            Stream::Table(feed) => feed.next_row(),
        };
        self.ended = matches!(next, None | Some(Err(RowError::Broken { .. })));
        next
    }
}

/// How far reading has come: bytes of a file as it lies on disk, rows of a table.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    done: Arc<AtomicU64>,
    total: Option<u64>,
}

impl Progress {
    pub(crate) fn new(total: Option<u64>) -> Self {
        Self { done: Arc::default(), total }
    }

    pub(crate) fn add(&self, count: u64) {
        self.done.fetch_add(count, Ordering::Relaxed);
    }

    /// Bytes or rows read so far.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Bytes or rows there are; `None` when unknown, an estimate for PostgreSQL.
    pub const fn total(&self) -> Option<u64> {
        self.total
    }
}

/// Why a source cannot be used. Columns count from 1.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SourceError {
    /// The operating system's answer.
    #[error("the file cannot be opened: {0}")]
    Open(io::ErrorKind),
    /// The source broke before the first row.
    #[error("the source cannot be read: {0}")]
    Unreadable(#[from] Break),
    /// An empty file.
    #[error("the file is empty: the first line must name the columns")]
    Empty,
    /// A UTF-16 byte order mark.
    #[error("the file is UTF-16: save it as UTF-8")]
    Utf16,
    /// A connection string that cannot be parsed.
    #[error("the connection string is malformed")]
    Login,
    /// TLS to the server cannot be prepared.
    #[error(transparent)]
    Tls(dial::LineError),
    /// No such table or view.
    #[error("there is no table or view `{0}`")]
    NoTable(String),
    /// No such column.
    #[error("there is no column `{0}`")]
    NoColumn(String),
    /// More than [`COLUMNS_MAX`], or none.
    #[error("the source must have 1 to 1,024 columns")]
    ColumnCount,
    /// Two columns of one name.
    #[error("columns {first} and {second} have the same name")]
    NameTwice {
        /// The first of them.
        first: usize,
        /// The other.
        second: usize,
    },
    /// A column name that is empty, too long, not UTF-8 or has a zero byte.
    #[error("the name of column {column} is empty, longer than 256 bytes or not UTF-8")]
    Name {
        /// The column.
        column: usize,
    },
    /// A column of binary type.
    #[error("column `{0}` holds binary data, which cannot be imported")]
    Binary(String),
}

/// Column names must be there, short, and each its own.
pub(crate) fn check_columns(columns: &[String]) -> Result<(), SourceError> {
    if columns.is_empty() || columns.len() > COLUMNS_MAX {
        return Err(SourceError::ColumnCount);
    }
    let mut seen = std::collections::HashMap::new();
    for (column, name) in (1..).zip(columns) {
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            return Err(SourceError::Name { column });
        }
        if let Some(first) = seen.insert(name, column) {
            return Err(SourceError::NameTwice { first, second: column });
        }
    }
    Ok(())
}
