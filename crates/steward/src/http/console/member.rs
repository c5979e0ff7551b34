//! Who of the staff is signed in, as extractors.

use app::Controller;
use app::staff::{self, StaffSession};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use model::manifest::{Manifest, Role};
use model::{Action, Secret};
use pages::console::{self, Section};
use pages::layout::SignedIn;
use pages::{Frame, Surface};

use crate::http::Server;
use crate::http::pages::{self as http, Cookie, Failure, Turned, Visit};

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
        let Some(token) = visit.cookies(&parts.headers).get(SESSION) else { return Ok(None) };
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

impl FromRequestParts<Server> for Member {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Turned> {
        let visit = Visit::from_request_parts(parts, server).await?;
        Self::find(parts, &visit).await?.ok_or(Turned::Away(console::SIGN_IN))
    }
}

impl http::Member for Member {
    fn is_form_token(&self, presented: &str) -> bool {
        self.session.is_form_token(presented)
    }
}

/// A form of a page of the console.
pub(super) type Act<T> = http::Act<Member, T>;
