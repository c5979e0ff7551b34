//! What a caller is told when a request is not done: RFC 9457 problem documents.
//!
//! This is the only place that turns an [`AppError`] into an answer. No text of serde, axum
//! or a driver gets out: they quote values.

use app::{AppError, Fault, Verdict};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use store::DbError;
use utoipa::ToSchema;

use super::decisions::DecisionBody;
use super::locale::Locale;

/// A problem on its way out.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    fields: Vec<Fault>,
    decision: Option<Box<Verdict>>,
    retry_after_seconds: Option<u64>,
}

/// A problem document (RFC 9457). `code` is stable; the texts are for people.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// A URI made of the code; it names the kind of problem and leads nowhere.
    #[serde(rename = "type")]
    #[schema(example = "https://steward.invalid/problems/not-found")]
    kind: String,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What happened and what to do.
    detail: String,
    /// The stable code.
    #[schema(example = "not-found")]
    code: &'static str,
    /// The faults of a request, each by its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldFault>,
    /// The gate's answer, where it denied.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionBody>,
}

/// One fault of a request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldFault {
    /// Where, such as `events[0].purpose`.
    path: String,
    /// What would be right; never the value itself.
    message: String,
}

impl Problem {
    /// A problem by its status and stable code.
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            fields: Vec::new(),
            decision: None,
            retry_after_seconds: None,
        }
    }

    /// The faults of a request in one line: each by its place, never by its value.
    pub(crate) fn told(&self) -> String {
        let told = |fault: &Fault| match fault.path.is_empty() {
            true => fault.message.clone(),
            false => format!("`{}`: {}", fault.path, fault.message),
        };
        let faults: Vec<String> = self.fields.iter().map(told).collect();
        if faults.is_empty() { self.detail.clone() } else { faults.join("; ") }
    }

    /// What was named does not exist, or the caller may not see it: one answer for both.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", format!("there is no such {what}"))
    }

    /// The request needs a key that is in force.
    pub(crate) fn unauthorised() -> Self {
        let detail = "send an API key that is in force as `Authorization: Bearer stw_…`";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorised", detail)
    }

    /// The key is in force but not for this.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "missing-scope", detail)
    }

    /// The body breaks the form that the API describes.
    pub(crate) fn malformed(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::faults(vec![Fault::new(path, message)])
    }

    /// The request came too soon; how long to wait.
    pub(crate) fn too_many(seconds: u64) -> Self {
        let problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-requests",
            "the limit of this key is used up: wait as long as `Retry-After` says",
        );
        Self { retry_after_seconds: Some(seconds.max(1)), ..problem }
    }

    /// The server cannot answer now, but may soon.
    pub(crate) fn unavailable(code: &'static str, detail: impl Into<String>) -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail);
        Self { retry_after_seconds: Some(1), ..problem }
    }

    /// Something that must hold did not. The cause is in the log, not in the answer.
    pub(crate) fn internal() -> Self {
        let detail = "something went wrong on our side; the operator's log says what";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// The status.
    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    /// How long to wait, where that is known.
    pub(crate) const fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after_seconds
    }

    /// The stable code.
    pub(crate) const fn code(&self) -> &'static str {
        self.code
    }

    fn faults(fields: Vec<Fault>) -> Self {
        let detail = match fields.as_slice() {
            [only] if only.path.is_empty() => only.message.clone(),
            [only] => format!("`{}`: {}", only.path, only.message),
            several => format!("{} faults, each named in `fields`", several.len()),
        };
        Self { fields, ..Self::new(StatusCode::BAD_REQUEST, "invalid-request", detail) }
    }
}

/// What to do where the database went away while it kept something.
const OUTCOME_UNKNOWN: &str = "the connection to the database broke while this was being kept: send it again \
     with the same `Idempotency-Key`, and it is done once";

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        match error {
            AppError::NotFound(what) => Self::not_found(what),
            // An erased person's id answers as one that never was.
            AppError::Erased(_) => Self::not_found("person"),
            AppError::Invalid(faults) => Self::faults(faults),
            AppError::Conflict { code: "idempotency-mismatch", detail } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-mismatch", detail)
            }
            AppError::Conflict { code, detail } => Self::new(StatusCode::CONFLICT, code, detail),
            AppError::Denied(verdict) => {
                let detail = "the gate denied this use; `decision` says why";
                Self { decision: Some(verdict), ..Self::new(StatusCode::FORBIDDEN, "denied", detail) }
            }
            AppError::Busy => Self::unavailable("busy", "the store is busy: try again shortly"),
            AppError::NoManifest => {
                Self::unavailable("no-manifest", "no manifest is applied: run `steward apply` first")
            }
            AppError::Store(error @ DbError::Unreachable { .. }) => {
                tracing::warn!(%error, "a request waits for the store");
                Self::unavailable("store-unreachable", "the database cannot be reached: try again shortly")
            }
            AppError::Store(error @ DbError::CommitUnknown) => {
                tracing::warn!(%error, "nobody knows what became of a request");
                Self::unavailable("outcome-unknown", OUTCOME_UNKNOWN)
            }
            error @ (AppError::Store(_) | AppError::Keys(_) | AppError::Internal(_)) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(cause, "{error}");
                Self::internal()
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemBody {
            kind: format!("https://steward.invalid/problems/{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Problem"),
            status: self.status.as_u16(),
            detail: self.detail,
            code: self.code,
            fields: self
                .fields
                .into_iter()
                .map(|fault| FieldFault { path: fault.path, message: fault.message })
                .collect(),
            decision: self.decision.map(|verdict| DecisionBody::new(*verdict, Locale::ENGLISH)),
        };
        let mut response = (self.status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
