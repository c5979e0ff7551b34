//! PostgreSQL: connecting, statements, errors.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::time::Duration;

use dial::{Line, LineError, Tls};
use fallible_iterator::FallibleIterator;
use postgres::types::private::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type};
use postgres::{Client, Statement};

use crate::error::{ConstraintKind, DbError, OpenError};
use crate::job::Access;
use crate::retry::Engine;
use crate::tx::{Conn, EachRow};
use crate::value::{Kind, Row, RowOf, Value};

/// How long a connection attempt may take when the DSN does not say.
const CONNECT_WAIT: Duration = Duration::from_secs(5);
/// Prepared statements kept per connection.
const STATEMENTS_MAX: usize = 512;
/// The oldest server whose SQL the statements were written for.
const VERSION_MIN: &str = "150000";

/// The engine of one database thread: connects when needed, again after a loss.
pub(crate) struct Postgres {
    place: Place,
    session: Option<Session>,
}

/// Which server, database and schema.
#[derive(Clone)]
pub(crate) struct Place {
    line: Line,
    schema: String,
}

/// A connection with its prepared statements.
pub(crate) struct Session {
    client: Client,
    statements: HashMap<Box<str>, Statement>,
}

impl Place {
    pub(crate) fn new(dsn: &str, schema: &str, tls: &Tls) -> Result<Self, OpenError> {
        let mut line = Line::new(dsn, tls).map_err(|error| match error {
            LineError::Address => OpenError::Dsn,
            other => OpenError::Tls(other),
        })?;
        let config = line.config();
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_WAIT);
        }
        if config.get_application_name().is_none() {
            config.application_name("steward");
        }
        let letters = |c: char| c.is_ascii_lowercase() || c == '_';
        let valid = schema.starts_with(letters)
            && schema.chars().all(|c| letters(c) || c.is_ascii_digit())
            && schema.len() <= 63;
        if !valid {
            return Err(OpenError::SchemaName(schema.to_owned()));
        }
        Ok(Self { line, schema: schema.to_owned() })
    }

    /// Checks what the promises rest on and makes the schema if it is missing.
    /// Blocks: call it on a thread outside the async runtime.
    pub(crate) fn prepare(&self) -> Result<(), OpenError> {
        let mut session = self.connect().map_err(|error| match error {
            DbError::Unreachable { code } | DbError::Failed { code, .. } => OpenError::Connect { code },
            other => OpenError::Db(other),
        })?;
        let version = session.setting("server_version_num")?;
        if version.len() < VERSION_MIN.len() || version.as_str() < VERSION_MIN {
            return Err(setting("server_version_num", version, "150000 or newer"));
        }
        for (name, wanted) in [("server_encoding", "UTF8"), ("synchronous_commit", "on")] {
            let found = session.setting(name)?;
            if found != wanted {
                return Err(setting(name, found, wanted));
            }
        }
        if self.line.is_exposed() {
            tracing::warn!(
                "PostgreSQL is on another machine and spoken to in the clear (sslmode is disable)"
            );
        }
        if session.setting("fsync")? != "on" {
            tracing::warn!("PostgreSQL runs with fsync off: a power loss can destroy the data");
        }
        let found =
            session.text("SELECT datcollate FROM pg_database WHERE datname = current_database()", &[])?;
        if !matches!(found.as_deref(), Some("C" | "POSIX")) {
            let found = found.unwrap_or_default();
            return Err(OpenError::Collation { found });
        }
        let schema = Value::Text(self.schema.as_str().into());
        let exists = "SELECT nspname::text FROM pg_namespace WHERE nspname::text = $1";
        if session.text(exists, &[schema])?.is_none() {
            session.batch(&format!("CREATE SCHEMA IF NOT EXISTS \"{}\"", self.schema))?;
        }
        Ok(())
    }

    fn connect(&self) -> Result<Session, DbError> {
        let client = self.line.connect().map_err(|error| failed(&error, "connect"))?;
        let mut session = Session { client, statements: HashMap::new() };
        session.batch(&format!(
            "SET search_path = \"{}\"; SET synchronous_commit = on; SET lock_timeout = '10s';
             SET idle_in_transaction_session_timeout = '60s'; SET TIME ZONE 'UTC'",
            self.schema
        ))?;
        Ok(session)
    }
}

