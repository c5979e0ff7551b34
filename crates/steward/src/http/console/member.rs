//! Who of the staff is signed in, as extractors.

use app::Controller;
use app::staff::{self, StaffSession};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use model::manifest::{Manifest, Role};
use model::{Action, Secret};
use pages::console::{self, Section};
use pages::layout::SignedIn;
use pages::{Frame, Surface};
use serde::de::DeserializeOwned;

use crate::http::Server;
use crate::http::pages::{Cookie, Cookies, Failure, Fields, Visit, see};

/// The cookie with the session's token.
const SESSION: &str = "staff-session";

/// A member of staff who is signed in.
pub(super) struct Member {
    visit: Visit,
    session: StaffSession,
}

impl Member {
    /// The member of staff of a session that is in force, if the request brings one.
    pub(super) async fn find(parts: &Parts, visit: &Visit) -> Result<Option<Self>, Failure> {
        let Some(token) = Cookies::of(&parts.headers).get(SESSION) else { return Ok(None) };
        let token = Secret::new(token.to_owned());
        let session = staff::find(visit.controller(), &token).await?;
        Ok(session.map(|session| Self { visit: visit.clone(), session }))
    }

    pub(super) fn controller(&self) -> &Controller {
        self.visit.controller()
    }

    pub(super) const fn visit(&self) -> &Visit {
        &self.visit
    }

    pub(super) const fn session(&self) -> &StaffSession {
        &self.session
    }

    /// The role as the manifest declares it.
    pub(super) fn role<'m>(&self, manifest: &'m Manifest) -> Option<&'m Role> {
        manifest.roles.get(&self.session.role)
    }

    /// The frame of a page of the console.
    pub(super) fn frame(&self, section: Section) -> Result<Frame, Failure> {
        let in_force = self.controller().in_force()?;
        let may_look_up = self.role(&in_force.manifest).is_some_and(may_look_up);
        let mut frame = self.visit.frame(Surface::Console, "");
        frame.place = frame.voice.say("console-name");
        frame.nav = console::nav(frame.voice, section, may_look_up);
        frame.signed_in = Some(SignedIn {
            name: self.session.name.clone(),
            sign_out: "/console/sign-out".to_owned(),
            csrf: self.session.form_token().to_owned(),
        });
        Ok(frame)
    }
}

/// Whether a role ever looks at single people.
pub(super) fn may_look_up(role: &Role) -> bool {
    role.actions.contains(&Action::Read) && !role.purposes.is_empty() && !role.reasons.is_empty()
}

/// The cookie of a session; an empty token takes it away.
pub(super) fn session_cookie<'v>(visit: &Visit, token: &'v str, seconds: i64) -> Cookie<'v> {
    Cookie { name: SESSION, value: token, kept_seconds: Some(seconds), is_local: visit.is_local() }
}

/// Why a page of the console is not shown.
pub(super) enum Turned {
    /// Nobody is signed in: to the page for it.
    Away,
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
            Self::Away => see(console::SIGN_IN),
            Self::Failed(failure) => failure.into_response(),
        }
    }
}

impl FromRequestParts<Server> for Member {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Turned> {
        let visit = Visit::from_request_parts(parts, server).await?;
        Self::find(parts, &visit).await?.ok_or(Turned::Away)
    }
}

/// A form of a page of the session.
pub(super) struct Act<T> {
    /// Who sends it.
    pub(super) member: Member,
    /// What was filled in.
    pub(super) body: T,
}

impl<T: DeserializeOwned> FromRequest<Server> for Act<T> {
    type Rejection = Turned;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Turned> {
        let (mut parts, body) = request.into_parts();
        let member = Member::from_request_parts(&mut parts, server).await?;
        let fields = Fields::from_request(Request::from_parts(parts, body), server).await?;
        if !fields.csrf().is_some_and(|presented| member.session.is_form_token(presented)) {
            return Err(Failure::stale_form().into());
        }
        Ok(Self { member, body: fields.read()? })
    }
}
