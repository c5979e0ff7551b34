//! What became of the rows of an import.

use std::collections::BTreeMap;

use crate::error::AppError;

/// Why a row was passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Skip {
    /// None of its identifiers is filled in.
    NamesNobody,
}

/// Why a row was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rejection {
    /// It cannot be read, or a value is not in the declared format.
    Malformed,
    /// An earlier row of the source has the same key.
    KeyTwice,
    /// An earlier row of the source says something else about the same person.
    PersonTwice,
    /// Its identifiers lead to two people.
    IdentifiersDisagree,
    /// It names somebody who was erased; only their own act brings them back.
    Erased,
    /// The gate said no.
    Denied,
}

impl Rejection {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::KeyTwice => "key-twice",
            Self::PersonTwice => "person-twice",
            Self::IdentifiersDisagree => "identifiers-disagree",
            Self::Erased => "erased",
            Self::Denied => "denied",
        }
    }
}

/// A rejected row: where it stands and why, never what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The line at which the row begins; in a table its number in reading order.
    pub line: u64,
    /// Why.
    pub reason: Rejection,
    /// More about it: names of columns, or codes of the gate.
    pub detail: String,
}

impl Reject {
    pub(super) fn new(line: u64, reason: Rejection, detail: impl Into<String>) -> Self {
        Self { line, reason, detail: detail.into() }
    }

    /// As one line of the rejects file.
    pub(super) fn csv_line(&self) -> String {
        format!("{},{},\"{}\"", self.line, self.reason.code(), self.detail.replace('"', "\"\""))
    }
}

/// How many rows became what.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tally {
    /// Rows read.
    pub read: u64,
    /// Rows that brought something new.
    pub imported: u64,
    /// Rows that were there already.
    pub unchanged: u64,
    /// Rows passed over, by reason.
    pub skipped: BTreeMap<Skip, u64>,
    /// Rows rejected, by reason.
    pub rejected: BTreeMap<Rejection, u64>,
    /// People whom nobody knew before.
    pub people_created: u64,
}

impl Tally {
    /// INVARIANT(every-row-counted): read = imported + unchanged + skipped + rejected.
    #[must_use]
    pub fn balances(&self) -> bool {
        let skipped: u64 = self.skipped.values().sum();
        let rejected: u64 = self.rejected.values().sum();
        self.read == self.imported + self.unchanged + skipped + rejected
    }

    /// Adds the counts of a chunk.
    pub(super) fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.imported += other.imported;
        self.unchanged += other.unchanged;
        self.people_created += other.people_created;
        for (reason, count) in &other.skipped {
            *self.skipped.entry(*reason).or_default() += count;
        }
        for (reason, count) in &other.rejected {
            *self.rejected.entry(*reason).or_default() += count;
        }
    }

    pub(super) fn reject(&mut self, reason: Rejection) {
        *self.rejected.entry(reason).or_default() += 1;
    }

    pub(super) fn to_json(&self) -> Result<String, AppError> {
        serde_json::to_string(self).map_err(|_| AppError::Internal("counts do not serialise"))
    }
}
