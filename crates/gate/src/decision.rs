//! The answer of the gate.

use std::sync::Arc;

use model::{Cited, Entry, EntryId, FindingCode};

use crate::permit::{Grant, Record};

/// One reason against a use.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What was found; it knows its stage and rule, and the locale files its words.
    pub code: FindingCode,
    /// What it is about, where the code alone does not say: a category, a law.
    pub detail: Option<String>,
    /// The fact of a law that says so, where one does.
    pub law: Option<Arc<Cited>>,
}

impl From<FindingCode> for Finding {
    fn from(code: FindingCode) -> Self {
        Self { code, detail: None, law: None }
    }
}

/// Whether a denial stops the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Enforcement {
    /// The caller goes on; what would have been denied is recorded. Our own vault stays
    /// shut: there is no permit.
    Observe,
    /// The caller stops.
    Enforce,
}

/// The answer of the gate.
#[must_use]
#[derive(Debug)]
pub enum Decision {
    /// Yes.
    Grant(Grant),
    /// No.
    Denial(Denial),
}

impl Decision {
    /// Whether the answer is yes.
    #[must_use]
    pub const fn is_granted(&self) -> bool {
        matches!(self, Self::Grant(_))
    }

    /// Every reason against, in the order of the gate; none when granted.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Grant(_) => &[],
            Self::Denial(denial) => denial.findings(),
        }
    }

    /// The ledger entry to be written.
    #[must_use]
    pub const fn entry(&self) -> &Entry {
        match self {
            Self::Grant(grant) => grant.entry(),
            Self::Denial(denial) => denial.entry(),
        }
    }

    /// Whether a denial stops the caller.
    #[must_use]
    pub const fn enforcement(&self) -> Enforcement {
        match self {
            Self::Grant(_) => Enforcement::Enforce,
            Self::Denial(denial) => denial.enforcement(),
        }
    }
}

/// The answer no. It is recorded like a yes.
#[must_use]
#[derive(Debug)]
pub struct Denial {
    pub(crate) findings: Vec<Finding>,
    pub(crate) enforcement: Enforcement,
    pub(crate) entry: Entry,
}

impl Denial {
    /// Every reason, in the order of the gate.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether it stops the caller.
    #[must_use]
    pub const fn enforcement(&self) -> Enforcement {
        self.enforcement
    }

    /// The ledger entry to be written.
    #[must_use]
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Writes the entry.
    ///
    /// # Errors
    /// When the entry could not be written.
    pub fn record<'c, R: Record<'c>>(&self, ledger: &mut R) -> Result<EntryId, R::Error> {
        ledger.record(&self.entry)
    }
}
