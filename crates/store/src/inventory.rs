//! The numbers of the columns that hold sealed values. They stand in associated data and
//! are never reused; `inventory.toml` is the whole list, and a test holds the two together.

/// A column by its numbers in the inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The table's number.
    pub table: u16,
    /// The column's number within the table.
    pub column: u16,
}

/// `identifier.sealed`
pub const IDENTIFIER_SEALED: Column = Column { table: 6, column: 8 };
/// `profile_value.sealed`
pub const PROFILE_VALUE_SEALED: Column = Column { table: 10, column: 11 };
/// `record.sealed`
pub const RECORD_SEALED: Column = Column { table: 11, column: 11 };
/// `idempotency.body`, where the answer is sealed for its person
pub const IDEMPOTENCY_BODY: Column = Column { table: 23, column: 5 };
/// `ledger_entry.body`, whose sealed parts are `details` and `evidence`
pub const LEDGER_ENTRY_BODY: Column = Column { table: 15, column: 8 };
/// `login_code.sealed`
pub const LOGIN_CODE_SEALED: Column = Column { table: 30, column: 9 };
/// `staff.totp`
pub const STAFF_TOTP: Column = Column { table: 32, column: 5 };
