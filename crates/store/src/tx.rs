//! Transactions as the closures see them.

use std::marker::PhantomData;
use std::ops::{ControlFlow, Deref, DerefMut};

use model::SubjectId;

use crate::changes::Changes;
use crate::error::DbError;
use crate::sql::{RowsSql, Sql};
use crate::value::{FromRow, Row, ToValue, Value};
use crate::{postgres, sqlite};

/// A transaction that reads. Every read sees one state of the database.
///
/// After any error the transaction is poisoned: further statements answer
/// [`DbError::Poisoned`], and it is rolled back whatever the closure returns.
/// `'c` is invariant: what is made in one transaction cannot be used in another.
///
/// ```compile_fail
/// fn swap<'a, 'b>(one: &mut store::ReadTx<'a>, other: store::ReadTx<'b>) {
///     *one = other;
/// }
/// ```
pub struct ReadTx<'c> {
    conn: Conn<'c>,
    failure: Option<DbError>,
    brand: PhantomData<fn(&'c ()) -> &'c ()>,
}

/// A transaction that reads and writes. Functions that only read take
/// `&mut ReadTx<'_>`, and can be called with a `&mut Tx<'_>` too.
pub struct Tx<'c>(ReadTx<'c>, Changes);

/// The connection of the engine at hand.
pub(crate) enum Conn<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c mut postgres::Session),
}

/// What the engines call with each row of an answer.
pub(crate) type EachRow<'f> = dyn FnMut(&Row<'_>) -> ControlFlow<()> + 'f;

impl<'c> ReadTx<'c> {
    /// All rows as tuples: `let rows: Vec<(String, i64)> = tx.query(&SQL, &[&id])?`.
    pub fn query<T: FromRow>(&mut self, sql: &Sql, params: &[&dyn ToValue]) -> Result<Vec<T>, DbError> {
        self.query_map(sql, params, T::from_row)
    }

    /// The one row there must be; none is [`DbError::NoRow`].
    pub fn query_one<T: FromRow>(&mut self, sql: &Sql, params: &[&dyn ToValue]) -> Result<T, DbError> {
        match self.query_opt(sql, params)? {
            Some(row) => Ok(row),
            None => Err(self.fail(DbError::NoRow)),
        }
    }

    /// The row if there is one; several are [`DbError::ManyRows`].
    pub fn query_opt<T: FromRow>(
        &mut self,
        sql: &Sql,
        params: &[&dyn ToValue],
    ) -> Result<Option<T>, DbError> {
        let mut rows = self.query::<T>(sql, params)?;
        let row = rows.pop();
        if rows.is_empty() { Ok(row) } else { Err(self.fail(DbError::ManyRows)) }
    }

    /// All rows, each through `read`.
    pub fn query_map<T>(
        &mut self,
        sql: &Sql,
        params: &[&dyn ToValue],
        mut read: impl FnMut(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        let mut rows = Vec::new();
        let read_all = self.query_each(sql, params, |row| {
            rows.push(read(row)?);
            Ok(())
        });
        read_all.map_err(|error| self.fail(error))?;
        Ok(rows)
    }

    /// Calls `each` with one row after the other, without holding them all in
    /// memory; the first error ends the reading.
    pub fn query_each<E: From<DbError>>(
        &mut self,
        sql: &Sql,
        params: &[&dyn ToValue],
        each: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each(sql.text(), &values(params), each)
    }

    /// Like [`ReadTx::query`] with a list of rows as input, as in
    /// `SELECT … WHERE subject_id IN (VALUES {rows})`. Runs in chunks, so the
    /// order of the answer is only given within at most 256 rows.
    pub fn query_rows<'p, T: FromRow>(
        &mut self,
        sql: &RowsSql,
        rows: &[impl AsRef<[&'p dyn ToValue]>],
    ) -> Result<Vec<T>, DbError> {
        let mut answer = Vec::new();
        let done = in_chunks(sql, rows, |text, params| {
            self.each(text, params, |row| {
                answer.push(T::from_row(row)?);
                Ok(())
            })
        });
        done.map_err(|error| self.fail(error))?;
        Ok(answer)
    }

    pub(crate) fn new(conn: Conn<'c>) -> Self {
        Self { conn, failure: None, brand: PhantomData }
    }

    /// The engine's connection, for the checks that read the engine's own catalogue.
    pub(crate) fn conn(&mut self) -> &mut Conn<'c> {
        &mut self.conn
    }

    /// The error that poisoned this transaction.
    pub(crate) fn into_failure(self) -> Option<DbError> {
        self.failure
    }

    /// Calls `each` for every row of any text; the statements' common path.
    pub(crate) fn each<E: From<DbError>>(
        &mut self,
        text: &str,
        params: &[Value<'_>],
        mut each: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.usable(params)?;
        let mut outcome = Ok(());
        let mut step = |row: &Row<'_>| match each(row) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                outcome = Err(error);
                ControlFlow::Break(())
            }
        };
        let done = match &mut self.conn {
            Conn::Sqlite(conn) => sqlite::each(conn, text, params, &mut step),
            Conn::Postgres(session) => session.each(text, params, &mut step),
        };
        done.map_err(|error| self.fail(error))?;
        outcome
    }