impl Postgres {
    pub(crate) fn new(place: Place) -> Self {
        Self { place, session: None }
    }

    fn session(&mut self) -> Result<&mut Session, DbError> {
        let open = self.session.take().filter(|it| !it.client.is_closed());
        let session = match open {
            Some(session) => session,
            None => self.place.connect()?,
        };
        Ok(self.session.insert(session))
    }
}

impl Engine for Postgres {
    /// Readers get REPEATABLE READ, so that they see one state of the database
    /// as on SQLite; a read-only transaction of that level never conflicts.
    fn begin(&mut self, access: Access) -> Result<(), DbError> {
        self.session()?.batch(match access {
            Access::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Access::Write => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        })
    }

    fn conn(&mut self) -> Result<Conn<'_>, DbError> {
        self.session().map(Conn::Postgres)
    }

    fn commit(&mut self) -> Result<(), DbError> {
        let Some(session) = self.session.as_mut() else {
            return Err(DbError::CommitUnknown);
        };
        session.batch("COMMIT").map_err(|error| match error {
            DbError::Unreachable { .. } => DbError::CommitUnknown,
            other => other,
        })
    }

    /// A connection that cannot roll back is dropped: the server then does it.
    fn rollback(&mut self) {
        self.session =
            self.session.take().and_then(|mut session| session.batch("ROLLBACK").is_ok().then_some(session));
    }
}

impl Session {
    /// Runs a statement and answers the number of changed rows.
    pub(crate) fn execute(&mut self, text: &str, params: &[Value<'_>]) -> Result<u64, DbError> {
        let statement = self.statement(text, params)?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|it| it as _).collect();
        self.client.execute(&statement, &params).map_err(|e| failed(&e, text))
    }

    /// Runs a statement and calls `step` with every row as it arrives.
    pub(crate) fn each(
        &mut self,
        text: &str,
        params: &[Value<'_>],
        step: &mut EachRow<'_>,
    ) -> Result<(), DbError> {
        let statement = self.statement(text, params)?;
        let mut rows = self.client.query_raw(&statement, params).map_err(|e| failed(&e, text))?;
        while let Some(row) = rows.next().map_err(|e| failed(&e, text))? {
            if step(&Row(RowOf::Postgres(&row))).is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Runs several statements without values.
    pub(crate) fn batch(&mut self, text: &str) -> Result<(), DbError> {
        self.client.batch_execute(text).map_err(|e| failed(&e, text))
    }

    /// The prepared statement for this text and these kinds of values.
    fn statement(&mut self, text: &str, params: &[Value<'_>]) -> Result<Statement, DbError> {
        let types: Vec<Type> = params.iter().map(|it| sql_type(it.kind())).collect();
        if let Some(statement) = self.statements.get(text)
            && statement.params() == types
        {
            return Ok(statement.clone());
        }
        // The server would accept more values than the statement names.
        let (wanted, given) = (parameters(text), params.len());
        if wanted != given {
            return Err(DbError::Parameters { wanted, given });
        }
        let statement = self.client.prepare_typed(text, &types).map_err(|e| failed(&e, text))?;
        if self.statements.len() >= STATEMENTS_MAX {
            self.statements.clear();
        }
        self.statements.insert(text.into(), statement.clone());
        Ok(statement)
    }

    /// The first column of the first row, as text.
    fn text(&mut self, text: &str, params: &[Value<'_>]) -> Result<Option<String>, DbError> {
        let mut found = Ok(None);
        self.each(text, params, &mut |row| {
            found = row.get(0).map(Some);
            std::ops::ControlFlow::Break(())
        })?;
        found
    }

    fn setting(&mut self, name: &'static str) -> Result<String, DbError> {
        let value = self.text("SELECT current_setting($1)", &[Value::Text(name.into())])?;
        Ok(value.unwrap_or_default())
    }
}

/// Reads one column of a row.
pub(crate) fn column(row: &postgres::Row, column: usize) -> Result<Option<Value<'_>>, DbError> {
    row.try_get::<_, Option<Cell<'_>>>(column)
        .map(|cell| cell.map(|it| it.0))
        .map_err(|_| DbError::Column { column })
}

/// A column's value in one of our kinds.
struct Cell<'a>(Value<'a>);

impl<'a> FromSql<'a> for Cell<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(match *ty {
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            // The type of plain numbers in a statement, as in `SELECT 1`.
            Type::INT4 => Value::Int(i32::from_sql(ty, raw)?.into()),
            Type::BOOL => Value::Bool(bool::from_sql(ty, raw)?),
            Type::BYTEA => Value::Bytes(<&[u8]>::from_sql(ty, raw)?),
            _ => Value::Text(<&str>::from_sql(ty, raw)?.into()),
        }))
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::INT4 | Type::BOOL | Type::BYTEA | Type::TEXT | Type::VARCHAR)
    }
}

