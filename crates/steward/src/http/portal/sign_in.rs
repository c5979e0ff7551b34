//! Signing in and out. Known and unknown addresses get the same page.

use app::consent::{self, Join};
use app::login::{self, CODE_DIGITS, CODE_MINUTES, LoginError};
use app::{sessions, sites};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use model::{Actor, LoginId, Personal, Secret, SubjectId};
use pages::portal::sign_in::{self as templates, CodeView};
use pages::{Frame, Surface};
use serde::Deserialize;
use words::Word;

use super::customer::{Act, Customer, session_cookie};
use crate::http::pages::{Attempt, Failure, Form, Page, Visit, see};
use crate::http::site::CHOICE;

/// The page that asks for an address; whoever is signed in already goes on.
pub(super) async fn page(visit: Visit, parts: Parts) -> Result<Response, Failure> {
    if Customer::find(&parts, &visit).await?.is_some() {
        return Ok(see("/portal"));
    }
    Ok(Page(templates::address(frame(&visit), "")).into_response())
}

/// The page for a code without a code asked for: back to the start.
pub(super) async fn begin_anew() -> Response {
    see(templates::ADDRESS)
}

/// The address that is asked about.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AddressBody {
    email: Personal<String>,
}

/// Sends a code to the address, if anybody here has it.
pub(super) async fn request(Attempt(visit): Attempt, form: Form<AddressBody>) -> Result<Response, Failure> {
    let voice = visit.voice();
    let (status, wrong) =
        match login::request(visit.controller(), form.body.email, visit.locale().tag()).await {
            Ok(requested) => {
                let view = code_view(requested.id, String::new());
                return Ok(Page(templates::code(frame(&visit), &view)).into_response());
            }
            Err(LoginError::Malformed) => (StatusCode::UNPROCESSABLE_ENTITY, voice.say("sign-in-malformed")),
            Err(LoginError::TooMany { seconds }) => {
                let minutes = Word::from(seconds.max(1).saturating_add(59) / 60);
                (StatusCode::TOO_MANY_REQUESTS, voice.tell("sign-in-too-many", &[("minutes", minutes)]))
            }
            Err(error) => return Err(failed(error)),
        };
    Ok((status, Page(templates::address(frame(&visit), &wrong))).into_response())
}

/// A code with the request it belongs to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeBody {
    pub(super) login: String,
    pub(super) code: String,
}

impl CodeBody {
    /// The request and the code.
    pub(super) fn parts(self) -> Result<(LoginId, Secret<String>), Failure> {
        let login = self.login.parse().map_err(|_| Failure::malformed())?;
        Ok((login, Secret::new(self.code)))
    }
}

/// Signs in with the code.
pub(super) async fn confirm(
    Attempt(visit): Attempt,
    headers: HeaderMap,
    form: Form<CodeBody>,
) -> Result<Response, Failure> {
    let (login, code) = form.body.parts()?;
    match login::confirm(visit.controller(), login, &code).await {
        Ok(signed_in) => {
            join(&visit, &headers, signed_in.subject).await;
            let seconds = signed_in.until.seconds() - visit.controller().now().seconds();
            let mut response = see("/portal");
            session_cookie(&visit, signed_in.token.expose(), seconds).set(&mut response);
            Ok(response)
        }
        Err(LoginError::Refused) => {
            let view = code_view(login, visit.voice().say("code-refused"));
            let page = Page(templates::code(frame(&visit), &view));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(failed(error)),
    }
}

/// What this browser chose as a visitor becomes the person's own, where the choice of a site on
/// this host came along. Nobody is kept from their portal when it does not.
async fn join(visit: &Visit, headers: &HeaderMap, subject: SubjectId) {
    let cookie = visit.cookies(headers).get(CHOICE);
    let Some(choice) = cookie.and_then(|cookie| sites::open_cookie(visit.controller(), cookie)) else {
        return;
    };
    let joining =
        Join { visitor: choice.visitor, subject, actor: Actor::Customer, request: None, idempotency: None };
    if let Err(error) = consent::join(visit.controller(), joining).await {
        tracing::warn!(%error, "a visitor's choices were not joined at sign-in");
    }
}

/// No field but the session's token.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Ends the session.
pub(super) async fn sign_out(act: Act<Nothing>) -> Result<Response, Failure> {
    let customer = act.who;
    sessions::end(customer.controller(), customer.session()).await?;
    let mut response = see(templates::ADDRESS);
    session_cookie(customer.visit(), "", 0).set(&mut response);
    Ok(response)
}

/// What the page for a code of this request shows.
pub(super) fn code_view(login: LoginId, wrong: String) -> CodeView {
    CodeView { login: login.to_string(), minutes: CODE_MINUTES, digits: CODE_DIGITS, wrong }
}

/// What a page says where nobody can be signed in.
pub(super) fn failed(error: LoginError) -> Failure {
    match error {
        LoginError::TooMany { .. } => Failure::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests"),
        LoginError::Malformed | LoginError::Refused => Failure::malformed(),
        LoginError::Failed(error) => error.into(),
    }
}

fn frame(visit: &Visit) -> Frame {
    let mut frame = visit.frame(Surface::Bare, "");
    frame.place = frame.voice.say("portal-name");
    frame.address = templates::ADDRESS.to_owned();
    frame
}
