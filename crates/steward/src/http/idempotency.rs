//! The key by which a caller repeats a write safely. `app` keeps the answer in the write's own
//! transaction; here the header is read and the request taken for its fingerprint.

use app::Idempotency;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use super::Server;
use super::auth::Caller;
use super::json;
use super::problem::Problem;

/// The header that carries the key.
const HEADER: &str = "idempotency-key";

/// A write: its body, and what it takes to repeat it safely.
pub(crate) struct Write<T> {
    /// The body.
    pub(crate) body: T,
    /// How it may be repeated.
    pub(crate) repeat: Repeat,
}

/// What tells a write from another one.
pub(crate) struct Repeat {
    key: Option<String>,
    line: String,
    bytes: Bytes,
}

impl<T: DeserializeOwned> FromRequest<Server> for Write<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Problem> {
        // What is no text becomes an empty key, which is refused as too short.
        let key = request.headers().get(HEADER).map(|key| key.to_str().unwrap_or_default().to_owned());
        let line = format!("{} {}", request.method(), request.uri().path());
        let bytes = json::read_body(request, server).await?;
        Ok(Self { body: json::read(&bytes)?, repeat: Repeat { key, line, bytes } })
    }
}

impl Repeat {
    /// The key together with who asks and what, if the caller sent one.
    pub(crate) fn by(&self, caller: &Caller) -> Result<Option<Idempotency>, Problem> {
        let Some(key) = &self.key else { return Ok(None) };
        Ok(Some(caller.key().idempotency(key, &[self.line.as_bytes(), &self.bytes])?))
    }
}