/// The statement was prepared with the kinds of these very values, so the
/// server's type is always the value's own.
impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Self::Null(_) => Ok(IsNull::Yes),
            Self::Text(it) => it.as_ref().to_sql(ty, out),
            Self::Int(it) => it.to_sql(ty, out),
            Self::Bool(it) => it.to_sql(ty, out),
            Self::Bytes(it) => it.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::BOOL | Type::BYTEA | Type::TEXT)
    }

    postgres::types::to_sql_checked!();
}

/// The highest `$n` of a statement.
fn parameters(text: &str) -> usize {
    let numbers = text.split('$').skip(1).filter_map(|rest| {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        rest.get(..digits)?.parse().ok()
    });
    numbers.max().unwrap_or(0)
}

fn sql_type(kind: Kind) -> Type {
    match kind {
        Kind::Text => Type::TEXT,
        Kind::Int => Type::INT8,
        Kind::Bool => Type::BOOL,
        Kind::Bytes => Type::BYTEA,
    }
}

fn setting(name: &'static str, found: String, wanted: &'static str) -> OpenError {
    OpenError::Setting { name, found, wanted }
}

/// Turns the server's error into ours by SQLSTATE and constraint name.
fn failed(error: &postgres::Error, text: &str) -> DbError {
    let Some(server) = error.as_db_error() else {
        // Without an answer of the server the connection is the cause, or the driver.
        let lost = error.is_closed() || error.source().is_some_and(|it| it.is::<std::io::Error>());
        if dial::is_handshake(error) {
            return unreachable("tls");
        }
        let unreachable = unreachable("io");
        return if lost || text == "connect" { unreachable } else { DbError::failed("driver", text) };
    };
    let code = server.code().code();
    let constraint = |kind| DbError::Constraint {
        kind,
        name: server.constraint().or(server.column()).unwrap_or_default().to_owned(),
    };
    match code {
        "40001" | "40P01" | "55P03" => DbError::Contention,
        "25006" => DbError::ReadOnly,
        "23505" => constraint(ConstraintKind::Unique),
        "23503" => constraint(ConstraintKind::ForeignKey),
        "23514" => constraint(ConstraintKind::Check),
        "23502" => constraint(ConstraintKind::NotNull),
        _ if code.starts_with("23") => constraint(ConstraintKind::Other),
        // The server shuts down or starts, drops us, or has no connection left.
        "57P01" | "57P02" | "57P03" | "57P05" | "53300" | "25P03" => unreachable(code),
        _ if code.starts_with("08") => unreachable(code),
        _ => DbError::failed(code, text),
    }
}

fn unreachable(code: &str) -> DbError {
    DbError::Unreachable { code: code.into() }
}
