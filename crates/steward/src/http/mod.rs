//! The HTTP API. A handler parses, calls one use case and renders: no rules, no SQL.

mod audiences;
mod auth;
pub mod bodies;
mod client;
mod consents;
mod console;
mod decisions;
mod erasures;
mod health;
mod idempotency;
mod identifiers;
mod json;
mod ledger;
mod listener;
mod locale;
mod manifest;
mod merges;
mod metrics;
mod openapi;
mod pages;
mod portal;
mod problem;
mod rate;
mod site;
mod subjects;
mod timeline;
mod visitors;
mod wire;
mod withdrawals;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::auth::Gatekeeper;
use self::idempotency::Replayed;
use self::metrics::Metrics;
use self::problem::Problem;
use crate::config::Limits;
use crate::installation::Installation;

pub(crate) use consents::WITHDRAW_AT;
pub use listener::serve;

const TOO_SLOW: &str =
    "the answer took too long; repeat a write with its idempotency key to learn what became of it";

/// What every handler shares. Clones are cheap.
#[derive(Clone)]
pub struct Server(Arc<Shared>);

struct Shared {
    installation: Arc<Installation>,
    limits: Limits,
    gatekeeper: Gatekeeper,
    metrics: Metrics,
}

impl Server {
    /// A server of these controllers.
    #[must_use]
    pub fn new(installation: Arc<Installation>, config: &crate::config::Config) -> Self {
        let metrics = Metrics::new(&installation);
        let gatekeeper = Gatekeeper::new(config);
        Self(Arc::new(Shared { installation, limits: config.limits, gatekeeper, metrics }))
    }

    pub(crate) fn installation(&self) -> &Installation {
        &self.0.installation
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn gatekeeper(&self) -> &Gatekeeper {
        &self.0.gatekeeper
    }
}

/// Every route with its description. A route cannot be added without one.
fn described() -> (Router<Server>, OpenApi) {
    OpenApiRouter::with_openapi(openapi::frame())
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(metrics::metrics))
        .routes(routes!(openapi::document))
        .routes(routes!(manifest::current))
        .routes(routes!(manifest::diff))
        .routes(routes!(decisions::decide))
        .routes(routes!(decisions::recall))
        .routes(routes!(audiences::ask))
        .routes(routes!(audiences::page))
        .routes(routes!(consents::record))
        .routes(routes!(consents::find_standing))
        .routes(routes!(consents::standing))
        .routes(routes!(consents::receipt))
        .routes(routes!(withdrawals::withdraw))
        .routes(routes!(visitors::record))
        .routes(routes!(visitors::show, visitors::forget))
        .routes(routes!(visitors::join))
        .routes(routes!(merges::merge))
        .routes(routes!(merges::undo))
        .routes(routes!(erasures::erase))
        .routes(routes!(ledger::head))
        .routes(routes!(ledger::file))
        .routes(routes!(subjects::collect))
        .routes(routes!(subjects::lookup))
        .routes(routes!(subjects::read))
        .routes(routes!(subjects::history))
        .routes(routes!(identifiers::add))
        .routes(routes!(subjects::correct))
        .routes(routes!(subjects::export))
        .routes(routes!(timeline::timeline))
        .split_for_parts()
}

/// The description of the API, as `/v1/openapi.json` serves it and `docs/openapi.json` holds it.
#[must_use]
pub fn description() -> OpenApi {
    let mut description = described().1;
    // The router marks a path with slashes in it by `*`, which OpenAPI does not know.
    let paths = std::mem::take(&mut description.paths.paths);
    description.paths.paths = paths.into_iter().map(|(path, item)| (path.replace("{*", "{"), item)).collect();
    description
}

/// The whole service: routes, limits, and what is done around every request.
pub fn router(server: Server) -> Router {
    let body_bytes = server.limits().body_bytes;
    described()
        .0
        .merge(pages::router(&server))
        .fallback(unknown)
        .method_not_allowed_fallback(async || {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "this path knows other methods",
            )
        })
        .layer(DefaultBodyLimit::max(body_bytes))
        .layer(CatchPanicLayer::custom(|_| {
            tracing::error!("a handler panicked");
            Problem::internal().into_response()
        }))
        .layer(middleware::from_fn_with_state(server.clone(), observe))
        .with_state(server)
}

/// What answers where no route is: a page below the addresses of pages, a problem elsewhere.
async fn unknown(State(server): State<Server>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    if pages::is_page(parts.uri.path()) {
        return pages::told(pages::Failure::not_found(), &parts, &server);
    }
    Problem::not_found("page").into_response()
}

/// What answers in the place of what took too long.
fn too_slow(server: &Server, late: Option<&Parts>) -> Response {
    match late {
        Some(parts) => pages::told(pages::Failure::unavailable(), parts, server),
        None => Problem::unavailable("too-slow", TOO_SLOW).into_response(),
    }
}

/// Limits the time of an answer, counts it and logs it: pattern and status, never the path.
async fn observe(State(server): State<Server>, mut request: Request, next: Next) -> Response {
    #[expect(clippy::disallowed_methods, reason = "measuring a duration, not telling the time")]
    let started = std::time::Instant::now();
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "unknown".to_owned());
    let replayed = Replayed::default();
    request.extensions_mut().insert(replayed.clone());
    let (parts, body) = request.into_parts();
    let page = pages::is_page(parts.uri.path()).then(|| parts.clone());
    let request = Request::from_parts(parts, body);
    let patience = Duration::from_secs(server.limits().answer_seconds);
    let mut response = match tokio::time::timeout(patience, next.run(request)).await {
        Ok(response) => response,
        Err(_) => too_slow(&server, page.as_ref()),
    };
    replayed.mark(&mut response);
    let (status, took) = (response.status().as_u16(), started.elapsed());
    server.metrics().answered(method, &route, status, took);
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(method, route, status, took_ms, "answered");
    response
}

/// A method by its name; a name that a client made up says nothing to metrics and logs.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}
