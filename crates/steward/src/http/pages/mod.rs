//! What every HTML page shares: the answer with its security headers, the language, files,
//! forms, cookies and the pages for what went wrong. The pages themselves are templates of
//! the crate `pages`; who may see them is the matter of `portal`, `console` and `site`.

mod assets;
mod cookie;
mod failure;
mod form;
mod guard;
mod headers;
mod language;
mod session;
mod visit;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use pages::Markup;
use tower_http::catch_panic::CatchPanicLayer;

use super::{Server, console, portal};

pub(crate) use cookie::Cookie;
pub(crate) use failure::Failure;
pub(crate) use form::{Fields, Form};
pub(crate) use session::{Act, Attempt, Choosing, Member, Turned};
pub(crate) use visit::Visit;

/// The first parts of the addresses of pages: what goes wrong below them is told as a page.
const PAGES: [&str; 5] = ["/portal", "/console", "/site", "/assets", "/language"];

/// Every page with what is done around it. The rooms of pages add their routes here.
pub(super) fn router(server: &Server) -> Router<Server> {
    dressed(
        Router::new()
            .route("/assets/{file}", get(assets::file))
            .route("/language", post(language::choose))
            .merge(portal::routes())
            .merge(console::routes())
            .merge(super::site::routes()),
        server,
    )
}

/// Routes of pages with what is done around each: the security headers, and pages for what
/// went wrong.
pub(super) fn dressed(routes: Router<Server>, server: &Server) -> Router<Server> {
    routes
        .method_not_allowed_fallback(async || {
            Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed")
        })
        .layer(CatchPanicLayer::custom(|_| {
            tracing::error!("a handler of a page panicked");
            Failure::internal().into_response()
        }))
        .layer(middleware::from_fn_with_state(server.clone(), guard::dress))
}

/// Whether what is at this path is told as a page.
pub(super) fn is_page(path: &str) -> bool {
    PAGES
        .iter()
        .any(|page| path.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// A failure as a page, where no route of pages was reached.
pub(super) use guard::told;

/// A page on its way out.
pub(crate) struct Page(pub(crate) Markup);

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, "text/html; charset=utf-8")], self.0.into_string()).into_response()
    }
}

/// Sends the browser to another page of ours after a form (RFC 9110, 15.4.4).
pub(crate) fn see(address: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, address.to_owned())]).into_response()
}
