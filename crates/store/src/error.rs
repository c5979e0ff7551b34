//! What can go wrong in the store, told by kind, code and constraint name only:
//! the drivers' own texts quote values, which may be personal.

use thiserror::Error;

/// Why a transaction did not happen.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DbError {
    /// The queue before the database threads is full; try again later (HTTP 503).
    #[error("the database has more work waiting than it may take")]
    Busy,
    /// The database was closed while the work waited.
    #[error("the database is closed")]
    Closed,
    /// The transaction's closure panicked; it was rolled back.
    #[error("a transaction panicked and was rolled back")]
    Panicked,
    /// An earlier statement of this transaction failed; nothing more can be done in it.
    #[error("an earlier statement of this transaction failed")]
    Poisoned,
    /// The permit does not cover the person or the category that was to be read or written.
    #[error("the permit does not cover this")]
    NotPermitted,
    /// Other transactions stood in the way, also after every retry
    /// (SQLSTATE 40001, 40P01, 55P03 or SQLITE_BUSY).
    #[error("other transactions stood in the way")]
    Contention,
    /// The server cannot be reached or the connection broke before the commit.
    #[error("the database server cannot be reached (SQLSTATE {code})")]
    Unreachable {
        /// SQLSTATE, `io` when the connection itself failed, or `tls` when its handshake did.
        code: String,
    },
    /// The connection broke while committing: nobody knows whether it was done.
    #[error("the connection broke during the commit, so its outcome is unknown")]
    CommitUnknown,
    /// A constraint of the schema refused the change.
    #[error("the constraint {kind} `{name}` refused the change")]
    Constraint {
        /// Which sort of constraint.
        kind: ConstraintKind,
        /// PostgreSQL: the constraint's name. SQLite: the columns, or the name of a check.
        name: String,
    },
    /// A statement that writes in a transaction that only reads.
    #[error("a reading transaction cannot write")]
    ReadOnly,
    /// [`ReadTx::query_one`](crate::ReadTx::query_one) found no row.
    #[error("no row where one was expected")]
    NoRow,
    /// A statement that may answer one row answered several.
    #[error("several rows where at most one was expected")]
    ManyRows,
    /// A column holds NULL or another kind than the code expects.
    #[error("column {column} of the answer does not hold what was expected")]
    Column {
        /// Counted from 0.
        column: usize,
    },
    /// The statement has another number of `$n` than values were given.
    #[error("the statement takes {wanted} values, {given} were given")]
    Parameters {
        /// How many the statement names.
        wanted: usize,
        /// How many the caller gave.
        given: usize,
    },
    /// TEXT cannot hold NUL bytes.
    #[error("text with a NUL byte cannot be stored")]
    NulInText,
    /// Anything else, by the engine's own code.
    #[error("statement `{statement}` failed with code {code}")]
    Failed {
        /// SQLSTATE on PostgreSQL, the extended result code on SQLite.
        code: String,
        /// The beginning of the statement's text, which is a constant without values.
        statement: String,
    },
}

/// Sorts of constraint, as both engines tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstraintKind {
    /// A primary or unique key.
    Unique,
    /// A foreign key.
    ForeignKey,
    /// A check.
    Check,
    /// A column that must not be NULL.
    NotNull,
    /// Another sort.
    Other,
}

impl std::fmt::Display for ConstraintKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unique => "unique",
            Self::ForeignKey => "foreign key",
            Self::Check => "check",
            Self::NotNull => "not null",
            Self::Other => "other",
        })
    }
}

/// Why a database was not opened. Each text says what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OpenError {
    /// The DSN cannot be read. It may hold a password, so it is not shown.
    #[error("the PostgreSQL address (dsn) is not valid")]
    Dsn,
    /// TLS to the server cannot be prepared.
    #[error(transparent)]
    Tls(#[from] dial::LineError),
    /// A schema name is `[a-z_][a-z0-9_]*`, at most 63 bytes.
    #[error("`{0}` is not a valid schema name: use [a-z_][a-z0-9_]*, at most 63 bytes")]
    SchemaName(String),
    /// No server, wrong password, no such database, no such file …
    #[error("cannot open the database (code {code})")]
    Connect {
        /// SQLSTATE, `io`, `tls` (the certificate is not believed, or the server speaks no TLS),
        /// or SQLite's extended result code.
        code: String,
    },
    /// A setting that the promises rest on has another value.
    #[error("the database setting `{name}` is `{found}`, it must be `{wanted}`")]
    Setting {
        /// The setting's name.
        name: &'static str,
        /// What the database answered.
        found: String,
        /// What is needed.
        wanted: &'static str,
    },
    /// Order and comparison of texts differ from SQLite's.
    #[error(
        "the PostgreSQL database sorts by `{found}`, it must sort by `C`: create it with \
         CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
    )]
    Collation {
        /// The database's collation.
        found: String,
    },
    /// The data was written by a newer version of this program.
    #[error("the data has schema version {found}, this program knows {known}: use a newer program")]
    NewerSchema {
        /// What the database holds.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// A migration that was done under this number has another name.
    #[error("migration {number} of the database is `{found}`, this program knows `{known}`")]
    OtherSchema {
        /// The migration's number.
        number: i64,
        /// The name in the database.
        found: String,
        /// The name in this program.
        known: String,
    },
    /// A migration failed; it was rolled back.
    #[error("migration {number} `{name}` failed and was rolled back: {source}")]
    Migration {
        /// The migration's number.
        number: i64,
        /// The migration's name.
        name: &'static str,
        /// What the database said.
        source: DbError,
    },
    /// A thread could not be started.
    #[error("a database thread could not be started")]
    Thread,
    /// A question asked at opening failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl DbError {
    /// Whether the same transaction may well succeed when it runs again.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Contention | Self::Unreachable { .. })
    }

    /// An error by code, with the beginning of the constant statement.
    pub(crate) fn failed(code: impl Into<String>, statement: &str) -> Self {
        const SHOWN_CHARS: usize = 80;
        Self::Failed { code: code.into(), statement: statement.chars().take(SHOWN_CHARS).collect() }
    }
}
