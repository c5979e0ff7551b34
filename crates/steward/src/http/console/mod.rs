//! The console, where staff work. Who they are comes from the session; what they may see of a
//! person the gate decides, for each look.

mod ledger;
mod look_up;
mod manifest;
mod member;
mod overview;
mod sign_in;

use axum::Router;
use axum::routing::{get, post};

use super::Server;

/// Every page of the console.
pub(super) fn routes() -> Router<Server> {
    Router::new()
        .route("/console", get(overview::page))
        .route("/console/sign-in", get(sign_in::page).post(sign_in::sign_in))
        .route("/console/sign-out", post(sign_in::sign_out))
        .route("/console/look-up", get(look_up::page).post(look_up::look))
        .route("/console/manifest", get(manifest::page))
        .route("/console/ledger", get(ledger::page))
}
