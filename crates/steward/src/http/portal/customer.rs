//! Who is signed in, as extractors. A handler that takes one cannot run without a session,
//! and none that takes [`Act`] without the session's own form.

use app::Controller;
use app::sessions::{self, Session};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use model::{Secret, SubjectId};
use pages::layout::SignedIn;
use pages::portal::Section;
use pages::{Frame, Markup, Surface};
use words::Voice;

use super::flash::{self, Flash};
use super::names::Names;
use crate::http::Server;
use crate::http::pages::{self as http, Cookie, Failure, Page, Turned, Visit, see};

/// The cookie with the session's token.
const SESSION: &str = "session";
/// Where somebody goes who is not signed in.
const SIGN_IN: &str = "/portal/sign-in";

/// A customer who is signed in.
pub(super) struct Customer {
    visit: Visit,
    session: Session,
    flash: Option<Flash>,
}

impl Customer {
    /// The customer of a session that is in force, if the request brings one.
    pub(super) async fn find(parts: &Parts, visit: &Visit) -> Result<Option<Self>, Failure> {
        let cookies = visit.cookies(&parts.headers);
        let Some(token) = cookies.get(SESSION) else { return Ok(None) };
        let token = Secret::new(token.to_owned());
        let session = sessions::find(visit.controller(), &token).await?;
        let flash = cookies.get(flash::COOKIE).and_then(Flash::read);
        Ok(session.map(|session| Self { visit: visit.clone(), session, flash }))
    }

    pub(super) fn controller(&self) -> &Controller {
        self.visit.controller()
    }

    pub(super) fn subject(&self) -> SubjectId {
        self.session.subject
    }

    pub(super) const fn session(&self) -> &Session {
        &self.session
    }

    pub(super) const fn visit(&self) -> &Visit {
        &self.visit
    }

    pub(super) fn voice(&self) -> Voice {
        self.visit.voice()
    }

    /// The token of the session's forms.
    pub(super) fn csrf(&self) -> &str {
        self.session.form_token()
    }

    /// The frame of a page of the portal, with what was just done above it.
    pub(super) fn frame(&self, section: Section) -> Result<Frame, Failure> {
        let voice = self.voice();
        let mut frame = self.visit.frame(Surface::Portal, "");
        frame.place = voice.say("portal-name");
        frame.nav = pages::portal::nav(voice, section);
        frame.signed_in = Some(SignedIn {
            name: String::new(),
            sign_out: "/portal/sign-out".to_owned(),
            csrf: self.csrf().to_owned(),
        });
        if let Some(flash) = &self.flash {
            let in_force = self.controller().in_force()?;
            frame.notices.push(flash.notice(Names::new(voice, &in_force.manifest)));
        }
        Ok(frame)
    }

    /// A page that is shown; what was just done is told once.
    pub(super) fn shown(&self, markup: Markup) -> Response {
        let mut response = Page(markup).into_response();
        if self.flash.is_some() {
            let gone = Cookie {
                name: flash::COOKIE,
                value: "",
                kept_seconds: Some(0),
                is_local: self.visit.is_local(),
            };
            gone.set(&mut response);
        }
        response
    }

    /// Back to a page, which tells what was done.
    pub(super) fn told(&self, address: &str, flash: &Flash) -> Response {
        let mut response = see(address);
        let value = flash.to_string();
        let cookie = Cookie {
            name: flash::COOKIE,
            value: &value,
            kept_seconds: Some(flash::KEPT_SECONDS),
            is_local: self.visit.is_local(),
        };
        cookie.set(&mut response);
        response
    }
}

/// The cookie of a session; an empty token takes it away.
pub(super) fn session_cookie<'v>(visit: &Visit, token: &'v str, seconds: i64) -> Cookie<'v> {
    Cookie { name: SESSION, value: token, kept_seconds: Some(seconds), is_local: visit.is_local() }
}

impl FromRequestParts<Server> for Customer {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Turned> {
        let visit = Visit::from_request_parts(parts, server).await?;
        Self::find(parts, &visit).await?.ok_or(Turned::Away(SIGN_IN))
    }
}

impl http::Member for Customer {
    fn is_form_token(&self, presented: &str) -> bool {
        self.session.is_form_token(presented)
    }
}

/// A form of a page of the portal.
pub(super) type Act<T> = http::Act<Customer, T>;
