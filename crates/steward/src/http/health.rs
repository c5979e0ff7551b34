//! Whether the process lives, and whether it can do its work.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::Server;
use crate::installation::Hosted;

/// Whether the process can do its work.
#[derive(Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// Whether everything below is fine.
    ready: bool,
    /// Each controller.
    controllers: Vec<ControllerReadiness>,
}

/// Whether one controller can be asked.
#[derive(Serialize, ToSchema)]
pub(crate) struct ControllerReadiness {
    /// Its name.
    name: String,
    /// What is missing; empty when nothing is.
    missing: Vec<&'static str>,
}

/// Says that the process answers at all.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses(
    (status = 200, description = "It lives", content_type = "text/plain", body = String)
))]
pub(crate) async fn live() -> &'static str {
    "live\n"
}

/// Says whether stores answer, logs move on and a manifest is applied.
#[utoipa::path(get, path = "/readyz", tag = "operation", responses(
    (status = 200, description = "Every controller can be asked", body = Readiness),
    (status = 503, description = "Something is missing", body = Readiness)
))]
pub(crate) async fn ready(State(server): State<Server>) -> Response {
    let mut controllers = Vec::new();
    for hosted in &server.installation().hosted {
        controllers
            .push(ControllerReadiness { name: hosted.name.to_string(), missing: missing(hosted).await });
    }
    let ready = controllers.iter().all(|controller| controller.missing.is_empty());
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(Readiness { ready, controllers })).into_response()
}

async fn missing(hosted: &Hosted) -> Vec<&'static str> {
    let mut missing = Vec::new();
    if hosted.controller.reload().await.is_err() {
        missing.push("the store does not answer");
    }
    if hosted.controller.in_force().is_err() {
        missing.push("no manifest is applied");
    }
    if !hosted.is_log_alive() {
        missing.push("the log stands still");
    }
    missing
}
