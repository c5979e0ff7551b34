//! Why a page is not shown: a status and a code. The words stand in `locales/`, as
//! `error-CODE-title` and `error-CODE-text`, and name nothing that was sent.

use app::AppError;
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use pages::{Frame, Markup, Surface};
use words::{Locale, Voice};

use super::visit::Visit;
use crate::http::problem::Problem;

/// A failure on its way out; [`super::guard`] makes the page of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failure {
    status: StatusCode,
    code: &'static str,
    retry_after_seconds: Option<u64>,
}

impl Failure {
    /// A failure by its status and code.
    pub(crate) const fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, retry_after_seconds: None }
    }

    /// There is no such page, or the visitor may not see it: one answer for both.
    pub(crate) const fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found")
    }

    /// The form is not as the page made it.
    pub(crate) const fn malformed() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid-request")
    }

    /// The form came from another site.
    pub(crate) const fn foreign_form() -> Self {
        Self::new(StatusCode::FORBIDDEN, "foreign-form")
    }

    /// The form's token is not the session's.
    pub(crate) const fn stale_form() -> Self {
        Self::new(StatusCode::FORBIDDEN, "stale-form")
    }

    /// The session has no right to this.
    pub(crate) const fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden")
    }

    /// Something that must hold did not. The cause is in the log.
    pub(crate) const fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
    }

    /// The server cannot answer now, but may soon.
    pub(crate) const fn unavailable() -> Self {
        let failure = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable");
        Self { retry_after_seconds: Some(1), ..failure }
    }

    /// The page that says so.
    pub(super) fn page(self, visit: Option<&Visit>) -> Markup {
        let frame = match visit {
            Some(visit) => visit.frame(Surface::Bare, ""),
            None => Frame::new(Voice::of(Locale::default()), Surface::Bare, ""),
        };
        pages::page::error(frame, self.code)
    }
}

impl From<Problem> for Failure {
    /// The same as the API says, in words for a page.
    fn from(problem: Problem) -> Self {
        let status = problem.status();
        let code = match (status, problem.code()) {
            (_, "denied") => "denied",
            (StatusCode::NOT_FOUND, _) => "not-found",
            (StatusCode::UNAUTHORIZED, _) => "unauthorised",
            (StatusCode::FORBIDDEN, _) => "forbidden",
            (StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY, _) => "conflict",
            (StatusCode::PAYLOAD_TOO_LARGE, _) => "too-large",
            (StatusCode::TOO_MANY_REQUESTS, _) => "too-many-requests",
            (StatusCode::SERVICE_UNAVAILABLE, _) => "unavailable",
            (status, _) if status.is_client_error() => "invalid-request",
            _ => "internal",
        };
        Self { status, code, retry_after_seconds: problem.retry_after_seconds() }
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        Problem::from(error).into()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}
