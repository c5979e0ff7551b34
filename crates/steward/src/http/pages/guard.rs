//! What is done around every page: failures become pages, and security headers are set.

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::failure::Failure;
use super::visit::Visit;
use super::{Page, headers};
use crate::http::Server;

/// Around a route of pages.
pub(super) async fn dress(State(server): State<Server>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let visit = Visit::of(&parts, &server);
    let response = next.run(Request::from_parts(parts, body)).await;
    finished(response, visit.as_ref())
}

/// A failure as a page, where no route of pages was reached.
pub(in crate::http) fn told(failure: Failure, parts: &Parts, server: &Server) -> Response {
    finished(failure.into_response(), Visit::of(parts, server).as_ref())
}

fn finished(response: Response, visit: Option<&Visit>) -> Response {
    let mut response = match response.extensions().get::<Failure>().cloned() {
        None => response,
        Some(failure) => {
            let mut told = Page(failure.page(visit)).into_response();
            *told.status_mut() = response.status();
            for (name, value) in response.headers() {
                told.headers_mut().entry(name).or_insert(value.clone());
            }
            told
        }
    };
    headers::set(response.headers_mut());
    response
}
