//! Statements: constants of this crate, one text for both engines.
//!
//! INVARIANT(sql-in-store): no other crate names a statement. The macros are
//! public only for this crate's tests and examples; a test reads every source
//! file of the workspace.

use crate::value::Kind;

/// A constant statement with the values `$1` to `$n`.
#[derive(Clone, Copy, Debug)]
pub struct Sql(&'static str);

/// A constant statement over many rows: `{rows}` stands for
/// `($1, $2), ($3, $4), …`, each row with one value per kind.
#[derive(Clone, Copy, Debug)]
pub struct RowsSql {
    text: &'static str,
    kinds: &'static [Kind],
}

/// Makes a [`Sql`] constant: `const FIND: Sql = sql!("SELECT … WHERE subject_id = $1");`
#[macro_export]
macro_rules! sql {
    ($text:expr) => {
        $crate::Sql::new($text)
    };
}

/// Makes a [`RowsSql`] constant:
/// `rows_sql!("INSERT INTO t (a, b) VALUES {rows}", Text, Int)`.
#[macro_export]
macro_rules! rows_sql {
    ($text:expr, $($kind:ident),+) => {
        $crate::RowsSql::new($text, &[$($crate::Kind::$kind),+])
    };
}

impl Sql {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self(text)
    }

    /// The statement's text.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        self.0
    }
}

impl RowsSql {
    /// Rows in one statement at most; 12 columns stay well under the 32,766
    /// values of a SQLite statement.
    pub(crate) const ROWS_MAX: usize = 256;

    #[doc(hidden)]
    #[must_use]
    pub const fn new(text: &'static str, kinds: &'static [Kind]) -> Self {
        Self { text, kinds }
    }

    /// How many values a row has.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.kinds.len()
    }

    /// The kinds of a row's values.
    #[must_use]
    pub const fn kinds(&self) -> &'static [Kind] {
        self.kinds
    }

    /// The statement's text for `rows` rows.
    #[must_use]
    pub fn text_for(&self, rows: usize) -> String {
        // Written by hand: thousands of numbers, in front of every bulk statement.
        let mut list = String::with_capacity(rows * self.width() * 7);
        let mut number = 0;
        for row in 0..rows {
            list.push_str(if row == 0 { "(" } else { "), (" });
            for column in 0..self.width() {
                number += 1;
                list.push_str(if column == 0 { "$" } else { ", $" });
                push_number(&mut list, number);
            }
        }
        list.push(')');
        self.text.replace("{rows}", &list)
    }

    /// How many of `waiting` rows the next statement takes: a power of two, so
    /// that few texts are prepared and all of them are found in the cache.
    pub(crate) fn chunk(waiting: usize) -> usize {
        if waiting >= Self::ROWS_MAX {
            return Self::ROWS_MAX;
        }
        match waiting.checked_ilog2() {
            Some(bits) => 1 << bits,
            None => 0,
        }
    }
}

/// Writes a number of at most seven digits.
fn push_number(text: &mut String, number: usize) {
    let mut unit = 1_000_000;
    while unit > 1 && number < unit {
        unit /= 10;
    }
    while unit > 0 {
        let digit = u8::try_from(number / unit % 10).unwrap_or_default();
        text.push(char::from(b'0' + digit));
        unit /= 10;
    }
}
