//! What every signed-in surface shares: who is turned away, forms of the session, and tries
//! to sign in.

use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use super::{Failure, Fields, Visit, see};
use crate::http::Server;
use crate::http::listener::Peer;

/// Why a page of a session is not shown.
pub(crate) enum Turned {
    /// Nobody is signed in: to this page.
    Away(&'static str),
    /// Something else.
    Failed(Failure),
}

impl From<Failure> for Turned {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl IntoResponse for Turned {
    fn into_response(self) -> Response {
        match self {
            Self::Away(sign_in) => see(sign_in),
            Self::Failed(failure) => failure.into_response(),
        }
    }
}

/// Somebody with a session. A handler that takes one cannot run without it.
pub(crate) trait Member: FromRequestParts<Server, Rejection = Turned> + Send {
    /// Whether this is the token of the session's forms, compared in constant time.
    fn is_form_token(&self, presented: &str) -> bool;
}

/// A form of a page of the session: none that takes it runs without the session's own token.
pub(crate) struct Act<M, T> {
    /// Who sends it.
    pub(crate) who: M,
    /// What was filled in.
    pub(crate) body: T,
}

impl<M: Member, T: DeserializeOwned> FromRequest<Server> for Act<M, T> {
    type Rejection = Turned;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Turned> {
        let (mut parts, body) = request.into_parts();
        let who = M::from_request_parts(&mut parts, server).await?;
        let fields = Fields::from_request(Request::from_parts(parts, body), server).await?;
        if !fields.csrf().is_some_and(|presented| who.is_form_token(presented)) {
            return Err(Failure::stale_form().into());
        }
        Ok(Self { who, body: fields.read()? })
    }
}

/// A visit that may try to sign in: tries of one client are limited.
pub(crate) struct Attempt(pub(crate) Visit);

impl FromRequestParts<Server> for Attempt {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Failure> {
        let visit = Visit::from_request_parts(parts, server).await?;
        if let Some(ConnectInfo(Peer(peer))) = parts.extensions.get() {
            server.gatekeeper().spend_attempt(*peer, &parts.headers, visit.controller().now())?;
        }
        Ok(Self(visit))
    }
}

/// A visit that brings a visitor's choice: choices of one client are limited, because each
/// leaves an event and an entry.
pub(crate) struct Choosing(pub(crate) Visit);

impl FromRequestParts<Server> for Choosing {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Failure> {
        let visit = Visit::from_request_parts(parts, server).await?;
        if let Some(ConnectInfo(Peer(peer))) = parts.extensions.get() {
            server.gatekeeper().spend_choice(*peer, &parts.headers, visit.controller().now())?;
        }
        Ok(Self(visit))
    }
}
