//! Signing in and out. A refusal says nothing about why.

use app::staff::{self, StaffLoginError};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use model::Secret;
use pages::console as templates;
use pages::{Frame, Surface};
use serde::Deserialize;

use super::member::{Act, Member, session_cookie};
use crate::http::pages::{Attempt, Failure, Form, Page, Visit, see};

/// The page; whoever is signed in already goes on.
pub(super) async fn page(visit: Visit, parts: Parts) -> Result<Response, Failure> {
    if Member::find(&parts, &visit).await?.is_some() {
        return Ok(see("/console"));
    }
    Ok(Page(templates::sign_in(frame(&visit), false)).into_response())
}

/// What was typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    name: String,
    password: Secret<String>,
    code: Secret<String>,
}

/// Signs in.
pub(super) async fn sign_in(Attempt(visit): Attempt, form: Form<Body>) -> Result<Response, Failure> {
    let Body { name, password, code } = form.body;
    match staff::sign_in(visit.controller(), name.trim(), password, code).await {
        Ok(signed_in) => {
            let seconds = signed_in.until.seconds() - visit.controller().now().seconds();
            let mut response = see("/console");
            session_cookie(&visit, signed_in.token.expose(), seconds).set(&mut response);
            Ok(response)
        }
        Err(StaffLoginError::Refused) => {
            let page = Page(templates::sign_in(frame(&visit), true));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(StaffLoginError::Failed(error)) => Err(error.into()),
    }
}

/// No field but the session's token.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Ends the session.
pub(super) async fn sign_out(act: Act<Nothing>) -> Result<Response, Failure> {
    let member = act.who;
    staff::end(member.controller(), member.session()).await?;
    let mut response = see(templates::SIGN_IN);
    session_cookie(member.visit(), "", 0).set(&mut response);
    Ok(response)
}

fn frame(visit: &Visit) -> Frame {
    let mut frame = visit.frame(Surface::Bare, "");
    frame.place = frame.voice.say("console-name");
    frame.address = templates::SIGN_IN.to_owned();
    frame
}