    fn usable(&mut self, params: &[Value<'_>]) -> Result<(), DbError> {
        if self.failure.is_some() {
            return Err(DbError::Poisoned);
        }
        params.iter().try_for_each(Value::check).map_err(|error| self.fail(error))
    }

    /// Poisons the transaction; the first error is the one that counts.
    pub(crate) fn fail(&mut self, error: DbError) -> DbError {
        self.failure.get_or_insert_with(|| error.clone());
        error
    }
}

impl<'c> Tx<'c> {
    /// Runs a statement without rows and answers how many rows it changed.
    pub fn execute(&mut self, sql: &Sql, params: &[&dyn ToValue]) -> Result<u64, DbError> {
        self.run(sql.text(), &values(params))
    }

    /// Runs a multi-row statement over any number of rows, in chunks under the
    /// engines' limits, and answers how many rows it changed. Rows with the
    /// same key must have been folded into one before.
    ///
    /// `rows` is a slice of arrays: `let rows: Vec<[&dyn ToValue; 2]> = …; tx.execute_rows(&SQL, &rows)?`.
    pub fn execute_rows<'p>(
        &mut self,
        sql: &RowsSql,
        rows: &[impl AsRef<[&'p dyn ToValue]>],
    ) -> Result<u64, DbError> {
        let mut changed = 0;
        let done = in_chunks(sql, rows, |text, params| {
            changed += self.run(text, params)?;
            Ok(())
        });
        done.map_err(|error| self.fail(error))?;
        Ok(changed)
    }

    pub(crate) fn new(conn: Conn<'c>) -> Self {
        Self(ReadTx::new(conn), Changes::default())
    }

    /// The error that poisoned this transaction, and what it changed.
    pub(crate) fn into_end(self) -> (Option<DbError>, Changes) {
        (self.0.into_failure(), self.1)
    }

    /// Notes that something of a person is written about which memories are told.
    pub(crate) fn touch(&mut self, subject: &SubjectId) {
        self.1.subjects.push(*subject);
    }

    /// Notes that API keys are written.
    pub(crate) const fn touch_keys(&mut self) {
        self.1.keys = true;
    }

    /// Runs a text of several statements without values: migrations.
    pub(crate) fn batch(&mut self, text: &str) -> Result<(), DbError> {
        self.usable(&[])?;
        let done = match &mut self.0.conn {
            Conn::Sqlite(conn) => sqlite::batch(conn, text),
            Conn::Postgres(session) => session.batch(text),
        };
        done.map_err(|error| self.fail(error))
    }

    /// Runs a text with values and answers how many rows it changed.
    pub(crate) fn run(&mut self, text: &str, params: &[Value<'_>]) -> Result<u64, DbError> {
        self.usable(params)?;
        let done = match &mut self.0.conn {
            Conn::Sqlite(conn) => sqlite::execute(conn, text, params),
            Conn::Postgres(session) => session.execute(text, params),
        };
        done.map_err(|error| self.fail(error))
    }
}

impl<'c> Deref for Tx<'c> {
    type Target = ReadTx<'c>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

fn values<'p>(params: &'p [&'p dyn ToValue]) -> Vec<Value<'p>> {
    params.iter().map(|param| param.to_value()).collect()
}

/// Cuts `rows` into chunks and calls `run` with the text and values of each.
fn in_chunks<'p>(
    sql: &RowsSql,
    mut rows: &[impl AsRef<[&'p dyn ToValue]>],
    mut run: impl FnMut(&str, &[Value<'_>]) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let wanted = sql.width();
    while !rows.is_empty() {
        let (chunk, rest) = rows.split_at(RowsSql::chunk(rows.len()));
        let mut params = Vec::with_capacity(chunk.len() * wanted);
        for row in chunk.iter().map(AsRef::as_ref) {
            if row.len() != wanted {
                return Err(DbError::Parameters { wanted, given: row.len() });
            }
            params.extend(row.iter().map(|value| value.to_value()));
        }
        run(&sql.text_for(chunk.len()), &params)?;
        rows = rest;
    }
    Ok(())
}
