//! The key by which a caller repeats a write safely. `app` keeps the answer in the write's own
//! transaction; here the header is read and the request taken for its fingerprint.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::{AppError, Idempotency};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderValue;
use axum::response::Response;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Server;
use super::auth::Caller;
use super::json;
use super::problem::Problem;

/// The header that carries the key.
const HEADER: &str = "idempotency-key";

/// The header of an answer that was given before.
const REPLAYED: &str = "idempotency-replayed";

/// Whether the answer to a request was given before; shared by the request and its answer.
#[derive(Clone, Default)]
pub(crate) struct Replayed(Arc<AtomicBool>);

impl Replayed {
    /// Marks the answer, if it was given before.
    pub(crate) fn mark(&self, response: &mut Response) {
        if self.0.load(Ordering::Relaxed) {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
    }
}

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
    replayed: Replayed,
}

impl<T: DeserializeOwned> FromRequest<Server> for Write<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Problem> {
        let repeat = Repeat::from_request(request, server).await?;
        Ok(Self { body: json::read(repeat.bytes())?, repeat })
    }
}

/// A write whose body the handler reads by itself.
impl FromRequest<Server> for Repeat {
    type Rejection = Problem;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Problem> {
        // What is no text becomes an empty key, which is refused as too short.
        let key = request.headers().get(HEADER).map(|key| key.to_str().unwrap_or_default().to_owned());
        let line = match key {
            Some(_) => format!("{} {}", request.method(), request.uri().path()),
            None => String::new(),
        };
        let replayed = request.extensions().get::<Replayed>().cloned().unwrap_or_default();
        let bytes = json::read_body(request, server).await?;
        Ok(Self { key, line, bytes, replayed })
    }
}

impl Repeat {
    /// The body.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The key together with who asks and what, if the caller sent one. Notes whether the
    /// answer was given before; the write's own transaction asks again.
    pub(crate) async fn by(&self, caller: &Caller) -> Result<Option<Idempotency>, Problem> {
        let Some(key) = &self.key else { return Ok(None) };
        let own = caller.key().idempotency(key, &[self.line.as_bytes(), &self.bytes])?;
        let asked = own.clone();
        let before = caller.controller().db.read("idempotency.look", move |tx| {
            Ok::<_, AppError>(Idempotency::replayed::<Value>(Some(&asked), tx)?.is_some())
        });
        self.replayed.0.store(before.await?, Ordering::Relaxed);
        Ok(Some(own))
    }
}
