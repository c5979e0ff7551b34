//! The customer portal. A person who signed in sees and changes their own data alone: whose
//! it is comes from the session and never from a request.

mod choices;
mod correct;
mod customer;
mod data;
mod document;
mod download;
mod erase;
mod flash;
mod history;
pub(super) mod names;
mod overview;
mod recipients;
mod sign_in;

use axum::Router;
use axum::routing::{get, post};

use super::Server;

/// Every page of the portal.
pub(super) fn routes() -> Router<Server> {
    Router::new()
        .route("/portal", get(overview::page))
        .route("/portal/sign-in", get(sign_in::page).post(sign_in::request))
        .route("/portal/sign-in/code", get(sign_in::begin_anew).post(sign_in::confirm))
        .route("/portal/sign-out", post(sign_in::sign_out))
        .route("/portal/data", get(data::page))
        .route("/portal/data/records", get(data::records_page))
        .route("/portal/data/{value}", get(correct::page).post(correct::correct))
        .route("/portal/choices", get(choices::page).post(choices::choose))
        .route("/portal/choices/none", post(choices::none))
        .route("/portal/choices/freeze", post(choices::freeze))
        .route("/portal/recipients", get(recipients::page).post(recipients::choose))
        .route("/portal/history", get(history::page))
        .route("/portal/download", get(download::page).post(download::download))
        .route("/portal/erase", get(erase::preview).post(erase::erase))
        .route("/portal/erase/code", get(erase::begin_anew).post(erase::begin))
}
