//! Why a use case did not do what was asked. Two texts: the variant's for the caller, the
//! source's for the log; neither quotes a personal value.

use keys::{RecordError, SealError};
use model::{IdentifierError, SubjectId};
use store::DbError;

/// Why a use case ended without doing what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// What was named does not exist, or the caller may not see it.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The request is malformed in its meaning; each fault names where and what to do.
    #[error("the request has {} fault(s)", .0.len())]
    Invalid(Vec<Fault>),
    /// The request contradicts what is stored; `code` is stable.
    #[error("{detail}")]
    Conflict {
        /// A stable kebab-case code.
        code: &'static str,
        /// What contradicts what, and what to do.
        detail: String,
    },
    /// The gate said no; the denial is recorded.
    #[error("the use is denied")]
    Denied(Box<crate::ask::Verdict>),
    /// The person is erased: nothing opens any more.
    #[error("this person was erased")]
    Erased(SubjectId),
    /// Too many requests wait; try again shortly.
    #[error("the store is busy, try again shortly")]
    Busy,
    /// No manifest was applied yet, so nothing may be used.
    #[error("no manifest is applied: run `steward apply DIR` first")]
    NoManifest,
    /// The store failed.
    #[error("the store failed")]
    Store(#[source] DbError),
    /// A key could not be opened or a value could not be unsealed.
    #[error("a sealed value or key could not be opened")]
    Keys(#[source] KeyFault),
    /// Something that must hold did not; the text is for the operator.
    #[error("internal fault: {0}")]
    Internal(&'static str),
}

/// One fault of a request: where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// The place in the request as a path, such as `events[0].purpose`.
    pub path: String,
    /// What is wrong and what would be right; never the value itself.
    pub message: String,
}

impl Fault {
    /// A fault at a place.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }
}

/// What went wrong with keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// With a key record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// With a sealed value.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl AppError {
    /// A request with one fault.
    pub fn invalid(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::new(path, message)])
    }

    /// A contradiction with a stable code.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Conflict { code, detail: detail.into() }
    }
}

impl From<DbError> for AppError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Busy => Self::Busy,
            other => Self::Store(other),
        }
    }
}

impl From<RecordError> for AppError {
    fn from(error: RecordError) -> Self {
        Self::Keys(error.into())
    }
}

impl From<SealError> for AppError {
    fn from(error: SealError) -> Self {
        Self::Keys(error.into())
    }
}

impl From<IdentifierError> for AppError {
    fn from(error: IdentifierError) -> Self {
        Self::invalid("identifier", error.to_string())
    }
}
